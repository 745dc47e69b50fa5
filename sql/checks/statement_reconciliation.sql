-- Offenders: statements whose ledger amount differs from the facts in force on that day. Intervals are split
-- at the quarters and equal ones are summed first, so that a party with many legs is not joined leg by leg on
-- every day. Rows without a payee are sums over all payees.
with given as (
    select *, date_trunc('quarter', as_of_date)::date as quarter_told from candidate
),

last_days as (
    select max(as_of_date) as last_day from candidate
),

legs as (
    select
        *,
        case
            when flow in ('equity_investment', 'debt') then 'funding'
            when flow in ('backstop', 'warrant_grant') then 'contingent'
            else 'purchases'
        end as beside
    from facts.commitments
    where not is_statement
),

cut as (
    select
        c.*,
        unnest(
            generate_series(
                date_trunc('quarter', c.known_from),
                least(date_trunc('quarter', l.last_day), date_trunc('quarter', c.known_to)),
                interval 3 month
            )
        )::date as quarter_told,
        greatest(c.known_from, quarter_told) as begins,
        least(c.known_to, (quarter_told + interval 3 month)::date) as ends
    from legs as c
    cross join last_days as l
),

pieces as (
    select
        payer_id,
        payee_id,
        beside,
        quarter_told,
        begins,
        ends,
        sum(net_amount_usd) filter (where not is_imputed_amount) as net_usd,
        sum(net_amount_usd) as all_usd
    from cut
    group by grouping sets (
        (payer_id, payee_id, beside, quarter_told, begins, ends),
        (payer_id, beside, quarter_told, begins, ends)
    )
),

money as (
    select
        m.as_of_date,
        m.leg_id,
        m.beside,
        coalesce(sum(c.net_usd), 0) as net_usd,
        coalesce(sum(c.all_usd), 0) as all_usd
    from given as m
    left join pieces as c
        on
            m.entity_id = c.payer_id
            and m.beside = c.beside
            and m.quarter_told = c.quarter_told
            and m.counterparty_id is not distinct from c.payee_id
            and m.as_of_date >= c.begins
            and m.as_of_date < c.ends
    where m.kind = 'money'
    group by all
),

power as (
    select m.as_of_date, m.leg_id, m.beside, coalesce(sum(c.net_capacity_gw), 0) as gw
    from candidate as m
    left join facts.capacity as c
        on
            m.entity_id = c.user_id
            and m.beside = c."view"
            and m.as_of_date >= c.known_from
            and (c.known_to is null or m.as_of_date < c.known_to)
    where m.kind = 'power'
    group by all
)

select
    m.as_of_date,
    m.leg_id,
    m.beside,
    m.ledger_net_usd,
    e.net_usd,
    m.ledger_with_imputed_usd,
    e.all_usd,
    m.ledger_gw,
    p.gw
from candidate as m
left join money as e on m.as_of_date = e.as_of_date and m.leg_id = e.leg_id and m.beside = e.beside
left join power as p on m.as_of_date = p.as_of_date and m.leg_id = p.leg_id and m.beside = p.beside
where
    abs(m.ledger_net_usd - e.net_usd) > 0.05 + 1e-9 * e.net_usd
    or abs(m.ledger_with_imputed_usd - e.all_usd) > 0.05 + 1e-9 * e.all_usd
    or abs(m.ledger_gw - p.gw) > 1e-7
