-- facts.entities, facts.sources, facts.deals, facts.financials, facts.cost_per_gw: tables without intervals
-- of legs.
create schema facts;

create temp macro assumption(named) as (select "value" from staging.assumptions where assumption_id = named);

create table facts.entities as select * exclude (source_file, source_line) from staging.entities;

create table facts.sources as select * exclude (source_file, source_line) from staging.sources;

create table facts.deals as select * exclude (source_file, source_line) from staging.deals;

create table facts.financials as
select
    entity_id,
    metric,
    definition,
    unit,
    period_start,
    period_end,
    low_value,
    "value",
    high_value,
    basis,
    known_from,
    xbrl_tag,
    if(
        period_start is not null,
        greatest(round((period_end - period_start + 1) / 30.4375)::bigint, 1),
        null
    ) as period_months,
    evidence,
    source_id,
    note
from staging.financials;

create table facts.cost_per_gw as
select
    d.component,
    d.known_from,
    lead(d.known_from) over (partition by d.component order by d.known_from) as known_to,
    count(*) as estimates,
    min(coalesce(e.low_usd_per_gw, e.usd_per_gw, e.high_usd_per_gw)) as cost_low_usd_per_gw,
    median(e.usd_per_gw) as cost_median_usd_per_gw,
    max(coalesce(e.high_usd_per_gw, e.usd_per_gw, e.low_usd_per_gw)) as cost_high_usd_per_gw
from (select distinct component, known_from from staging.cost_per_gw) as d
inner join staging.cost_per_gw as e on d.component = e.component and d.known_from >= e.known_from
group by d.component, d.known_from;
