"""The parts of a picture: charts, a table, a text with the same content, and sources."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assets.report.data import Question

if TYPE_CHECKING:
    from assets.report.vegalite import Spec


@dataclass(frozen=True)
class Drawing:
    """A chart that is built on demand, and its size in pixels."""

    make: Callable[[], Spec]
    width: int
    height: int


@dataclass(frozen=True)
class Figure:
    """One chart, drawn for a wide page and, if that is too small on a phone, also for a narrow one."""

    title: str
    description: str
    """Description of the chart for readers who cannot see it."""
    chart: Drawing
    narrow: Drawing | None = None
    legend: Sequence[tuple[str, str]] = ()
    """Pairs of a mark (a class of the style sheet) and its meaning."""

    @property
    def is_wide(self) -> bool:
        """Whether it has the full width of the page."""
        return self.narrow is not None


@dataclass(frozen=True)
class Column:
    """One column of a table: its title, and the column of the warehouse that it shows, if any."""

    label: str
    origin: str = ""
    is_number: bool = True


@dataclass(frozen=True)
class Cells:
    """A table of texts, as printed."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    sources: Sequence[Sequence[str]] = ()
    """For each row its documents, if the table cites them by row."""


@dataclass(frozen=True)
class Section:
    """A picture on one day."""

    summary: Sequence[str]
    figures: Sequence[Figure]
    tables: Sequence[Cells]
    sources: Sequence[str] = ()
    """Documents behind the whole picture, if the tables do not cite them."""
    subjects_rest: bool = False
    """Whether the figures are based on the promises of the entities in the foreground, which are listed once per day.
    """


@dataclass(frozen=True)
class Picture:
    """A picture of the report: its question, its queries, and the function that builds it for a day."""

    key: str
    title: str
    about: str
    """What its figures mean, in one or two sentences."""
    questions: Mapping[str, Question]
    build: Any
    """Pure function: (results by the names of `questions`, Context) -> Section."""
    span: str = ""
    """The period that it shows, whatever the chosen day; empty if there is one picture for each day."""
    marks: str = ""
    """How to read its charts; shown for the day that has charts."""
    place: int = 0
    """Position on the page, in ascending order."""

    @property
    def is_daily(self) -> bool:
        """Whether there is one for each day."""
        return not self.span
