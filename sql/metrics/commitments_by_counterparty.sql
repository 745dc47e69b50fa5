-- Promises per payer, payee, flow and certainty, on every day on which one of them changes: a running sum of changes
-- in whole cents. A pair whose promises moved elsewhere shows zero from that day on.
with legs as (
    select
        payer_id,
        payee_id,
        flow,
        certainty,
        known_from,
        known_to,
        case when is_imputed_amount then 0 else coalesce(round(amount_usd * 100)::hugeint, 0) end as gross_cents,
        case when is_imputed_amount then 0 else coalesce(round(net_amount_usd * 100)::hugeint, 0) end as net_cents,
        case when is_imputed_amount then coalesce(round(net_amount_usd * 100)::hugeint, 0) else 0 end as imputed_cents
    from facts.commitments
    where not is_statement and certainty <> 'cancelled'
),

changes as (
    select payer_id, payee_id, flow, certainty, known_from as as_of_date, 1 as legs, gross_cents, net_cents, imputed_cents
    from legs
    union all
    select
        payer_id,
        payee_id,
        flow,
        certainty,
        known_to as as_of_date,
        -1 as legs,
        -gross_cents as gross_cents,
        -net_cents as net_cents,
        -imputed_cents as imputed_cents
    from legs
    where known_to is not null
),

daily as (
    select
        payer_id,
        payee_id,
        flow,
        certainty,
        as_of_date,
        sum(legs) as legs,
        sum(gross_cents) as gross_cents,
        sum(net_cents) as net_cents,
        sum(imputed_cents) as imputed_cents
    from changes
    group by all
)

select
    as_of_date,
    payer_id,
    payee_id,
    flow,
    certainty,
    sum(legs) over pair as leg_count,
    sum(gross_cents) over pair / 100 as gross_commitment_usd,
    sum(net_cents) over pair / 100 as net_commitment_usd,
    sum(imputed_cents) over pair / 100 as imputed_commitment_usd
from daily
window pair as (partition by payer_id, payee_id, flow, certainty order by as_of_date)
order by as_of_date, payer_id, payee_id, flow, certainty
