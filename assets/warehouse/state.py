"""What the build file notes about each of its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

STATE = "_build.tables"
STATE_COLUMNS = ("name", "is_good", "fingerprint", "inputs", "detail", "run_id", "said")


@dataclass(frozen=True)
class State:
    """What the build file knows about one table: good or refused, and from which versions it was built."""

    name: str
    is_good: bool
    fingerprint: str
    inputs: Mapping[str, str]
    detail: Mapping[str, str]
    run_id: str
    said: str
