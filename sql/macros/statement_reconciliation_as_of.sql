create or replace macro statement_reconciliation_as_of(d) as table
    select * from metrics.statement_reconciliation
    where as_of_date <= d::date
    qualify dense_rank() over (order by as_of_date desc) = 1
