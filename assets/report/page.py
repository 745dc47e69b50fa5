"""The report as one HTML file: text and tables of every day that can be chosen, pictures of the last day.

They are followed by the queries, the meaning of each column and the sources.

Not here: the content of a picture (`assets.report.charts`); the callers (`assets.cli.report`,
`assets.orchestration.report_asset`).
"""

from __future__ import annotations

import datetime as dt
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import polars as pl
from markupsafe import Markup

from assets.core import formatting, walk
from assets.core.paths import Paths
from assets.report import charts, data
from assets.report.charts import headline
from assets.report.data import Ask, Context, Question
from assets.report.drawing import svg
from assets.report.model import Cells, Drawing, Figure, Picture, Section
from assets.warehouse import ours
from assets.warehouse.disk import replace_file

MOST_BYTES = 3_000_000

MOST_ROWS, MOST_SOURCES = 200, 100
"""The most rows of a table and the most sources in a cell, so that the page stays small for a ledger of any size. The
project's ledger needs 57 and 27.
"""

PICTURES: tuple[Picture, ...] = tuple(
    sorted((m.PICTURE for m in walk.modules(charts) if hasattr(m, "PICTURE")), key=lambda picture: picture.place)
)

TEMPLATES = Path(__file__).resolve().parent / "templates"

REMOTE = re.compile(
    r"""<(?:script|img|iframe|object|embed|audio|video|source|track|use|image)\b[^>]*?\b(?:src|href|data)\s*=\s*(?!["']?(?:data:|\#))"""
    r"""|<link\b[^>]*?\bhref\s*=\s*(?!["']?data:)|@import\b|\burl\(\s*(?!["']?(?:data:|\#))""",
    re.IGNORECASE,
)
"""Markup that makes a browser load a resource; a link to follow is allowed."""

CLIP = re.compile(r'(<clipPath id="|clip-path="url\(#)clip(\d+)')

BEFORE_UNIT = re.compile(r"(?<=[0-9]) (?=GW\b|%|pp\b)")

ADDRESSES = ("https://", "http://")


@dataclass(frozen=True)
class Written:
    """A written report."""

    path: Path
    size_bytes: int
    days: tuple[dt.date, ...]


def write(published: Path) -> Written:
    """Write the report next to the published file, atomically.

    Rules: only a report of ours is replaced. Only those who may read the published file may read the report.
    Errors: EnvironmentFailure if nothing is published yet, the disk fails, or a file that is not ours is there.
    """
    with data.reading(published) as connection:
        ask = data.asker(connection)
        days = data.as_of_days(ask)
        content = render(ask, days, published).encode()
    paths = Paths(published)
    ours.must_be_report(paths.report)
    replace_file(paths.report, content, like=paths.target)
    return Written(paths.report, len(content), tuple(days))


def faults(path: Path) -> list[str]:
    """Reasons why a report is not one small file without network access."""
    text = path.read_text(encoding="utf-8")
    reasons = [f"it asks for {found[0]}" for found in REMOTE.finditer(text)]
    size = path.stat().st_size
    return [*reasons, *([f"it has {size:,} bytes, more than {MOST_BYTES:,}"] if size > MOST_BYTES else [])]


@dataclass(frozen=True)
class Cited:
    """The documents behind a figure: their numbers, and the number of further ones."""

    numbers: Sequence[int]
    more: int


class Documents:
    """The sources that the report cites, numbered in order of citation."""

    def __init__(self, known: pl.DataFrame) -> None:
        self._known = known
        self._ids = frozenset(known["source_id"])
        self._numbers: dict[str, int] = {}

    def cite(self, source_ids: Sequence[str]) -> Cited:
        """Numbers of the sources, in order; of very many, the first."""
        held = [s for s in source_ids if s in self._ids]
        shown = held[:MOST_SOURCES]
        numbers = sorted(self._numbers.setdefault(s, len(self._numbers) + 1) for s in shown)
        return Cited(numbers, len(held) - len(shown))

    def listed(self) -> Iterator[dict[str, Any]]:
        """The entries of the list at the end; an address that is not a web address is shown as text."""
        cited = self._known.filter(pl.col("source_id").is_in(list(self._numbers)))
        rows = {row["source_id"]: row for row in cited.iter_rows(named=True)}
        for source_id, number in self._numbers.items():
            row = rows[source_id]
            url = row["url"] or ""
            yield {**row, "number": number, "is_link": url.startswith(ADDRESSES), "url": url}


def render(ask: Ask, days: Sequence[dt.date], published: Path) -> str:
    """The whole page."""
    newest = days[-1]
    names = data.short_names(ask(data.ENTITIES, newest))
    documents = Documents(ask(data.SOURCES, newest))
    subjects = tuple(ask(data.SUBJECTS, newest)["entity_id"].to_list())
    contexts = [Context(day, subjects, names) for day in reversed(days)]
    answers = [_answer(ask, context, documents) for context in contexts]
    pictures = [_picture(ask, picture, contexts, documents) for picture in PICTURES]
    questions = [q for q in _questions() if q is not data.ENTITIES]
    page: str = (
        _environment()
        .get_template("page.html.j2")
        .render(
            days=[{"iso": d.isoformat(), "words": formatting.day(d)} for d in reversed(days)],
            newest=newest.isoformat(),
            answers=answers,
            pictures=pictures,
            queries=[_query(q, days, published) for q in questions],
            tables=_tables(ask(data.DICTIONARY, newest), questions),
            sources=list(documents.listed()),
            publication=ask(data.PUBLICATION, newest).to_dicts()[0],
            subjects=formatting.listing([names[s] for s in subjects]),
            style=_file("style.css"),
            script=_file("script.js"),
        )
    )
    return _renumbered(page)


def _renumbered(page: str) -> str:
    """Number the clips of the charts from 1, since Vega's counter runs on over all charts of the process."""
    numbers: dict[str, int] = {}
    return CLIP.sub(lambda m: f"{m[1]}clip{numbers.setdefault(m[2], len(numbers) + 1)}", page)


def _environment() -> Any:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_unbroken,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _unbroken(value: object) -> object:
    """A figure stays on one line with its unit."""
    return BEFORE_UNIT.sub("\u00a0", value) if type(value) is str else value


def _file(name: str) -> Any:
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))  # noqa: S704 - our own file


def _answer(ask: Ask, context: Context, documents: Documents) -> dict[str, Any]:
    frame = ask(headline.HEADLINE, context.day)
    rests = ask(headline.RESTS, context.day)
    return {
        "day": context.day.isoformat(),
        "words": formatting.day(context.day),
        "entities": [
            {
                "id": a.entity_id,
                "name": context.name(a.entity_id),
                "sentence": a.sentence,
                "facts": a.facts,
                "rests": [(what, documents.cite(ids)) for what, ids in headline.rests(rests, a.entity_id)],
            }
            for a in headline.answers(frame, context)
        ],
        "table": _cells(headline.table(frame, context), documents),
    }


def _picture(ask: Ask, picture: Picture, contexts: Sequence[Context], documents: Documents) -> dict[str, Any]:
    """A picture on each day, last day first: its charts are drawn for the last day, and other days refer to them."""
    newest = contexts[0]
    blocks = []
    for context in contexts if picture.is_daily else contexts[:1]:
        answers = {name: ask(question, context.day) for name, question in picture.questions.items()}
        section: Section = picture.build(answers, context)
        is_drawn = context is newest
        blocks.append(
            {
                "day": context.day.isoformat() if picture.is_daily else "",
                "words": f"As known on {formatting.day(context.day)}" if picture.is_daily else picture.span,
                "summary": section.summary,
                "figures": [_figure(f) for f in section.figures] if is_drawn else [],
                "drawn_on": formatting.day(newest.day) if section.figures and not is_drawn else "",
                "tables": [_cells(t, documents) for t in section.tables],
                "rests": [(s, context.name(s)) for s in context.subjects] if section.subjects_rest else [],
                "rests_day": context.day.isoformat(),
            }
        )
    shown = [q for q in picture.questions.values() if q is not data.ENTITIES]
    return {
        "key": picture.key,
        "title": picture.title,
        "about": picture.about,
        "marks": picture.marks,
        "blocks": blocks,
        "questions": shown,
    }


def _figure(figure: Figure) -> dict[str, Any]:
    def drawn(drawing: Drawing) -> dict[str, Any]:
        inside, width, height = svg(drawing)
        return {"inside": Markup(inside), "width": width, "height": height}  # noqa: S704 - Vega has escaped every text

    return {
        "title": figure.title,
        "description": figure.description,
        "is_wide": figure.is_wide,
        "drawings": [drawn(d) for d in (figure.chart, figure.narrow) if d is not None],
        "legend": figure.legend,
    }


def _cells(cells: Cells, documents: Documents) -> dict[str, Any]:
    """A table as printed; of very many rows, the first."""
    rows = len(cells.rows)
    cut = f", the first {MOST_ROWS:,} of {rows:,}: the query has all" if rows > MOST_ROWS else ""
    return {
        "caption": f"{cells.caption}{cut}",
        "columns": cells.columns,
        "rows": cells.rows[:MOST_ROWS],
        "sources": [documents.cite(s) for s in cells.sources[:MOST_ROWS]],
    }


def _questions() -> list[Question]:
    asked = [headline.HEADLINE, headline.RESTS, *(q for p in PICTURES for q in p.questions.values())]
    return list(dict.fromkeys(asked))


def _query(question: Question, days: Sequence[dt.date], published: Path) -> dict[str, Any]:
    """A command for the shell, split at the places of the chosen day."""
    is_usual = (published.parent.name, published.name) == ("warehouse", "closedloop.duckdb")
    place = "" if is_usual else f" --warehouse {shlex.quote(published.name)}"
    line = " ".join(question.sql.split())
    return {
        "key": question.key,
        "tables": question.tables,
        "pieces": f'closedloop query "{line}"{place}'.split(data.DAY),
        "days": [d.isoformat() for d in reversed(days)],
    }


def _tables(dictionary: pl.DataFrame, questions: Sequence[Question]) -> list[dict[str, Any]]:
    """The dictionary entries of every queried table."""
    wanted = sorted({t for q in questions for t in q.tables})
    by_table: Mapping[Any, pl.DataFrame] = dictionary.partition_by("full_name", as_dict=True)
    found = []
    for name in wanted:
        columns = by_table[name,].to_dicts()
        first = columns[0]
        found.append(
            {
                "name": name,
                "summary": first["table_summary"],
                "grain": first["grain"],
                "hazards": first["hazards"],
                "columns": columns,
            }
        )
    return found
