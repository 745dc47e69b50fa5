create or replace macro stress_as_of(d) as table
    select * from metrics.stress
    where as_of_date <= d::date
    qualify dense_rank() over (order by as_of_date desc) = 1
