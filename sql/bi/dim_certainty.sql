-- How firm?
-- One row per word; the rank rises with the firmness.
-- Key: certainty
select
    word as certainty,
    "position" as certainty_rank,
    meaning as certainty_meaning
from quality.vocabulary
where vocabulary = 'certainty'
order by "position"
