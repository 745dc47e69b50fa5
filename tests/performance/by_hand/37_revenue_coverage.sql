-- facts.revenue_coverage: coverage of obligations by revenue and funding, by day known, scenario, entity and
-- year, or, if there are too many days, at the ends of the quarters with changes.
create temp table coverage_legs as
-- the terms of all purchases and funding of the entities with revenue, by party (payer of a purchase, payee
-- of funding)
select
    c.leg_id,
    c.known_from,
    c.known_to,
    if(c.flow in ('equity_investment', 'debt'), c.payee_id, c.payer_id) as entity_id,
    c.flow not in ('equity_investment', 'debt') as is_purchase,
    c.certainty,
    c.qualifier,
    c.is_imputed_amount,
    c.is_statement,
    c.amount_low_usd as low,
    c.amount_usd as point,
    c.amount_high_usd as high
from facts.commitments as c
semi join (select entity_id from facts.financials where metric = 'revenue' and "value" is not null) as e
    on if(c.flow in ('equity_investment', 'debt'), c.payee_id, c.payer_id) = e.entity_id
where c.flow not in ('backstop', 'warrant_grant');

create temp table coverage_days as
with days as (
    select entity_id, known_from as as_of_date from coverage_legs
    where not is_statement
    union
    select entity_id, known_to from coverage_legs
    where not is_statement and known_to is not null
    union
    select entity_id, known_from from facts.financials
    where metric in ('revenue', 'cash')
),

own as (
    select d.*
    from days as d
    inner join (
        select entity_id, min(known_from) as first_day
        from facts.financials
        where metric = 'revenue' and "value" is not null
        group by entity_id
    ) as f on d.entity_id = f.entity_id and d.as_of_date >= f.first_day
)

select distinct
    o.entity_id,
    if(
        a.days > assumption('coverage_entity_days_max'),
        least((date_trunc('quarter', o.as_of_date) + interval 3 month - interval 1 day)::date, a.last_day),
        o.as_of_date
    ) as as_of_date
from own as o
cross join (select count(*) as days, max(as_of_date) as last_day from own) as a;

create temp table scenarios as
select
    scenario_id,
    max("value") filter (where parameter = 'is_expected_amount') = 1 as is_expected,
    max("value") filter (where parameter = 'up_to_mode_share') as mode_share,
    max("value") filter (where parameter = 'price_multiplier') as price,
    (3 * max("value") filter (where parameter = 'delay_quarters'))::int as delay_months,
    max("value") filter (where parameter = 'growth_multiplier') as growth_multiplier,
    map_from_entries(list(row(parameter, "value"))) as parameters
from staging.scenarios
group by scenario_id;

create temp table opening_cash as
-- the last balance before the year; if there is none, the first one in it
select d.entity_id, d.as_of_date, f."value" as cash
from coverage_days as d
inner join facts.financials as f on d.entity_id = f.entity_id and d.as_of_date >= f.known_from
where
    f.metric = 'cash'
    and f.basis in ('reported', 'reported_by_press')
    and f.definition is null
    and f."value" is not null
qualify
    row_number() over (
        partition by d.entity_id, d.as_of_date
        order by
            f.period_end >= date_trunc('year', d.as_of_date) asc,
            abs(f.period_end - date_trunc('year', d.as_of_date)::date) asc,
            f.known_from desc,
            f.source_id desc
    ) = 1;

create temp table told_series as
-- one number for an entity, a day and a scenario, since numbers sort faster than names
select
    (row_number() over ())::int as series,
    (dense_rank() over (order by d.entity_id, s.scenario_id))::int as history,
    d.entity_id,
    d.as_of_date,
    s.scenario_id,
    s.growth_multiplier,
    p.day as revenue_day,
    c.cash
from coverage_days as d
asof left join (select distinct entity_id, day from known_figures) as p
    on d.entity_id = p.entity_id and d.as_of_date >= p.day
left join opening_cash as c on d.entity_id = c.entity_id and d.as_of_date = c.as_of_date
cross join scenarios as s;

create temp table dues as
-- amounts due, in whole cents, as changes on the first reported day
with filled as (
    select l.*, d.as_of_date as opened
    from coverage_legs as l
    asof inner join coverage_days as d on l.entity_id = d.entity_id and l.known_from <= d.as_of_date
),

terms as (
    select t.*, d.as_of_date as closed
    from filled as t
    asof left join coverage_days as d
        on t.entity_id = d.entity_id and coalesce(t.known_to, date '9999-12-31') <= d.as_of_date
    where d.as_of_date is distinct from t.opened
),

weights as (
    select
        t.leg_id,
        t.known_from,
        t.entity_id,
        t.opened,
        t.closed,
        t.is_purchase,
        t.is_imputed_amount,
        s.scenario_id,
        s.parameters['p_' || t.certainty] as probability,
        if(
            coalesce(s.is_expected and t.point > 0, false),
            (
                t.low
                + 4 * if(
                    t.qualifier = 'up_to' and not t.is_imputed_amount, t.low + s.mode_share * (t.high - t.low), t.point
                )
                + t.high
            ) / 6 / t.point,
            1
        ) as ratio,
        if(t.is_purchase and t.certainty <> 'paid', s.price, 1) as price,
        if(t.is_purchase and t.certainty <> 'paid', s.delay_months, 0) as delay_months
    from terms as t
    cross join scenarios as s
    where probability > 0
),

sums as (
    select
        w.scenario_id,
        w.entity_id,
        w.opened,
        w.closed,
        w.is_purchase,
        w.is_imputed_amount,
        (
            year(s.quarter_start) * 12 + month(s.quarter_start) - 1
            + if(s.quarter_start > s.known_from, w.delay_months, 0)
        ) // 12 as "year",
        sum(round_even(s.net_amount_usd * w.ratio * w.probability * w.price * 100, 0)::bigint) as cents
    from facts.commitment_schedule as s
    inner join weights as w on s.leg_id = w.leg_id and s.known_from = w.known_from
    where s.net_amount_usd is not null
    group by all
),

changes as (
    select *, opened as as_of_date, 1 as sign from sums
    union all
    select *, closed, -1 from sums
    where closed is not null
)

select
    t.series,
    c."year"::int as "year",
    coalesce(sum(c.sign * c.cents) filter (where c.is_purchase), 0)::bigint as obligations,
    coalesce(sum(c.sign * c.cents) filter (where c.is_purchase and c.is_imputed_amount), 0)::bigint as imputed,
    coalesce(sum(c.sign * c.cents) filter (where not c.is_purchase), 0)::bigint as funding
from changes as c
inner join told_series as t
    on c.entity_id = t.entity_id and c.as_of_date = t.as_of_date and c.scenario_id = t.scenario_id
where c."year" between year(c.as_of_date) and assumption('coverage_last_year')
group by t.series, c."year";

create temp table due_so_far as
select
    g.series,
    g."year",
    sum(coalesce(d.obligations, 0)) over cell / 100 as obligations,
    sum(coalesce(d.imputed, 0)) over cell / 100 as imputed,
    sum(coalesce(d.funding, 0)) over cell / 100 as funding
from (
    select
        series,
        history,
        as_of_date,
        unnest(range(year(as_of_date), assumption('coverage_last_year')::int + 1))::int as "year"
    from told_series
) as g
left join dues as d on g.series = d.series and g."year" = d."year"
window cell as (partition by g.history, g."year" order by g.as_of_date);

create table facts.revenue_coverage as
with paths_of as (
    select t.series, t.cash, p.path
    from told_series as t
    left join (select distinct entity_id, day, growth_multiplier, path from paths) as p
        on t.entity_id = p.entity_id and t.revenue_day = p.day and t.growth_multiplier = p.growth_multiplier
),

carried as (
    -- cash and all surpluses so far; a negative amount is a filled gap
    select
        d.*,
        t.cash,
        p.usd as revenue_usd,
        p.reported_usd,
        p.vintage,
        coalesce(t.cash, 0) + sum(p.usd * (1 - assumption('other_cost_ratio')) + d.funding - d.obligations) over series
            as balance,
        count(*) over series = count(p.usd) over series as is_known
    from due_so_far as d
    inner join paths_of as t on d.series = t.series
    left join paths as p on t.path = p.path and d."year" = p."year"
    window series as (partition by d.series order by d."year")
),

filled as (
    select
        *,
        least(min(balance) over series, 0) as filled,
        least(min(balance) over (series rows between unbounded preceding and 1 preceding), 0) as filled_before,
        lag(balance) over series as balance_before,
        lag(is_known, 1, true) over series as was_known
    from carried
    window series as (partition by series order by "year")
)

select
    t.as_of_date,
    t.scenario_id,
    t.entity_id,
    f."year"::bigint as "year",
    f.obligations as obligations_usd,
    f.imputed as imputed_obligations_usd,
    coalesce(f.reported_usd, 0) as reported_revenue_usd,
    f.revenue_usd,
    f.funding as funding_usd,
    if(f.obligations > 0, f.revenue_usd / f.obligations, null) as coverage_ratio,
    case
        when f."year" = year(t.as_of_date) then f.cash
        when f.was_known then f.balance_before - f.filled_before
    end as opening_cash_usd,
    if(f.is_known, f.filled_before - f.filled, null) as funding_gap_usd,
    f.vintage as projection_vintage
from filled as f
inner join told_series as t on f.series = t.series;
