-- Which deal?
-- One row per deal.
-- Rows: facts.deals
-- Key: deal_id
select
    deal_id,
    "name" as deal,
    announced_on,
    description as deal_description,
    source_id
from facts.deals
order by deal_id
