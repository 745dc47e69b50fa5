with funding as (
    select coalesce(sum(round(net_amount_usd * 100)::hugeint), 0) / 100 as promised_usd
    from commitments_as_of($as_of)
    where payee_id = 'openai' and flow in ('equity_investment', 'debt') and not is_statement
),

cash as (
    select arg_max(value, (period_end, known_from)) as balance_usd
    from facts.financials
    where
        entity_id = 'openai'
        and metric = 'cash'
        and definition is null
        and value is not null
        and known_from <= $as_of
),

purchases as (
    select sum(round(net_amount_usd * 100)::hugeint) / 100 as total_usd
    from commitments_as_of($as_of)
    where
        payer_id = 'openai'
        and not is_statement
        and flow in ('compute_purchase', 'chip_purchase', 'lease', 'infrastructure_build', 'revenue_share')
)

select
    (f.promised_usd + coalesce(c.balance_usd, 0) < p.total_usd)::int::double as measured_value,
    printf(
        'funding promised to openai %.1f billion (paid and unpaid, letters of intent included) plus cash %s, '
        || 'against purchases of %.0f billion that openai alone pays',
        f.promised_usd / 1e9,
        coalesce(printf('%.1f billion', c.balance_usd / 1e9), 'unknown'),
        p.total_usd / 1e9
    ) as explanation
from funding as f
cross join cash as c
cross join purchases as p
where p.total_usd is not null
