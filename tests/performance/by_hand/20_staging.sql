-- staging.*: the seeds typed; an empty cell is unknown, a cell that cannot be read stops everything.
create schema staging;

create temp macro told(cell) as nullif(cell, '');

create table staging.assumptions as
select
    told(assumption_id) as assumption_id,
    told("value")::double as "value",
    told(unit) as unit,
    told(reason) as reason,
    told(source) as source,
    source_file,
    source_line
from raw.assumptions;

create table staging.scenarios as
select
    told(scenario_id) as scenario_id,
    told(parameter) as parameter,
    told("value")::double as "value",
    told(unit) as unit,
    told(reason) as reason,
    told(source) as source,
    source_file,
    source_line
from raw.scenarios;

create table staging.entities as
select
    told(entity_id) as entity_id,
    told("name") as "name",
    told(kind) as kind,
    told(ticker) as ticker,
    told(cik) as cik,
    told(country) as country,
    source_file,
    source_line
from raw.entities;

create table staging.sources as
select
    told(source_id) as source_id,
    told(publisher) as publisher,
    told(title) as title,
    told(published_on)::date as published_on,
    told(url) as url,
    told(kind) as kind,
    source_file,
    source_line
from raw.sources;

create table staging.deals as
select
    told(deal_id) as deal_id,
    told("name") as "name",
    told(announced_on)::date as announced_on,
    told(description) as description,
    told(source_id) as source_id,
    source_file,
    source_line
from raw.deals;

create table staging.capacity as
select
    told(leg_id) as leg_id,
    told(deal_id) as deal_id,
    told(provider_id) as provider_id,
    told(user_id) as user_id,
    told(site) as site,
    told(country) as country,
    told("view") as "view",
    told(power_basis) as power_basis,
    told(gw)::double as gw,
    told(qualifier) as qualifier,
    told(first_power_on)::date as first_power_on,
    told(full_power_on)::date as full_power_on,
    told(stage) as stage,
    told(known_from)::date as known_from,
    told(part_of_leg_id) as part_of_leg_id,
    told(reading) as reading,
    told(evidence) as evidence,
    told(source_id) as source_id,
    told(note) as note,
    source_file,
    source_line
from raw.capacity;

create table staging.commitments as
select
    told(leg_id) as leg_id,
    told(deal_id) as deal_id,
    told(payer_id) as payer_id,
    told(payee_id) as payee_id,
    told(flow) as flow,
    told(amount_low_usd)::double as amount_low_usd,
    told(amount_usd)::double as amount_usd,
    told(amount_high_usd)::double as amount_high_usd,
    told(qualifier) as qualifier,
    told(starts_on)::date as starts_on,
    told(ends_on)::date as ends_on,
    told(certainty) as certainty,
    told(known_from)::date as known_from,
    told(part_of_leg_id) as part_of_leg_id,
    told(funds_leg_id) as funds_leg_id,
    told(capacity_leg_id) as capacity_leg_id,
    told(is_statement)::boolean as is_statement,
    told(reading) as reading,
    told(evidence) as evidence,
    told(source_id) as source_id,
    told(note) as note,
    source_file,
    source_line
from raw.commitments;

create table staging.financials as
select
    told(entity_id) as entity_id,
    told(metric) as metric,
    told(definition) as definition,
    told(unit) as unit,
    told(period_start)::date as period_start,
    told(period_end)::date as period_end,
    told(low_value)::double as low_value,
    told("value")::double as "value",
    told(high_value)::double as high_value,
    told(basis) as basis,
    told(known_from)::date as known_from,
    told(xbrl_tag) as xbrl_tag,
    told(evidence) as evidence,
    told(source_id) as source_id,
    told(note) as note,
    source_file,
    source_line
from raw.financials;

create table staging.prices as
select
    told(ticker) as ticker,
    told("date")::date as "date",
    told("close")::double as "close",
    told(source_id) as source_id,
    source_file,
    source_line
from raw.prices;

create table staging.warrants as
select
    told(warrant_id) as warrant_id,
    told(deal_id) as deal_id,
    told(issuer_id) as issuer_id,
    told(holder_id) as holder_id,
    told(share_class) as share_class,
    told(max_shares)::double as max_shares,
    told(strike_usd)::double as strike_usd,
    told(issued_on)::date as issued_on,
    told(expires_on)::date as expires_on,
    told(fair_value_usd)::double as fair_value_usd,
    told(fair_value_as_of)::date as fair_value_as_of,
    told(vesting) as vesting,
    told(known_from)::date as known_from,
    told(evidence) as evidence,
    told(source_id) as source_id,
    told(note) as note,
    source_file,
    source_line
from raw.warrants;

create table staging.warrant_tranches as
select
    told(tranche_id) as tranche_id,
    told(warrant_id) as warrant_id,
    told(seq)::bigint as seq,
    told(shares)::double as shares,
    told(gw_milestone)::double as gw_milestone,
    told(share_price_hurdle_usd)::double as share_price_hurdle_usd,
    told(market_cap_hurdle_usd)::double as market_cap_hurdle_usd,
    told(other_condition) as other_condition,
    told(status) as status,
    told(status_on)::date as status_on,
    told(evidence) as evidence,
    told(source_id) as source_id,
    told(note) as note,
    source_file,
    source_line
from raw.warrant_tranches;

create table staging.cost_per_gw as
select
    told(estimate_id) as estimate_id,
    told(estimator) as estimator,
    told(component) as component,
    told(low_usd_per_gw)::double as low_usd_per_gw,
    told(usd_per_gw)::double as usd_per_gw,
    told(high_usd_per_gw)::double as high_usd_per_gw,
    told(known_from)::date as known_from,
    told(evidence) as evidence,
    told(source_id) as source_id,
    told(note) as note,
    source_file,
    source_line
from raw.cost_per_gw;

create table staging.claims as
select
    told(claim_id) as claim_id,
    told(source_id) as source_id,
    told(paragraph)::bigint as paragraph,
    told(subject) as subject,
    told(statement) as statement,
    told(measure) as measure,
    told(qualifier) as qualifier,
    told(expected_low)::double as expected_low,
    told(expected_value)::double as expected_value,
    told(expected_high)::double as expected_high,
    told(unit) as unit,
    told(as_of)::date as as_of,
    told(note) as note,
    source_file,
    source_line
from raw.claims;
