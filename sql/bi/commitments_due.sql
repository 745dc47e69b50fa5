-- When does what is promised today fall due?
-- One row per payer, payee, flow, certainty and quarter, of the promises in force today.
-- Hazard: keep imputed amounts apart.
-- Key: payer_id, payee_id, flow, certainty, is_imputed_amount, quarter_start
with promises as (
    -- Each group has one number, in the order of its key: numbers are sorted faster than words.
    select
        leg_id,
        known_from,
        payer_id,
        payee_id,
        flow,
        certainty,
        is_imputed_amount,
        dense_rank() over (order by payer_id, payee_id, flow, certainty, is_imputed_amount) as series
    from facts.commitments
    where known_to is null and not is_statement
),

due as (
    -- In whole hundredths of cents: a sum of doubles would depend on the order in which threads add.
    select
        p.series,
        s.quarter_start,
        sum(round(s.net_amount_usd * 10000)::hugeint) / 10000 as net_amount_usd
    from facts.commitment_schedule as s
    inner join promises as p on s.leg_id = p.leg_id and s.known_from = p.known_from
    where s.known_to is null
    group by p.series, s.quarter_start
),

series as (
    select distinct series, payer_id, payee_id, flow, certainty, is_imputed_amount from promises
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
    due.quarter_start,
    year(due.quarter_start) as "year",
    due.net_amount_usd
from due
inner join series as x on due.series = x.series
inner join facts.entities as payer on x.payer_id = payer.entity_id
inner join facts.entities as payee on x.payee_id = payee.entity_id
inner join quality.vocabulary as flow on x.flow = flow.word and flow.vocabulary = 'flow'
inner join quality.vocabulary as firm on x.certainty = firm.word and firm.vocabulary = 'certainty'
order by due.series, due.quarter_start
