-- Offenders: debtors and absorbers whose dues differ from the obligations in the coverage of that year as
-- known on the day, or that are missing from a day, scenario and shock; measurable absorbers, debtors that
-- are not measurable, and shocked labs that are not measurable (by metrics.completeness).
with cases as (
    select distinct
        as_of_date,
        scenario_id,
        shock,
        "year"
    from candidate
),

days as (
    select distinct as_of_date from cases
),

latest as (
    select d.as_of_date, c.entity_id, max(c.as_of_date) as covered_on
    from days as d
    inner join facts.revenue_coverage as c on d.as_of_date >= c.as_of_date
    group by all
),

expected as (
    select
        s.as_of_date,
        s.scenario_id,
        s.shock,
        c.entity_id,
        c.obligations_usd,
        bool_and(c.revenue_usd is not null) over (partition by s.as_of_date, c.entity_id) as has_means
    from cases as s
    inner join latest as l on s.as_of_date = l.as_of_date
    inner join facts.revenue_coverage as c
        on
            l.entity_id = c.entity_id
            and l.covered_on = c.as_of_date
            and s.scenario_id = c.scenario_id
            and s."year" = c."year"
)

select
    coalesce(m.as_of_date, e.as_of_date) as as_of_date,
    coalesce(m.scenario_id, e.scenario_id) as scenario_id,
    coalesce(m.shock, e.shock) as shock,
    coalesce(m.entity_id, e.entity_id) as entity_id,
    m.owed_usd,
    e.obligations_usd,
    m.is_in_default,
    k.is_measurable
from candidate as m
full join expected as e
    on
        m.as_of_date = e.as_of_date
        and m.scenario_id = e.scenario_id
        and m.shock = e.shock
        and m.entity_id = e.entity_id
left join metrics.completeness as k on m.as_of_date = k.as_of_date and m.entity_id = k.entity_id
left join metrics.completeness as v on m.as_of_date = v.as_of_date and m.shocked_entity_id = v.entity_id
where
    (m.entity_id is null and e.has_means)
    or (m.entity_id is not null and e.entity_id is null)
    or abs(m.owed_usd - e.obligations_usd) > 0.005
    or (m.entity_id is not null and (m.is_in_default is not null) is distinct from k.is_measurable)
    or (m.shocked_entity_id is not null and v.is_measurable is distinct from true)
