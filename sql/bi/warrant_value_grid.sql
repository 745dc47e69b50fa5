-- What would a warrant be worth at another share price?
-- One row per warrant and share price.
-- Rows: metrics.warrant_value_grid
-- Key: warrant_id, share_price_usd
select
    g.as_of_date,
    g.warrant_id,
    w.issuer_id,
    issuer."name" as issuer,
    w.holder_id,
    holder."name" as holder,
    g.share_price_usd,
    g.price_multiple,
    g.is_hurdle,
    g.intrinsic_if_all_vested_usd,
    g.model_value_usd,
    g.purchases_usd,
    g.offset_ratio
from metrics.warrant_value_grid as g
inner join staging.warrants as w on g.warrant_id = w.warrant_id
inner join facts.entities as issuer on w.issuer_id = issuer.entity_id
inner join facts.entities as holder on w.holder_id = holder.entity_id
order by g.warrant_id, g.share_price_usd
