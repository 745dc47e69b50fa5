-- Power energised for a user by the end of a quarter, by view, as known on a day.
-- One row per day on which a leg of the user and view changed, user, view and quarter.
-- Key: as_of_date, user_id, view, quarter_start
-- Latest day: of each user_id, view
-- Hazard: a level, not a flow: never add quarters, nor views
-- Hazard: one row per day on which something changed: the latest row on or before a day is in force, see
--   the *_as_of macros
-- May be empty: a ledger may know no power-on date
-- Columns:
--   as_of_date: date, day, required; day of knowledge
--   user_id: text, required, in facts.entities.entity_id; who uses the power
--   view: text, required, word of view; the side from which the power is described
--   quarter_start: date, day, required; first day of the quarter
--   energised_gw: number, GW, required, at least 0; energised at the end of the quarter, own shares
--   is_mixed_power_basis: flag, required; the sum mixes it_load and facility power: approximate
-- Note: running sums of changes, in whole watts so that they return to exactly zero.
with legs as (
    select
        c.user_id,
        c."view",
        s.quarter_start,
        s.known_from,
        s.known_to,
        coalesce(round(s.net_energised_gw * 1e9)::hugeint, 0) as watts,
        (c.power_basis = 'it_load' and s.net_energised_gw > 0)::int as it_legs,
        (c.power_basis = 'facility' and s.net_energised_gw > 0)::int as facility_legs
    from facts.capacity_schedule as s
    inner join facts.capacity as c on s.leg_id = c.leg_id and s.known_from = c.known_from
    where c.user_id is not null and c."view" <> 'statement'
),

changes as (
    select 1 as sign, known_from as as_of_date, * exclude (known_from, known_to) from legs
    union all
    select -1 as sign, known_to as as_of_date, * exclude (known_from, known_to) from legs
    where known_to is not null
),

daily as (
    select
        user_id,
        "view",
        quarter_start,
        as_of_date,
        sum(sign * watts) as watts,
        coalesce(sum(sign * it_legs), 0) as it_legs,
        coalesce(sum(sign * facility_legs), 0) as facility_legs
    from changes
    group by all
),

running as (
    select
        user_id,
        "view",
        quarter_start,
        as_of_date,
        sum(watts) over known / 1e9 as energised_gw,
        sum(it_legs) over known > 0 and sum(facility_legs) over known > 0 as is_mixed_power_basis
    from daily
    window known as (partition by user_id, "view", quarter_start order by as_of_date)
),

intervals as (
    select user_id, "view", known_from, known_to
    from facts.capacity
    where user_id is not null and "view" <> 'statement'
),

days as (
    select user_id, "view", known_from as as_of_date from intervals
    union
    select user_id, "view", known_to as as_of_date from intervals
    where known_to is not null
),

quarters as (
    select distinct user_id, "view", quarter_start from legs
)

select d.as_of_date, d.user_id, d."view", q.quarter_start, r.energised_gw, r.is_mixed_power_basis
from days as d
inner join quarters as q on d.user_id = q.user_id and d."view" = q."view"
asof inner join running as r
    on
        d.user_id = r.user_id
        and d."view" = r."view"
        and q.quarter_start = r.quarter_start
        and d.as_of_date >= r.as_of_date
order by d.as_of_date, d.user_id, d."view", q.quarter_start
