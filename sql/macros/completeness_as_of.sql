create or replace macro completeness_as_of(d) as table
    select * from metrics.completeness
    where as_of_date <= d::date
    qualify dense_rank() over (order by as_of_date desc) = 1
