-- Who?
-- One row per entity, and one each for "undisclosed" (somebody, but it was not said who) and "none" (nobody).
-- Key: entity_id
select
    entity_id,
    "name" as entity,
    kind as entity_kind,
    coalesce(country, 'unknown') as country,
    ticker
from facts.entities
union all
select
    x.entity_id,
    x.entity_id as entity,
    'unknown' as entity_kind,
    'unknown' as country,
    null as ticker
from (values ('undisclosed'), ('none')) as x (entity_id)
order by entity_id
