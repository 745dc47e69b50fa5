-- What has each entity promised, and how does its revenue compare?
-- One row per entity and day on which something of it changed; in force until the next.
-- Hazard: is_current for today; for another day headline_as_of(d).
-- Rows: metrics.headline
-- Key: entity_id, as_of_date
select
    h.as_of_date,
    lead(h.as_of_date) over (partition by h.entity_id order by h.as_of_date) as in_force_until,
    h.as_of_date = max(h.as_of_date) over (partition by h.entity_id) as is_current,
    h.entity_id,
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
from metrics.headline as h
inner join facts.entities as e on h.entity_id = e.entity_id
order by h.entity_id, h.as_of_date
