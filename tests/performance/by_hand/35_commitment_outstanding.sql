-- facts.commitment_outstanding: outstanding purchases of a payer on its days of change, or, if there are too
-- many, at the ends of the quarters with changes.
create temp table told_days as
with purchases as (
    select payer_id, known_from, known_to
    from facts.commitments
    where
        not is_statement
        and flow in ('compute_purchase', 'chip_purchase', 'lease', 'infrastructure_build', 'revenue_share')
),

days as (
    select payer_id, known_from as as_of_date from purchases
    union
    select payer_id, known_to from purchases
    where known_to is not null
    union
    select user_id, known_from from facts.capacity
    where user_id is not null
    union
    select user_id, known_to from facts.capacity
    where user_id is not null and known_to is not null
    union
    select entity_id, known_from from facts.financials
    where metric in ('revenue', 'annualised_revenue_run_rate')
),

work as (
    select sum(l.legs * d.days) > assumption('outstanding_leg_days_max') as is_too_much
    from (select payer_id, count(*) as days from days group by payer_id) as d
    inner join (
        select payer_id, count(*) as legs
        from profiles
        where
            net_amount_usd is not null
            and flow in ('compute_purchase', 'chip_purchase', 'lease', 'infrastructure_build', 'revenue_share')
        group by payer_id
    ) as l on d.payer_id = l.payer_id
)

select distinct
    d.payer_id,
    if(
        w.is_too_much,
        least((date_trunc('quarter', d.as_of_date) + interval 3 month - interval 1 day)::date, last.day),
        d.as_of_date
    ) as as_of_date
from days as d
cross join work as w
cross join (select max(as_of_date) as day from days) as last;

create table facts.commitment_outstanding as
with remaining as (
    -- amounts due before the day are no longer outstanding
    select
        d.payer_id,
        d.as_of_date,
        p.is_imputed_amount,
        round_even(
            p.net_amount_usd * (
                1 - (
                    weight_before(
                        greatest((d.as_of_date - date '1970-01-01')::int, p.window_from) - p.ramp_from, p.ramp_days
                    ) - p.weight_from
                ) / p.window_weight
            ) * 100,
            0
        )::bigint as cents
    from told_days as d
    inner join profiles as p
        on
            d.payer_id = p.payer_id
            and d.as_of_date >= p.known_from
            and (p.known_to is null or d.as_of_date < p.known_to)
            and d.as_of_date - date '1970-01-01' < p.window_to
    where
        p.net_amount_usd is not null
        and p.flow in ('compute_purchase', 'chip_purchase', 'lease', 'infrastructure_build', 'revenue_share')
),

sums as (
    select
        payer_id,
        as_of_date,
        sum(if(is_imputed_amount, 0, cents)) as disclosed,
        sum(if(is_imputed_amount, cents, 0)) as imputed
    from remaining
    group by payer_id, as_of_date
)

select
    d.payer_id,
    d.as_of_date,
    coalesce(s.disclosed, 0) / 100 as outstanding_commitment_usd,
    coalesce(s.imputed, 0) / 100 as outstanding_imputed_usd
from told_days as d
left join sums as s on d.payer_id = s.payer_id and d.as_of_date = s.as_of_date;
