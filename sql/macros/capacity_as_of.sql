create or replace macro capacity_as_of(d) as table
    select * from facts.capacity
    where known_from <= d::date and (known_to is null or d::date < known_to)
