-- Offenders: rows of the headline whose sums differ from the facts in force on that day, joined interval by interval.
with expected as (
    select
        h.as_of_date,
        h.entity_id,
        count(c.leg_id) as legs,
        coalesce(sum(c.amount_usd) filter (where not c.is_imputed_amount), 0) as gross_usd,
        coalesce(sum(c.net_amount_usd) filter (where not c.is_imputed_amount), 0) as net_usd,
        coalesce(sum(c.net_amount_usd) filter (where c.is_imputed_amount), 0) as imputed_usd
    from candidate as h
    left join facts.commitments as c
        on
            h.entity_id = c.payer_id
            and h.as_of_date >= c.known_from
            and (c.known_to is null or h.as_of_date < c.known_to)
            and not c.is_statement
            and c.flow in ('compute_purchase', 'chip_purchase', 'lease', 'infrastructure_build', 'revenue_share')
    group by all
)

select h.as_of_date, h.entity_id, h.gross_commitment_usd, e.gross_usd, h.net_commitment_usd, e.net_usd
from candidate as h
inner join expected as e on h.as_of_date = e.as_of_date and h.entity_id = e.entity_id
where
    abs(coalesce(h.gross_commitment_usd, 0) - e.gross_usd) > 0.01 + 1e-9 * e.gross_usd
    or abs(coalesce(h.net_commitment_usd, 0) - e.net_usd) > 0.01 + 1e-9 * e.net_usd
    or abs(coalesce(h.imputed_commitment_usd, 0) - e.imputed_usd) > 0.01 + 1e-9 * e.imputed_usd
    or (h.net_commitment_usd is null and e.legs > 0)
    or h.net_commitment_low_usd > h.net_commitment_usd + 0.01
    or h.net_commitment_usd > h.net_commitment_high_usd + 0.01
    or h.net_commitment_usd > h.gross_commitment_usd + 0.01
    or h.outstanding_commitment_usd > h.net_commitment_usd * (1 + 1e-9) + 0.01
