select
    amount_usd as measured_value,
    'point of leg ' || leg_id || ' as of the day (' || qualifier || ', ' || certainty || '); first announced version: '
    || (
        select printf('%.0f', f.amount_usd / 1e9)
        from facts.commitments as f
        where f.leg_id = 'l_stargate_program'
        order by f.known_from
        limit 1
    ) || ' billion' as explanation
from commitments_as_of($as_of)
where leg_id = 'l_stargate_program'
