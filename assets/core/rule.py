"""What a rule is: one sentence that must hold, with its reason and its remedy.

Not here: how a rule is judged (`assets.gates.evaluate`), rules that follow from columns (`assets.core.column_rules`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl

Severity = Literal["error", "warning"]

Read = Callable[[str], pl.DataFrame]
"""Gives the frame of a table by its name, e.g. `staging.entities`."""

Offends = Callable[[pl.DataFrame, Read], pl.Series]
"""Answers true for every row that breaks a rule."""

Advise = Callable[[Mapping[str, Any], pl.DataFrame, Read], "Advice"]
"""Gives the remedy for one offending row; called only for the rows that are shown."""


def must(holds: bool, message: str) -> None:  # noqa: FBT001 - an assertion that no optimisation removes
    """Errors: ValueError with the message."""
    if not holds:
        raise ValueError(message)


@dataclass(frozen=True)
class Problem:
    """One value that could not be read: its line, what is wrong with it, and the remedy."""

    rule: str
    line: int
    column: str
    value: str
    remedy: str = ""
    reason: str = ""
    """What is wrong, where more can be said than the reason of the rule."""


@dataclass(frozen=True)
class Advice:
    """What can be said about one offending row beyond the remedy of its rule."""

    remedy: str = ""
    columns: tuple[str, ...] = ()
    """The columns of the rule that are at fault in this row, if not all are."""


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
    """Row scope: a boolean Series, true where a row offends. Table scope rules are judged by their `native` form."""
    native: Mapping[str, Any] = field(default_factory=dict)
    """The Great Expectations form where one exists, e.g. `{"type": "unique"}`; otherwise a verdict column is judged."""
    needs: tuple[str, ...] = ()
    """Other tables that the rule reads."""
    advise: Advise | None = None
    """Says more about an offending row than the remedy of the rule does."""

    def __post_init__(self) -> None:
        must(bool(self.reason and self.remedy), f"rule {self.name}: a rule must have a reason and a remedy")
        form = self.native.get("type")
        can_judge = form is not None if self.scope == "table" else self.offends is not None or form == "problems"
        must(can_judge, f"rule {self.name}: a rule of scope {self.scope} needs a way to find what offends")
