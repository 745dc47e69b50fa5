"""The type of an explanation: a number, its formula and terms, and the contribution of each row of the seeds."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from assets.warehouse.published_file import Row


@dataclass(frozen=True)
class Contribution:
    """One row of the seeds, or of a derived table, and its contribution."""

    name: str
    value: float | None
    """In the unit of the term; None if the figure depends on the row but the row has no share of it."""
    told: str = ""
    certainty: str | None = None
    evidence: str | None = None
    known_from: dt.date | None = None
    deal: str | None = None
    source_file: str | None = None
    source_line: int | None = None
    source: str | None = None
    source_url: str | None = None


@dataclass(frozen=True)
class Term:
    """One figure in the formula of a number."""

    name: str
    value: float | None
    unit: str
    told: str
    """Description in words. The name of this field is a key of `--json`, as are all field names here."""
    contributions: list[Contribution] = field(default_factory=list)
    is_sum: bool = True
    """Whether the contributions add up to the value."""

    def adds_up(self) -> bool:
        """Whether the contributions add up to the value, within a cent or a millionth."""
        if not self.is_sum:
            return True
        total = math.fsum(c.value or 0.0 for c in self.contributions)
        return math.isclose(total, self.value or 0.0, rel_tol=1e-6, abs_tol=0.011 if self.unit == "USD" else 1e-6)


@dataclass(frozen=True)
class Explanation:
    """The derivation of a published number."""

    table: str
    column: str
    unit: str
    meaning: str
    day: dt.date
    key: Row
    value: Any
    formula: str
    terms: list[Term]
    rests_on: str
    remarks: list[str] = field(default_factory=list)
    row: Row = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The content for JSON."""
        return asdict(self)


Found = tuple[str, list[Term]]
"""The formula of a number in words, and its terms."""


def summed(name: str, unit: str, about: str, contributions: Sequence[Contribution], value: float | None) -> Term:
    """A term that is the sum of these rows; rows that contribute 0 are left out."""
    return Term(name, value, unit, about, [c for c in contributions if c.value])


def grounds(name: str, unit: str, about: str, contributions: Sequence[Contribution], value: float | None) -> Term:
    """A term that depends on these rows, but is not their sum."""
    return Term(name, value, unit, about, list(contributions), is_sum=False)
