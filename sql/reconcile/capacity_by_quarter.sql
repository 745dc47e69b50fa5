-- Offenders: rows that are missing, too many, or differ from the schedule in force on that day, joined by
-- interval; and rows in which more is energised than promised.
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

expected as (
    select
        d.as_of_date,
        d.user_id,
        d."view",
        q.quarter_start,
        coalesce(sum(s.net_energised_gw), 0) as energised_gw,
        coalesce(sum(c.net_capacity_gw), 0) as capacity_gw,
        count(distinct c.power_basis) filter (
            where s.net_energised_gw > 0 and c.power_basis in ('it_load', 'facility')
        ) > 1 as is_mixed
    from days as d
    inner join quarters as q
        on d.user_id = q.user_id and d."view" = q."view" and d.as_of_date >= q.first_day
    left join legs as c
        on
            d.user_id = c.user_id
            and d."view" = c."view"
            and d.as_of_date >= c.known_from
            and (c.known_to is null or d.as_of_date < c.known_to)
    left join facts.capacity_schedule as s
        on c.leg_id = s.leg_id and c.known_from = s.known_from and q.quarter_start = s.quarter_start
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
