-- In which year does an entity first fall short?
-- One row per day of the simulation, scenario, entity and year, or none by the last; one if not measurable.
-- Hazard: one scenario and one day at a time; not measurable means unknown, not safe.
-- Key: as_of_date, scenario_id, entity_id, first_year_short
select
    x.as_of_date,
    x.as_of_date = max(x.as_of_date) over () as is_current,
    x.scenario_id,
    x.entity_id,
    e."name" as entity,
    case
        when x.not_measurable_because is not null then 'not measurable'
        when x."year" is null
            then 'none by ' || max(x."year") over (partition by x.as_of_date, x.scenario_id, x.entity_id)
        else x."year"::varchar
    end as first_year_short,
    x.probability,
    x.draws,
    x.not_measurable_because
from metrics.first_shortfall as x
inner join facts.entities as e on x.entity_id = e.entity_id
order by x.as_of_date, x.scenario_id, x.entity_id, first_year_short
