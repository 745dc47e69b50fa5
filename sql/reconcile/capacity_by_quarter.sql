-- Offenders: rows that are missing, too many, or differ from the schedule in force on that day, joined by
-- interval; and rows in which more is energised than promised. Intervals are cut at the quarters, and those
-- that are then alike are added up first: else a user with many legs would be joined leg by leg on every day.
with legs as (
    select * from facts.capacity
    where user_id is not null and "view" <> 'statement'
),

days as (
    select user_id, "view", known_from as as_of_date from legs
    union
    select user_id, "view", known_to as as_of_date from legs
    where known_to is not null
),

quarters as (
    select c.user_id, c."view", s.quarter_start, min(c.known_from) as first_day
    from legs as c
    inner join facts.capacity_schedule as s on c.leg_id = s.leg_id and c.known_from = s.known_from
    group by c.user_id, c."view", s.quarter_start
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
    select user_id, "view", quarter_asked, begins, ends, sum(net_capacity_gw) as capacity_gw
    from cut
    group by all
),

capacities as (
    select d.as_of_date, d.user_id, d."view", coalesce(sum(c.capacity_gw), 0) as capacity_gw
    from days_by_quarter as d
    left join promised as c
        on
            d.user_id = c.user_id
            and d."view" = c."view"
            and d.quarter_asked = c.quarter_asked
            and d.as_of_date >= c.begins
            and d.as_of_date < c.ends
    group by d.as_of_date, d.user_id, d."view"
),

pieces as (
    select
        c.user_id,
        c."view",
        s.quarter_start,
        c.quarter_asked,
        c.begins,
        c.ends,
        sum(s.net_energised_gw) as energised_gw,
        bool_or(c.power_basis = 'it_load' and s.net_energised_gw > 0) as has_it_load,
        bool_or(c.power_basis = 'facility' and s.net_energised_gw > 0) as has_facility
    from cut as c
    inner join facts.capacity_schedule as s on c.leg_id = s.leg_id and c.known_from = s.known_from
    group by all
),

expected as (
    select
        d.as_of_date,
        d.user_id,
        d."view",
        q.quarter_start,
        coalesce(sum(p.energised_gw), 0) as energised_gw,
        any_value(c.capacity_gw) as capacity_gw,
        coalesce(bool_or(p.has_it_load) and bool_or(p.has_facility), false) as is_mixed
    from days_by_quarter as d
    inner join capacities as c
        on d.as_of_date = c.as_of_date and d.user_id = c.user_id and d."view" = c."view"
    inner join quarters as q
        on d.user_id = q.user_id and d."view" = q."view" and d.as_of_date >= q.first_day
    left join pieces as p
        on
            d.user_id = p.user_id
            and d."view" = p."view"
            and q.quarter_start = p.quarter_start
            and d.quarter_asked = p.quarter_asked
            and d.as_of_date >= p.begins
            and d.as_of_date < p.ends
    group by d.as_of_date, d.user_id, d."view", q.quarter_start
)

select
    coalesce(m.as_of_date, e.as_of_date) as as_of_date,
    coalesce(m.user_id, e.user_id) as user_id,
    coalesce(m."view", e."view") as "view",
    coalesce(m.quarter_start, e.quarter_start) as quarter_start,
    m.energised_gw as told_gw,
    e.energised_gw as expected_gw,
    e.capacity_gw
from candidate as m
full join expected as e
    on
        m.as_of_date = e.as_of_date
        and m.user_id = e.user_id
        and m."view" = e."view"
        and m.quarter_start = e.quarter_start
where
    m.energised_gw is null
    or e.energised_gw is null
    or abs(m.energised_gw - e.energised_gw) > 1e-7
    or m.energised_gw > e.capacity_gw + 1e-7
    or m.is_mixed_power_basis <> e.is_mixed
