-- The headline as it stood on every calendar day: filter "day"; as_of_date is the day of the row in force.
create or replace view bi.headline as
with entities as (
    select entity_id, min(as_of_date) as first_day
    from metrics.headline
    group by entity_id
),

days as (
    select entity_id, unnest(generate_series(first_day, current_date, interval 1 day))::date as "day"
    from entities
)

select d."day", d."day" = current_date as is_today, e.name as entity, e.kind as entity_kind, h.*
from days as d
asof inner join metrics.headline as h on d.entity_id = h.entity_id and d."day" >= h.as_of_date
inner join facts.entities as e on h.entity_id = e.entity_id
