-- The ledger of an entity in one row: promises to buy, power, revenue, and how they compare, by day known.
-- One row per day on which something of the entity changed and entity.
-- Key: as_of_date, entity_id
-- Latest day: of each entity_id
-- Hazard: an entity without legs has no amounts (empty), not zero; nor has one whose legs are all
--   undisclosed
-- Hazard: outstanding_commitment_usd is that of as_of_date: time alone lowers it until the next row
-- Hazard: one row per day on which something changed: the latest row on or before a day is in force, see
--   the *_as_of macros
-- Columns:
--   as_of_date: date, day, required; day of knowledge
--   entity_id: text, required, in facts.entities.entity_id; the entity
--   gross_commitment_usd: number, USD, at least 0; disclosed purchases that it pays, parts counted again
--   net_commitment_low_usd: number, USD, at least 0; lowest of the own shares with every leg at its lower
--     bound, point, upper bound
--   net_commitment_usd: number, USD, at least 0; disclosed own shares
--   net_commitment_high_usd: number, USD, at least 0; highest of the own shares with every leg at its lower
--     bound, point, upper bound
--   imputed_commitment_low_usd: number, USD, at least 0; gigawatts times the lowest cost known
--   imputed_commitment_usd: number, USD, at least 0; gigawatts times the median cost known, own shares
--   imputed_commitment_high_usd: number, USD, at least 0; gigawatts times the highest cost known
--   outstanding_commitment_usd: number, USD, at least 0; disclosed own shares due on or after the day
--   rumoured_share: number, fraction, 0 to 1; share of net that is rumoured only
--   unverified_share: number, fraction, 0 to 1; share of net whose source was not verified
--   capacity_gw: number, GW, at least 0; own shares of the largest single view where it is the user
--   capacity_view: text, word of view; the view of capacity_gw
--   is_mixed_power_basis: flag; the sum mixes it_load and facility power: approximate
--   annualised_revenue_usd: number, USD, at least 0; latest reported revenue, extrapolated to a year
--   is_revenue_reported: flag; true: from a reported period; false: a run rate, nothing was reported
--   commitment_coverage_ratio: number, fraction, at least 0; annualised revenue / net
--   commitment_coverage_ratio_with_imputed: number, fraction, at least 0; annualised revenue / (net +
--     imputed)
--   years_of_revenue: number, years, at least 0; (net + imputed) / annualised revenue
-- Note: running sums of changes, in whole cents, and ratios of them. An entity without legs has null; if no
--   leg in force is disclosed, the disclosed sums are null too.
with purchases as (
    select
        payer_id as entity_id,
        known_from,
        known_to,
        (certainty <> 'cancelled')::int as open_legs,
        (amount_usd is not null and not is_imputed_amount)::int as disclosed_legs,
        (amount_usd is not null and is_imputed_amount)::int as imputed_legs,
        round(amount_usd * 100)::hugeint as gross,
        round(net_amount_low_usd * 100)::hugeint as net_low,
        round(net_amount_usd * 100)::hugeint as net,
        round(net_amount_high_usd * 100)::hugeint as net_high,
        (certainty = 'rumoured')::int as rumoured_legs,
        (evidence = 'unverified')::int as unverified_legs
    from facts.commitments
    where
        not is_statement
        and flow in ('compute_purchase', 'chip_purchase', 'lease', 'infrastructure_build', 'revenue_share')
),

changes as (
    select 1 as sign, known_from as as_of_date, * exclude (known_from, known_to) from purchases
    union all
    select -1 as sign, known_to as as_of_date, * exclude (known_from, known_to) from purchases
    where known_to is not null
),

daily as (
    select
        entity_id,
        as_of_date,
        sum(sign) as legs,
        sum(sign * open_legs) as open_legs,
        sum(sign * disclosed_legs) as disclosed_legs,
        coalesce(sum(sign * disclosed_legs * gross), 0) as gross,
        coalesce(sum(sign * disclosed_legs * net_low), 0) as net_low,
        coalesce(sum(sign * disclosed_legs * net), 0) as net,
        coalesce(sum(sign * disclosed_legs * net_high), 0) as net_high,
        coalesce(sum(sign * disclosed_legs * rumoured_legs * net), 0) as rumoured,
        coalesce(sum(sign * disclosed_legs * unverified_legs * net), 0) as unverified,
        coalesce(sum(sign * imputed_legs * net_low), 0) as imputed_low,
        coalesce(sum(sign * imputed_legs * net), 0) as imputed,
        coalesce(sum(sign * imputed_legs * net_high), 0) as imputed_high
    from changes
    group by all
),

running as (
    select
        entity_id,
        as_of_date,
        sum(legs) over known > 0 as has_legs,
        sum(legs) over known > 0 and (sum(disclosed_legs) over known > 0 or sum(open_legs) over known = 0)
            as has_amounts,
        sum(gross) over known / 100 as gross,
        sum(net_low) over known / 100 as net_low,
        sum(net) over known / 100 as net,
        sum(net_high) over known / 100 as net_high,
        sum(rumoured) over known / 100 as rumoured,
        sum(unverified) over known / 100 as unverified,
        sum(imputed_low) over known / 100 as imputed_low,
        sum(imputed) over known / 100 as imputed,
        sum(imputed_high) over known / 100 as imputed_high
    from daily
    window known as (partition by entity_id order by as_of_date)
),

figures as (
    -- a higher rank is a better figure; run rates are already annual
    select
        entity_id,
        known_from,
        metric = 'revenue' as is_reported,
        if(metric = 'revenue', value * 12 / period_months, value) as annualised_revenue_usd,
        row_number() over (
            partition by entity_id, metric
            order by
                period_end asc,
                coalesce(period_end - period_start, 0) desc,
                known_from asc,
                case evidence when 'seen' then 3 when 'relayed' then 2 else 1 end asc,
                value desc
        ) as rank
    from facts.financials
    where
        metric in ('revenue', 'annualised_revenue_run_rate')
        and definition is null
        and value is not null
        and (metric <> 'revenue' or period_months is not null)
        and basis in ('reported', 'reported_by_press')
),

best_by_day as (
    select entity_id, known_from as as_of_date, max((is_reported, rank, annualised_revenue_usd)) as best
    from figures
    group by all
),

revenue as (
    -- the best figure known so far; a reported figure is better than any run rate
    select entity_id, as_of_date, max(best) over (partition by entity_id order by as_of_date) as best
    from best_by_day
),

largest_view as (
    select
        user_id as entity_id,
        as_of_date,
        -- null when no view has a figure any more: the last known figure is not carried forward
        max((capacity_gw, "view", is_mixed_power_basis)) filter (where capacity_gw is not null) as largest
    from metrics.capacity_by_view
    where "view" <> 'statement'
    group by all
),

found as (
    select
        o.as_of_date,
        o.payer_id as entity_id,
        if(r.has_amounts, r.gross, null) as gross,
        if(r.has_amounts, least(r.net_low, r.net, r.net_high), null) as net_low,
        if(r.has_amounts, r.net, null) as net,
        if(r.has_amounts, greatest(r.net_low, r.net, r.net_high), null) as net_high,
        if(r.has_amounts, o.outstanding_commitment_usd, null) as outstanding,
        r.rumoured,
        r.unverified,
        if(r.has_legs, least(r.imputed_low, r.imputed, r.imputed_high), null) as imputed_low,
        if(r.has_legs, r.imputed, null) as imputed,
        if(r.has_legs, greatest(r.imputed_low, r.imputed, r.imputed_high), null) as imputed_high,
        if(r.has_legs, coalesce(if(r.has_amounts, r.net, null), 0) + r.imputed, null) as with_imputed,
        struct_extract(c.largest, 1) as capacity_gw,
        struct_extract(c.largest, 2) as capacity_view,
        struct_extract(c.largest, 3) as is_mixed_power_basis,
        struct_extract(v.best, 3) as annualised_revenue_usd,
        struct_extract(v.best, 1) as is_revenue_reported
    from facts.commitment_outstanding as o
    asof left join running as r on o.payer_id = r.entity_id and o.as_of_date >= r.as_of_date
    asof left join largest_view as c on o.payer_id = c.entity_id and o.as_of_date >= c.as_of_date
    asof left join revenue as v on o.payer_id = v.entity_id and o.as_of_date >= v.as_of_date
)

select
    as_of_date,
    entity_id,
    gross as gross_commitment_usd,
    net_low as net_commitment_low_usd,
    net as net_commitment_usd,
    net_high as net_commitment_high_usd,
    imputed_low as imputed_commitment_low_usd,
    imputed as imputed_commitment_usd,
    imputed_high as imputed_commitment_high_usd,
    outstanding as outstanding_commitment_usd,
    rumoured / nullif(net, 0) as rumoured_share,
    unverified / nullif(net, 0) as unverified_share,
    capacity_gw,
    capacity_view,
    is_mixed_power_basis,
    annualised_revenue_usd,
    is_revenue_reported,
    annualised_revenue_usd / nullif(net, 0) as commitment_coverage_ratio,
    annualised_revenue_usd / nullif(with_imputed, 0) as commitment_coverage_ratio_with_imputed,
    nullif(with_imputed, 0) / nullif(annualised_revenue_usd, 0) as years_of_revenue
from found
order by as_of_date, entity_id
