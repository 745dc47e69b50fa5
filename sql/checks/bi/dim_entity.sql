-- Offenders: entities that are missing or described differently, and wrong rows for the two placeholders.
select coalesce(c.entity_id, e.entity_id) as entity_id
from candidate as c
full join facts.entities as e on c.entity_id = e.entity_id
where
    c.entity is distinct from coalesce(e."name", c.entity_id)
    or c.entity_kind is distinct from coalesce(e.kind, 'unknown')
    or c.country is distinct from coalesce(e.country, 'unknown')
    or c.ticker is distinct from e.ticker
    or (e.entity_id is null and c.entity_id not in ('undisclosed', 'none'))
union all
select x.entity_id
from (values ('undisclosed'), ('none')) as x (entity_id)
anti join candidate as c on x.entity_id = c.entity_id
