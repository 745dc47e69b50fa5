-- How much of the money runs in circles, and is that more than chance?
-- One row per day on which a leg changed, basis and amount basis; chance is known for quarter ends.
-- Hazard: one basis and one amount basis at a time.
-- Rows: metrics.circularity
-- Key: as_of_date, basis, amount_basis
select
    x.as_of_date,
    x.as_of_date = max(x.as_of_date) over () as is_current,
    x.basis,
    x.amount_basis,
    x.total_usd,
    x.circulating_usd,
    x.circular_share,
    x.reciprocity,
    x.finn_cycling_index,
    n.null_mean,
    n.p_value
from metrics.circularity as x
left join metrics.circularity_null as n
    on x.as_of_date = n.as_of_date and x.basis = n.basis and x.amount_basis = n.amount_basis
order by x.as_of_date, x.basis, x.amount_basis
