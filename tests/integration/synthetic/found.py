"""The totals of a synthetic ledger, queried from a published file as a reader would."""

import json

import duckdb

MONEY = """
select
    flow,
    count(*)::int as legs,
    (count(*) filter (where not is_imputed_amount and amount_usd is not null))::int as disclosed_legs,
    coalesce(sum(round(amount_usd * 100)::hugeint) filter (where not is_imputed_amount), 0)::bigint as gross_cents,
    coalesce(sum(round(net_amount_usd * 100)::hugeint) filter (where not is_imputed_amount), 0)::bigint as net_cents,
    coalesce(sum(round(net_amount_usd * 100)::hugeint) filter (where is_imputed_amount), 0)::bigint as imputed_cents
from commitments_as_of($day)
where not is_statement and certainty <> 'cancelled'
group by flow
"""

COUNTERPARTIES = """
select
    flow,
    sum(leg_count)::int as legs,
    coalesce(sum(round(gross_commitment_usd * 100)::hugeint), 0)::bigint as gross_cents,
    coalesce(sum(round(net_commitment_usd * 100)::hugeint), 0)::bigint as net_cents,
    sum(round(imputed_commitment_usd * 100)::hugeint)::bigint as imputed_cents
from commitments_by_counterparty_as_of($day)
group by flow
"""

POWER = """
select view, sum(round(net_capacity_gw * 1000)::bigint)::int as mw from capacity_as_of($day) group by view
"""

MEASURABLE = """
select
    e.kind = 'ai_lab' as is_lab,
    count(*)::int as entities,
    (count(*) filter (where c.is_measurable))::int as measurable
from completeness_as_of($day) as c
inner join facts.entities as e on c.entity_id = e.entity_id
group by all
"""

LOOPS = """
select path, length, round(bottleneck_usd * 100)::bigint as bottleneck_cents
from metrics.loops
where basis = 'disclosed' and amount_basis = 'point' and as_of_date = (select max(as_of_date) from metrics.circularity)
order by bottleneck_usd desc
limit 2
"""

YEARS = """
select year(s.quarter_start)::text as year, sum(s.net_amount_usd) * 100 as cents
from facts.commitment_schedule as s
where s.known_to is null and not s.is_imputed_amount and s.net_amount_usd is not null
group by all
order by all
"""


def totals(folder):
    """The totals from the generator."""
    return json.loads((folder / "totals.json").read_text(encoding="utf-8"))


def rows(published, sql, **parameters):
    """The rows of a query, as dictionaries."""
    with duckdb.connect(str(published), read_only=True) as connection:
        found = connection.execute(sql, parameters)
        names = [d[0] for d in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def by(key, found):
    """Rows by one of their columns."""
    return {row.pop(key): row for row in found}
