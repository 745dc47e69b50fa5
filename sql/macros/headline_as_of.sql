create or replace macro headline_as_of(d) as table
    select * from metrics.headline
    where as_of_date <= d::date
    qualify row_number() over (partition by entity_id order by as_of_date desc) = 1
