-- Offenders: intervals that lack a required schedule, or have one without need; intervals whose quarters do
-- not add up to them, or that pay outside their period.
with expected as (
    select
        leg_id,
        known_from,
        starts_on,
        ends_on,
        amount_low_usd as low,
        amount_usd as point,
        amount_high_usd as high,
        net_amount_usd as net
    from facts.commitments
    where
        not is_statement
        and certainty <> 'cancelled'
        and coalesce(amount_low_usd, amount_usd, amount_high_usd) is not null
),

given as (
    select
        leg_id,
        known_from,
        min(quarter_start) as first_quarter,
        max(quarter_start) as last_quarter,
        sum(amount_low_usd) as low,
        sum(amount_usd) as point,
        sum(amount_high_usd) as high,
        sum(net_amount_usd) as net
    from candidate
    group by leg_id, known_from
)

select
    coalesce(t.leg_id, e.leg_id) as leg_id,
    coalesce(t.known_from, e.known_from) as known_from,
    t.first_quarter,
    t.last_quarter,
    t.point as told_usd,
    e.point as expected_usd
from given as t
full join expected as e on t.leg_id = e.leg_id and t.known_from = e.known_from
where
    t.leg_id is null
    or e.leg_id is null
    or (t.low is null) <> (e.low is null)
    or (t.point is null) <> (e.point is null)
    or (t.high is null) <> (e.high is null)
    or (t.net is null) <> (e.net is null)
    or abs(t.low - e.low) > 1e-9 * e.low
    or abs(t.point - e.point) > 1e-9 * e.point
    or abs(t.high - e.high) > 1e-9 * e.high
    or abs(t.net - e.net) > 1e-9 * e.net
    or t.first_quarter < date_trunc('quarter', e.starts_on)
    or t.last_quarter > greatest(e.starts_on, e.ends_on)
