-- The ledger of an entity in one row, on every day on which one of its numbers changes: what it has promised to buy,
-- the power it is promised, the revenue it has. Running sums of changes in whole cents; ratios from the sums.
with purchases as (
    select
        payer_id as entity_id,
        known_from,
        known_to,
        is_imputed_amount,
        certainty,
        evidence,
        coalesce(round(amount_usd * 100)::hugeint, 0) as gross,
        coalesce(round(net_amount_low_usd * 100)::hugeint, 0) as net_low,
        coalesce(round(net_amount_usd * 100)::hugeint, 0) as net,
        coalesce(round(net_amount_high_usd * 100)::hugeint, 0) as net_high
    from facts.commitments
    where not is_statement and flow in ('compute_purchase', 'chip_purchase', 'lease', 'infrastructure_build', 'revenue_share')
),

split as (
    select
        entity_id,
        known_from,
        known_to,
        if(is_imputed_amount, 0, gross) as gross,
        if(is_imputed_amount, 0, net_low) as net_low,
        if(is_imputed_amount, 0, net) as net,
        if(is_imputed_amount, 0, net_high) as net_high,
        if(is_imputed_amount, net_low, 0) as imputed_low,
        if(is_imputed_amount, net, 0) as imputed,
        if(is_imputed_amount, net_high, 0) as imputed_high,
        if(not is_imputed_amount and certainty = 'rumoured', net, 0) as rumoured,
        if(not is_imputed_amount and evidence = 'unverified', net, 0) as unverified
    from purchases
),

changes as (
    select
        entity_id,
        known_from as as_of_date,
        gross,
        net_low,
        net,
        net_high,
        imputed_low,
        imputed,
        imputed_high,
        rumoured,
        unverified
    from split
    union all
    select
        entity_id,
        known_to as as_of_date,
        -gross as gross,
        -net_low as net_low,
        -net as net,
        -net_high as net_high,
        -imputed_low as imputed_low,
        -imputed as imputed,
        -imputed_high as imputed_high,
        -rumoured as rumoured,
        -unverified as unverified
    from split
    where known_to is not null
),

daily as (
    select
        entity_id,
        as_of_date,
        sum(gross) as gross,
        sum(net_low) as net_low,
        sum(net) as net,
        sum(net_high) as net_high,
        sum(imputed_low) as imputed_low,
        sum(imputed) as imputed,
        sum(imputed_high) as imputed_high,
        sum(rumoured) as rumoured,
        sum(unverified) as unverified
    from changes
    group by all
),

running as (
    select
        entity_id,
        as_of_date,
        sum(gross) over known / 100 as gross,
        sum(net_low) over known / 100 as net_low,
        sum(net) over known / 100 as net,
        sum(net_high) over known / 100 as net_high,
        sum(imputed_low) over known / 100 as imputed_low,
        sum(imputed) over known / 100 as imputed,
        sum(imputed_high) over known / 100 as imputed_high,
        sum(rumoured) over known / 100 as rumoured,
        sum(unverified) over known / 100 as unverified
    from daily
    window known as (partition by entity_id order by as_of_date)
),

reported as (
    select
        entity_id,
        known_from,
        value * 12 / period_months as annualised_revenue_usd,
        true as is_reported,
        row_number() over (
            partition by entity_id
            order by
                period_end,
                period_end - period_start desc,
                known_from,
                case evidence when 'seen' then 3 when 'relayed' then 2 else 1 end,
                source_id
        ) as rank
    from facts.financials
    where
        metric = 'revenue'
        and definition is null
        and value is not null
        and period_months is not null
        and basis in ('reported', 'reported_by_press')
),

run_rates as (
    select
        entity_id,
        known_from,
        value as annualised_revenue_usd,
        false as is_reported,
        row_number() over (
            partition by entity_id
            order by
                period_end,
                coalesce(period_end - period_start, 0) desc,
                known_from,
                case evidence when 'seen' then 3 when 'relayed' then 2 else 1 end,
                source_id
        ) as rank
    from facts.financials
    where
        metric = 'annualised_revenue_run_rate'
        and definition is null
        and value is not null
        and basis in ('reported', 'reported_by_press')
),

revenue as (
    -- the row in force is the highest ranked one known so far; a reported figure beats every run rate
    select
        entity_id,
        known_from as as_of_date,
        max((is_reported, rank, annualised_revenue_usd)) over (
            partition by entity_id order by known_from rows between unbounded preceding and current row
        ) as best
    from (
        select entity_id, known_from, is_reported, rank, annualised_revenue_usd from reported
        union all
        select entity_id, known_from, is_reported, rank, annualised_revenue_usd from run_rates
    )
),

revenue_by_day as (
    select entity_id, as_of_date, max(best) as best
    from revenue
    group by all
),

largest_view as (
    select
        user_id as entity_id,
        as_of_date,
        max(capacity_gw) as capacity_gw,
        arg_max("view", (capacity_gw, "view")) as capacity_view
    from metrics.capacity_by_view
    where "view" <> 'statement'
    group by all
),

days as (
    select payer_id as entity_id, as_of_date from facts.commitment_outstanding
),

found as (
    select
        d.as_of_date,
        d.entity_id,
        r.gross,
        r.net_low,
        r.net,
        r.net_high,
        r.imputed_low,
        r.imputed,
        r.imputed_high,
        r.rumoured,
        r.unverified,
        c.capacity_gw,
        c.capacity_view,
        struct_extract(v.best, 3) as annualised_revenue_usd,
        struct_extract(v.best, 1) as is_revenue_reported
    from days as d
    asof left join running as r on d.entity_id = r.entity_id and d.as_of_date >= r.as_of_date
    asof left join largest_view as c on d.entity_id = c.entity_id and d.as_of_date >= c.as_of_date
    asof left join revenue_by_day as v on d.entity_id = v.entity_id and d.as_of_date >= v.as_of_date
)

select
    f.as_of_date,
    f.entity_id,
    f.gross as gross_commitment_usd,
    least(f.net_low, f.net, f.net_high) as net_commitment_low_usd,
    f.net as net_commitment_usd,
    greatest(f.net_low, f.net, f.net_high) as net_commitment_high_usd,
    least(f.imputed_low, f.imputed, f.imputed_high) as imputed_commitment_low_usd,
    f.imputed as imputed_commitment_usd,
    greatest(f.imputed_low, f.imputed, f.imputed_high) as imputed_commitment_high_usd,
    if(f.net is null, null, o.outstanding_commitment_usd) as outstanding_commitment_usd,
    f.rumoured / nullif(f.net, 0) as rumoured_share,
    f.unverified / nullif(f.net, 0) as unverified_share,
    f.capacity_gw,
    f.capacity_view,
    f.annualised_revenue_usd,
    f.is_revenue_reported,
    f.annualised_revenue_usd / nullif(f.net, 0) as commitment_coverage_ratio,
    f.annualised_revenue_usd / nullif(f.net + f.imputed, 0) as commitment_coverage_ratio_with_imputed,
    (f.net + f.imputed) / nullif(f.annualised_revenue_usd, 0) as years_of_revenue
from found as f
inner join facts.commitment_outstanding as o on f.entity_id = o.payer_id and f.as_of_date = o.as_of_date
order by f.as_of_date, f.entity_id
