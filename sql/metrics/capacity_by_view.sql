-- Capacity per user and view on every day on which something of the user changes: a running sum of changes,
-- in whole watts so that it comes back to zero exactly. Statements overlap one another: the largest one is shown, no sum.
with legs as (
    select
        leg_id,
        user_id,
        "view",
        known_from,
        known_to,
        power_basis,
        coalesce(round(net_capacity_gw * 1e9)::hugeint, 0) as net_watts,
        coalesce(round(capacity_gw * 1e9)::hugeint, 0) as gross_watts,
        (power_basis = 'it_load' and net_capacity_gw > 0)::int as it_legs,
        (power_basis = 'facility' and net_capacity_gw > 0)::int as facility_legs
    from facts.capacity
    where user_id is not null
),

changes as (
    select user_id, "view", known_from as as_of_date, net_watts, gross_watts, it_legs, facility_legs
    from legs
    where "view" <> 'statement'
    union all
    select
        user_id,
        "view",
        known_to as as_of_date,
        -net_watts as net_watts,
        -gross_watts as gross_watts,
        -it_legs as it_legs,
        -facility_legs as facility_legs
    from legs
    where "view" <> 'statement' and known_to is not null
),

daily as (
    select
        user_id,
        "view",
        as_of_date,
        sum(net_watts) as net_watts,
        sum(gross_watts) as gross_watts,
        sum(it_legs) as it_legs,
        sum(facility_legs) as facility_legs
    from changes
    group by all
),

running as (
    select
        user_id,
        "view",
        as_of_date,
        sum(net_watts) over known / 1e9 as capacity_gw,
        sum(gross_watts) over known / 1e9 as gross_capacity_gw,
        coalesce(sum(it_legs) over known, 0) > 0 and coalesce(sum(facility_legs) over known, 0) > 0 as is_mixed_power_basis
    from daily
    window known as (partition by user_id, "view" order by as_of_date)
),

days as (
    select distinct user_id, known_from as as_of_date from legs
),

views as (
    select user_id, "view", min(known_from) as first_day
    from legs
    group by all
),

statements as (
    select d.user_id, d.as_of_date, max(l.gross_watts) / 1e9 as capacity_gw
    from days as d
    inner join legs as l
        on
            d.user_id = l.user_id
            and l."view" = 'statement'
            and d.as_of_date >= l.known_from
            and (l.known_to is null or d.as_of_date < l.known_to)
    group by all
),

summed as (
    select d.as_of_date, d.user_id, v."view", r.capacity_gw, r.gross_capacity_gw, r.is_mixed_power_basis
    from days as d
    inner join views as v on d.user_id = v.user_id and d.as_of_date >= v.first_day and v."view" <> 'statement'
    asof inner join running as r on d.user_id = r.user_id and v."view" = r."view" and d.as_of_date >= r.as_of_date
)

select as_of_date, user_id, "view", capacity_gw, gross_capacity_gw, is_mixed_power_basis
from summed
union all
select as_of_date, user_id, 'statement' as "view", capacity_gw, capacity_gw as gross_capacity_gw, false as is_mixed_power_basis
from statements
order by as_of_date, user_id, "view"
