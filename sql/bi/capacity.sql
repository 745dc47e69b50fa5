create or replace view bi.capacity as
select
    c.leg_id,
    c.known_from,
    c.known_to,
    c.known_to is null as is_current,
    d.name as deal,
    provider.name as provider,
    consumer.name as consumer,
    c.site,
    c.country,
    c."view",
    c.power_basis,
    c.capacity_low_gw,
    c.capacity_gw,
    c.capacity_high_gw,
    c.net_capacity_gw,
    c.first_power_on,
    c.full_power_on,
    c.stage
from facts.capacity as c
inner join facts.deals as d on c.deal_id = d.deal_id
inner join facts.entities as provider on c.provider_id = provider.entity_id
left join facts.entities as consumer on c.user_id = consumer.entity_id
