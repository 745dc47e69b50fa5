-- Around which circles of parties could money be passed?
-- One row per day on which a leg changed, basis, amount basis and loop.
-- Hazard: loops share legs: never add them.
-- Rows: metrics.loops
-- Key: as_of_date, basis, amount_basis, loop_id
select
    x.as_of_date,
    x.as_of_date = max(x.as_of_date) over () as is_current,
    x.basis,
    x.amount_basis,
    x.loop_id,
    x."path",
    x."length",
    x.bottleneck_usd
from metrics.loops as x
order by x.as_of_date, x.basis, x.amount_basis, x.loop_id
