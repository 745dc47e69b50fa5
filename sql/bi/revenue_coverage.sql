-- The coverage as it stood on every calendar day: filter "day" and scenario_id; as_of_date is the day of the
-- row in force.
create or replace view bi.revenue_coverage as
with entities as (
    select entity_id, min(as_of_date) as first_day
    from facts.revenue_coverage
    group by entity_id
),

days as (
    select entity_id, unnest(generate_series(first_day, current_date, interval 1 day))::date as "day"
    from entities
),

changes as (
    select distinct entity_id, as_of_date from facts.revenue_coverage
),

in_force as (
    select d."day", c.entity_id, c.as_of_date
    from days as d
    asof inner join changes as c on d.entity_id = c.entity_id and d."day" >= c.as_of_date
)

select i."day", i."day" = current_date as is_today, e.name as entity, r.*
from in_force as i
inner join facts.revenue_coverage as r on i.entity_id = r.entity_id and i.as_of_date = r.as_of_date
inner join facts.entities as e on r.entity_id = e.entity_id
