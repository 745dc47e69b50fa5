-- How likely is a shortfall, when what is uncertain is drawn?
-- One row per day of the simulation, scenario, entity and year.
-- Hazard: one scenario and one day at a time; every spread is an assumption.
-- Hazard: no figure where the outlays of an entity are not in the ledger: unknown, not safe.
-- Rows: metrics.coverage_simulation
-- Key: as_of_date, scenario_id, entity_id, year
select
    x.as_of_date,
    x.as_of_date = max(x.as_of_date) over () as is_current,
    x.scenario_id,
    x.entity_id,
    e."name" as entity,
    x."year",
    x.p05,
    x.p25,
    x.p50,
    x.p75,
    x.p95,
    x.funding_gap_p05_usd,
    x.funding_gap_p25_usd,
    x.funding_gap_p50_usd,
    x.funding_gap_p75_usd,
    x.funding_gap_p95_usd,
    x.probability_of_shortfall,
    x.draws,
    x.not_measurable_because
from metrics.coverage_simulation as x
inner join facts.entities as e on x.entity_id = e.entity_id
order by x.as_of_date, x.scenario_id, x.entity_id, x."year"
