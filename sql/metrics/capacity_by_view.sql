-- Power promised to a user by view, as known on a day.
-- One row per day on which something of the user changed, user and view known so far.
-- Key: as_of_date, user_id, view
-- Latest day: of each user_id
-- Hazard: views describe the same power: never add them
-- Hazard: one row per day on which something changed: the latest row on or before a day is in force, see
--   the *_as_of macros
-- May be empty: a ledger may name no user of power
-- Columns:
--   as_of_date: date, day, required; day of knowledge
--   user_id: text, required, in facts.entities.entity_id; who uses the power
--   view: text, required, word of view; the side from which the power is described
--   capacity_gw: number, GW, at least 0; own shares; for statements the largest one; empty where no leg in
--     force has a figure
--   gross_capacity_gw: number, GW, at least 0; plain sum, parts counted again
--   is_mixed_power_basis: flag, required; the sum mixes it_load and facility power: approximate
-- Note: running sums of changes, in whole watts so that they return to exactly zero. Statements overlap, so
--   the largest is shown and not the sum. A view without a known figure is null, not zero.
with legs as (
    select
        user_id,
        "view",
        known_from,
        known_to,
        coalesce(round(net_capacity_gw * 1e9)::hugeint, 0) as net_watts,
        if(stage = 'cancelled', 0, round(capacity_gw * 1e9)::hugeint) as gross_watts,
        (capacity_gw is not null)::int as known_legs,
        (capacity_gw is null and stage <> 'cancelled')::int as unknown_legs,
        (power_basis = 'it_load' and net_capacity_gw > 0)::int as it_legs,
        (power_basis = 'facility' and net_capacity_gw > 0)::int as facility_legs
    from facts.capacity
    where user_id is not null
),

changes as (
    select 1 as sign, known_from as as_of_date, * exclude (known_from, known_to)
    from legs
    where "view" <> 'statement'
    union all
    select -1 as sign, known_to as as_of_date, * exclude (known_from, known_to)
    from legs
    where "view" <> 'statement' and known_to is not null
),

daily as (
    select
        user_id,
        "view",
        as_of_date,
        sum(sign * net_watts) as net_watts,
        coalesce(sum(sign * gross_watts), 0) as gross_watts,
        sum(sign * known_legs) as known_legs,
        sum(sign * unknown_legs) as unknown_legs,
        sum(sign * coalesce(it_legs, 0)) as it_legs,
        sum(sign * coalesce(facility_legs, 0)) as facility_legs
    from changes
    group by all
),

running as (
    select
        user_id,
        "view",
        as_of_date,
        sum(net_watts) over known as net_watts,
        sum(gross_watts) over known as gross_watts,
        sum(known_legs) over known = 0 and sum(unknown_legs) over known > 0 as is_unknown,
        sum(it_legs) over known > 0 and sum(facility_legs) over known > 0 as is_mixed_power_basis
    from daily
    window known as (partition by user_id, "view" order by as_of_date)
),

days as (
    select user_id, known_from as as_of_date from legs
    union
    select user_id, known_to as as_of_date from legs
    where known_to is not null
),

views as (
    select user_id, "view", min(known_from) as first_day
    from legs
    where "view" <> 'statement'
    group by all
),

statements as (
    select
        d.user_id,
        d.as_of_date,
        if(max(l.known_legs) = 0 and max(l.unknown_legs) > 0, null, max(l.gross_watts) / 1e9) as capacity_gw
    from days as d
    inner join legs as l
        on
            d.user_id = l.user_id
            and l."view" = 'statement'
            and d.as_of_date >= l.known_from
            and (l.known_to is null or d.as_of_date < l.known_to)
    group by all
)

select
    d.as_of_date,
    d.user_id,
    v."view",
    if(r.is_unknown, null, r.net_watts / 1e9) as capacity_gw,
    if(r.is_unknown, null, r.gross_watts / 1e9) as gross_capacity_gw,
    r.is_mixed_power_basis
from days as d
inner join views as v on d.user_id = v.user_id and d.as_of_date >= v.first_day
asof inner join running as r on d.user_id = r.user_id and v."view" = r."view" and d.as_of_date >= r.as_of_date
union all
select
    as_of_date,
    user_id,
    'statement' as "view",
    capacity_gw,
    capacity_gw as gross_capacity_gw,
    false as is_mixed_power_basis
from statements
order by as_of_date, user_id, "view"
