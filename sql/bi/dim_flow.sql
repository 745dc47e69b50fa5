-- For what?
-- One row per word.
-- Key: flow
select
    word as flow,
    word_group as flow_group,
    "position" as flow_rank,
    meaning as flow_meaning
from quality.vocabulary
where vocabulary = 'flow'
order by "position"
