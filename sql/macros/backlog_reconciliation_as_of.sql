create or replace macro backlog_reconciliation_as_of(d) as table
    select * from metrics.backlog_reconciliation
    where as_of_date <= d::date
    qualify dense_rank() over (order by as_of_date desc) = 1
