with versions as (
    select
        capacity_gw,
        known_from,
        known_to is null or known_to > $as_of as is_in_force
    from facts.capacity
    where leg_id = 'k_stargate_us' and known_from <= $as_of
)

select
    arg_min(capacity_gw, known_from) as measured_value,
    printf(
        'first announced version of leg k_stargate_us, known on %s; as of the day the leg stands at %s GW',
        min(known_from)::text,
        coalesce(max(capacity_gw) filter (where is_in_force)::text, 'an unknown number of')
    ) as explanation
from versions
having count(*) > 0
