-- Offenders: days whose figures of chance differ from those of the null model of the same day.
select
    c.as_of_date,
    c.basis,
    c.amount_basis,
    c.null_mean,
    n.null_mean as expected_mean
from candidate as c
left join metrics.circularity_null as n
    on c.as_of_date = n.as_of_date and c.basis = n.basis and c.amount_basis = n.amount_basis
where c.null_mean is distinct from n.null_mean or c.p_value is distinct from n.p_value
