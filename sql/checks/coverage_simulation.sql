-- Offenders: years with coverage in force but no simulation (of very many entities, those that owe most), or
-- the reverse; figures of entities that are not measurable by metrics.completeness, or missing figures of
-- measurable ones; in a scenario in which only revenue is random, a median other than the deterministic ratio
-- times exp(-half the variance of growth).
with days as (select distinct as_of_date from candidate),

in_force as (
    select
        d.as_of_date,
        c.scenario_id,
        c.entity_id,
        c."year",
        c.obligations_usd,
        c.revenue_usd,
        c.reported_revenue_usd,
        c.coverage_ratio
    from days as d
    inner join facts.revenue_coverage as c on d.as_of_date >= c.as_of_date
    qualify
        c.as_of_date = max(c.as_of_date) over (partition by d.as_of_date, c.entity_id)
),

allowed as (
    select "value" as most from staging.assumptions
    where assumption_id = 'simulation_entities_max'
),

known as (
    select
        as_of_date,
        entity_id,
        row_number() over (partition by as_of_date order by sum(obligations_usd) desc, entity_id) as debt_rank
    from in_force
    group by as_of_date, entity_id
    having bool_and(revenue_usd is not null)
),

expected as (
    select
        i.*,
        sum(pow(1 - least(1, coalesce(i.reported_revenue_usd / nullif(i.revenue_usd, 0), 1)), 2))
            over (partition by i.as_of_date, i.scenario_id, i.entity_id order by i."year")
            as open_years
    from in_force as i
    inner join known as k on i.as_of_date = k.as_of_date and i.entity_id = k.entity_id
    inner join allowed as a on k.debt_rank <= a.most
),

spread as (
    select "value" as sigma from staging.assumptions
    where assumption_id = 'simulation_growth_sigma'
),

degenerate as (
    select scenario_id
    from staging.scenarios
    group by scenario_id
    having
        bool_and("value" in (0, 1)) filter (where parameter like 'p\_%' escape '\')
        and bool_and("value" = 0) filter (where parameter in ('is_expected_amount', 'delay_quarters'))
),

given as (
    select c.*, k.is_measurable, true as is_told
    from candidate as c
    left join metrics.completeness as k on c.as_of_date = k.as_of_date and c.entity_id = k.entity_id
),

compared as (
    select
        as_of_date,
        scenario_id,
        entity_id,
        "year",
        s.is_told,
        s.is_measurable,
        s.draws,
        s.p50,
        e.revenue_usd,
        e.coverage_ratio * exp(-p.sigma * p.sigma * e.open_years / 2) as expected_p50,
        0.006 + 8 * p.sigma * sqrt(e.open_years / s.draws) as tolerance,
        g.scenario_id is not null and s.is_measurable as is_degenerate
    from given as s
    full outer join expected as e using (as_of_date, scenario_id, entity_id, "year")
    left join degenerate as g using (scenario_id)
    cross join spread as p
)

select *
from compared
where
    is_told is null
    or revenue_usd is null
    or (is_told and (draws is not null) is distinct from is_measurable)
    or (is_degenerate and (expected_p50 is null) != (p50 is null))
    or (
        is_degenerate
        and case
            when expected_p50 * exp(tolerance) >= 1e6 then p50 < 1e6 * exp(-2 * tolerance)
            when expected_p50 * exp(-tolerance) <= 1e-6 then p50 > 1e-6 * exp(2 * tolerance)
            else abs(p50 - expected_p50) > expected_p50 * (exp(tolerance) - 1)
        end
    )
