-- Who promised how much to whom, for what and how firmly, as known on a day.
-- One row per day on which it changed, payer, payee, flow and certainty.
-- Key: as_of_date, payer_id, payee_id, flow, certainty
-- Latest day: of each payer_id, payee_id, flow, certainty, where leg_count > 0
-- Hazard: one row per day on which something changed: the latest row on or before a day is in force, see
--   the *_as_of macros
-- Hazard: funding, purchases and contingent flows are different things: choose the flows before adding
-- Columns:
--   as_of_date: date, day, required; day of knowledge
--   payer_id: text, required, in facts.entities.entity_id; who pays
--   payee_id: text, required, in facts.entities.entity_id; who is paid
--   flow: text, required, word of flow; what the money is for
--   certainty: text, required, word of certainty; how firm the promise is
--   leg_count: integer, rows, required, at least 0; legs in force, undisclosed ones included; 0 when the
--     last has gone
--   gross_commitment_usd: number, USD, at least 0; disclosed amounts, parts counted again; empty if none in
--     force is disclosed
--   net_commitment_usd: number, USD, at least 0; disclosed own shares
--   net_relayed_usd: number, USD, at least 0; the part of net whose evidence is relayed
--   net_unverified_usd: number, USD, at least 0; the part of net whose evidence is unverified
--   imputed_commitment_usd: number, USD, required, at least 0; imputed own shares
-- Note: running sums of changes, in whole cents. A pair that no longer has promises shows zero from that
--   day on; a pair whose promises in force are all undisclosed shows null, not zero.
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
