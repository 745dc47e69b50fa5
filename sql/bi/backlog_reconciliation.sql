-- Does the ledger agree with the backlog that companies report?
-- One row per day, entity and measure.
-- Hazard: one day at a time.
-- Rows: metrics.backlog_reconciliation
-- Key: as_of_date, entity_id, measure
select
    x.as_of_date,
    x.as_of_date = max(x.as_of_date) over () as is_current,
    x.entity_id,
    e."name" as entity,
    e.kind as entity_kind,
    x.measure,
    x.ledger_outstanding_usd,
    x.ledger_imputed_usd,
    x.reported_usd,
    x.reported_on,
    x.difference_usd,
    x.ledger_over_reported
from metrics.backlog_reconciliation as x
inner join facts.entities as e on x.entity_id = e.entity_id
order by x.as_of_date, x.entity_id, x.measure
