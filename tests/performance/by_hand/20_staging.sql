-- staging.*: the seeds with types; an empty cell is null, an unreadable cell stops the script.
create schema staging;

create temp macro filled(cell) as nullif(cell, '');

create table staging.assumptions as
select
    filled(assumption_id) as assumption_id,
    filled("value")::double as "value",
    filled(unit) as unit,
    filled(reason) as reason,
    filled(source) as source,
    source_file,
    source_line
from raw.assumptions;

create table staging.scenarios as
select
    filled(scenario_id) as scenario_id,
    filled(parameter) as parameter,
    filled("value")::double as "value",
    filled(unit) as unit,
    filled(reason) as reason,
    filled(source) as source,
    source_file,
    source_line
from raw.scenarios;

create table staging.entities as
select
    filled(entity_id) as entity_id,
    filled("name") as "name",
    filled(kind) as kind,
    filled(ticker) as ticker,
    filled(cik) as cik,
    filled(country) as country,
    source_file,
    source_line
from raw.entities;

create table staging.sources as
select
    filled(source_id) as source_id,
    filled(publisher) as publisher,
    filled(title) as title,
    filled(published_on)::date as published_on,
    filled(url) as url,
    filled(kind) as kind,
    source_file,
    source_line
from raw.sources;

create table staging.deals as
select
    filled(deal_id) as deal_id,
    filled("name") as "name",
    filled(announced_on)::date as announced_on,
    filled(description) as description,
    filled(source_id) as source_id,
    source_file,
    source_line
from raw.deals;

create table staging.capacity as
select
    filled(leg_id) as leg_id,
    filled(deal_id) as deal_id,
    filled(provider_id) as provider_id,
    filled(user_id) as user_id,
    filled(site) as site,
    filled(country) as country,
    filled("view") as "view",
    filled(power_basis) as power_basis,
    filled(gw)::double as gw,
    filled(qualifier) as qualifier,
    filled(first_power_on)::date as first_power_on,
    filled(full_power_on)::date as full_power_on,
    filled(stage) as stage,
    filled(known_from)::date as known_from,
    filled(part_of_leg_id) as part_of_leg_id,
    filled(reading) as reading,
    filled(evidence) as evidence,
    filled(source_id) as source_id,
    filled(note) as note,
    source_file,
    source_line
from raw.capacity;

create table staging.commitments as
select
    filled(leg_id) as leg_id,
    filled(deal_id) as deal_id,
    filled(payer_id) as payer_id,
    filled(payee_id) as payee_id,
    filled(flow) as flow,
    filled(amount_low_usd)::double as amount_low_usd,
    filled(amount_usd)::double as amount_usd,
    filled(amount_high_usd)::double as amount_high_usd,
    filled(qualifier) as qualifier,
    filled(starts_on)::date as starts_on,
    filled(ends_on)::date as ends_on,
    filled(certainty) as certainty,
    filled(known_from)::date as known_from,
    filled(part_of_leg_id) as part_of_leg_id,
    filled(funds_leg_id) as funds_leg_id,
    filled(capacity_leg_id) as capacity_leg_id,
    filled(is_statement)::boolean as is_statement,
    filled(reading) as reading,
    filled(evidence) as evidence,
    filled(source_id) as source_id,
    filled(note) as note,
    source_file,
    source_line
from raw.commitments;

create table staging.financials as
select
    filled(entity_id) as entity_id,
    filled(metric) as metric,
    filled(definition) as definition,
    filled(unit) as unit,
    filled(period_start)::date as period_start,
    filled(period_end)::date as period_end,
    filled(low_value)::double as low_value,
    filled("value")::double as "value",
    filled(high_value)::double as high_value,
    filled(basis) as basis,
    filled(known_from)::date as known_from,
    filled(xbrl_tag) as xbrl_tag,
    filled(evidence) as evidence,
    filled(source_id) as source_id,
    filled(note) as note,
    source_file,
    source_line
from raw.financials;

create table staging.prices as
select
    filled(ticker) as ticker,
    filled("date")::date as "date",
    filled("close")::double as "close",
    filled(source_id) as source_id,
    source_file,
    source_line
from raw.prices;

create table staging.warrants as
select
    filled(warrant_id) as warrant_id,
    filled(deal_id) as deal_id,
    filled(issuer_id) as issuer_id,
    filled(holder_id) as holder_id,
    filled(share_class) as share_class,
    filled(max_shares)::double as max_shares,
    filled(strike_usd)::double as strike_usd,
    filled(issued_on)::date as issued_on,
    filled(expires_on)::date as expires_on,
    filled(fair_value_usd)::double as fair_value_usd,
    filled(fair_value_as_of)::date as fair_value_as_of,
    filled(vesting) as vesting,
    filled(known_from)::date as known_from,
    filled(evidence) as evidence,
    filled(source_id) as source_id,
    filled(note) as note,
    source_file,
    source_line
from raw.warrants;

create table staging.warrant_tranches as
select
    filled(tranche_id) as tranche_id,
    filled(warrant_id) as warrant_id,
    filled(seq)::bigint as seq,
    filled(shares)::double as shares,
    filled(gw_milestone)::double as gw_milestone,
    filled(share_price_hurdle_usd)::double as share_price_hurdle_usd,
    filled(market_cap_hurdle_usd)::double as market_cap_hurdle_usd,
    filled(other_condition) as other_condition,
    filled(status) as status,
    filled(status_on)::date as status_on,
    filled(evidence) as evidence,
    filled(source_id) as source_id,
    filled(note) as note,
    source_file,
    source_line
from raw.warrant_tranches;

create table staging.cost_per_gw as
select
    filled(estimate_id) as estimate_id,
    filled(estimator) as estimator,
    filled(component) as component,
    filled(low_usd_per_gw)::double as low_usd_per_gw,
    filled(usd_per_gw)::double as usd_per_gw,
    filled(high_usd_per_gw)::double as high_usd_per_gw,
    filled(known_from)::date as known_from,
    filled(evidence) as evidence,
    filled(source_id) as source_id,
    filled(note) as note,
    source_file,
    source_line
from raw.cost_per_gw;

create table staging.claims as
select
    filled(claim_id) as claim_id,
    filled(source_id) as source_id,
    filled(paragraph)::bigint as paragraph,
    filled(subject) as subject,
    filled(statement) as statement,
    filled(measure) as measure,
    filled(qualifier) as qualifier,
    filled(expected_low)::double as expected_low,
    filled(expected_value)::double as expected_value,
    filled(expected_high)::double as expected_high,
    filled(unit) as unit,
    filled(as_of)::date as as_of,
    filled(note) as note,
    source_file,
    source_line
from raw.claims;
