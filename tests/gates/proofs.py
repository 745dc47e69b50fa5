"""Proofs of their own for rules that no change of one or two cells breaks: table and rule, and the frame that breaks it."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

PROOFS: dict[tuple[str, str], Callable[[pl.DataFrame], pl.DataFrame]] = {}
