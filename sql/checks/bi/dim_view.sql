-- Offenders: words that are missing, unknown, or described differently from the vocabulary.
with w as (select * from quality.vocabulary where vocabulary = 'view')

select coalesce(c."view", w.word) as word
from candidate as c
full join w on c."view" = w.word
where
    c.view_rank is distinct from w."position"
    or c.view_meaning is distinct from w.meaning
