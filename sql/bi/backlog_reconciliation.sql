create or replace view bi.backlog_reconciliation as
select
    e.name as entity,
    e.kind as entity_kind,
    b.*
from metrics.backlog_reconciliation as b
inner join facts.entities as e on b.entity_id = e.entity_id
