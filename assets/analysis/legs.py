"""The rows of the ledger in force on a day, each with its line of the seeds and its source."""

from __future__ import annotations

import datetime as dt

from assets.analysis.explain.model import Contribution
from assets.warehouse.published_file import Book, Row

MONEY = """
select
    c.*, d.name as deal, st.source_file, st.source_line, s.publisher, s.title, s.url
from commitments_as_of($day) as c
left join facts.deals as d using (deal_id)
left join facts.sources as s on c.source_id = s.source_id
left join staging.commitments as st
    on c.leg_id = st.leg_id and c.seed_known_from = st.known_from and st.reading = 'preferred'
order by c.leg_id
"""

POWER = """
select
    c.*, d.name as deal, st.source_file, st.source_line, s.publisher, s.title, s.url
from capacity_as_of($day) as c
left join facts.deals as d using (deal_id)
left join facts.sources as s on c.source_id = s.source_id
left join staging.capacity as st
    on c.leg_id = st.leg_id and c.seed_known_from = st.known_from and st.reading = 'preferred'
order by c.leg_id
"""

FIGURES = """
select f.*, s.publisher, s.title, s.url
from staging.financials as f
left join facts.sources as s on f.source_id = s.source_id
where f.entity_id = $entity and f.known_from <= $day
order by f.known_from, f.source_line
"""

ESTIMATES = """
select e.*, s.publisher, s.title, s.url
from staging.cost_per_gw as e
left join facts.sources as s on e.source_id = s.source_id
where e.component = $component and e.known_from <= $day
order by e.known_from, e.estimate_id
"""


def money(book: Book, day: dt.date) -> list[Row]:
    """Promises of money in force on a day."""
    return book.on_day(MONEY, day)


def power(book: Book, day: dt.date) -> list[Row]:
    """Promises of power in force on a day."""
    return book.on_day(POWER, day)


def figures(book: Book, entity: str, day: dt.date) -> list[Row]:
    """Figures of an entity known on a day."""
    return book.rows(FIGURES, entity=entity, day=day)


def estimates(book: Book, component: str, day: dt.date) -> list[Row]:
    """Estimates of the cost of a gigawatt, known on a day."""
    return book.rows(ESTIMATES, component=component, day=day)


def of_leg(leg: Row, value: float | None, about: str = "") -> Contribution:
    """The contribution of a promise of money."""
    way = f"{leg['payer_id']} → {leg['payee_id']}, {leg['flow']}{', imputed' if leg['is_imputed_amount'] else ''}"
    return _of(leg, leg["leg_id"], value, f"{way}{f': {about}' if about else ''}", leg["certainty"])


def of_power(leg: Row, value: float | None, about: str = "") -> Contribution:
    """The contribution of a promise of power."""
    way = f"{leg['provider_id']} → {leg['user_id'] or 'nobody named'}, {leg['view']}"
    return _of(leg, leg["leg_id"], value, f"{way}{f': {about}' if about else ''}", leg["stage"])


def of_figure(figure: Row, value: float | None, about: str = "") -> Contribution:
    """The contribution of a figure of a company."""
    period = (
        f"{figure['period_start'] or ''} to {figure['period_end']}" if figure["period_start"] else figure["period_end"]
    )
    what = f"{figure['metric']} {period}, {figure['basis']}"
    return _of(figure, figure["entity_id"], value, f"{what}{f': {about}' if about else ''}", None)


def of_estimate(estimate: Row, value: float | None) -> Contribution:
    """The contribution of a cost estimate."""
    return _of(estimate, estimate["estimate_id"], value, f"{estimate['estimator']}, {estimate['component']}", None)


def _of(row: Row, name: str, value: float | None, about: str, certainty: str | None) -> Contribution:
    return Contribution(
        name=name,
        value=value,
        told=about,
        certainty=certainty,
        evidence=row["evidence"],
        known_from=row.get("seed_known_from") or row["known_from"],
        deal=row.get("deal"),
        source_file=row["source_file"],
        source_line=row["source_line"],
        source=f"{row['publisher']}: {row['title']}" if row.get("title") else row.get("source_id"),
        source_url=row.get("url"),
    )
