-- Which pattern does a deal follow?
-- One row per deal and pattern, as known on the last day.
-- Hazard: a deal may follow several patterns: never add them.
-- Rows: metrics.deal_patterns
-- Key: deal_id, pattern
select
    x.as_of_date,
    x.deal_id,
    d."name" as deal,
    x.pattern,
    x.pairs,
    x.deal_usd,
    x.counter_usd
from metrics.deal_patterns as x
inner join facts.deals as d on x.deal_id = d.deal_id
order by x.deal_id, x.pattern
