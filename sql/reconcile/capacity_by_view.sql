-- Offenders: rows that differ from the capacity in force on that day, joined interval by interval.
with expected as (
    select
        m.as_of_date,
        m.user_id,
        m."view",
        coalesce(if(m."view" = 'statement', max(c.capacity_gw), sum(c.net_capacity_gw)), 0) as capacity_gw
    from candidate as m
    left join facts.capacity as c
        on
            m.user_id = c.user_id
            and m."view" = c."view"
            and m.as_of_date >= c.known_from
            and (c.known_to is null or m.as_of_date < c.known_to)
    group by m.as_of_date, m.user_id, m."view"
)

select m.as_of_date, m.user_id, m."view", m.capacity_gw, e.capacity_gw as expected_gw
from candidate as m
inner join expected as e on m.as_of_date = e.as_of_date and m.user_id = e.user_id and m."view" = e."view"
where abs(m.capacity_gw - e.capacity_gw) > 1e-8 or m.capacity_gw > m.gross_capacity_gw + 1e-8
