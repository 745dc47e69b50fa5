-- Did every rule hold?
-- One row per run, table and rule: refusals of all runs, passes of the latest runs.
-- Key: run_id, table_name, rule
select
    run_id,
    table_name,
    split_part(table_name, '.', 1) as stage,
    rule,
    severity,
    is_passed,
    rows_checked,
    rows_failed,
    checked_at
from quality.gate_results
order by run_id, table_name, rule
