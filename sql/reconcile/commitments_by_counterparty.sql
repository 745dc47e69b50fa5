-- Offenders: rows that are missing, too many, or differ from the facts in force on that day, joined by
-- interval. Intervals are cut at the quarters, and those that are then alike are added up first: else a pair
-- with many legs would be joined leg by leg on every day.
with legs as (
    select *, amount_usd is not null and not is_imputed_amount as is_disclosed
    from facts.commitments
    where not is_statement and certainty <> 'cancelled'
),

days as (
    select payer_id, payee_id, flow, certainty, known_from as as_of_date from legs
    union
    select payer_id, payee_id, flow, certainty, known_to as as_of_date from legs
    where known_to is not null
),

last_days as (
    select max(as_of_date) as last_day from days
),

days_by_quarter as (
    select *, date_trunc('quarter', as_of_date)::date as quarter_start from days
),

cut as (
    select
        f.*,
        unnest(
            generate_series(
                date_trunc('quarter', f.known_from),
                least(date_trunc('quarter', l.last_day), date_trunc('quarter', f.known_to)),
                interval 3 month
            )
        )::date as quarter_start
    from legs as f
    cross join last_days as l
),

pieces as (
    select
        payer_id,
        payee_id,
        flow,
        certainty,
        quarter_start,
        greatest(known_from, quarter_start) as begins,
        least(known_to, (quarter_start + interval 3 month)::date) as ends,
        count(*) as legs,
        sum(amount_usd) filter (where is_disclosed) as gross,
        sum(net_amount_usd) filter (where is_disclosed) as net,
        sum(net_amount_usd) filter (where is_disclosed and evidence = 'relayed') as relayed,
        sum(net_amount_usd) filter (where is_disclosed and evidence = 'unverified') as unverified,
        sum(net_amount_usd) filter (where is_imputed_amount) as imputed
    from cut
    group by all
),

sums as (
    select
        d.as_of_date,
        d.payer_id,
        d.payee_id,
        d.flow,
        d.certainty,
        coalesce(sum(f.legs), 0) as legs,
        sum(f.gross) as gross,
        sum(f.net) as net,
        sum(f.relayed) as relayed,
        sum(f.unverified) as unverified,
        sum(f.imputed) as imputed
    from days_by_quarter as d
    left join pieces as f
        on
            d.payer_id = f.payer_id
            and d.payee_id = f.payee_id
            and d.flow = f.flow
            and d.certainty = f.certainty
            and d.quarter_start = f.quarter_start
            and d.as_of_date >= f.begins
            and d.as_of_date < f.ends
    group by d.as_of_date, d.payer_id, d.payee_id, d.flow, d.certainty
),

expected as (
    select
        as_of_date,
        payer_id,
        payee_id,
        flow,
        certainty,
        legs::double as legs,
        if(legs = 0, 0, gross)::double as gross,
        if(legs = 0, 0, net)::double as net,
        if(legs = 0 or net is not null, coalesce(relayed, 0), null)::double as relayed,
        if(legs = 0 or net is not null, coalesce(unverified, 0), null)::double as unverified,
        coalesce(imputed, 0)::double as imputed
    from sums
),

told as (
    select
        as_of_date,
        payer_id,
        payee_id,
        flow,
        certainty,
        leg_count::double as legs,
        gross_commitment_usd as gross,
        net_commitment_usd as net,
        net_relayed_usd as relayed,
        net_unverified_usd as unverified,
        imputed_commitment_usd as imputed
    from candidate
),

told_long as (
    unpivot told on legs, gross, net, relayed, unverified, imputed into name figure value amount
),

expected_long as (
    unpivot expected on legs, gross, net, relayed, unverified, imputed into name figure value amount
)

select
    coalesce(t.as_of_date, e.as_of_date) as as_of_date,
    coalesce(t.payer_id, e.payer_id) as payer_id,
    coalesce(t.payee_id, e.payee_id) as payee_id,
    coalesce(t.flow, e.flow) as flow,
    coalesce(t.certainty, e.certainty) as certainty,
    coalesce(t.figure, e.figure) as figure,
    t.amount as told,
    e.amount as expected
from told_long as t
full join expected_long as e
    on
        t.as_of_date = e.as_of_date
        and t.payer_id = e.payer_id
        and t.payee_id = e.payee_id
        and t.flow = e.flow
        and t.certainty = e.certainty
        and t.figure = e.figure
where t.amount is null or e.amount is null or abs(t.amount - e.amount) > 1e-9 * abs(e.amount) + 0.01
