-- Offenders: rows that are missing, surplus, or differ from the facts in force on that day, joined by
-- interval. Intervals are split at the years and equal ones are summed first, so that a pair with many legs
-- is not joined leg by leg on every day. Pairs are numbers, since names would take twice as long.
with legs as (
    select *, amount_usd is not null and not is_imputed_amount as is_disclosed
    from facts.commitments
    where not is_statement and certainty <> 'cancelled'
),

pairs as (
    select payer_id, payee_id, flow, certainty, row_number() over () as pair
    from legs
    group by payer_id, payee_id, flow, certainty
),

numbered as (
    select p.pair, l.*
    from legs as l
    inner join pairs as p
        on
            l.payer_id = p.payer_id
            and l.payee_id = p.payee_id
            and l.flow = p.flow
            and l.certainty = p.certainty
),

days as (
    select pair, known_from as as_of_date from numbered
    union
    select pair, known_to as as_of_date from numbered
    where known_to is not null
),

last_days as (
    select max(as_of_date) as last_day from days
),

days_by_year as (
    select *, date_trunc('year', as_of_date)::date as cut_year from days
),

cut as (
    select
        f.*,
        unnest(
            generate_series(
                date_trunc('year', f.known_from),
                least(date_trunc('year', l.last_day), date_trunc('year', f.known_to)),
                interval 1 year
            )
        )::date as cut_year
    from numbered as f
    cross join last_days as l
),

pieces as (
    select
        pair,
        cut_year,
        greatest(known_from, cut_year) as begins,
        least(known_to, (cut_year + interval 1 year)::date) as ends,
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
        d.pair,
        d.as_of_date,
        coalesce(sum(f.legs), 0) as legs,
        sum(f.gross) as gross,
        sum(f.net) as net,
        sum(f.relayed) as relayed,
        sum(f.unverified) as unverified,
        sum(f.imputed) as imputed
    from days_by_year as d
    left join pieces as f
        on
            d.pair = f.pair
            and d.cut_year = f.cut_year
            and d.as_of_date >= f.begins
            and d.as_of_date < f.ends
    group by d.pair, d.as_of_date
),

expected as (
    select
        s.as_of_date,
        p.payer_id,
        p.payee_id,
        p.flow,
        p.certainty,
        s.legs::double as legs,
        if(s.legs = 0, 0, s.gross)::double as gross,
        if(s.legs = 0, 0, s.net)::double as net,
        if(s.legs = 0 or s.net is not null, coalesce(s.relayed, 0), null)::double as relayed,
        if(s.legs = 0 or s.net is not null, coalesce(s.unverified, 0), null)::double as unverified,
        coalesce(s.imputed, 0)::double as imputed
    from sums as s
    inner join pairs as p on s.pair = p.pair
),

met as (
    select
        coalesce(t.as_of_date, e.as_of_date) as as_of_date,
        coalesce(t.payer_id, e.payer_id) as payer_id,
        coalesce(t.payee_id, e.payee_id) as payee_id,
        coalesce(t.flow, e.flow) as flow,
        coalesce(t.certainty, e.certainty) as certainty,
        [
            (t.leg_count::double, e.legs),
            (t.gross_commitment_usd, e.gross),
            (t.net_commitment_usd, e.net),
            (t.net_relayed_usd, e.relayed),
            (t.net_unverified_usd, e.unverified),
            (t.imputed_commitment_usd, e.imputed)
        ] as figures
    from candidate as t
    full join expected as e
        on
            t.as_of_date = e.as_of_date
            and t.payer_id = e.payer_id
            and t.payee_id = e.payee_id
            and t.flow = e.flow
            and t.certainty = e.certainty
    where
        t.as_of_date is null
        or e.as_of_date is null
        or (t.gross_commitment_usd is null) <> (e.gross is null)
        or (t.net_commitment_usd is null) <> (e.net is null)
        or (t.net_relayed_usd is null) <> (e.relayed is null)
        or (t.net_unverified_usd is null) <> (e.unverified is null)
        or (t.imputed_commitment_usd is null) <> (e.imputed is null)
        or t.leg_count is distinct from e.legs
        or abs(t.gross_commitment_usd - e.gross) > 1e-9 * abs(e.gross) + 0.01
        or abs(t.net_commitment_usd - e.net) > 1e-9 * abs(e.net) + 0.01
        or abs(t.net_relayed_usd - e.relayed) > 1e-9 * abs(e.relayed) + 0.01
        or abs(t.net_unverified_usd - e.unverified) > 1e-9 * abs(e.unverified) + 0.01
        or abs(t.imputed_commitment_usd - e.imputed) > 1e-9 * abs(e.imputed) + 0.01
),

figures as (
    -- only for rows that differ: for all rows this would take longer than the rest of the query
    select
        * exclude (figures),
        unnest(['legs', 'gross', 'net', 'relayed', 'unverified', 'imputed']) as figure,
        struct_extract(unnest(figures), 1) as given,
        struct_extract(unnest(figures), 2) as expected
    from met
)

select * from figures
where (given is null) <> (expected is null) or abs(given - expected) > 1e-9 * abs(expected) + 0.01
