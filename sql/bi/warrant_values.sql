create or replace view bi.warrant_values as
select
    issuer.name as issuer,
    holder.name as holder,
    v.*
from metrics.warrant_values as v
inner join facts.entities as issuer on v.issuer_id = issuer.entity_id
inner join facts.entities as holder on v.holder_id = holder.entity_id
