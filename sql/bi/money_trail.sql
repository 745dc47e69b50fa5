create or replace view bi.money_trail as
select
    payer.name as payer,
    payee.name as payee,
    t.*
from metrics.money_trail as t
inner join facts.entities as payer on t.payer_id = payer.entity_id
inner join facts.entities as payee on t.payee_id = payee.entity_id
