-- What could the money of an investment or a loan have paid for?
-- One row per day, funding leg, hop and leg that its money could reach.
-- Hazard: add ended_usd, not attributed_usd: that counts the same money at every hop.
-- Rows: metrics.money_trail
-- Key: as_of_date, funding_leg_id, hop, leg_id
select
    x.as_of_date,
    x.as_of_date = max(x.as_of_date) over () as is_current,
    x.funding_leg_id,
    x.hop,
    x.leg_id,
    x.payer_id,
    payer."name" as payer,
    x.payee_id,
    payee."name" as payee,
    x.flow,
    x.link,
    x.amount_usd,
    x.is_imputed_amount,
    x.attributed_usd,
    x.ended_usd,
    x.is_end,
    x.end_reason,
    x."path"
from metrics.money_trail as x
inner join facts.entities as payer on x.payer_id = payer.entity_id
inner join facts.entities as payee on x.payee_id = payee.entity_id
order by x.as_of_date, x.funding_leg_id, x.hop, x.leg_id
