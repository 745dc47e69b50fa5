with shares as (
    select arg_max(value, (period_end, known_from)) as outstanding
    from facts.financials
    where entity_id = 'amd' and metric = 'shares_outstanding' and value is not null and known_from <= $as_of
)

select
    w.max_shares / s.outstanding as measured_value,
    printf(
        '%.0f million shares over %.0f million outstanding as last reported',
        w.max_shares / 1e6,
        s.outstanding / 1e6
    ) as explanation
from staging.warrants as w
cross join shares as s
where w.warrant_id = 'w_amd_openai' and w.known_from <= $as_of
