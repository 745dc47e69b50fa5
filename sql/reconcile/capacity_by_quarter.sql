-- Offenders: rows that differ from the schedule in force on that day, or where more is energised than promised.
with expected as (
    select
        m.as_of_date,
        m.user_id,
        m."view",
        m.quarter_start,
        coalesce(sum(s.net_energised_gw), 0) as energised_gw,
        coalesce(sum(c.net_capacity_gw), 0) as capacity_gw
    from candidate as m
    left join facts.capacity as c
        on
            m.user_id = c.user_id
            and m."view" = c."view"
            and m.as_of_date >= c.known_from
            and (c.known_to is null or m.as_of_date < c.known_to)
    left join facts.capacity_schedule as s
        on c.leg_id = s.leg_id and c.known_from = s.known_from and m.quarter_start = s.quarter_start
    group by all
)

select m.as_of_date, m.user_id, m."view", m.quarter_start, m.energised_gw, e.energised_gw as expected_gw
from candidate as m
inner join expected as e
    on
        m.as_of_date = e.as_of_date
        and m.user_id = e.user_id
        and m."view" = e."view"
        and m.quarter_start = e.quarter_start
where abs(m.energised_gw - e.energised_gw) > 1e-7 or m.energised_gw > e.capacity_gw + 1e-7
