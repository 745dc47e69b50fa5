-- Offenders: entities whose current row is not the one that is in force on the last day of the ledger.
with today as (
    select entity_id, as_of_date
    from headline_as_of((select max(as_of_date) from metrics.headline))
),

shown as (
    select entity_id, as_of_date
    from candidate
    where is_current
)

select
    coalesce(s.entity_id, t.entity_id) as entity_id,
    s.as_of_date as shown_day,
    t.as_of_date as expected_day
from shown as s
full join today as t on s.entity_id = t.entity_id
where s.as_of_date is distinct from t.as_of_date
