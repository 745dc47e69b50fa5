-- How much of a supplier's own funding could come back to it as sales?
-- One row per day on which a leg changed, basis, amount basis and supplier.
-- Hazard: one basis and one amount basis at a time.
-- Rows: metrics.supplier_round_trip
-- Key: as_of_date, basis, amount_basis, supplier_id
select
    x.as_of_date,
    x.as_of_date = max(x.as_of_date) over () as is_current,
    x.basis,
    x.amount_basis,
    x.supplier_id,
    supplier."name" as supplier,
    x.funding_usd,
    x.purchases_usd,
    x.round_trip_usd,
    x.round_trip_share
from metrics.supplier_round_trip as x
inner join facts.entities as supplier on x.supplier_id = supplier.entity_id
order by x.as_of_date, x.basis, x.amount_basis, x.supplier_id
