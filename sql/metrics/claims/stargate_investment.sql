with versions as (
    select
        amount_usd,
        qualifier,
        certainty,
        known_to is null or known_to > $as_of as is_in_force,
        first_value(amount_usd) over (order by known_from asc) as first_usd
    from facts.commitments
    where leg_id = 'l_stargate_program' and known_from <= $as_of
)

select
    amount_usd as measured_value,
    printf(
        'point of leg l_stargate_program as of the day (%s, %s); first announced version: %.0f billion',
        qualifier,
        certainty,
        first_usd / 1e9
    ) as explanation
from versions
where is_in_force
