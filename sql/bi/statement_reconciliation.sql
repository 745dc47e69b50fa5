-- Does the ledger agree with what a company says of itself in total?
-- One row per day, statement and what it is set beside.
-- Hazard: one day at a time; statements are in no sum.
-- Rows: metrics.statement_reconciliation
-- Key: as_of_date, leg_id, beside
select
    x.as_of_date,
    x.as_of_date = max(x.as_of_date) over () as is_current,
    x.leg_id,
    x.beside,
    x.kind,
    x.entity_id,
    e."name" as entity,
    coalesce(x.counterparty_id, 'none') as counterparty_id,
    coalesce(other."name", 'none') as counterparty,
    x.stated_usd,
    x.ledger_net_usd,
    x.ledger_with_imputed_usd,
    x.difference_usd,
    x.stated_gw,
    x.ledger_gw,
    x.difference_gw
from metrics.statement_reconciliation as x
inner join facts.entities as e on x.entity_id = e.entity_id
left join facts.entities as other on x.counterparty_id = other.entity_id
order by x.as_of_date, x.leg_id, x.beside
