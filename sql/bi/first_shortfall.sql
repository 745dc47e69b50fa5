create or replace view bi.first_shortfall as
select
    e.name as entity,
    coalesce(s."year"::varchar, 'never') as first_year_short,
    s.*
from metrics.first_shortfall as s
inner join facts.entities as e on s.entity_id = e.entity_id
