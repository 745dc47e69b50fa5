-- Do revenue and funding cover what falls due, year by year?
-- One row per entity, scenario, calendar year and day on which something of the entity changed.
-- Hazard: one scenario, and one day at a time: is_current for today, coverage_as_of(d) for another.
-- Rows: facts.revenue_coverage
-- Key: entity_id, scenario_id, year, as_of_date
select
    r.as_of_date,
    r.as_of_date = max(r.as_of_date) over (partition by r.entity_id) as is_current,
    r.scenario_id,
    r.entity_id,
    e."name" as entity,
    e.kind as entity_kind,
    r."year",
    r.obligations_usd,
    r.imputed_obligations_usd,
    r.revenue_usd,
    r.reported_revenue_usd,
    r.funding_usd,
    r.opening_cash_usd,
    r.funding_gap_usd,
    r.coverage_ratio,
    r.projection_vintage
from facts.revenue_coverage as r
inner join facts.entities as e on r.entity_id = e.entity_id
order by r.entity_id, r.scenario_id, r."year", r.as_of_date
