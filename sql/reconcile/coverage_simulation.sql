-- Offenders: years with coverage in force but no simulation, or the reverse; where a scenario leaves only
-- revenue to chance, a median that is not the deterministic ratio times exp(-half the variance of growth).
with days as (select distinct as_of_date from candidate),

in_force as (
    select
        d.as_of_date,
        c.scenario_id,
        c.entity_id,
        c."year",
        c.revenue_usd,
        c.reported_revenue_usd,
        c.coverage_ratio
    from days as d
    inner join facts.revenue_coverage as c on d.as_of_date >= c.as_of_date
    qualify
        c.as_of_date = max(c.as_of_date) over (partition by d.as_of_date, c.entity_id)
),

expected as (
    select
        *,
        sum(pow(1 - least(1, coalesce(reported_revenue_usd / nullif(revenue_usd, 0), 1)), 2))
            over (partition by as_of_date, scenario_id, entity_id order by "year")
            as open_years
    from in_force
    qualify count(*) filter (where revenue_usd is null) over (partition by as_of_date, entity_id) = 0
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
)

select
    as_of_date,
    scenario_id,
    entity_id,
    "year",
    s.p50,
    e.coverage_ratio,
    g.scenario_id is not null as is_degenerate
from candidate as s
full outer join expected as e using (as_of_date, scenario_id, entity_id, "year")
left join degenerate as g using (scenario_id)
cross join spread as p
where
    s.draws is null
    or e.revenue_usd is null
    or (
        g.scenario_id is not null
        and (
            (e.coverage_ratio is null) != (s.p50 is null)
            or abs(ln(s.p50 / e.coverage_ratio) + p.sigma * p.sigma * e.open_years / 2)
            > 0.005 + 1e-6 + 8 * p.sigma * sqrt(e.open_years / s.draws)
        )
    )
