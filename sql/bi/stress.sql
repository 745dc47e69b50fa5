create or replace view bi.stress as
select
    e.name as entity,
    e.kind as entity_kind,
    s.*
from metrics.stress as s
inner join facts.entities as e on s.entity_id = e.entity_id
