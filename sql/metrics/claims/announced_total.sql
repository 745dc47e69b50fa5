with purchases as (
    select
        payer_id,
        certainty,
        is_imputed_amount,
        coalesce(net_amount_usd, 0) / 1e9 as billion
    from commitments_as_of($as_of)
    where
        payer_id in ('openai', 'stargate_llc')
        and not is_statement
        and flow in ('compute_purchase', 'chip_purchase', 'lease', 'infrastructure_build', 'revenue_share')
)

select
    sum(billion) * 1e9 as measured_value,
    printf(
        'own shares that openai or stargate_llc pays; other readings in billions: disclosed only %.0f, openai alone %.0f, '
        || 'openai disclosed %.0f, without rumours %.0f, contracted or filed %.0f, imputed part %.0f',
        sum(billion) filter (where not is_imputed_amount),
        sum(billion) filter (where payer_id = 'openai'),
        sum(billion) filter (where payer_id = 'openai' and not is_imputed_amount),
        coalesce(sum(billion) filter (where certainty <> 'rumoured'), 0),
        coalesce(sum(billion) filter (where certainty in ('contracted', 'filed', 'paid')), 0),
        coalesce(sum(billion) filter (where is_imputed_amount), 0)
    ) as explanation
from purchases
having count(*) > 0
