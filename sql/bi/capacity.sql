-- Who promised how many gigawatts to whom?
-- One row per leg and interval of knowledge.
-- Hazard: add net_capacity_gw, of is_current rows, in one view: the views describe the same power.
-- Rows: facts.capacity
-- Key: leg_id, known_from
select
    c.leg_id,
    c.known_from,
    c.known_to,
    c.known_to is null as is_current,
    c.deal_id,
    d."name" as deal,
    c.provider_id,
    provider."name" as provider,
    coalesce(c.user_id, 'undisclosed') as user_id,
    coalesce(consumer."name", 'undisclosed') as consumer,
    c.site,
    coalesce(c.country, 'unknown') as country,
    c."view",
    c.power_basis,
    c.stage,
    c.evidence,
    c.capacity_low_gw,
    c.capacity_gw,
    c.capacity_high_gw,
    c.net_capacity_gw,
    c.first_power_on,
    c.full_power_on,
    c.source_id,
    s.publisher as source,
    s.url as source_url
from facts.capacity as c
inner join facts.deals as d on c.deal_id = d.deal_id
inner join facts.entities as provider on c.provider_id = provider.entity_id
inner join facts.sources as s on c.source_id = s.source_id
left join facts.entities as consumer on c.user_id = consumer.entity_id
order by c.leg_id, c.known_from
