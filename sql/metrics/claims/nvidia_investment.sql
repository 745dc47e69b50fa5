select
    amount_usd as measured_value,
    'point of leg ' || leg_id || ' (' || qualifier || ', ' || certainty || '); bounds '
    || printf('%.0f to %.0f billion', amount_low_usd / 1e9, amount_high_usd / 1e9) as explanation
from commitments_as_of($as_of)
where leg_id = 'l_nvidia_loi'
