-- Offenders: rows of an entity, scenario and year whose current row is not the one in force on the last day.
with today as (
    select entity_id, scenario_id, "year", as_of_date
    from coverage_as_of((select max(as_of_date) from facts.revenue_coverage))
),

shown as (
    select entity_id, scenario_id, "year", as_of_date
    from candidate
    where is_current
)

select
    coalesce(s.entity_id, t.entity_id) as entity_id,
    coalesce(s.scenario_id, t.scenario_id) as scenario_id,
    coalesce(s."year", t."year") as "year"
from shown as s
full join today as t on s.entity_id = t.entity_id and s.scenario_id = t.scenario_id and s."year" = t."year"
where s.as_of_date is distinct from t.as_of_date
