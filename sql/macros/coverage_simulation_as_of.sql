create or replace macro coverage_simulation_as_of(d) as table
    select * from metrics.coverage_simulation
    where as_of_date <= d::date
    qualify dense_rank() over (order by as_of_date desc) = 1
