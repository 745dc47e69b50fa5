create or replace macro capacity_by_view_as_of(d) as table
    select * from metrics.capacity_by_view
    where as_of_date <= d::date
    qualify rank() over (partition by user_id order by as_of_date desc) = 1
