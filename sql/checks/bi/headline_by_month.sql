-- Offenders: months of an entity that do not show the headline of their last day, and missing months.
with last_day_known as (
    select max(as_of_date) as d
    from metrics.headline
),

x as (
    select unnest(generate_series(min(as_of_date), max(as_of_date), interval 1 day))::date as d
    from metrics.headline
),

calendar as (
    select distinct least(last_day(x.d), k.d) as month_end
    from last_day_known as k
    cross join x
),

expected as (
    select
        m.month_end,
        h.entity_id,
        max(h.as_of_date) as as_of_date
    from calendar as m
    inner join metrics.headline as h on m.month_end >= h.as_of_date
    group by m.month_end, h.entity_id
)

select
    coalesce(c.entity_id, e.entity_id) as entity_id,
    coalesce(c.month_end, e.month_end) as month_end,
    c.as_of_date as shown_day,
    e.as_of_date as expected_day
from candidate as c
full join expected as e on c.entity_id = e.entity_id and c.month_end = e.month_end
left join metrics.headline as h on e.entity_id = h.entity_id and e.as_of_date = h.as_of_date
where
    c.as_of_date is distinct from e.as_of_date
    or c.gross_commitment_usd is distinct from h.gross_commitment_usd
    or c.net_commitment_low_usd is distinct from h.net_commitment_low_usd
    or c.net_commitment_usd is distinct from h.net_commitment_usd
    or c.net_commitment_high_usd is distinct from h.net_commitment_high_usd
    or c.imputed_commitment_usd is distinct from h.imputed_commitment_usd
    or c.outstanding_commitment_usd is distinct from h.outstanding_commitment_usd
    or c.rumoured_share is distinct from h.rumoured_share
    or c.unverified_share is distinct from h.unverified_share
    or c.capacity_gw is distinct from h.capacity_gw
    or c.capacity_view is distinct from h.capacity_view
    or c.annualised_revenue_usd is distinct from h.annualised_revenue_usd
    or c.commitment_coverage_ratio is distinct from h.commitment_coverage_ratio
    or c.commitment_coverage_ratio_with_imputed is distinct from h.commitment_coverage_ratio_with_imputed
    or c.years_of_revenue is distinct from h.years_of_revenue
    or c.is_last <> (c.month_end = (select k.d from last_day_known as k))
