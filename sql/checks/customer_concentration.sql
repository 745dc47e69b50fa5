-- Offenders: pairs whose outstanding amount is outside the limits of the quarterly schedule (at least the
-- quarters that begin after the day, at most these and the quarter of the day), and missing pairs.
with days as (
    select distinct as_of_date from candidate
),

due as (
    select
        d.as_of_date,
        c.payee_id as supplier_id,
        c.payer_id as customer_id,
        coalesce(sum(s.net_amount_usd) filter (where s.quarter_start > d.as_of_date), 0) as least_usd,
        sum(s.net_amount_usd) as most_usd
    from days as d
    inner join facts.commitments as c
        on d.as_of_date >= c.known_from and (c.known_to is null or d.as_of_date < c.known_to)
    inner join facts.commitment_schedule as s on c.leg_id = s.leg_id and c.known_from = s.known_from
    inner join facts.entities as e on c.payee_id = e.entity_id
    where
        not c.is_statement
        and e.kind <> 'aggregate'
        and c.flow in ('compute_purchase', 'chip_purchase', 'lease', 'infrastructure_build', 'revenue_share')
        and s.quarter_start >= date_trunc('quarter', d.as_of_date)
    group by all
)

select
    coalesce(m.as_of_date, e.as_of_date) as as_of_date,
    coalesce(m.supplier_id, e.supplier_id) as supplier_id,
    coalesce(m.customer_id, e.customer_id) as customer_id,
    m.outstanding_usd + m.outstanding_imputed_usd as outstanding_usd,
    e.least_usd,
    e.most_usd
from candidate as m
full join due as e
    on m.as_of_date = e.as_of_date and m.supplier_id = e.supplier_id and m.customer_id = e.customer_id
where
    coalesce(m.outstanding_usd + m.outstanding_imputed_usd, 0) < coalesce(e.least_usd, 0) * (1 - 1e-9) - 1
    or coalesce(m.outstanding_usd + m.outstanding_imputed_usd, 0) > coalesce(e.most_usd, 0) * (1 + 1e-9) + 1
