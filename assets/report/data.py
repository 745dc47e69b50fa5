"""The queries of the report on the published file, and their results. The report shows every query.

Not here: pictures (`assets.report.charts`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from assets.warehouse import questions
from assets.warehouse.frames import Held

DAY = "{day}"

SPELLINGS = {"spacex": "SpaceX", "multiple_suppliers": "various suppliers", "various_landlords": "various landlords"}
"""Common names that neither the identifier nor the registered name contains."""

LONGEST_NAME = 22

HELD_BYTES = 1 << 28
"""Number of cached results: all for a ledger like the project's, the latest for a large one."""

MEMORY = "1GB"
"""Memory limit of DuckDB for the report; a build needs memory at the same time."""

INITIALS = 3
"""A word of an identifier with at most this many letters is an abbreviation."""


@dataclass(frozen=True)
class Question:
    """One SELECT on the published file; `{day}` in it is the as-of day."""

    key: str
    tables: tuple[str, ...]
    """The tables whose dictionary entries explain the result."""
    sql: str

    @property
    def is_daily(self) -> bool:
        """Whether the result depends on the day."""
        return DAY in self.sql

    def on(self, day: dt.date) -> str:
        """The SELECT for one day, on one line, as a reader can paste it into `closedloop query`."""
        return " ".join(self.sql.split()).replace(DAY, day.isoformat())


@dataclass(frozen=True)
class Context:
    """The context of every picture: the day, the entities in the foreground, and names of entities."""

    day: dt.date
    subjects: tuple[str, ...]
    names: Mapping[str, str]

    def name(self, entity_id: str) -> str:
        """The name of an entity."""
        return self.names.get(entity_id, entity_id)


HEADLINE_DAYS = Question(
    "days",
    ("quality.publications", "metrics.coverage_simulation", "metrics.claims"),
    """select max(last_known_on) as day from quality.publications
    union select distinct as_of_date from metrics.coverage_simulation
    union select distinct as_of_date from metrics.claims order by day""",
)

SUBJECTS = Question(
    "subjects",
    ("metrics.headline", "facts.entities"),
    """select h.entity_id from headline_as_of('{day}') as h join facts.entities as e using (entity_id)
    where e.kind = 'ai_lab' and h.net_commitment_usd > 0 order by h.net_commitment_usd desc, h.entity_id limit 2""",
)

ENTITIES = Question("entities", ("facts.entities",), "select entity_id, name, ticker, kind from facts.entities")

SOURCES = Question(
    "sources", ("facts.sources",), "select source_id, publisher, title, published_on, url from facts.sources"
)

DICTIONARY = Question(
    "dictionary",
    ("quality.dictionary",),
    """select schema_name || '.' || table_name as full_name, column_name, unit, description, table_summary, grain,
    hazards from quality.dictionary order by full_name, position""",
)

PUBLICATION = Question(
    "publication",
    ("quality.publications",),
    """select publication_id, published_at, last_known_on, row_count, table_count, seeds_sha256, code_version
    from quality.publications order by publication_number desc limit 1""",
)

Ask = Callable[[Question, dt.date], pl.DataFrame]


def asker(connection: Any) -> Ask:  # a connection of DuckDB; only assets.warehouse imports its type
    """A function that runs queries on one open file and caches the latest results."""
    held = Held(HELD_BYTES)

    def ask(question: Question, day: dt.date) -> pl.DataFrame:
        sql = question.on(day)
        answer = held.get(sql)
        if answer is None:
            answer = pl.DataFrame(connection.sql(sql))
            held.keep(sql, answer)
        return answer

    return ask


def reading(published: Path) -> Any:
    """The published file, open for queries.

    Errors: EnvironmentFailure if nothing is published yet or the file cannot be opened.
    """
    return questions.reading(published, MEMORY)


def short_names(entities: pl.DataFrame) -> dict[str, str]:
    """Short names of entities for pictures, without the legal form.

    Rules: the part of the name that spells the identifier, else a short name without company forms, else a ticker of
    letters, else the identifier in words.
    """
    return {
        e: _short(e, name or e, ticker) for e, name, ticker in entities.select("entity_id", "name", "ticker").rows()
    }


def _short(entity_id: str, name: str, ticker: str | None) -> str:
    if entity_id in SPELLINGS:
        return SPELLINGS[entity_id]
    plain = name.partition(" (")[0].partition(",")[0].strip()
    wanted = entity_id.replace("_", "")
    for length in range(1, len(plain) + 1):
        spelled = plain[:length]
        whole_word = length == len(plain) or not plain[length].isalnum()
        if whole_word and "".join(c for c in spelled if c.isalnum()).lower() == wanted:
            return spelled
    if ticker and ticker.lower() == entity_id:
        return ticker
    if len(plain) <= LONGEST_NAME:
        return plain
    words = [w.upper() if len(w) <= INITIALS else w for w in entity_id.split("_")]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


def as_of_days(ask: Ask) -> list[dt.date]:
    """The days that a reader can choose: the simulated quarter ends, those of the article, and the last day known."""
    days = ask(HEADLINE_DAYS, dt.date.max)["day"].drop_nulls().to_list()
    last = ask(PUBLICATION, dt.date.max)["last_known_on"].item()
    return sorted(d for d in set(days) if d <= last)
