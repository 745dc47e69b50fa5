with purchases as (
    select
        payer_id,
        certainty,
        is_imputed_amount,
        coalesce(round(net_amount_usd * 100)::hugeint, 0) as cents
    from commitments_as_of($as_of)
    where
        payer_id in ('openai', 'stargate_llc')
        and not is_statement
        and flow in ('compute_purchase', 'chip_purchase', 'lease', 'infrastructure_build', 'revenue_share')
)

select
    sum(cents) / 100 as measured_value,
    printf(
        'own shares that openai or stargate_llc pays; other readings in billions: disclosed only %.0f, '
        || 'openai alone %.0f, openai disclosed %.0f, without rumours %.0f, contracted, filed or paid %.0f, '
        || 'imputed part %.0f',
        coalesce(sum(cents) filter (where not is_imputed_amount), 0) / 1e11,
        coalesce(sum(cents) filter (where payer_id = 'openai'), 0) / 1e11,
        coalesce(sum(cents) filter (where payer_id = 'openai' and not is_imputed_amount), 0) / 1e11,
        coalesce(sum(cents) filter (where certainty <> 'rumoured'), 0) / 1e11,
        coalesce(sum(cents) filter (where certainty in ('contracted', 'filed', 'paid')), 0) / 1e11,
        coalesce(sum(cents) filter (where is_imputed_amount), 0) / 1e11
    ) as explanation
from purchases
having count(*) > 0
