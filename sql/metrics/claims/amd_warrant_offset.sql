with hurdle as (
    select max(share_price_hurdle_usd) as top
    from staging.warrant_tranches
    where warrant_id = 'w_amd_openai' and status_on <= $as_of
),

purchases as (
    select
        sum(round(net_amount_usd * 100)::hugeint) / 100 as due,
        bool_or(is_imputed_amount) as is_imputed
    from commitments_as_of($as_of)
    where payer_id = 'openai' and payee_id = 'amd' and flow = 'chip_purchase' and not is_statement
)

select
    w.max_shares * (h.top - w.strike_usd) / nullif(p.due, 0) as measured_value,
    printf(
        'value at the top hurdle %.1f billion over purchases of %.1f billion%s',
        w.max_shares * (h.top - w.strike_usd) / 1e9,
        p.due / 1e9,
        if(p.is_imputed, ' (imputed from gigawatts: AMD gives no figure)', '')
    ) as explanation
from staging.warrants as w
cross join hurdle as h
cross join purchases as p
where w.warrant_id = 'w_amd_openai' and w.known_from <= $as_of
