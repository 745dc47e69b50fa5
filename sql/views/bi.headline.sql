create or replace view bi.headline as
select e.name as entity, e.kind as entity_kind, h.*
from metrics.headline as h
inner join facts.entities as e on h.entity_id = e.entity_id
