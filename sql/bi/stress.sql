-- Who is hit when one cannot pay?
-- One row per day, scenario, shock and debtor or absorber.
-- Hazard: one day, scenario and shock at a time.
-- Hazard: of an absorber nothing says whether it can pay (not_measurable_because): unknown, not safe.
-- Rows: metrics.stress
-- Key: as_of_date, scenario_id, shock, entity_id
select
    x.as_of_date,
    x.as_of_date = max(x.as_of_date) over () as is_current,
    x.scenario_id,
    x.shock,
    x.shock_kind,
    x.shock_size,
    coalesce(x.shocked_entity_id, 'none') as shocked_entity_id,
    coalesce(shocked."name", 'none') as shocked_entity,
    x.entity_id,
    e."name" as entity,
    e.kind as entity_kind,
    x."year",
    x.owed_usd,
    x.paid_usd,
    x.shortfall_usd,
    x.unreceived_usd,
    x.external_assets_usd,
    x.is_in_default,
    x.round_of_default,
    x.not_measurable_because
from metrics.stress as x
inner join facts.entities as e on x.entity_id = e.entity_id
left join facts.entities as shocked on x.shocked_entity_id = shocked.entity_id
order by x.as_of_date, x.scenario_id, x.shock, x.entity_id
