-- Offenders: figures that are missing, surplus, or differ from the facts in force on that day, joined by
-- interval. The outstanding amount must lie between the sum of the quarters after that of the day and the sum
-- that includes the quarter of the day. Intervals are split at the quarters and equal ones are summed first,
-- so that an entity with many legs is not joined leg by leg on every day. A table may have quarter ends in
-- place of days of change, but must then show every change by the end of its quarter.
with purchases as (
    select *, amount_usd is not null and not is_imputed_amount as is_disclosed
    from facts.commitments
    where
        not is_statement
        and flow in ('compute_purchase', 'chip_purchase', 'lease', 'infrastructure_build', 'revenue_share')
),

figures as (
    select *, if(metric = 'revenue', value * 12 / period_months, value) as annual_usd
    from facts.financials
    where
        metric in ('revenue', 'annualised_revenue_run_rate')
        and definition is null
        and basis in ('reported', 'reported_by_press')
),

days as (
    select payer_id as entity_id, known_from as as_of_date from purchases
    union
    select payer_id as entity_id, known_to as as_of_date from purchases
    union
    select user_id as entity_id, known_from as as_of_date from facts.capacity
    union
    select user_id as entity_id, known_to as as_of_date from facts.capacity
    union
    select entity_id, known_from as as_of_date from facts.financials
    where metric in ('revenue', 'annualised_revenue_run_rate')
),

changes as (
    select * from days
    where entity_id is not null and as_of_date is not null
),

last_days as (
    select max(as_of_date) as last_day from changes
),

-- all days of change, or all their quarter ends: the table shows which
days_told as (
    select
        coalesce(
            bool_and(
                m.as_of_date in (last_day(date_trunc('quarter', m.as_of_date) + interval 2 month), l.last_day)
            ),
            false
        ) as are_quarter_ends
    from candidate as m
    cross join last_days as l
),

asked as (
    select distinct
        c.entity_id,
        if(
            t.are_quarter_ends,
            least(last_day(date_trunc('quarter', c.as_of_date) + interval 2 month), l.last_day),
            c.as_of_date
        ) as as_of_date
    from changes as c
    cross join last_days as l
    cross join days_told as t
),

asked_by_quarter as (
    select *, date_trunc('quarter', as_of_date)::date as quarter_asked from asked
),

cut as (
    select
        c.*,
        unnest(
            generate_series(
                date_trunc('quarter', c.known_from),
                least(date_trunc('quarter', l.last_day), date_trunc('quarter', c.known_to)),
                interval 3 month
            )
        )::date as quarter_asked,
        greatest(c.known_from, quarter_asked) as begins,
        least(c.known_to, (quarter_asked + interval 3 month)::date) as ends
    from purchases as c
    cross join last_days as l
),

pieces as (
    select
        payer_id,
        quarter_asked,
        begins,
        ends,
        count(*) as legs,
        count(*) filter (where certainty <> 'cancelled' and not is_disclosed) as undisclosed,
        sum(amount_usd) filter (where is_disclosed) as gross,
        sum(net_amount_low_usd) filter (where is_disclosed) as net_low,
        sum(net_amount_usd) filter (where is_disclosed) as net,
        sum(net_amount_high_usd) filter (where is_disclosed) as net_high,
        sum(net_amount_usd) filter (where is_disclosed and certainty = 'rumoured') as rumoured,
        sum(net_amount_usd) filter (where is_disclosed and evidence = 'unverified') as unverified,
        sum(net_amount_low_usd) filter (where is_imputed_amount) as imputed_low,
        sum(net_amount_usd) filter (where is_imputed_amount) as imputed,
        sum(net_amount_high_usd) filter (where is_imputed_amount) as imputed_high
    from cut
    group by all
),

sums as (
    select
        d.entity_id,
        d.as_of_date,
        coalesce(sum(c.legs), 0) as legs,
        coalesce(sum(c.undisclosed), 0) as undisclosed,
        sum(c.gross) as gross,
        sum(c.net_low) as net_low,
        sum(c.net) as net,
        sum(c.net_high) as net_high,
        sum(c.rumoured) as rumoured,
        sum(c.unverified) as unverified,
        coalesce(sum(c.imputed_low), 0) as imputed_low,
        coalesce(sum(c.imputed), 0) as imputed,
        coalesce(sum(c.imputed_high), 0) as imputed_high
    from asked_by_quarter as d
    left join pieces as c
        on
            d.entity_id = c.payer_id
            and d.quarter_asked = c.quarter_asked
            and d.as_of_date >= c.begins
            and d.as_of_date < c.ends
    group by d.entity_id, d.as_of_date
),

money as (
    select
        entity_id,
        as_of_date,
        legs = 0 or (net is null and undisclosed > 0) as is_unknown,
        if(is_unknown, null, coalesce(gross, 0)) as gross,
        if(is_unknown, null, coalesce(least(net_low, net, net_high), 0)) as net_low,
        if(is_unknown, null, coalesce(net, 0)) as net,
        if(is_unknown, null, coalesce(greatest(net_low, net, net_high), 0)) as net_high,
        if(legs = 0, null, least(imputed_low, imputed, imputed_high)) as imputed_low,
        if(legs = 0, null, imputed) as imputed,
        if(legs = 0, null, greatest(imputed_low, imputed, imputed_high)) as imputed_high,
        coalesce(rumoured, 0) / nullif(net, 0) as rumoured_share,
        coalesce(unverified, 0) / nullif(net, 0) as unverified_share,
        nullif(coalesce(net, 0) + imputed, 0) as with_imputed
    from sums
),

views as (
    select
        d.entity_id,
        d.as_of_date,
        k."view",
        -- a view is null if all its legs that are not cancelled are null
        case
            when bool_and(k.net_capacity_gw is null) filter (where k.stage <> 'cancelled') then null
            else coalesce(sum(k.net_capacity_gw), 0)
        end as capacity_gw
    from asked as d
    inner join facts.capacity as k
        on
            d.entity_id = k.user_id
            and d.as_of_date >= k.known_from
            and (k.known_to is null or d.as_of_date < k.known_to)
    where k."view" <> 'statement'
    group by d.entity_id, d.as_of_date, k."view"
),

power as (
    select entity_id, as_of_date, max(capacity_gw) as capacity_gw
    from views
    group by entity_id, as_of_date
),

revenue as (
    select
        d.entity_id,
        d.as_of_date,
        arg_max(
            f.annual_usd,
            (
                f.metric = 'revenue',
                f.period_end,
                coalesce(f.period_start - f.period_end, 0),
                f.known_from,
                case f.evidence when 'seen' then 3 when 'relayed' then 2 else 1 end,
                -f.value
            )
        ) as annual_usd
    from asked as d
    inner join figures as f on d.entity_id = f.entity_id and d.as_of_date >= f.known_from
    where f.annual_usd is not null
    group by d.entity_id, d.as_of_date
),

expected as (
    select
        m.as_of_date,
        m.entity_id,
        1::double as rows_given,
        m.gross::double as gross,
        m.net_low::double as net_low,
        m.net::double as net,
        m.net_high::double as net_high,
        m.imputed_low::double as imputed_low,
        m.imputed::double as imputed,
        m.imputed_high::double as imputed_high,
        m.rumoured_share::double as rumoured_share,
        m.unverified_share::double as unverified_share,
        p.capacity_gw::double as capacity_gw,
        v.annual_usd::double as annual_revenue,
        (v.annual_usd / nullif(m.net, 0))::double as ratio,
        (v.annual_usd / m.with_imputed)::double as ratio_with_imputed,
        (m.with_imputed / nullif(v.annual_usd, 0))::double as years
    from money as m
    left join power as p on m.entity_id = p.entity_id and m.as_of_date = p.as_of_date
    left join revenue as v on m.entity_id = v.entity_id and m.as_of_date = v.as_of_date
),

given as (
    select
        as_of_date,
        entity_id,
        1::double as rows_given,
        gross_commitment_usd as gross,
        net_commitment_low_usd as net_low,
        net_commitment_usd as net,
        net_commitment_high_usd as net_high,
        imputed_commitment_low_usd as imputed_low,
        imputed_commitment_usd as imputed,
        imputed_commitment_high_usd as imputed_high,
        rumoured_share,
        unverified_share,
        capacity_gw,
        annualised_revenue_usd as annual_revenue,
        commitment_coverage_ratio as ratio,
        commitment_coverage_ratio_with_imputed as ratio_with_imputed,
        years_of_revenue as years
    from candidate
),

told_long as (
    unpivot given on columns(* exclude (as_of_date, entity_id)) into name figure value amount
),

expected_long as (
    unpivot expected on columns(* exclude (as_of_date, entity_id)) into name figure value amount
),

due as (
    select
        c.payer_id,
        c.quarter_asked,
        c.begins,
        c.ends,
        sum(s.net_amount_usd) filter (where s.quarter_start > c.quarter_asked) as at_least,
        sum(s.net_amount_usd) as at_most
    from cut as c
    inner join facts.commitment_schedule as s
        on c.leg_id = s.leg_id and c.known_from = s.known_from and c.quarter_asked <= s.quarter_start
    where c.is_disclosed
    group by all
),

told_by_quarter as (
    select *, date_trunc('quarter', as_of_date)::date as quarter_asked from candidate
),

remaining as (
    select
        h.as_of_date,
        h.entity_id,
        h.outstanding_commitment_usd,
        coalesce(sum(c.at_least), 0) as at_least,
        coalesce(sum(c.at_most), 0) as at_most
    from told_by_quarter as h
    left join due as c
        on
            h.entity_id = c.payer_id
            and h.quarter_asked = c.quarter_asked
            and h.as_of_date >= c.begins
            and h.as_of_date < c.ends
    group by h.as_of_date, h.entity_id, h.outstanding_commitment_usd
)

select
    coalesce(t.as_of_date, e.as_of_date) as as_of_date,
    coalesce(t.entity_id, e.entity_id) as entity_id,
    coalesce(t.figure, e.figure) as figure,
    t.amount as given,
    e.amount as expected
from told_long as t
full join expected_long as e
    on t.as_of_date = e.as_of_date and t.entity_id = e.entity_id and t.figure = e.figure
where t.amount is null or e.amount is null or abs(t.amount - e.amount) > 1e-9 * abs(e.amount) + 1e-8
union all
select
    as_of_date,
    entity_id,
    'outstanding at least' as figure,
    outstanding_commitment_usd as given,
    at_least as expected
from remaining
where outstanding_commitment_usd < at_least * (1 - 1e-9) - 0.01
union all
select
    as_of_date,
    entity_id,
    'outstanding at most' as figure,
    outstanding_commitment_usd as given,
    at_most as expected
from remaining
where outstanding_commitment_usd > at_most * (1 + 1e-9) + 0.01
union all
select
    as_of_date,
    entity_id,
    'outstanding' as figure,
    outstanding_commitment_usd as given,
    net_commitment_usd as expected
from candidate
where (net_commitment_usd is null) <> (outstanding_commitment_usd is null)
