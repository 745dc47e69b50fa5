create or replace macro customer_concentration_as_of(d) as table
    select * from metrics.customer_concentration
    where as_of_date <= d::date
    qualify dense_rank() over (order by as_of_date desc) = 1
