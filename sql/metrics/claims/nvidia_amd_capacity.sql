select
    sum(round(capacity_gw * 1e9)::hugeint) / 1e9 as measured_value,
    string_agg(
        printf('%s %g GW (%s)', leg_id, capacity_gw, qualifier), ' + ' order by leg_id
    ) as explanation
from capacity_as_of($as_of)
where leg_id in ('k_nvidia', 'k_amd')
having count(capacity_gw) = 2
