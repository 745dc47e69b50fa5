-- How well was the source checked?
-- One row per word.
-- Key: evidence
select
    word as evidence,
    "position" as evidence_rank,
    meaning as evidence_meaning
from quality.vocabulary
where vocabulary = 'evidence'
order by "position"
