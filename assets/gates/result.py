"""The result of a gate: one result per rule, with the first offending rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assets.core.rule import Severity

REASON, REMEDY, AT_FAULT = "(reason)", "(remedy)", "(at fault)"
"""Keys of a sample that are not columns; no column has such a name."""


@dataclass(frozen=True)
class RuleResult:
    """The result of one rule for one frame."""

    rule: str
    severity: Severity
    is_passed: bool
    rows_checked: int
    rows_failed: int
    columns: tuple[str, ...]
    reason: str
    remedy: str
    samples: tuple[Mapping[str, Any], ...] = ()
    """The first offending rows: key columns, the rule's columns and, for seeds, file and line."""


@dataclass(frozen=True)
class GateResult:
    """The result of a gate for one frame."""

    table: str
    results: tuple[RuleResult, ...] = field(default=())

    @property
    def refusals(self) -> tuple[RuleResult, ...]:
        """Failed rules that stop the build."""
        return tuple(r for r in self.results if not r.is_passed and r.severity == "error")

    @property
    def warnings(self) -> tuple[RuleResult, ...]:
        """Failed rules that are shown only."""
        return tuple(r for r in self.results if not r.is_passed and r.severity == "warning")

    @property
    def is_passed(self) -> bool:
        """True when at least one rule was evaluated and no error rule failed."""
        return bool(self.results) and not self.refusals
