create or replace macro warrant_values_as_of(d) as table
    select * from metrics.warrant_values
    where as_of_date <= d::date
    qualify row_number() over (partition by warrant_id order by as_of_date desc) = 1
