create or replace macro coverage_as_of(d) as table
    select * from facts.revenue_coverage
    where as_of_date <= d::date
    qualify rank() over (partition by entity_id order by as_of_date desc) = 1
