-- Offenders: sums of payer, payee, flow, certainty and quarter that differ from the schedule of the promises.
with scheduled as (
    select
        c.payer_id,
        c.payee_id,
        c.flow,
        c.certainty,
        c.is_imputed_amount,
        s.quarter_start,
        sum(s.net_amount_usd) as net_amount_usd
    from facts.commitment_schedule as s
    inner join facts.commitments as c on s.leg_id = c.leg_id and s.known_from = c.known_from
    where c.known_to is null and not c.is_statement
    group by all
)

select
    coalesce(c.payer_id, s.payer_id) as payer_id,
    coalesce(c.payee_id, s.payee_id) as payee_id,
    coalesce(c.flow, s.flow) as flow,
    coalesce(c.certainty, s.certainty) as certainty,
    coalesce(c.quarter_start, s.quarter_start) as quarter_start,
    c.net_amount_usd,
    s.net_amount_usd as expected_usd
from candidate as c
full join scheduled as s
    on
        c.payer_id = s.payer_id
        and c.payee_id = s.payee_id
        and c.flow = s.flow
        and c.certainty = s.certainty
        and c.is_imputed_amount = s.is_imputed_amount
        and c.quarter_start = s.quarter_start
where
    c.payer_id is null
    or s.payer_id is null
    or (c.net_amount_usd is null) <> (s.net_amount_usd is null)
    or abs(c.net_amount_usd - s.net_amount_usd) > greatest(0.01, 1e-9 * abs(s.net_amount_usd))
    or c."year" <> year(s.quarter_start)
