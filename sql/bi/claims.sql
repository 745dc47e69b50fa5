-- Which sentences of the founding article hold?
-- One row per claim, measured as known on its day.
-- Rows: metrics.claims
-- Key: claim_id
select
    claim_id,
    statement,
    as_of_date,
    verdict,
    unit,
    expected_value,
    measured_value,
    explanation
from metrics.claims
order by claim_id
