-- Offenders: rows that are missing, surplus, or differ from power that rises linearly from first to full
-- power, at the end of each quarter up to the last year tabulated.
with horizon as (
    select make_date(value::int, 12, 31) as last_day
    from staging.assumptions
    where assumption_id = 'capacity_last_year'
),

ramps as (
    select
        leg_id,
        known_from,
        capacity_gw,
        net_capacity_gw,
        coalesce(first_power_on, full_power_on) as begins,
        coalesce(full_power_on, first_power_on) as ends
    from facts.capacity
    where capacity_gw is not null and coalesce(first_power_on, full_power_on) is not null
),

quarters as (
    select
        r.leg_id,
        r.known_from,
        r.capacity_gw,
        r.net_capacity_gw,
        r.begins,
        greatest(r.ends - r.begins, 1) as days,
        unnest(generate_series(date_trunc('quarter', r.begins), h.last_day, interval 3 month))::date
            as quarter_start
    from ramps as r
    inner join horizon as h on r.begins <= h.last_day
),

expected as (
    select
        leg_id,
        known_from,
        quarter_start,
        least(1, ((quarter_start + interval 3 month)::date - begins) / days) as share,
        capacity_gw,
        net_capacity_gw
    from quarters
)

select
    coalesce(t.leg_id, e.leg_id) as leg_id,
    coalesce(t.known_from, e.known_from) as known_from,
    coalesce(t.quarter_start, e.quarter_start) as quarter_start,
    t.energised_gw as told_gw,
    e.share * e.capacity_gw as expected_gw
from candidate as t
full join expected as e
    on t.leg_id = e.leg_id and t.known_from = e.known_from and t.quarter_start = e.quarter_start
where
    t.leg_id is null
    or e.leg_id is null
    or t.energised_gw is null
    or abs(t.energised_gw - e.share * e.capacity_gw) > 1e-9
    or (t.net_energised_gw is null) <> (e.net_capacity_gw is null)
    or abs(t.net_energised_gw - e.share * e.net_capacity_gw) > 1e-9
