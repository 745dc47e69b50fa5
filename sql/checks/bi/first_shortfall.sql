-- Offenders: cells whose probability, draws or reason differ, and words that are not a year, a limit or a
-- reason.
with limits as (
    select as_of_date, scenario_id, entity_id, max("year") as last_year
    from metrics.first_shortfall
    group by as_of_date, scenario_id, entity_id
),

expected as (
    select
        f.as_of_date,
        f.scenario_id,
        f.entity_id,
        f.probability,
        f.draws,
        f.not_measurable_because,
        if(
            f.not_measurable_because is not null,
            'not measurable',
            coalesce(f."year"::varchar, concat('none by ', l.last_year))
        ) as first_year_short
    from metrics.first_shortfall as f
    inner join limits as l
        on f.as_of_date = l.as_of_date and f.scenario_id = l.scenario_id and f.entity_id = l.entity_id
)

select
    coalesce(c.as_of_date, e.as_of_date) as as_of_date,
    coalesce(c.scenario_id, e.scenario_id) as scenario_id,
    coalesce(c.entity_id, e.entity_id) as entity_id,
    coalesce(c.first_year_short, e.first_year_short) as first_year_short
from candidate as c
full join expected as e
    on
        c.as_of_date = e.as_of_date
        and c.scenario_id = e.scenario_id
        and c.entity_id = e.entity_id
        and c.first_year_short = e.first_year_short
where
    c.entity_id is null
    or e.entity_id is null
    or c.probability is distinct from e.probability
    or c.draws is distinct from e.draws
    or c.not_measurable_because is distinct from e.not_measurable_because
