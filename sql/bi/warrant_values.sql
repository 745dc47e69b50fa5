-- What are the warrants worth?
-- One row per warrant and day on which a price or its terms became known.
-- Hazard: undisclosed terms are assumed, see the is_assumed columns.
-- Rows: metrics.warrant_values
-- Key: warrant_id, as_of_date
select
    v.as_of_date,
    v.as_of_date = max(v.as_of_date) over (partition by v.warrant_id) as is_current,
    v.warrant_id,
    v.issuer_id,
    issuer."name" as issuer,
    v.holder_id,
    holder."name" as holder,
    v.share_price_usd,
    v.shares_counted,
    v.vested_shares,
    v.intrinsic_value_usd,
    v.top_hurdle_usd,
    v.value_at_top_hurdle_usd,
    v.model_value_usd,
    v.purchases_usd,
    v.offset_ratio,
    v.is_assumed_split,
    v.is_assumed_volatility,
    v.is_assumed_expiry
from metrics.warrant_values as v
inner join facts.entities as issuer on v.issuer_id = issuer.entity_id
inner join facts.entities as holder on v.holder_id = holder.entity_id
order by v.warrant_id, v.as_of_date
