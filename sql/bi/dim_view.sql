-- From which side is the power described?
-- One row per word.
-- Key: view
select
    word as "view",
    "position" as view_rank,
    meaning as view_meaning
from quality.vocabulary
where vocabulary = 'view'
order by "position"
