-- Offenders: funding legs in force (of very many, the largest) that are not followed with their own share;
-- money whose ends do not add up to it; rows whose leg is not in force with these parties and this amount.
with days as (
    select distinct as_of_date from candidate
),

legs as (
    select
        d.as_of_date,
        c.leg_id,
        c.payer_id,
        c.payee_id,
        c.flow,
        c.amount_usd,
        c.net_amount_usd
    from days as d
    inner join facts.commitments as c
        on d.as_of_date >= c.known_from and (c.known_to is null or d.as_of_date < c.known_to)
    where not c.is_statement and c.certainty <> 'cancelled'
),

allowed as (
    select "value" as most from staging.assumptions
    where assumption_id = 'trail_legs_max'
),

ranked as (
    select
        *,
        row_number()
            over (partition by as_of_date order by round(net_amount_usd * 100) desc, leg_id)
            as size_rank
    from legs
    where flow in ('equity_investment', 'debt') and round(net_amount_usd * 100) > 0
),

largest as (
    select r.*
    from ranked as r
    inner join allowed as a on r.size_rank <= a.most
),

followed as (
    select
        as_of_date,
        funding_leg_id as leg_id,
        sum(attributed_usd) filter (where hop = 0) as begun_usd,
        sum(ended_usd) as ended_usd
    from candidate
    group by all
),

origins as (
    select
        coalesce(l.as_of_date, f.as_of_date) as as_of_date,
        coalesce(l.leg_id, f.leg_id) as funding_leg_id,
        l.net_amount_usd as expected_usd,
        f.begun_usd,
        f.ended_usd
    from largest as l
    full join followed as f on l.as_of_date = f.as_of_date and l.leg_id = f.leg_id
)

select as_of_date, funding_leg_id, null as leg_id, expected_usd, begun_usd, ended_usd
from origins
where
    expected_usd is null
    or begun_usd is null
    or abs(expected_usd - begun_usd) > 0.01
    or abs(begun_usd - ended_usd) > 0.01
union all
select
    m.as_of_date,
    m.funding_leg_id,
    m.leg_id,
    l.net_amount_usd as expected_usd,
    m.attributed_usd,
    m.ended_usd
from candidate as m
left join legs as l on m.as_of_date = l.as_of_date and m.leg_id = l.leg_id
where
    l.leg_id is null
    or m.payer_id <> l.payer_id
    or m.payee_id <> l.payee_id
    or m.flow <> l.flow
    or abs(m.amount_usd - if(m.link = 'funds', l.amount_usd, l.net_amount_usd)) > 0.01
    or (m.amount_usd is null) <> (if(m.link = 'funds', l.amount_usd, l.net_amount_usd) is null)
