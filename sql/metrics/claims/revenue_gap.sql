with purchases as (
    select sum(round(net_amount_usd * 100)::hugeint) / 100 as total_usd
    from commitments_as_of($as_of)
    where
        payer_id in ('openai', 'stargate_llc')
        and not is_statement
        and flow in ('compute_purchase', 'chip_purchase', 'lease', 'infrastructure_build', 'revenue_share')
)

select
    h.annualised_revenue_usd / nullif(p.total_usd, 0) as measured_value,
    printf(
        'annualised revenue of %.1f billion over own shares of %.0f billion, imputed ones included',
        h.annualised_revenue_usd / 1e9,
        p.total_usd / 1e9
    ) as explanation
from headline_as_of($as_of) as h
cross join purchases as p
where h.entity_id = 'openai'
