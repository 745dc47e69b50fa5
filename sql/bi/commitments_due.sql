-- When does what is promised today fall due?
-- One row per payer, payee, flow, certainty and quarter, of the promises in force today.
-- Hazard: keep imputed amounts apart.
-- Key: payer_id, payee_id, flow, certainty, is_imputed_amount, quarter_start
with due as (
    select
        c.payer_id,
        c.payee_id,
        c.flow,
        c.certainty,
        s.is_imputed_amount,
        s.quarter_start,
        sum(s.net_amount_usd) as net_amount_usd
    from facts.commitment_schedule as s
    inner join facts.commitments as c on s.leg_id = c.leg_id and s.known_from = c.known_from
    where s.known_to is null and not c.is_statement
    group by all
)

select
    x.payer_id,
    payer."name" as payer,
    x.payee_id,
    payee."name" as payee,
    x.flow,
    flow.word_group as flow_group,
    x.certainty,
    firm."position" as certainty_rank,
    x.is_imputed_amount,
    x.quarter_start,
    year(x.quarter_start) as "year",
    x.net_amount_usd
from due as x
inner join facts.entities as payer on x.payer_id = payer.entity_id
inner join facts.entities as payee on x.payee_id = payee.entity_id
inner join quality.vocabulary as flow on x.flow = flow.word and flow.vocabulary = 'flow'
inner join quality.vocabulary as firm on x.certainty = firm.word and firm.vocabulary = 'certainty'
order by all
