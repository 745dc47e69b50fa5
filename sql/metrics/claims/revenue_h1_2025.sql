with figures as (
    select value, known_from, source_id
    from facts.financials
    where
        entity_id = 'openai'
        and metric = 'revenue'
        and definition is null
        and period_start = date '2025-01-01'
        and period_end = date '2025-06-30'
        and value is not null
        and known_from <= $as_of
)

select
    arg_max(value, (known_from, source_id)) as measured_value,
    printf(
        'latest of %d figures known: %s',
        count(*),
        string_agg(printf('%.2f billion (%s)', value / 1e9, source_id), ', ' order by known_from, source_id)
    ) as explanation
from figures
having count(*) > 0
