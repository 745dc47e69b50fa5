"""What a picture is made of: charts, a table, a text that says the same, and where the figures come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assets.report.data import Question

if TYPE_CHECKING:
    from assets.report.vegalite import Spec


@dataclass(frozen=True)
class Drawing:
    """A chart that is put together when it is shown, and its size in pixels."""

    make: Callable[[], Spec]
    width: int
    height: int


@dataclass(frozen=True)
class Figure:
    """One chart, drawn for a wide page and, where that would be too small on a phone, for a narrow one too."""

    title: str
    description: str
    """What the chart shows, for those who do not see it."""
    chart: Drawing
    narrow: Drawing | None = None
    legend: Sequence[tuple[str, str]] = ()
    """Pairs of a mark (a class of the style sheet) and its meaning."""

    @property
    def is_wide(self) -> bool:
        """Whether it takes the whole width of the page."""
        return self.narrow is not None


@dataclass(frozen=True)
class Column:
    """One column of a table: its head, and the column of the warehouse that it shows, if there is one."""

    label: str
    origin: str = ""
    is_number: bool = True


@dataclass(frozen=True)
class Cells:
    """A table of texts, as it is printed."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    sources: Sequence[Sequence[str]] = ()
    """For each row the documents on which it rests, if the table names them row by row."""


@dataclass(frozen=True)
class Section:
    """A picture on one day."""

    summary: Sequence[str]
    figures: Sequence[Figure]
    tables: Sequence[Cells]
    sources: Sequence[str] = ()
    """Documents on which the whole picture rests, where the tables do not name them."""
    subjects_rest: bool = False
    """Whether the figures rest on the promises of the entities in the foreground, listed once a day."""


@dataclass(frozen=True)
class Picture:
    """A picture of the report: its question, what it asks the file, and how it is built for a day."""

    key: str
    title: str
    about: str
    """What its figures mean, in a sentence or two."""
    questions: Mapping[str, Question]
    build: Any
    """(answers by the names of `questions`, Context) -> Section; pure."""
    span: str = ""
    """What it shows in place of a chosen day; empty if there is one picture for each day."""
    marks: str = ""
    """How to read the marks of its charts; shown on the day that has charts."""
    place: int = 0
    """Where it stands on the page: lower numbers first."""

    @property
    def is_daily(self) -> bool:
        """Whether there is one for each day."""
        return not self.span
