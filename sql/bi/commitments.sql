create or replace view bi.commitments as
select
    c.leg_id,
    c.known_from,
    c.known_to,
    c.known_to is null as is_current,
    d.name as deal,
    payer.name as payer,
    payee.name as payee,
    c.flow,
    c.certainty,
    c.evidence,
    c.amount_low_usd,
    c.amount_usd,
    c.amount_high_usd,
    c.net_amount_usd,
    c.is_imputed_amount,
    c.is_statement,
    c.starts_on,
    c.ends_on,
    s.publisher as source,
    s.url as source_url
from facts.commitments as c
inner join facts.deals as d on c.deal_id = d.deal_id
inner join facts.entities as payer on c.payer_id = payer.entity_id
inner join facts.entities as payee on c.payee_id = payee.entity_id
inner join facts.sources as s on c.source_id = s.source_id
