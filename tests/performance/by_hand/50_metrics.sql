-- metrics.deal_patterns, and the tables of metrics that the SELECTs of the project fill.
create schema metrics;

create table metrics.capacity_by_view (
    as_of_date date, user_id varchar, "view" varchar, capacity_gw double, gross_capacity_gw double,
    is_mixed_power_basis boolean
);

create table metrics.capacity_by_quarter (
    as_of_date date, user_id varchar, "view" varchar, quarter_start date, energised_gw double,
    is_mixed_power_basis boolean
);

create table metrics.commitments_by_counterparty (
    as_of_date date, payer_id varchar, payee_id varchar, flow varchar, certainty varchar, leg_count bigint,
    gross_commitment_usd double, net_commitment_usd double, net_relayed_usd double, net_unverified_usd double,
    imputed_commitment_usd double
);

create table metrics.headline (
    as_of_date date, entity_id varchar, gross_commitment_usd double, net_commitment_low_usd double,
    net_commitment_usd double, net_commitment_high_usd double, imputed_commitment_low_usd double,
    imputed_commitment_usd double, imputed_commitment_high_usd double, outstanding_commitment_usd double,
    rumoured_share double, unverified_share double, capacity_gw double, capacity_view varchar,
    is_mixed_power_basis boolean, annualised_revenue_usd double, is_revenue_reported boolean,
    commitment_coverage_ratio double, commitment_coverage_ratio_with_imputed double, years_of_revenue double
);

create table metrics.deal_patterns as
with legs as (
    select
        deal_id,
        payer_id,
        payee_id,
        cents(net_amount_usd) as cents,
        flow in ('compute_purchase', 'chip_purchase', 'lease', 'infrastructure_build', 'revenue_share') as buys,
        not buys as backs,
        flow = 'equity_investment' as owns
    from facts.commitments
    where
        not is_statement
        and certainty <> 'cancelled'
        and known_from <= (select max(known_from) from facts.commitments)
        and (known_to is null or known_to > (select max(known_from) from facts.commitments))
),

ties as (
    select
        payer_id,
        payee_id,
        bool_or(buys) as buys,
        bool_or(backs) as backs,
        bool_or(owns) as owns,
        sum(cents) as cents
    from legs
    group by payer_id, payee_id
),

classed as (
    select
        l.*,
        coalesce(back.cents, 0) as cents_back,
        coalesce(back.buys, false) as buys_back,
        coalesce(back.backs, false) as backs_back,
        coalesce(back.owns, false) as owns_back,
        list_filter(
            [
                if(
                    l.owns and (there.buys or buys_back) or l.buys and (there.owns or owns_back),
                    'investor_is_counterparty', null
                ),
                if(l.backs and buys_back or l.buys and backs_back, 'supplier_finances_customer', null),
                if(l.backs and there.buys or l.buys and there.backs, 'customer_finances_supplier', null),
                if(l.buys and buys_back, 'reciprocal_commercial', null)
            ],
            lambda x: x is not null
        ) as shown,
        max(len(shown)) over (partition by l.deal_id) as most
    from legs as l
    inner join ties as there on l.payer_id = there.payer_id and l.payee_id = there.payee_id
    left join ties as back on l.payer_id = back.payee_id and l.payee_id = back.payer_id
),

pairs as (
    select deal_id, pattern, payer_id, payee_id, sum(cents) as cents, any_value(cents_back) as cents_back
    from (
        select *, unnest(if(most = 0, ['none'], shown)) as pattern
        from classed
    )
    group by deal_id, pattern, payer_id, payee_id
)

select
    deal_id,
    pattern,
    (select max(known_from) from facts.commitments) as as_of_date,
    string_agg(payer_id || ' → ' || payee_id, ', ' order by payer_id || ' → ' || payee_id) as pairs,
    sum(cents) / 100 as deal_usd,
    if(pattern = 'none', 0, sum(cents_back)) / 100 as counter_usd
from pairs
group by deal_id, pattern;
