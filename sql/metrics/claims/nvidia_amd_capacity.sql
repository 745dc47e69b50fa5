select
    sum(capacity_gw) as measured_value,
    string_agg(leg_id || ' ' || capacity_gw || ' GW (' || qualifier || ')', ' + ' order by leg_id) as explanation
from capacity_as_of($as_of)
where leg_id in ('k_nvidia', 'k_amd')
having count(*) = 2
