"""The type of a rule: one sentence that must hold, with its reason and its remedy.

Not here: how a rule is judged (`assets.gates.evaluate`), rules that follow from columns (`assets.core.column_rules`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl

Severity = Literal["error", "warning"]

Read = Callable[[str], pl.DataFrame]
"""Returns the frame of a table by its name, e.g. `staging.entities`."""

Offends = Callable[[pl.DataFrame, Read], pl.Series]
"""Returns true for every row that breaks a rule."""

Advise = Callable[[Mapping[str, Any], pl.DataFrame, Read], "Advice"]
"""Returns the remedy for one offending row; called only for the rows that are shown."""


def must(holds: bool, message: str) -> None:  # noqa: FBT001 - an assertion that no optimisation removes
    """Errors: ValueError with the message."""
    if not holds:
        raise ValueError(message)


@dataclass(frozen=True)
class Problem:
    """One value that could not be read: its line, the error and the remedy."""

    rule: str
    line: int
    column: str
    value: str
    remedy: str = ""
    reason: str = ""
    """The error, where it is more specific than the reason of the rule."""


@dataclass(frozen=True)
class Advice:
    """Advice on one offending row, in addition to the remedy of its rule."""

    remedy: str = ""
    columns: tuple[str, ...] = ()
    """The columns of the rule that are wrong in this row, if not all are."""


@dataclass(frozen=True)
class Rule:
    """One sentence that must hold for every row (or for the table), with its severity, reason and remedy."""

    name: str
    columns: tuple[str, ...]
    reason: str
    remedy: str
    severity: Severity = "error"
    scope: Literal["row", "table"] = "row"
    offends: Offends | None = None
    """Row scope: a boolean Series, true where a row offends. Rules of table scope are judged in their `native` form."""
    native: Mapping[str, Any] = field(default_factory=dict)
    """The Great Expectations form where one exists, e.g. `{"type": "unique"}`; otherwise a verdict column is judged."""
    needs: tuple[str, ...] = ()
    """Other tables that the rule reads."""
    advise: Advise | None = None
    """Advice on one offending row, more specific than the remedy."""

    def __post_init__(self) -> None:
        must(bool(self.reason and self.remedy), f"rule {self.name}: a rule must have a reason and a remedy")
        form = self.native.get("type")
        can_judge = form is not None if self.scope == "table" else self.offends is not None or form == "problems"
        must(can_judge, f"rule {self.name}: a rule of scope {self.scope} needs a way to find what offends")
