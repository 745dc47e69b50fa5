with hurdle as (
    select max(share_price_hurdle_usd) as top
    from staging.warrant_tranches
    where warrant_id = 'w_amd_openai' and status_on <= $as_of
)

select
    w.max_shares * (h.top - w.strike_usd) as measured_value,
    printf(
        '%.0f million shares times (%.2f less %.2f): intrinsic value if every tranche vests',
        w.max_shares / 1e6,
        h.top,
        w.strike_usd
    ) as explanation
from staging.warrants as w
cross join hurdle as h
where w.warrant_id = 'w_amd_openai' and w.known_from <= $as_of
