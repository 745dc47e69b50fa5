-- Offenders: rows that are missing, too many, or differ from the capacity in force on that day, joined by
-- interval.
with legs as (
    select
        *,
        if("view" = 'statement', capacity_gw, net_capacity_gw) as counted_gw
    from facts.capacity
    where user_id is not null
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
    group by user_id, "view"
),

sums as (
    select
        d.as_of_date,
        d.user_id,
        v."view",
        count(c.leg_id) as legs,
        count(*) filter (where c.stage <> 'cancelled' and c.capacity_gw is null) as unknown_legs,
        if(v."view" = 'statement', max(c.counted_gw), sum(c.counted_gw)) as net_gw,
        if(v."view" = 'statement', max(c.capacity_gw), sum(c.capacity_gw)) as gross_gw,
        count(distinct c.power_basis) filter (
            where c.net_capacity_gw > 0 and c.power_basis in ('it_load', 'facility')
        ) as bases
    from days as d
    inner join views as v on d.user_id = v.user_id and d.as_of_date >= v.first_day
    left join legs as c
        on
            d.user_id = c.user_id
            and v."view" = c."view"
            and d.as_of_date >= c.known_from
            and (c.known_to is null or d.as_of_date < c.known_to)
    group by d.as_of_date, d.user_id, v."view"
),

expected as (
    select
        as_of_date,
        user_id,
        "view",
        1::double as rows_told,
        if(net_gw is null and unknown_legs > 0, null, coalesce(net_gw, 0))::double as net_gw,
        if(gross_gw is null and unknown_legs > 0, null, coalesce(gross_gw, 0))::double as gross_gw,
        (bases > 1)::int::double as is_mixed
    from sums
    where "view" <> 'statement' or legs > 0
),

told as (
    select
        as_of_date,
        user_id,
        "view",
        1::double as rows_told,
        capacity_gw as net_gw,
        gross_capacity_gw as gross_gw,
        is_mixed_power_basis::int::double as is_mixed
    from candidate
),

told_long as (
    unpivot told on rows_told, net_gw, gross_gw, is_mixed into name figure value amount
),

expected_long as (
    unpivot expected on rows_told, net_gw, gross_gw, is_mixed into name figure value amount
)

select
    coalesce(t.as_of_date, e.as_of_date) as as_of_date,
    coalesce(t.user_id, e.user_id) as user_id,
    coalesce(t."view", e."view") as "view",
    coalesce(t.figure, e.figure) as figure,
    t.amount as told,
    e.amount as expected
from told_long as t
full join expected_long as e
    on t.as_of_date = e.as_of_date and t.user_id = e.user_id and t."view" = e."view" and t.figure = e.figure
where t.amount is null or e.amount is null or abs(t.amount - e.amount) > 1e-8
