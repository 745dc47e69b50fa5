-- Offenders: words that are missing, unknown, or described differently from the vocabulary.
with w as (select * from quality.vocabulary where vocabulary = 'evidence')

select coalesce(c.evidence, w.word) as word
from candidate as c
full join w on c.evidence = w.word
where
    c.evidence_rank is distinct from w."position"
    or c.evidence_meaning is distinct from w.meaning
