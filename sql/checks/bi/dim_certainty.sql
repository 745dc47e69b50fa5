-- Offenders: words that are missing, unknown, or described differently from the vocabulary.
with w as (select * from quality.vocabulary where vocabulary = 'certainty')

select coalesce(c.certainty, w.word) as word
from candidate as c
full join w on c.certainty = w.word
where
    c.certainty_rank is distinct from w."position"
    or c.certainty_meaning is distinct from w.meaning
