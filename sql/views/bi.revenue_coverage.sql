create or replace view bi.revenue_coverage as
select e.name as entity, r.*
from facts.revenue_coverage as r
inner join facts.entities as e on r.entity_id = e.entity_id
