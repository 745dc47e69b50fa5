-- facts.commitments: promises of money as maximal intervals of knowledge: bounded, imputed, dated, net of
-- their parts. Text stays in staging until the last join; only legs that depend on others are split.
create temp table money_versions as
with filled as (
    select
        *,
        min(known_from) over leg as first_known,
        last_value(starts_on ignore nulls) over leg as last_start,
        last_value(ends_on ignore nulls) over leg as last_end,
        flow in ('equity_investment', 'debt') as is_on_one_day,
        to_months(coalesce(tenor."value", 0)::int) as tenor
    from staging.commitments as c
    left join staging.assumptions as tenor on tenor.assumption_id = 'tenor_months_' || c.flow
    where c.reading = 'preferred'
    window leg as (partition by c.leg_id order by c.known_from)
),

placed as (
    select
        *,
        coalesce(last_start, first_known) as start_day,
        coalesce(if(is_on_one_day, start_day > last_end, start_day >= last_end), false) as is_empty,
        is_empty and ends_on is null as end_gives_way,
        is_empty and ends_on is not null and starts_on is null as start_gives_way,
        if(end_gives_way, null, last_end) as end_stated,
        case
            when not start_gives_way then start_day
            when is_on_one_day then last_end
            else (last_end - tenor)::date
        end as starts
    from filled
)

select
    leg_id,
    known_from,
    first_known,
    qualifier,
    flow in ('compute_purchase', 'lease', 'chip_purchase', 'infrastructure_build') as follows_power,
    certainty <> 'cancelled' as carries,
    is_statement,
    amount_low_usd,
    amount_high_usd,
    coalesce(amount_usd, amount_low_usd) as stated,
    part_of_leg_id,
    funds_leg_id,
    capacity_leg_id,
    if(
        stated is null and carries and not is_statement and capacity_leg_id is not null,
        case flow
            when 'chip_purchase' then 'chips'
            when 'lease' then 'shell_and_power'
            when 'infrastructure_build' then 'shell_and_power'
            when 'compute_purchase' then 'all_in'
        end,
        null
    ) as component,
    starts as starts_on,
    coalesce(end_stated, (starts + tenor)::date) as ends_on,
    last_start is null or start_gives_way or end_stated is null as is_imputed_dates
from placed;

create temp table priced as
with first_days as (
    select leg_id, known_from as day from money_versions where known_from = first_known
),

power as (
    select leg_id, known_from as day, if(stage = 'cancelled', null, gw) as gw,
        if(stage = 'cancelled', null, first_power_on) as first_power_on,
        if(stage = 'cancelled', null, full_power_on) as full_power_on
    from staging.capacity
    where reading = 'preferred'
),

cuts as (
    -- days on which a link begins to count, or the power of a leg or the cost of a gigawatt changes
    select v.leg_id, f.day
    from money_versions as v
    inner join first_days as f on v.part_of_leg_id = f.leg_id and f.day > v.first_known
    union
    select v.leg_id, f.day
    from money_versions as v
    inner join first_days as f on v.funds_leg_id = f.leg_id and f.day > v.first_known
    union
    select v.leg_id, p.day
    from money_versions as v
    inner join power as p on v.capacity_leg_id = p.leg_id and p.day > v.first_known
    union
    select v.leg_id, c.known_from
    from money_versions as v
    inner join facts.cost_per_gw as c on v.component = c.component and c.known_from > v.first_known
),

pieces as (
    select *, known_from as seed_known_from from money_versions
    union all by name
    select v.* replace (c.day as known_from), v.known_from as seed_known_from
    from (select * from cuts as c anti join money_versions as v on c.leg_id = v.leg_id and c.day = v.known_from) as c
    asof inner join money_versions as v on c.leg_id = v.leg_id and c.day >= v.known_from
),

linked as (
    select
        p.* replace (
            if(whole.day <= p.known_from, p.part_of_leg_id, null) as part_of_leg_id,
            if(paid.day <= p.known_from, p.funds_leg_id, null) as funds_leg_id
        )
    from pieces as p
    left join first_days as whole on p.part_of_leg_id = whole.leg_id
    left join first_days as paid on p.funds_leg_id = paid.leg_id
),

powered as (
    select
        l.* replace (w.leg_id as capacity_leg_id),
        l.follows_power and l.carries and not l.is_statement
        and w.first_power_on is not null and w.full_power_on is not null as has_ramp,
        if(has_ramp, w.first_power_on, null) as first_power_on,
        if(has_ramp, w.full_power_on, null) as full_power_on,
        w.gw * c.cost_low_usd_per_gw as imputed_low,
        w.gw * c.cost_median_usd_per_gw as imputed,
        w.gw * c.cost_high_usd_per_gw as imputed_high
    from (select * from linked where capacity_leg_id is not null) as l
    asof left join power as w on l.capacity_leg_id = w.leg_id and l.known_from >= w.day
    left join facts.cost_per_gw as c
        on
            l.component = c.component
            and l.known_from >= c.known_from
            and (c.known_to is null or l.known_from < c.known_to)
    union all by name
    select * from linked where capacity_leg_id is null
)

select
    leg_id,
    known_from,
    seed_known_from,
    lead(known_from) over (partition by leg_id order by known_from) as known_to,
    part_of_leg_id,
    funds_leg_id,
    capacity_leg_id,
    first_power_on,
    full_power_on,
    starts_on,
    ends_on,
    is_imputed_dates,
    is_statement,
    component is not null and imputed is not null as is_imputed,
    case
        when not carries then null
        when is_imputed then least(greatest(imputed_low, amount_low_usd), amount_high_usd)
        else
            coalesce(
                amount_low_usd,
                stated * case qualifier
                    when 'about' then assumption('about_low_ratio') when 'up_to' then assumption('up_to_low_ratio')
                    else 1
                end
            )
    end as low,
    case
        when not carries then null
        when is_imputed then least(greatest(imputed, amount_low_usd), amount_high_usd)
        else stated
    end as point,
    case
        when not carries then null
        when is_imputed then least(greatest(imputed_high, amount_low_usd), amount_high_usd)
        else
            coalesce(
                amount_high_usd,
                stated * case qualifier
                    when 'about' then assumption('about_high_ratio')
                    when 'at_least' then assumption('at_least_high_ratio')
                    else 1
                end
            )
    end as high
from powered;

create temp macro cents(usd) as round_even(coalesce(usd, 0) * 100, 0)::bigint;

create temp table parts as
with changes as (
    select part_of_leg_id as leg_id, known_from as day, 1 as sign, is_imputed, low, point, high
    from priced
    where part_of_leg_id is not null and not is_statement
    union all
    select part_of_leg_id, known_to, -1, is_imputed, low, point, high
    from priced
    where part_of_leg_id is not null and not is_statement and known_to is not null
),

daily as (
    select
        leg_id,
        day,
        sum(if(is_imputed, 0, sign * cents(low))) as low,
        sum(if(is_imputed, 0, sign * cents(point))) as point,
        sum(if(is_imputed, 0, sign * cents(high))) as high,
        sum(if(is_imputed, sign * cents(low), 0)) as imputed_low,
        sum(if(is_imputed, sign * cents(point), 0)) as imputed_point,
        sum(if(is_imputed, sign * cents(high), 0)) as imputed_high
    from changes
    group by leg_id, day
)

select
    leg_id,
    day,
    sum(low) over leg as low,
    sum(point) over leg as point,
    sum(high) over leg as high,
    sum(imputed_low) over leg as imputed_low,
    sum(imputed_point) over leg as imputed_point,
    sum(imputed_high) over leg as imputed_high
from daily
window leg as (partition by leg_id order by day);

create temp macro own_share(amount, parts) as
    case
        when amount is null then null
        when parts = 0 then amount
        else greatest(cents(amount) - parts, 0) / 100
    end;

create temp table netted as
with wholes as (
    select * from priced as p semi join parts as s on p.leg_id = s.leg_id
),

pieces as (
    select * from wholes
    union all by name
    select p.* replace (c.day as known_from)
    from (select * from parts as s anti join wholes as p on s.leg_id = p.leg_id and s.day = p.known_from) as c
    asof inner join wholes as p on c.leg_id = p.leg_id and c.day >= p.known_from
)

select
    p.*,
    own_share(p.low, coalesce(s.low + if(p.is_imputed, s.imputed_low, 0), 0)) as net_low,
    own_share(p.point, coalesce(s.point + if(p.is_imputed, s.imputed_point, 0), 0)) as net_point,
    own_share(p.high, coalesce(s.high + if(p.is_imputed, s.imputed_high, 0), 0)) as net_high
from pieces as p
asof left join parts as s on p.leg_id = s.leg_id and p.known_from >= s.day
union all
select p.*, p.low as net_low, p.point as net_point, p.high as net_high
from priced as p
anti join parts as s on p.leg_id = s.leg_id;

create table facts.commitments as
with maximal as (
    select * replace (lead(known_from) over (partition by leg_id order by known_from) as known_to)
    from (
        select
            *,
            row(
                seed_known_from, part_of_leg_id, funds_leg_id, capacity_leg_id, first_power_on, full_power_on,
                is_imputed, low, point, high, net_low, net_point, net_high
            ) as said
        from netted
        qualify said is distinct from lag(said) over (partition by leg_id order by known_from)
    )
)

select
    m.leg_id,
    m.known_from,
    m.known_to,
    m.seed_known_from,
    s.deal_id,
    s.payer_id,
    s.payee_id,
    s.flow,
    s.certainty,
    s.evidence,
    s.qualifier,
    m.low as amount_low_usd,
    m.point as amount_usd,
    m.high as amount_high_usd,
    if(m.is_statement, null, m.net_low) as net_amount_low_usd,
    if(m.is_statement, null, m.net_point) as net_amount_usd,
    if(m.is_statement, null, m.net_high) as net_amount_high_usd,
    m.is_imputed as is_imputed_amount,
    m.starts_on,
    m.ends_on,
    m.is_imputed_dates,
    m.is_statement,
    m.part_of_leg_id,
    m.funds_leg_id,
    m.capacity_leg_id,
    m.first_power_on,
    m.full_power_on,
    s.source_id,
    s.note
from maximal as m
inner join staging.commitments as s
    on m.leg_id = s.leg_id and m.seed_known_from = s.known_from and s.reading = 'preferred';
