-- Offenders: statements whose ledger side differs from the facts in force on that day.
with money as (
    select
        m.as_of_date,
        m.leg_id,
        m.beside,
        coalesce(sum(c.net_amount_usd) filter (where not c.is_imputed_amount), 0) as net_usd,
        coalesce(sum(c.net_amount_usd), 0) as all_usd
    from candidate as m
    left join facts.commitments as c
        on
            m.entity_id = c.payer_id
            and coalesce(m.counterparty_id, c.payee_id) = c.payee_id
            and m.as_of_date >= c.known_from
            and (c.known_to is null or m.as_of_date < c.known_to)
            and not c.is_statement
            and m.beside = case
                when c.flow in ('equity_investment', 'debt') then 'funding'
                when c.flow in ('backstop', 'warrant_grant') then 'contingent'
                else 'purchases'
            end
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
