create or replace macro first_shortfall_as_of(d) as table
    select * from metrics.first_shortfall
    where as_of_date <= d::date
    qualify dense_rank() over (order by as_of_date desc) = 1
