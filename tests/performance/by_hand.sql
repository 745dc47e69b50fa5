-- The schedule of a ledger and cumulative dues between two parties, as hand-written DuckDB SQL. $commitments
-- and $capacity are lists of Parquet files.
with legs as (
    select c.*, first_on.first_day, first_on.ramp
    from (
        select
            leg_id, known_from, known_to, payer_id, payee_id, flow, is_imputed_amount,
            amount_low_usd, amount_usd, amount_high_usd, net_amount_usd,
            if(flow in ('compute_purchase', 'lease', 'chip_purchase', 'infrastructure_build'), capacity_leg_id, null)
                as capacity_leg_id,
            starts_on - date '1970-01-01' as start_day,
            if(flow in ('equity_investment', 'debt'), starts_on - date '1970-01-01' + 1, ends_on - date '1970-01-01')
                as end_day
        from read_parquet($commitments)
        where
            not is_statement
            and certainty <> 'cancelled'
            and coalesce(amount_low_usd, amount_usd, amount_high_usd, net_amount_usd) is not null
    ) as c
    left join (
        select
            leg_id as capacity_leg_id, known_from as valid_from, coalesce(known_to, date '9999-12-31') as valid_to,
            first_power_on - date '1970-01-01' as first_day, full_power_on - first_power_on as ramp
        from read_parquet($capacity)
        where stage <> 'cancelled' and first_power_on is not null and full_power_on is not null
    ) as first_on
        on
            c.capacity_leg_id = first_on.capacity_leg_id
            and c.known_from >= first_on.valid_from
            and c.known_from < first_on.valid_to
),

shaped as (
    select
        *,
        first_day - (ramp = 0)::int as rises_from,
        greatest(ramp, 1) as rises_for,
        coalesce(flow in ('compute_purchase', 'lease') and rises_from + 1 < end_day, false) as by_level,
        coalesce(
            flow in ('chip_purchase', 'infrastructure_build')
            and greatest(start_day, first_day) < least(end_day, first_day + rises_for), false
        ) as by_addition,
        if(by_level or by_addition, greatest(start_day, first_day), start_day) as window_from,
        if(by_addition, least(end_day, first_day + rises_for), end_day) as window_to,
        if(by_level, rises_for, 1)::int as ramp_days,
        if(by_level, rises_from, window_from - 1) as ramp_from
    from legs
),

weighed as (
    select
        *,
        (window_to - ramp_from) as since_to,
        (window_from - ramp_from) as since_from,
        least(since_to, ramp_days)::double * (least(since_to, ramp_days) - 1) / (2 * ramp_days)
        + greatest(since_to - ramp_days, 0)
        - least(since_from, ramp_days)::double * (least(since_from, ramp_days) - 1) / (2 * ramp_days)
        - greatest(since_from - ramp_days, 0) as window_weight,
        (year(date '1970-01-01' + window_from::int) * 4 + quarter(date '1970-01-01' + window_from::int) - 1)::int
            as first_quarter,
        (year(date '1970-01-01' + window_to::int - 1) * 4 + quarter(date '1970-01-01' + window_to::int - 1) - 1)::int
            as last_quarter
    from shaped
),

quarters as (
    select
        (n // 4 * 4 + n % 4)::int as quarter_number,
        make_date(n // 4, n % 4 * 3 + 1, 1) as quarter_start,
        make_date(n // 4, n % 4 * 3 + 1, 1) - date '1970-01-01' as quarter_from,
        (make_date(n // 4, n % 4 * 3 + 1, 1) + interval 3 month)::date - date '1970-01-01' as quarter_to
    from range(2000 * 4, 2200 * 4) as r (n)
),

long as (
    select
        w.*,
        q.quarter_start,
        greatest(q.quarter_from, w.window_from) - w.ramp_from as since_begin,
        least(q.quarter_to, w.window_to) - w.ramp_from as since_end
    from (select *, unnest(range(first_quarter, last_quarter + 1))::int as quarter_number from weighed) as w
    inner join quarters as q on w.quarter_number = q.quarter_number
),

shares as (
    select
        *,
        (
            least(since_end, ramp_days)::double * (least(since_end, ramp_days) - 1) / (2 * ramp_days)
            + greatest(since_end - ramp_days, 0)
            - least(since_begin, ramp_days)::double * (least(since_begin, ramp_days) - 1) / (2 * ramp_days)
            - greatest(since_begin - ramp_days, 0)
        ) / window_weight as share
    from long
),

sums as (
    select payer_id, payee_id, quarter_start, count(*) as quarters, sum(round_even(net_amount_usd * share * 100, 0)::bigint) as cents
    from shares
    group by all
)

select
    payer_id,
    payee_id,
    quarter_start,
    quarters,
    coalesce(cents, 0)::bigint as cents,
    coalesce(sum(cents) over (partition by payer_id, payee_id order by quarter_start), 0)::bigint as cents_so_far
from sums
