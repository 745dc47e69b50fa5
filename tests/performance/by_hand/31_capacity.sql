-- facts.capacity: promises of power as maximal intervals of knowledge, bounded and net of their parts in one
-- view. Only legs with parts, or with a whole that became known later, are split at further days.
create temp macro watts(gw) as round_even(coalesce(gw, 0) * 1e9, 0)::bigint;

create temp table power_versions as
select
    leg_id,
    known_from,
    lead(known_from) over leg as known_to,
    part_of_leg_id,
    "view",
    if(stage = 'cancelled', null, gw) as point,
    min(known_from) over leg as first_known
from staging.capacity
where reading = 'preferred'
window leg as (partition by leg_id order by known_from);

create temp table power_pieces as
with wholes as (
    select v.leg_id, v.known_from, v.known_to, w.leg_id as whole_id, w.first_known
    from power_versions as v
    inner join power_versions as w on v.part_of_leg_id = w.leg_id and w.known_from = w.first_known
),

cuts as (
    -- the day on which a whole becomes known, and every day on which a part begins, changes or ends
    select leg_id, first_known as day from wholes
    union
    select whole_id, known_from from wholes
    union
    select whole_id, known_to from wholes
    where known_to is not null
),

pieces as (
    select *, known_from as seed_known_from from power_versions
    union all by name
    select v.* replace (c.day as known_from), v.known_from as seed_known_from
    from (select * from cuts as c anti join power_versions as v on c.leg_id = v.leg_id and c.day = v.known_from) as c
    asof inner join power_versions as v on c.leg_id = v.leg_id and c.day >= v.known_from
)

select
    p.leg_id,
    p.known_from,
    p.seed_known_from,
    p."view",
    p.point,
    if(w.first_known <= p.known_from, p.part_of_leg_id, null) as part_of_leg_id
from pieces as p
left join (select leg_id, first_known from power_versions where known_from = first_known) as w
    on p.part_of_leg_id = w.leg_id;

create table facts.capacity as
with changes as (
    select part_of_leg_id as leg_id, "view", known_from as day, watts(point) as watts
    from power_versions
    where part_of_leg_id is not null
    union all
    select part_of_leg_id, "view", known_to, -watts(point)
    from power_versions
    where part_of_leg_id is not null and known_to is not null
),

running as (
    select leg_id, "view", day, sum(sum(watts)) over (partition by leg_id, "view" order by day) as parts
    from changes
    group by leg_id, "view", day
),

netted as (
    select
        p.*,
        case
            when p."view" = 'statement' or p.point is null then null
            when coalesce(r.parts, 0) = 0 then p.point
            else greatest(watts(p.point) - r.parts, 0) / 1e9
        end as net
    from power_pieces as p
    asof left join running as r on p.leg_id = r.leg_id and p."view" = r."view" and p.known_from >= r.day
),

maximal as (
    select *, lead(known_from) over (partition by leg_id order by known_from) as known_to
    from (
        select *
        from netted
        qualify
            row(seed_known_from, part_of_leg_id, net) is distinct from
            lag(row(seed_known_from, part_of_leg_id, net)) over (partition by leg_id order by known_from)
    )
)

select
    m.leg_id,
    m.known_from,
    m.known_to,
    m.seed_known_from,
    s.deal_id,
    s.provider_id,
    s.user_id,
    s.site,
    s.country,
    s."view",
    s.power_basis,
    s.qualifier,
    m.point * case s.qualifier
        when 'about' then assumption('about_low_ratio') when 'up_to' then assumption('up_to_low_ratio') else 1
    end as capacity_low_gw,
    m.point as capacity_gw,
    m.point * case s.qualifier
        when 'about' then assumption('about_high_ratio') when 'at_least' then assumption('at_least_high_ratio') else 1
    end as capacity_high_gw,
    m.net as net_capacity_gw,
    s.first_power_on,
    s.full_power_on,
    s.stage,
    m.part_of_leg_id,
    s.evidence,
    s.source_id,
    s.note
from maximal as m
inner join staging.capacity as s
    on m.leg_id = s.leg_id and m.seed_known_from = s.known_from and s.reading = 'preferred';
