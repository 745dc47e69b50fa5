-- Offenders: scenarios that are missing or unknown.
with s as (select scenario_id from staging.scenarios group by scenario_id)

select coalesce(c.scenario_id, s.scenario_id) as scenario_id
from candidate as c
full join
    s
    on c.scenario_id = s.scenario_id
where c.scenario_id is null or s.scenario_id is null
