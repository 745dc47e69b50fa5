-- Offenders: legs whose current row is not the one in force on the last day of the ledger, and rows whose
-- group, rank or double-counted amount differs from their words and amounts.
with today as (
    select leg_id, known_from
    from commitments_as_of((select max(known_from) from facts.commitments))
),

shown as (
    select leg_id, known_from
    from candidate
    where is_current
),

groups as (
    select
        flow.word as flow,
        flow.word_group
    from quality.vocabulary as flow
    where flow.vocabulary = 'flow'
),

ranks as (
    select
        firm.word as certainty,
        firm."position"
    from quality.vocabulary as firm
    where firm.vocabulary = 'certainty'
)

select
    coalesce(s.leg_id, t.leg_id) as leg_id,
    coalesce(s.known_from, t.known_from) as known_from
from shown as s
full join today as t on s.leg_id = t.leg_id and s.known_from = t.known_from
where s.leg_id is null or t.leg_id is null
union all
select
    c.leg_id,
    c.known_from
from candidate as c
left join groups as g on c.flow = g.flow
left join ranks as r on c.certainty = r.certainty
where
    c.flow_group is distinct from g.word_group
    or c.certainty_rank is distinct from r."position"
    or abs(c.net_amount_usd + c.counted_twice_usd - c.amount_usd) > 0.005
    or (c.counted_twice_usd is null) <> (c.amount_usd is null or c.net_amount_usd is null)
