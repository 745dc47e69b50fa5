create or replace macro commitments_as_of(d) as table
    select * from facts.commitments
    where known_from <= d::date and (known_to is null or d::date < known_to)
