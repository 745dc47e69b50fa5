-- What became known on a day, and what did it move?
-- One row per day and deal.
-- Rows: metrics.changes
-- Key: as_of_date, deal_id
select
    x.as_of_date,
    x.deal_id,
    d."name" as deal,
    d.description as deal_description,
    x.gross_change_usd,
    x.net_change_usd,
    x.imputed_change_usd,
    x.capacity_change_gw,
    x.total_net_usd,
    x.circular_share,
    x.circular_share_change
from metrics.changes as x
inner join facts.deals as d on x.deal_id = d.deal_id
order by x.as_of_date, x.deal_id
