select
    amount_usd as measured_value,
    'point of leg ' || leg_id || ' (' || qualifier || ', ' || certainty || ' on that day)' as explanation
from commitments_as_of($as_of)
where leg_id = 'l_broadcom_10b_order'
