-- Which calendar day, month, quarter and year?
-- One row per day of the calendar years that the ledger knows or schedules.
-- Key: day
with known as (
    select known_from as "day" from facts.commitments
    union all
    select known_from from facts.capacity
    union all
    select as_of_date from metrics.headline
    union all
    select quarter_start from facts.commitment_schedule
    union all
    select quarter_start from facts.capacity_schedule
),

bounds as (
    select
        date_trunc('year', min("day")) as first_day,
        date_trunc('year', max("day")) + interval 1 year - interval 1 day as last_day
    from known
),

days as (
    select unnest(generate_series(first_day, last_day, interval 1 day))::date as "day"
    from bounds
)

select
    "day",
    date_trunc('month', "day")::date as month_start,
    date_trunc('quarter', "day")::date as quarter_start,
    year("day") as "year",
    quarter("day") as quarter_of_year,
    month("day") as month_of_year,
    "day" = last_day("day") as is_month_end
from days
order by "day"
