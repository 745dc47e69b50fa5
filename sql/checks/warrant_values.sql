-- Offenders: days of a warrant that are missing or surplus; rows whose price, purchases, share of stock or
-- value at the highest hurdle differ from the seeds and facts known on the day.
with priced as (
    select
        w.warrant_id,
        p."date",
        p.close
    from staging.warrants as w
    inner join facts.entities as e on w.issuer_id = e.entity_id
    inner join staging.prices as p on e.ticker = p.ticker
),

days as (
    select
        warrant_id,
        known_from as as_of_date
    from staging.warrants
    union
    select
        warrant_id,
        "date"
    from priced
    union
    select
        warrant_id,
        status_on
    from staging.warrant_tranches
),

terms as (
    select
        d.as_of_date,
        w.warrant_id,
        w.issuer_id,
        w.holder_id,
        w.max_shares,
        w.strike_usd,
        w.expires_on is null or w.expires_on > d.as_of_date as is_alive
    from days as d
    inner join staging.warrants as w on d.warrant_id = w.warrant_id and d.as_of_date >= w.known_from
),

price as (
    select
        t.as_of_date,
        t.warrant_id,
        arg_max(p.close, p."date") as share_price_usd
    from terms as t
    inner join priced as p on t.warrant_id = p.warrant_id and t.as_of_date >= p."date"
    group by all
),

outstanding as (
    select
        t.as_of_date,
        t.warrant_id,
        arg_max(f."value", (f.period_end, f.known_from)) as shares
    from terms as t
    inner join facts.financials as f on t.issuer_id = f.entity_id and t.as_of_date >= f.known_from
    where f.metric = 'shares_outstanding' and f."value" is not null
    group by all
),

promised as (
    select
        t.as_of_date,
        t.warrant_id,
        sum(c.net_amount_usd) as purchases_usd
    from terms as t
    inner join facts.commitments as c
        on
            t.holder_id = c.payer_id
            and t.issuer_id = c.payee_id
            and t.as_of_date >= c.known_from
            and (c.known_to is null or t.as_of_date < c.known_to)
    where c.flow in ('compute_purchase', 'chip_purchase', 'lease', 'infrastructure_build', 'revenue_share')
    group by all
),

tranches as (
    select
        t.as_of_date,
        t.warrant_id,
        max(
            if(
                r.market_cap_hurdle_usd is null or o.shares is not null,
                greatest(r.share_price_hurdle_usd, r.market_cap_hurdle_usd / o.shares),
                null
            )
        ) as top_usd,
        sum(r.shares) filter (where r.status = 'vested') as vested_shares
    from terms as t
    inner join staging.warrant_tranches as r on t.warrant_id = r.warrant_id and t.as_of_date >= r.status_on
    left join outstanding as o on t.as_of_date = o.as_of_date and t.warrant_id = o.warrant_id
    group by all
),

expected as (
    select
        as_of_date,
        warrant_id,
        p.share_price_usd,
        m.purchases_usd,
        t.max_shares / o.shares as share_of_outstanding,
        r.vested_shares,
        t.max_shares * if(r.top_usd < t.strike_usd, 0, r.top_usd - t.strike_usd) as top_usd,
        t.is_alive
    from terms as t
    left join price as p using (as_of_date, warrant_id)
    left join outstanding as o using (as_of_date, warrant_id)
    left join promised as m using (as_of_date, warrant_id)
    left join tranches as r using (as_of_date, warrant_id)
)

select
    as_of_date,
    warrant_id,
    c.share_price_usd,
    e.share_price_usd as expected_price_usd,
    c.purchases_usd,
    e.purchases_usd as expected_purchases_usd,
    c.value_at_top_hurdle_usd,
    e.top_usd as expected_top_usd
from candidate as c
full outer join expected as e using (as_of_date, warrant_id)
where
    c.issuer_id is null
    or c.share_price_usd is distinct from e.share_price_usd
    or (c.purchases_usd is null) != (e.purchases_usd is null)
    or abs(c.purchases_usd - e.purchases_usd) > 0.01 + 1e-9 * e.purchases_usd
    or (c.share_of_outstanding is null) != (e.share_of_outstanding is null)
    or abs(c.share_of_outstanding - e.share_of_outstanding) > 1e-9
    or (
        not c.is_assumed_expiry
        and (
            (c.value_at_top_hurdle_usd is null) = (e.top_usd is not null and e.is_alive)
            or abs(c.value_at_top_hurdle_usd - e.top_usd) > 0.01 + 1e-9 * e.top_usd
        )
    )
    or c.vested_shares < e.vested_shares * (1 - 1e-9)
