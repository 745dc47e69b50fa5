-- Offenders: entities with coverage rows on a day without a row, or the reverse; comparisons with the wrong
-- stated figure, or with a wrong sum of the ledger. Figures come from staging, and the days of a span are
-- counted one by one. The outstanding amount must lie between the sum of the quarters that begin after the
-- day and the sum of those that end on or after it.
with days as (
    select distinct as_of_date from candidate
),

covered as (
    select d.as_of_date, c.entity_id, max(c.as_of_date) as covered_on
    from days as d
    inner join facts.revenue_coverage as c on d.as_of_date >= c.as_of_date
    group by all
),

yearly as (
    select
        c.as_of_date,
        c.entity_id,
        r."year",
        r.obligations_usd,
        r.obligations_usd / (make_date(r."year"::int + 1, 1, 1) - make_date(r."year"::int, 1, 1)) as usd_a_day
    from covered as c
    inner join facts.revenue_coverage as r
        on c.entity_id = r.entity_id and c.covered_on = r.as_of_date and r.scenario_id = 'announced'
),

parties as (
    select
        y.as_of_date,
        y.entity_id,
        any_value(e.kind) = 'ai_lab' as is_lab,
        min(y."year") as first_year,
        max(y."year") as last_year
    from yearly as y
    inner join facts.entities as e on y.entity_id = e.entity_id
    group by all
),

figures as (
    select
        entity_id,
        metric,
        metric <> 'purchase_commitments' as is_flow,
        period_start,
        period_end,
        known_from,
        source_id,
        if("value" is not null, "value", (low_value + high_value) / 2) as usd
    from staging.financials
    where
        definition is null
        and unit = 'USD'
        and metric in ('compute_spend', 'capex', 'purchase_commitments')
),

-- a lower rank is a better figure; a flow comes before a stock
ranked as (
    select
        p.as_of_date,
        p.entity_id,
        p.first_year,
        p.last_year,
        f.metric,
        f.is_flow,
        f.period_start,
        f.period_end,
        f.source_id,
        f.usd,
        row_number() over (
            partition by p.as_of_date, p.entity_id
            order by
                f.is_flow desc,
                if(f.is_flow, f.known_from, f.period_end) desc,
                if(f.is_flow, null, f.known_from) desc,
                if(f.is_flow, f.period_end - f.period_start, null) desc,
                f.usd desc,
                f.period_end desc,
                f.source_id asc
        ) as rank
    from parties as p
    inner join figures as f on p.entity_id = f.entity_id and p.as_of_date >= f.known_from
    where
        f.usd > 0
        and case
            when f.is_flow
                then
                    p.is_lab = (f.metric = 'compute_spend')
                    and p.as_of_date <= f.period_end
                    and year(f.period_start) <= p.last_year
            else p.is_lab
        end
),

spans as (
    select
        *,
        if(is_flow, greatest(period_start, make_date(first_year::int, 1, 1)), null) as span_start,
        if(is_flow, least(period_end, make_date(last_year::int, 12, 31)), null) as span_end
    from ranked
    where rank = 1
),

calendar as (
    select
        as_of_date,
        entity_id,
        unnest(generate_series(span_start, span_end, interval 1 day))::date as "day"
    from spans
    where span_start is not null
),

counted as (
    select as_of_date, entity_id, year("day") as "year", count(*) as day_count
    from calendar
    group by all
),

flows as (
    select n.as_of_date, n.entity_id, sum(n.day_count * y.usd_a_day) as usd
    from counted as n
    inner join yearly as y using (as_of_date, entity_id, "year")
    group by all
),

counted_from as (
    select c.as_of_date, c.entity_id, max(o.as_of_date) as counted_from
    from candidate as c
    inner join facts.commitment_outstanding as o on c.entity_id = o.payer_id and c.as_of_date >= o.as_of_date
    where c.compared_with = 'purchase_commitments'
    group by all
),

stocks as (
    select
        m.as_of_date,
        m.entity_id,
        coalesce(sum(s.net_amount_usd) filter (where s.quarter_start > m.counted_from), 0) as at_least,
        coalesce(sum(s.net_amount_usd), 0) as at_most
    from counted_from as m
    inner join facts.commitments as c
        on
            m.entity_id = c.payer_id
            and m.counted_from >= c.known_from
            and (c.known_to is null or m.counted_from < c.known_to)
            and not c.is_statement
            and c.flow not in ('equity_investment', 'debt', 'backstop', 'warrant_grant')
    inner join facts.commitment_schedule as s
        on
            c.leg_id = s.leg_id
            and c.known_from = s.known_from
            and s.quarter_start >= date_trunc('quarter', m.counted_from)
    group by all
),

needed as (
    select "value" as least from staging.assumptions
    where assumption_id = 'completeness_min'
),

expected as (
    select
        p.as_of_date,
        p.entity_id,
        n.least,
        s.metric,
        s.span_start,
        s.span_end,
        s.source_id,
        if(
            s.span_start is null,
            s.usd,
            s.usd * (s.span_end - s.span_start + 1) / (s.period_end - s.period_start + 1)
        ) as stated_usd,
        if(s.span_start is null, coalesce(k.at_least, 0), f.usd) as at_least,
        if(s.span_start is null, coalesce(k.at_most, 0), f.usd) as at_most
    from parties as p
    cross join needed as n
    left join spans as s on p.as_of_date = s.as_of_date and p.entity_id = s.entity_id
    left join flows as f on p.as_of_date = f.as_of_date and p.entity_id = f.entity_id
    left join stocks as k on p.as_of_date = k.as_of_date and p.entity_id = k.entity_id
)

select
    coalesce(c.as_of_date, e.as_of_date) as as_of_date,
    coalesce(c.entity_id, e.entity_id) as entity_id,
    c.compared_with,
    e.metric,
    c.ledger_usd,
    e.at_least,
    e.at_most,
    c.stated_usd,
    e.stated_usd as expected_usd,
    c.is_measurable
from candidate as c
full join expected as e on c.as_of_date = e.as_of_date and c.entity_id = e.entity_id
where
    c.entity_id is null
    or e.entity_id is null
    or c.compared_with is distinct from e.metric
    or c.span_start is distinct from e.span_start
    or c.span_end is distinct from e.span_end
    or c.source_id is distinct from e.source_id
    or abs(c.stated_usd - e.stated_usd) > 1e-9 * e.stated_usd
    or c.ledger_usd < e.at_least * (1 - 1e-9) - 0.01
    or c.ledger_usd > e.at_most * (1 + 1e-9) + 0.01
    or abs(c.completeness_ratio * e.stated_usd - c.ledger_usd) > 1e-9 * (1 + c.ledger_usd)
    or c.is_measurable is distinct from coalesce(c.ledger_usd / c.stated_usd >= e.least, false)
    or (c.not_measurable_because is null) is distinct from c.is_measurable
