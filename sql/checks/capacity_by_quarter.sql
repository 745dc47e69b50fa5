-- Offenders: rows that are missing, surplus, or differ from the schedule in force on that day, joined by
-- interval; and rows with more energised than promised power. Intervals are split at the quarters and equal
-- ones are summed first, so that a user with many legs is not joined leg by leg on every day. User and view
-- are one number, since names would take twice as long.
with series as (
    select user_id, "view", row_number() over () as series
    from facts.capacity
    where user_id is not null and "view" <> 'statement'
    group by user_id, "view"
),

legs as (
    select s.series, c.leg_id, c.known_from, c.known_to, c.power_basis, c.net_capacity_gw
    from facts.capacity as c
    inner join series as s on c.user_id = s.user_id and c."view" = s."view"
),

days as (
    select series, known_from as as_of_date from legs
    union
    select series, known_to as as_of_date from legs
    where known_to is not null
),

quarters as (
    select c.series, s.quarter_start, min(c.known_from) as first_day
    from legs as c
    inner join facts.capacity_schedule as s on c.leg_id = s.leg_id and c.known_from = s.known_from
    group by c.series, s.quarter_start
),

last_days as (
    select max(as_of_date) as last_day from days
),

days_by_quarter as (
    select *, date_trunc('quarter', as_of_date)::date as quarter_asked from days
),

cut as (
    select
        c.*,
        unnest(
            generate_series(
                date_trunc('quarter', c.known_from),
                least(date_trunc('quarter', l.last_day), date_trunc('quarter', c.known_to)),
                interval 3 month
            )
        )::date as quarter_asked,
        greatest(c.known_from, quarter_asked) as begins,
        least(c.known_to, (quarter_asked + interval 3 month)::date) as ends
    from legs as c
    cross join last_days as l
),

promised as (
    select
        series,
        quarter_asked,
        begins,
        ends,
        sum(net_capacity_gw) as capacity_gw,
        row_number() over () as piece
    from cut
    group by series, quarter_asked, begins, ends
),

in_force as (
    select d.as_of_date, d.series, p.piece, p.capacity_gw
    from days_by_quarter as d
    left join promised as p
        on
            d.series = p.series
            and d.quarter_asked = p.quarter_asked
            and d.as_of_date >= p.begins
            and d.as_of_date < p.ends
),

capacities as (
    select as_of_date, series, coalesce(sum(capacity_gw), 0) as capacity_gw
    from in_force
    group by as_of_date, series
),

pieces as (
    select
        p.piece,
        s.quarter_start,
        sum(s.net_energised_gw) as energised_gw,
        bool_or(c.power_basis = 'it_load' and s.net_energised_gw > 0) as has_it_load,
        bool_or(c.power_basis = 'facility' and s.net_energised_gw > 0) as has_facility
    from cut as c
    inner join promised as p
        on
            c.series = p.series
            and c.quarter_asked = p.quarter_asked
            and c.begins = p.begins
            and c.ends is not distinct from p.ends
    inner join facts.capacity_schedule as s on c.leg_id = s.leg_id and c.known_from = s.known_from
    group by p.piece, s.quarter_start
),

energised as (
    select
        i.as_of_date,
        i.series,
        p.quarter_start,
        sum(p.energised_gw) as energised_gw,
        bool_or(p.has_it_load) and bool_or(p.has_facility) as is_mixed
    from in_force as i
    inner join pieces as p on i.piece = p.piece
    group by i.as_of_date, i.series, p.quarter_start
),

expected as (
    select
        d.as_of_date,
        d.series,
        q.quarter_start,
        coalesce(e.energised_gw, 0) as energised_gw,
        d.capacity_gw,
        coalesce(e.is_mixed, false) as is_mixed
    from capacities as d
    inner join quarters as q on d.series = q.series and d.as_of_date >= q.first_day
    left join energised as e
        on d.as_of_date = e.as_of_date and d.series = e.series and q.quarter_start = e.quarter_start
),

given as (
    select m.*, s.series
    from candidate as m
    left join series as s on m.user_id = s.user_id and m."view" = s."view"
)

select
    coalesce(m.as_of_date, e.as_of_date) as as_of_date,
    coalesce(m.user_id, s.user_id) as user_id,
    coalesce(m."view", s."view") as "view",
    coalesce(m.quarter_start, e.quarter_start) as quarter_start,
    m.energised_gw as told_gw,
    e.energised_gw as expected_gw,
    e.capacity_gw
from given as m
full join expected as e
    on m.as_of_date = e.as_of_date and m.series = e.series and m.quarter_start = e.quarter_start
left join series as s on e.series = s.series
where
    m.energised_gw is null
    or e.energised_gw is null
    or abs(m.energised_gw - e.energised_gw) > 1e-7
    or m.energised_gw > e.capacity_gw + 1e-7
    or m.is_mixed_power_basis <> e.is_mixed
