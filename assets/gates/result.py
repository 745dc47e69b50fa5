"""What a gate said: one result a rule, with the first offending rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assets.core.rule import Severity

REASON, REMEDY, AT_FAULT = "(reason)", "(remedy)", "(at fault)"
"""What a sample says besides the values of its columns: no column is called like this."""


@dataclass(frozen=True)
class RuleResult:
    """What one rule said about one frame."""

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
    """What a gate said about one frame."""

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
