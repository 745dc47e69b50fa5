-- Offenders: legs whose current row is not the one that is in force on the last day of the ledger.
with today as (
    select leg_id, known_from
    from capacity_as_of((select max(known_from) from facts.capacity))
),

shown as (
    select leg_id, known_from
    from candidate
    where is_current
)

select
    coalesce(s.leg_id, t.leg_id) as leg_id,
    coalesce(s.known_from, t.known_from) as known_from
from shown as s
full join today as t on s.leg_id = t.leg_id and s.known_from = t.known_from
where s.leg_id is null or t.leg_id is null
