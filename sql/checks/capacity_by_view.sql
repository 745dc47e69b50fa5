-- Offenders: rows that are missing, surplus, or differ from the capacity in force on that day, joined by
-- interval. Intervals are split at the quarters and equal ones are summed first, so that a user with many
-- legs is not joined leg by leg on every day.
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

pieces as (
    select
        user_id,
        "view",
        quarter_asked,
        begins,
        ends,
        count(*) as legs,
        count(*) filter (where stage <> 'cancelled' and capacity_gw is null) as unknown_legs,
        if("view" = 'statement', max(counted_gw), sum(counted_gw)) as net_gw,
        if("view" = 'statement', max(capacity_gw), sum(capacity_gw)) as gross_gw,
        bool_or(net_capacity_gw > 0 and power_basis = 'it_load') as has_it_load,
        bool_or(net_capacity_gw > 0 and power_basis = 'facility') as has_facility
    from cut
    group by user_id, "view", quarter_asked, begins, ends
),

sums as (
    select
        d.as_of_date,
        d.user_id,
        v."view",
        coalesce(sum(c.legs), 0) as legs,
        coalesce(sum(c.unknown_legs), 0) as unknown_legs,
        if(v."view" = 'statement', max(c.net_gw), sum(c.net_gw)) as net_gw,
        if(v."view" = 'statement', max(c.gross_gw), sum(c.gross_gw)) as gross_gw,
        coalesce(bool_or(c.has_it_load) and bool_or(c.has_facility), false) as is_mixed
    from days_by_quarter as d
    inner join views as v on d.user_id = v.user_id and d.as_of_date >= v.first_day
    left join pieces as c
        on
            d.user_id = c.user_id
            and v."view" = c."view"
            and d.quarter_asked = c.quarter_asked
            and d.as_of_date >= c.begins
            and d.as_of_date < c.ends
    group by d.as_of_date, d.user_id, v."view"
),

expected as (
    select
        as_of_date,
        user_id,
        "view",
        1::double as rows_given,
        if(net_gw is null and unknown_legs > 0, null, coalesce(net_gw, 0))::double as net_gw,
        if(gross_gw is null and unknown_legs > 0, null, coalesce(gross_gw, 0))::double as gross_gw,
        is_mixed::int::double as is_mixed
    from sums
    where "view" <> 'statement' or legs > 0
),

given as (
    select
        as_of_date,
        user_id,
        "view",
        1::double as rows_given,
        capacity_gw as net_gw,
        gross_capacity_gw as gross_gw,
        is_mixed_power_basis::int::double as is_mixed
    from candidate
),

told_long as (
    unpivot given on rows_given, net_gw, gross_gw, is_mixed into name figure value amount
),

expected_long as (
    unpivot expected on rows_given, net_gw, gross_gw, is_mixed into name figure value amount
)

select
    coalesce(t.as_of_date, e.as_of_date) as as_of_date,
    coalesce(t.user_id, e.user_id) as user_id,
    coalesce(t."view", e."view") as "view",
    coalesce(t.figure, e.figure) as figure,
    t.amount as given,
    e.amount as expected
from told_long as t
full join expected_long as e
    on t.as_of_date = e.as_of_date and t.user_id = e.user_id and t."view" = e."view" and t.figure = e.figure
where t.amount is null or e.amount is null or abs(t.amount - e.amount) > 1e-8
