-- A loop: money in force flows from nvidia through any number of parties, none an aggregate, back to it.
with recursive edges as (
    select distinct c.payer_id, c.payee_id
    from commitments_as_of($as_of) as c
    inner join facts.entities as payer on c.payer_id = payer.entity_id
    inner join facts.entities as payee on c.payee_id = payee.entity_id
    where
        c.net_amount_usd > 0
        and c.flow in (
            'compute_purchase',
            'chip_purchase',
            'lease',
            'infrastructure_build',
            'revenue_share',
            'equity_investment',
            'debt'
        )
        and payer.kind <> 'aggregate'
        and payee.kind <> 'aggregate'
),

from_openai as (
    select payee_id from edges where payer_id = 'openai'
    union
    select e.payee_id from from_openai as r inner join edges as e on r.payee_id = e.payer_id
),

from_nvidia as (
    select payee_id from edges where payer_id = 'nvidia'
    union
    select e.payee_id from from_nvidia as r inner join edges as e on r.payee_id = e.payer_id
),

direct as (
    select
        count(*) filter (where payer_id = 'nvidia' and payee_id = 'openai') > 0 as nvidia_pays,
        count(*) filter (where payer_id = 'openai' and payee_id = 'nvidia') > 0 as openai_pays
    from edges
),

reached as (
    select
        (select count(*) from from_openai where payee_id = 'nvidia') > 0
        and (select count(*) from from_nvidia where payee_id = 'openai') > 0 as is_loop
)

select
    r.is_loop::int::double as measured_value,
    printf(
        'money in force between nvidia and openai, disclosed and imputed: nvidia pays openai directly: %s; '
        || 'openai pays nvidia directly: %s; a loop could be closed, it is not proven',
        if(d.nvidia_pays, 'yes', 'no'),
        if(d.openai_pays, 'yes', 'no')
    ) as explanation
from reached as r
cross join direct as d
