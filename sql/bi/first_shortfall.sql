-- In which year does an entity first fall short?
-- One row per day of the simulation, scenario, entity and year, or "never".
-- Hazard: one scenario and one day at a time.
-- Key: as_of_date, scenario_id, entity_id, first_year_short
select
    x.as_of_date,
    x.as_of_date = max(x.as_of_date) over () as is_current,
    x.scenario_id,
    x.entity_id,
    e."name" as entity,
    coalesce(x."year"::varchar, 'never') as first_year_short,
    x.probability,
    x.draws
from metrics.first_shortfall as x
inner join facts.entities as e on x.entity_id = e.entity_id
order by x.as_of_date, x.scenario_id, x.entity_id, first_year_short
