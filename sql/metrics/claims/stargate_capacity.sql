select
    arg_min(capacity_gw, known_from) as measured_value,
    'first announced version of leg k_stargate_us, known on ' || min(known_from) || '; as of the day the leg stands at '
    || (select c.capacity_gw from capacity_as_of($as_of) as c where c.leg_id = 'k_stargate_us') || ' GW' as explanation
from facts.capacity
where leg_id = 'k_stargate_us' and known_from <= $as_of
having count(*) > 0
