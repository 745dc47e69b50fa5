create or replace view bi.coverage_simulation as
select
    e.name as entity,
    s.*
from metrics.coverage_simulation as s
inner join facts.entities as e on s.entity_id = e.entity_id
