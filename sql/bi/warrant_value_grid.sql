create or replace view bi.warrant_value_grid as
select
    issuer.name as issuer,
    holder.name as holder,
    g.*
from metrics.warrant_value_grid as g
inner join staging.warrants as w on g.warrant_id = w.warrant_id
inner join facts.entities as issuer on w.issuer_id = issuer.entity_id
inner join facts.entities as holder on w.holder_id = holder.entity_id
