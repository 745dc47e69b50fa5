-- Where does it stand?
-- One row per source.
-- Rows: facts.sources
-- Key: source_id
select
    source_id,
    publisher as source,
    title as source_title,
    kind as source_kind,
    published_on,
    url as source_url
from facts.sources
order by source_id
