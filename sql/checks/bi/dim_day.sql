-- Offenders: gaps in the calendar, days of the ledger and its schedules outside it, days in a wrong period.
with ordered as (
    select
        "day",
        "day" - lag("day") over (order by "day") as step
    from candidate
),

needed as (
    select known_from as d
    from facts.commitments
    union
    select known_from
    from facts.capacity
    union
    select as_of_date
    from metrics.headline
    union
    select quarter_start
    from facts.commitment_schedule
    union
    select quarter_start
    from facts.capacity_schedule
),

ends as (
    select unnest([min("day"), max("day") + 1]) as new_year
    from candidate
)

select "day"
from ordered
where step <> 1
union all
select n.d
from needed as n
anti join candidate as c on n.d = c."day"
union all
select "day"
from candidate
where
    month_start <> make_date(year("day"), month("day"), 1)
    or quarter_start <> make_date(year("day"), 3 * ((month("day") - 1) // 3) + 1, 1)
    or "year" <> extract('year' from "day")
    or quarter_of_year <> (month("day") + 2) // 3
    or month_of_year <> extract('month' from "day")
    or is_month_end <> (month("day" + 1) <> month("day"))
union all
select new_year
from ends
where month(new_year) <> 1 or day(new_year) <> 1
