-- Offenders: days on which the totals of all pairs differ from the facts in force on that day.
with days as (
    select distinct as_of_date from candidate
),

latest as (
    select d.as_of_date, c.payer_id, c.payee_id, c.flow, c.certainty, c.leg_count, c.gross_commitment_usd, c.net_commitment_usd
    from days as d
    inner join candidate as c on d.as_of_date >= c.as_of_date
    qualify
        row_number() over (
            partition by d.as_of_date, c.payer_id, c.payee_id, c.flow, c.certainty
            order by c.as_of_date desc
        ) = 1
),

told as (
    select as_of_date, sum(leg_count) as legs, sum(gross_commitment_usd) as gross_usd, sum(net_commitment_usd) as net_usd
    from latest
    group by all
),

expected as (
    select
        d.as_of_date,
        count(*) as legs,
        coalesce(sum(f.amount_usd) filter (where not f.is_imputed_amount), 0) as gross_usd,
        coalesce(sum(f.net_amount_usd) filter (where not f.is_imputed_amount), 0) as net_usd
    from days as d
    inner join facts.commitments as f on d.as_of_date >= f.known_from and (f.known_to is null or d.as_of_date < f.known_to)
    where not f.is_statement and f.certainty <> 'cancelled'
    group by all
)

select t.as_of_date, t.legs, e.legs as expected_legs, t.gross_usd, e.gross_usd as expected_gross_usd
from told as t
full join expected as e on t.as_of_date = e.as_of_date
where
    coalesce(t.legs, 0) <> coalesce(e.legs, 0)
    or abs(coalesce(t.gross_usd, 0) - coalesce(e.gross_usd, 0)) > 0.01 + 1e-9 * coalesce(e.gross_usd, 0)
    or abs(coalesce(t.net_usd, 0) - coalesce(e.net_usd, 0)) > 0.01 + 1e-9 * coalesce(e.net_usd, 0)
