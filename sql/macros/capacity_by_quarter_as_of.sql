create or replace macro capacity_by_quarter_as_of(d) as table
    select * from metrics.capacity_by_quarter
    where as_of_date <= d::date
    qualify rank() over (partition by user_id, "view" order by as_of_date desc) = 1
