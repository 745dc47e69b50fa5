-- Under which assumptions?
-- One row per scenario; its parameters and their reasons are in staging.scenarios.
-- Key: scenario_id
select distinct scenario_id
from staging.scenarios
order by scenario_id
