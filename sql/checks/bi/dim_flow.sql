-- Offenders: words that are missing, unknown, or described differently from the vocabulary.
with w as (select * from quality.vocabulary where vocabulary = 'flow')

select coalesce(c.flow, w.word) as word
from candidate as c
full join w on c.flow = w.word
where
    c.flow_rank is distinct from w."position"
    or c.flow_meaning is distinct from w.meaning
    or c.flow_group is distinct from w.word_group
