-- Of whom does the ledger know enough to say whether they can pay?
-- One row per day of the simulation or of the stress test and entity with known revenue.
-- Hazard: one day at a time; a ratio to a flow of years and one to a stock of promises are not alike.
-- Rows: metrics.completeness
-- Key: as_of_date, entity_id
select
    x.as_of_date,
    x.as_of_date = max(x.as_of_date) over () as is_current,
    x.entity_id,
    e."name" as entity,
    e.kind as entity_kind,
    x.compared_with,
    x.span_start,
    x.span_end,
    x.ledger_usd,
    x.stated_usd,
    x.completeness_ratio,
    x.is_measurable,
    x.not_measurable_because,
    s.publisher as source,
    s.url as source_url
from metrics.completeness as x
inner join facts.entities as e on x.entity_id = e.entity_id
left join facts.sources as s on x.source_id = s.source_id
order by x.as_of_date, x.entity_id
