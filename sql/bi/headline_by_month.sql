-- How did the headline develop, month by month?
-- One row per entity and month end; the last month ends on the last day that the ledger knows.
-- Hazard: levels: never add months.
-- Key: entity_id, month_end
with entities as (
    select
        entity_id,
        min(as_of_date) as first_day,
        max(max(as_of_date)) over () as last_known_day
    from metrics.headline
    group by entity_id
),

months as (
    select
        entity_id,
        last_known_day,
        unnest(
            generate_series(date_trunc('month', first_day), last_known_day, interval 1 month)
        )::date as month_start
    from entities
),

ends as (
    select
        entity_id,
        least(last_day(month_start), last_known_day) as month_end,
        last_day(month_start) >= last_known_day as is_last
    from months
)

select
    m.month_end,
    m.is_last,
    h.as_of_date,
    m.entity_id,
    e."name" as entity,
    e.kind as entity_kind,
    h.gross_commitment_usd,
    h.net_commitment_low_usd,
    h.net_commitment_usd,
    h.net_commitment_high_usd,
    h.imputed_commitment_usd,
    h.outstanding_commitment_usd,
    h.rumoured_share,
    h.unverified_share,
    h.capacity_gw,
    h.capacity_view,
    h.annualised_revenue_usd,
    h.commitment_coverage_ratio,
    h.commitment_coverage_ratio_with_imputed,
    h.years_of_revenue
from ends as m
asof inner join metrics.headline as h on m.entity_id = h.entity_id and m.month_end >= h.as_of_date
inner join facts.entities as e on m.entity_id = e.entity_id
order by m.entity_id, m.month_end
