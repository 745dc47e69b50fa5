-- How did what one party promised another change over time?
-- One row per day on which it changed, payer, payee, flow and certainty.
-- Hazard: one day at a time; the rows of a day are only those that changed on it.
-- Rows: metrics.commitments_by_counterparty
-- Key: as_of_date, payer_id, payee_id, flow, certainty
select
    x.as_of_date,
    x.payer_id,
    payer."name" as payer,
    x.payee_id,
    payee."name" as payee,
    x.flow,
    x.certainty,
    x.leg_count,
    x.gross_commitment_usd,
    x.net_commitment_usd,
    x.imputed_commitment_usd
from metrics.commitments_by_counterparty as x
inner join facts.entities as payer on x.payer_id = payer.entity_id
inner join facts.entities as payee on x.payee_id = payee.entity_id
order by x.as_of_date, x.payer_id, x.payee_id, x.flow, x.certainty
