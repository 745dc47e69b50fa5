-- Who promised how many dollars to whom, for what, how firmly, and how much is made up of other promises?
-- One row per leg and interval of knowledge.
-- Hazard: add net_amount_usd, of is_current rows that are no statements; keep imputed amounts apart.
-- Rows: facts.commitments
-- Key: leg_id, known_from
select
    c.leg_id,
    c.known_from,
    c.known_to,
    c.known_to is null as is_current,
    c.deal_id,
    d."name" as deal,
    c.payer_id,
    payer."name" as payer,
    payer.kind as payer_kind,
    c.payee_id,
    payee."name" as payee,
    payee.kind as payee_kind,
    c.flow,
    flow.word_group as flow_group,
    c.certainty,
    firm."position" as certainty_rank,
    c.evidence,
    c.qualifier,
    c.amount_low_usd,
    c.amount_usd,
    c.amount_high_usd,
    c.net_amount_usd,
    c.amount_usd - c.net_amount_usd as counted_twice_usd,
    c.is_imputed_amount,
    c.is_statement,
    c.starts_on,
    c.ends_on,
    c.source_id,
    s.publisher as source,
    s.url as source_url
from facts.commitments as c
inner join facts.deals as d on c.deal_id = d.deal_id
inner join facts.entities as payer on c.payer_id = payer.entity_id
inner join facts.entities as payee on c.payee_id = payee.entity_id
inner join facts.sources as s on c.source_id = s.source_id
inner join quality.vocabulary as flow on c.flow = flow.word and flow.vocabulary = 'flow'
inner join quality.vocabulary as firm on c.certainty = firm.word and firm.vocabulary = 'certainty'
order by c.leg_id, c.known_from
