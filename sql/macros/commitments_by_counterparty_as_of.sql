create or replace macro commitments_by_counterparty_as_of(d) as table
    select * from metrics.commitments_by_counterparty
    where as_of_date <= d::date
    qualify
        row_number() over (partition by payer_id, payee_id, flow, certainty order by as_of_date desc) = 1
        and leg_count > 0
