-- Yearly revenue of every entity on every day on which a revenue figure became known: reported figures,
-- completed and extended by a path. Periods may overlap: shorter ones are placed first, and a longer one adds
-- its residual.
create temp table revenue_figures as
select
    entity_id,
    known_from,
    basis in ('reported', 'reported_by_press') as is_reported,
    period_start,
    period_end,
    (period_end - period_start + 1)::int as days,
    period_months,
    "value",
    case evidence when 'seen' then 3 when 'relayed' then 2 else 1 end as evidence_rank,
    source_id,
    basis
from facts.financials
where metric = 'revenue' and definition is null and "value" is not null and period_start is not null;

create temp table known_figures as
select d.day, f.*
from (select distinct entity_id, known_from as day from revenue_figures) as d
inner join revenue_figures as f on d.entity_id = f.entity_id and d.day >= f.known_from;

create temp table periods as
select
    entity_id,
    day,
    period_start,
    period_end + 1 as period_to,
    "value",
    row_number() over (partition by entity_id, day order by days, period_start) as turn
from (
    select *
    from known_figures
    where is_reported
    qualify
        row_number() over (
            partition by entity_id, day, period_start, period_end
            order by known_from desc, evidence_rank desc, "value" asc
        ) = 1
);

create temp table segments as
with bounds as (
    -- between two bounds the set of periods is constant, within one calendar year
    select entity_id, day, period_start as starts from periods
    union
    select entity_id, day, period_to from periods
    union
    select
        entity_id,
        day,
        unnest(generate_series(date_trunc('year', min(period_start)) + interval 1 year, max(period_to), interval 1 year))
    from periods
    group by entity_id, day
),

pieces as (
    select *, lead(starts) over (partition by entity_id, day order by starts) as ends
    from bounds
)

select
    p.entity_id,
    p.day,
    p.turn,
    s.starts,
    (s.ends - s.starts)::int as days,
    min(p.turn) over (partition by p.entity_id, p.day, s.starts) as owner
from periods as p
inner join (select entity_id, day, starts::date as starts, ends::date as ends from pieces) as s
    on p.entity_id = s.entity_id and p.day = s.day and s.starts >= p.period_start and s.ends <= p.period_to;

create temp table actuals as
with recursive shared as (
    select entity_id, day, turn, owner, sum(days)::double as days
    from segments
    group by entity_id, day, turn, owner
),

turns as (
    -- the days of each period that belong to earlier ones, and its own
    select
        p.entity_id,
        p.day,
        p.turn,
        p."value",
        list(coalesce(o.days, 0) order by e.turn) filter (where e.turn < p.turn) as earlier,
        coalesce(sum(o.days) filter (where e.turn = p.turn), 0) as own
    from periods as p
    inner join periods as e on p.entity_id = e.entity_id and p.day = e.day and p.turn >= e.turn
    left join shared as o
        on p.entity_id = o.entity_id and p.day = o.day and p.turn = o.turn and e.turn = o.owner
    group by all
),

laid as (
    select entity_id, day, turn, [greatest("value", 0) / own] as rates
    from turns
    where turn = 1
    union all
    select
        t.entity_id,
        t.day,
        t.turn,
        list_append(
            l.rates,
            if(t.own > 0, greatest(t."value" - list_inner_product(l.rates, t.earlier), 0) / t.own, 0)
        )
    from laid as l
    inner join turns as t on l.entity_id = t.entity_id and l.day = t.day and l.turn + 1 = t.turn
),

rates as (
    select entity_id, day, turn, rates[turn] as rate from laid
)

select
    s.entity_id,
    s.day,
    year(s.starts) as "year",
    round_even(sum(s.days * r.rate), 2) as reported_usd,
    sum(s.days)::int as covered_days,
    dayofyear(make_date(year(s.starts), 12, 31))::int as days_in_year,
    sum(s.days) = dayofyear(make_date(year(s.starts), 12, 31)) as is_complete
from segments as s
inner join rates as r on s.entity_id = r.entity_id and s.day = r.day and s.turn = r.turn
where s.turn = s.owner
group by s.entity_id, s.day, year(s.starts);

create temp table vintages as
-- the projections of the latest month that has one for a year that is not fully reported
select k.entity_id, k.day, max(strftime(k.known_from, '%Y-%m')) as vintage
from known_figures as k
anti join (select * from actuals where is_complete) as a
    on k.entity_id = a.entity_id and k.day = a.day and year(k.period_start + 183) = a."year"
where not k.is_reported and k."value" > 0 and k.period_months = 12
group by k.entity_id, k.day;

create temp table anchors as
with projected as (
    select
        k.entity_id,
        k.day,
        year(k.period_start + 183) as "year",
        max(row(k.known_from, k.evidence_rank, k.source_id, k.basis, k."value")) as best
    from known_figures as k
    inner join vintages as v
        on k.entity_id = v.entity_id and k.day = v.day and strftime(k.known_from, '%Y-%m') = v.vintage
    anti join (select * from actuals where is_complete) as a
        on k.entity_id = a.entity_id and k.day = a.day and year(k.period_start + 183) = a."year"
    where not k.is_reported and k."value" > 0 and k.period_months = 12
    group by all
),

latest as (
    select *
    from known_figures
    where is_reported
    qualify
        row_number() over (
            partition by entity_id, day
            order by period_end desc, days asc, known_from desc, evidence_rank desc, "value" asc
        ) = 1
)

select entity_id, day, "year", struct_extract(best, 5) as usd from projected
union all
-- without projections, the year in progress at the latest annualised rate
select l.entity_id, l.day, a."year", l."value" * 12 / greatest(round_even(l.days / 30.4375, 0), 1)
from latest as l
inner join actuals as a
    on l.entity_id = a.entity_id and l.day = a.day and year(l.period_end) = a."year" and not a.is_complete
anti join vintages as v on l.entity_id = v.entity_id and l.day = v.day
where l."value" > 0;

create temp table totals as
-- the latest projection over several years that is not older, and its residual for the unreported years
with latest as (
    select
        k.entity_id,
        k.day,
        year(k.period_start) as first_year,
        year(k.period_end) as last_year,
        k."value" as usd
    from known_figures as k
    inner join vintages as v
        on k.entity_id = v.entity_id and k.day = v.day and strftime(k.known_from, '%Y-%m') >= v.vintage
    where not k.is_reported and k."value" > 0 and k.period_months > 12
    qualify
        row_number() over (
            partition by k.entity_id, k.day
            order by
                k.known_from desc, k.evidence_rank desc, k.source_id desc, k.basis desc, k.period_start desc,
                k.period_end desc
        ) = 1
)

select
    l.entity_id,
    l.day,
    l.first_year,
    l.last_year,
    min(l."year") filter (where a."year" is null) as first_projected,
    l.usd - coalesce(sum(a.reported_usd), 0) as usd_left,
    bool_or(l."year" = l.last_year and a."year" is not null) as ends_reported
from (select *, unnest(range(first_year, last_year + 1)) as "year" from latest) as l
left join actuals as a on l.entity_id = a.entity_id and l.day = a.day and l."year" = a."year" and a.is_complete
group by l.entity_id, l.day, l.first_year, l.last_year, l.usd;

create temp table paths as
with multipliers as (
    select distinct "value" as growth_multiplier from staging.scenarios where parameter = 'growth_multiplier'
),

known as (
    select
        coalesce(a.entity_id, h.entity_id) as entity_id,
        coalesce(a.day, h.day) as day,
        coalesce(a."year", h."year") as "year",
        coalesce(a.reported_usd, h.usd) as usd,
        a.entity_id is not null as is_actual
    from (select * from actuals where is_complete) as a
    full join anchors as h on a.entity_id = h.entity_id and a.day = h.day and a."year" = h."year"
    where coalesce(a.reported_usd, h.usd) > 0
),

steps as (
    select
        *,
        lead("year") over entity as next_year,
        lead(usd) over entity as next_usd,
        coalesce(
            (usd / lag(usd) over entity) ** (1 / ("year" - lag("year") over entity)) - 1,
            assumption('unknown_growth_ratio')
        ) as growth,
        min("year") over whole as first_year,
        max("year") over whole as last_year,
        coalesce(max("year") filter (where is_actual) over whole, min("year") over whole) as base_year
    from known
    window
        entity as (partition by entity_id, day order by "year"),
        whole as (partition by entity_id, day)
),

years as (
    -- geometric between known years; after the last one, growth fades to the long-run rate
    select
        s.entity_id,
        s.day,
        s.first_year,
        s.last_year,
        s.base_year,
        s."year" as known_year,
        s.next_year,
        s.usd as known_usd,
        s.next_usd,
        least(s.growth, assumption('extrapolated_growth_max_ratio')) as growth,
        unnest(
            range(
                s."year",
                coalesce(
                    s.next_year, greatest(assumption('coverage_last_year')::int, s."year", coalesce(t.last_year, 0)) + 1
                )
            )
        ) as "year"
    from steps as s
    left join totals as t on s.entity_id = t.entity_id and s.day = t.day
),

grown as (
    select
        *,
        if(
            next_year is null,
            known_usd,
            known_usd * (next_usd / known_usd) ** (("year" - known_year) / (next_year - known_year))
        ) as level,
        if(
            "year" > last_year,
            1 + growth + (assumption('long_run_growth_ratio') - growth) * if(
                assumption('growth_fade_years') > 0, least(1, ("year" - last_year) / assumption('growth_fade_years')), 1
            ),
            1
        ) as factor
    from years
),

extended as (
    select *, level * product(factor) over (partition by entity_id, day order by "year") as usd
    from grown
),

scaled as (
    -- the projected years of a total add up to its residual; later years scale with the last of them
    select
        e.entity_id,
        e.day,
        e."year",
        e.base_year,
        coalesce(t.usd_left > 0 and t.first_projected >= e.first_year, false) as applies,
        coalesce(e."year" between t.first_year and t.last_year and a."year" is null, false) as is_projected,
        coalesce(e."year" > t.last_year and t.last_year >= e.last_year and not t.ends_reported, false) as follows,
        if(
            applies and (is_projected or follows),
            e.usd * (t.usd_left / sum(if(is_projected, e.usd, 0)) over (partition by e.entity_id, e.day)),
            e.usd
        ) as usd
    from extended as e
    left join totals as t on e.entity_id = t.entity_id and e.day = t.day
    left join actuals as a on e.entity_id = a.entity_id and e.day = a.day and e."year" = a."year" and a.is_complete
),

ratios as (
    select
        *,
        usd / lag(usd) over (partition by entity_id, day order by "year") as ratio,
        max(if("year" = base_year, usd, null)) over (partition by entity_id, day) as base_usd
    from scaled
),

regrown as (
    -- growth rates after the last reported year, times the multiplier of the scenario
    select
        r.entity_id,
        r.day,
        m.growth_multiplier,
        r."year",
        if(
            r."year" <= r.base_year,
            r.usd,
            r.base_usd * product(
                if(
                    r."year" > r.base_year,
                    greatest(0, (1 - m.growth_multiplier) + m.growth_multiplier * r.ratio),
                    1
                )
            ) over (partition by r.entity_id, r.day, m.growth_multiplier order by r."year")
        ) as usd
    from ratios as r
    cross join multipliers as m
),

asked as (
    select
        d.entity_id,
        d.day,
        m.growth_multiplier,
        (row_number() over ())::int as path,
        v.vintage,
        unnest(range(year(d.day), assumption('coverage_last_year')::int + 1))::int as "year"
    from (select distinct entity_id, day from known_figures) as d
    cross join multipliers as m
    left join vintages as v on d.entity_id = v.entity_id and d.day = v.day
)

select
    q.entity_id,
    q.day,
    q.growth_multiplier,
    q.path,
    q."year",
    q.vintage,
    coalesce(a.reported_usd, 0) as reported_usd,
    greatest(
        round_even(
            case
                when a."year" is null then p.usd
                when a.is_complete then a.reported_usd
                else a.reported_usd + p.usd * (a.days_in_year - a.covered_days) / a.days_in_year
            end,
            2
        ),
        if(p.usd is null and not coalesce(a.is_complete, false), null, 0)
    ) as usd
from asked as q
left join regrown as p
    on
        q.entity_id = p.entity_id
        and q.day = p.day
        and q.growth_multiplier = p.growth_multiplier
        and q."year" = p."year"
left join actuals as a on q.entity_id = a.entity_id and q.day = a.day and q."year" = a."year";
