-- Promises per payer, payee, flow and certainty, on every day on which one of them changes: a running sum of
-- changes in whole cents. A pair whose promises moved elsewhere shows zero from that day on; one whose
-- promises in force are all undisclosed is unknown, not zero.
with legs as (
    select
        payer_id,
        payee_id,
        flow,
        certainty,
        known_from,
        known_to,
        (amount_usd is not null and not is_imputed_amount)::int as disclosed_legs,
        (amount_usd is not null and is_imputed_amount)::int as imputed_legs,
        round(amount_usd * 100)::hugeint as gross,
        round(net_amount_usd * 100)::hugeint as net,
        (evidence = 'relayed')::int as relayed_legs,
        (evidence = 'unverified')::int as unverified_legs
    from facts.commitments
    where not is_statement and certainty <> 'cancelled'
),

changes as (
    select 1 as sign, known_from as as_of_date, * exclude (known_from, known_to) from legs
    union all
    select -1 as sign, known_to as as_of_date, * exclude (known_from, known_to) from legs
    where known_to is not null
),

daily as (
    select
        payer_id,
        payee_id,
        flow,
        certainty,
        as_of_date,
        sum(sign) as legs,
        sum(sign * disclosed_legs) as disclosed_legs,
        coalesce(sum(sign * disclosed_legs * gross), 0) as gross,
        coalesce(sum(sign * disclosed_legs * net), 0) as net,
        coalesce(sum(sign * disclosed_legs * relayed_legs * net), 0) as relayed,
        coalesce(sum(sign * disclosed_legs * unverified_legs * net), 0) as unverified,
        coalesce(sum(sign * imputed_legs * net), 0) as imputed
    from changes
    group by all
),

running as (
    select
        as_of_date,
        payer_id,
        payee_id,
        flow,
        certainty,
        sum(legs) over pair as leg_count,
        sum(legs) over pair = 0 or sum(disclosed_legs) over pair > 0 as is_known,
        sum(gross) over pair / 100 as gross,
        sum(net) over pair / 100 as net,
        sum(relayed) over pair / 100 as relayed,
        sum(unverified) over pair / 100 as unverified,
        sum(imputed) over pair / 100 as imputed
    from daily
    window pair as (partition by payer_id, payee_id, flow, certainty order by as_of_date)
)

select
    as_of_date,
    payer_id,
    payee_id,
    flow,
    certainty,
    leg_count,
    if(is_known, gross, null) as gross_commitment_usd,
    if(is_known, net, null) as net_commitment_usd,
    if(is_known, relayed, null) as net_relayed_usd,
    if(is_known, unverified, null) as net_unverified_usd,
    imputed as imputed_commitment_usd
from running
order by as_of_date, payer_id, payee_id, flow, certainty
