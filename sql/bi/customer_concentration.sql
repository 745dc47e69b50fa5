create or replace view bi.customer_concentration as
select
    supplier.name as supplier,
    customer.name as customer,
    c.*
from metrics.customer_concentration as c
inner join facts.entities as supplier on c.supplier_id = supplier.entity_id
inner join facts.entities as customer on c.customer_id = customer.entity_id
