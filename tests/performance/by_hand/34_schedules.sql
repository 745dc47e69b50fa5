-- facts.commitment_schedule, facts.capacity_schedule: when money falls due and power is on, by calendar
-- quarter. A promise has a window of days, with a level that rises for ramp_days days and then stays
-- constant.
create temp macro weight_before(since, ramp) as
    least(since, ramp)::double * (least(since, ramp) - 1) / (2 * ramp) + greatest(since - ramp, 0);

create temp macro quarter_of(day) as (year(day) * 4 + quarter(day) - 1)::int;

create temp macro first_day_of(quarter_number) as make_date(quarter_number // 4, quarter_number % 4 * 3 + 1, 1);

create temp table profiles as
with legs as (
    select
        leg_id,
        known_from,
        known_to,
        payer_id,
        flow,
        is_imputed_amount,
        amount_low_usd,
        amount_usd,
        amount_high_usd,
        net_amount_usd,
        (starts_on - date '1970-01-01')::int as start_day,
        if(flow in ('equity_investment', 'debt'), start_day + 1, (ends_on - date '1970-01-01')::int) as end_day,
        (first_power_on - date '1970-01-01')::int as first_day,
        (full_power_on - first_power_on)::int as ramp
    from facts.commitments
    where
        not is_statement
        and certainty <> 'cancelled'
        and coalesce(amount_low_usd, amount_usd, amount_high_usd, net_amount_usd) is not null
),

shaped as (
    select
        *,
        first_day - (ramp = 0)::int as rises_from,
        greatest(ramp, 1) as rises_for,
        coalesce(flow in ('compute_purchase', 'lease') and rises_from + 1 < end_day, false) as by_level,
        first_day is not null
        and flow in ('chip_purchase', 'infrastructure_build')
        and greatest(start_day, first_day) < least(end_day, first_day + rises_for) as by_addition,
        if(by_level or by_addition, greatest(start_day, first_day), start_day) as window_from,
        if(by_addition, least(end_day, first_day + rises_for), end_day) as window_to,
        if(by_level, rises_for, 1) as ramp_days,
        if(by_level, rises_from, window_from - 1) as ramp_from
    from legs
)

select
    leg_id,
    known_from,
    known_to,
    payer_id,
    flow,
    is_imputed_amount,
    amount_low_usd,
    amount_usd,
    amount_high_usd,
    net_amount_usd,
    window_from,
    window_to,
    ramp_days,
    ramp_from,
    weight_before(window_from - ramp_from, ramp_days) as weight_from,
    weight_before(window_to - ramp_from, ramp_days) - weight_from as window_weight
from shaped;

create table facts.commitment_schedule as
with quarters as (
    select
        n::int as quarter_number,
        first_day_of(n) as quarter_start,
        (quarter_start - date '1970-01-01')::int as quarter_from,
        (first_day_of(n + 1) - date '1970-01-01')::int as quarter_to
    from range(1900 * 4, 2300 * 4) as r (n)
),

long as (
    select
        p.*,
        unnest(
            range(
                quarter_of(date '1970-01-01' + window_from), quarter_of(date '1970-01-01' + window_to - 1) + 1
            )
        )::int as quarter_number
    from profiles as p
),

shares as (
    select
        l.*,
        q.quarter_start,
        (
            weight_before(least(q.quarter_to, l.window_to) - l.ramp_from, l.ramp_days)
            - weight_before(greatest(q.quarter_from, l.window_from) - l.ramp_from, l.ramp_days)
        ) / l.window_weight as share
    from long as l
    inner join quarters as q on l.quarter_number = q.quarter_number
)

select
    leg_id,
    known_from,
    known_to,
    quarter_start,
    amount_low_usd * share as amount_low_usd,
    amount_usd * share as amount_usd,
    amount_high_usd * share as amount_high_usd,
    net_amount_usd * share as net_amount_usd,
    is_imputed_amount
from shares;

create table facts.capacity_schedule as
with legs as (
    select
        leg_id,
        known_from,
        known_to,
        capacity_gw,
        net_capacity_gw,
        coalesce(first_power_on, full_power_on) as first_day,
        (coalesce(full_power_on, first_power_on) - first_day)::int as ramp,
        unnest(range(quarter_of(first_day), (assumption('capacity_last_year')::int + 1) * 4)) as quarter_number
    from facts.capacity
    where capacity_gw is not null and coalesce(first_power_on, full_power_on) is not null
)

select
    leg_id,
    known_from,
    known_to,
    first_day_of(quarter_number) as quarter_start,
    capacity_gw * least((first_day_of(quarter_number + 1) - first_day) / greatest(ramp, 1), 1.0) as energised_gw,
    net_capacity_gw * least((first_day_of(quarter_number + 1) - first_day) / greatest(ramp, 1), 1.0)
        as net_energised_gw
from legs;
