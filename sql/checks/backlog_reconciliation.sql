-- Offenders: rows whose outstanding amount is outside the limits of the quarterly schedule (see
-- customer_concentration), or whose reported figure is not the latest known on the day.
with due as (
    select
        m.as_of_date,
        m.entity_id,
        m.measure,
        coalesce(sum(s.net_amount_usd) filter (where s.quarter_start > m.as_of_date), 0) as least_usd,
        coalesce(sum(s.net_amount_usd), 0) as most_usd
    from candidate as m
    left join facts.commitments as c
        on
            m.entity_id = if(m.measure = 'rpo', c.payee_id, c.payer_id)
            and m.as_of_date >= c.known_from
            and (c.known_to is null or m.as_of_date < c.known_to)
            and not c.is_statement
            and c.flow not in ('equity_investment', 'debt', 'backstop', 'warrant_grant')
    left join facts.commitment_schedule as s
        on
            c.leg_id = s.leg_id
            and c.known_from = s.known_from
            and s.quarter_start >= date_trunc('quarter', m.as_of_date)
    group by all
),

latest as (
    select
        m.as_of_date,
        m.entity_id,
        m.measure,
        max(f.period_end) as reported_on,
        arg_max(f.known_from, (f.period_end, f.known_from)) as reported_known_from
    from candidate as m
    inner join facts.financials as f
        on m.entity_id = f.entity_id and m.measure = f.metric and m.as_of_date >= f.known_from
    where f.basis in ('reported', 'reported_by_press') and f."value" is not null
    group by all
)

select
    m.as_of_date,
    m.entity_id,
    m.measure,
    m.ledger_outstanding_usd,
    m.ledger_imputed_usd,
    d.least_usd,
    d.most_usd
from candidate as m
inner join due as d on m.as_of_date = d.as_of_date and m.entity_id = d.entity_id and m.measure = d.measure
left join latest as l on m.as_of_date = l.as_of_date and m.entity_id = l.entity_id and m.measure = l.measure
where
    m.ledger_outstanding_usd + m.ledger_imputed_usd < d.least_usd * (1 - 1e-9) - 1
    or m.ledger_outstanding_usd + m.ledger_imputed_usd > d.most_usd * (1 + 1e-9) + 1
    or m.reported_on is distinct from l.reported_on
    or m.reported_known_from is distinct from l.reported_known_from
    or (
        m.reported_usd is not null
        and not exists (
            select 1 from facts.financials as f
            where
                f.entity_id = m.entity_id
                and f.metric = m.measure
                and f.period_end = m.reported_on
                and f.known_from = m.reported_known_from
                and f."value" = m.reported_usd
        )
    )
