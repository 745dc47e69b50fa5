-- On whom does a supplier's backlog rest?
-- One row per day, supplier and customer.
-- Hazard: one day at a time.
-- Rows: metrics.customer_concentration
-- Key: as_of_date, supplier_id, customer_id
select
    x.as_of_date,
    x.as_of_date = max(x.as_of_date) over () as is_current,
    x.supplier_id,
    supplier."name" as supplier,
    x.customer_id,
    customer."name" as customer,
    x.outstanding_usd,
    x.outstanding_imputed_usd,
    x.share_of_backlog,
    x."rank"
from metrics.customer_concentration as x
inner join facts.entities as supplier on x.supplier_id = supplier.entity_id
inner join facts.entities as customer on x.customer_id = customer.entity_id
order by x.as_of_date, x.supplier_id, x.customer_id
