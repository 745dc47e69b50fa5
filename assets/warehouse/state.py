"""The state that the build file records for each of its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

STATE = "_build.tables"
STATE_COLUMNS = ("name", "is_good", "fingerprint", "inputs", "detail", "run_id", "said")


@dataclass(frozen=True)
class State:
    """The state of one table: good or refused, and the versions of the inputs from which it was built."""

    name: str
    is_good: bool
    fingerprint: str
    inputs: Mapping[str, str]
    detail: Mapping[str, str]
    run_id: str
    said: str
