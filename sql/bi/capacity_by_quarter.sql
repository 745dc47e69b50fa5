-- When is the promised power switched on?
-- One row per day of knowledge, user, view and quarter.
-- Hazard: a level, not a flow: never add quarters, nor views; is_current for what is known today.
-- Rows: metrics.capacity_by_quarter
-- Key: as_of_date, user_id, view, quarter_start
select
    x.as_of_date,
    x.as_of_date = max(x.as_of_date) over (partition by x.user_id, x."view") as is_current,
    x.user_id,
    consumer."name" as consumer,
    x."view",
    x.quarter_start,
    x.energised_gw,
    x.is_mixed_power_basis
from metrics.capacity_by_quarter as x
inner join facts.entities as consumer on x.user_id = consumer.entity_id
order by x.as_of_date, x.user_id, x."view", x.quarter_start
