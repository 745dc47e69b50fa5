create or replace macro money_trail_as_of(d) as table
    select * from metrics.money_trail
    where as_of_date <= d::date
    qualify dense_rank() over (order by as_of_date desc) = 1
