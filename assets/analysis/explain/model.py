"""What an explanation is: a number, how it follows from its terms, and what each row of the seeds adds to a term."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from assets.warehouse.published_file import Row


@dataclass(frozen=True)
class Contribution:
    """One row of the seeds, or of a table that rests on them, and what it adds."""

    name: str
    value: float | None
    """In the unit of the term; None where the row is the ground of the figure but has no share of its own."""
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
    """One figure that a number follows from."""

    name: str
    value: float | None
    unit: str
    told: str
    """What it is, in words. The name is a key of `--json`, as are all names here."""
    contributions: list[Contribution] = field(default_factory=list)
    is_sum: bool = True
    """Whether the contributions add up to the value."""

    def adds_up(self) -> bool:
        """Whether they do, up to a cent or a millionth."""
        if not self.is_sum:
            return True
        total = math.fsum(c.value or 0.0 for c in self.contributions)
        return math.isclose(total, self.value or 0.0, rel_tol=1e-6, abs_tol=0.011 if self.unit == "USD" else 1e-6)


@dataclass(frozen=True)
class Explanation:
    """Where a published number comes from."""

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
        """For machines."""
        return asdict(self)


Found = tuple[str, list[Term]]
"""How a number follows from its terms, in words, and the terms."""


def summed(name: str, unit: str, about: str, contributions: Sequence[Contribution], value: float | None) -> Term:
    """A term to which these rows add up; rows that add nothing are left out."""
    return Term(name, value, unit, about, [c for c in contributions if c.value])


def grounds(name: str, unit: str, about: str, contributions: Sequence[Contribution], value: float | None) -> Term:
    """A term that follows from these rows, which have no share of their own."""
    return Term(name, value, unit, about, list(contributions), is_sum=False)
