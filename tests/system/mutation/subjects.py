"""The mutated modules, and the tests that must detect the mutants: those of the module itself, for speed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Subject:
    """A few modules of assets and their fast tests."""

    name: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]
    imported_first: tuple[str, ...]
    """Heavy libraries, imported once before the tests run on each mutant in a separate process."""
    sample: float
    """Share of the mutants of each module that is tried, drawn with SEED."""
    left_out: str = ""
    """Excluded tests, as an expression of pytest -k: they need the whole ledger, and a build for every mutant would
    take hours.
    """


SEED = 20251009

COMMON = ("numpy", "polars", "polars.testing", "hypothesis", "hypothesis.strategies", "pytest")

FINANCE = Subject(
    "finance",
    ("assets/finance/*.py",),
    ("tests/unit/finance",),
    (*COMMON, "scipy.stats", "scipy.optimize", "scipy.sparse", "scipy.special", "ortools.graph.python.min_cost_flow"),
    0.15,
)

GATES = Subject(
    "gates",
    (
        "assets/gates/evaluate.py",
        "assets/gates/result.py",
        "assets/gates/gx_suite.py",
        "assets/scale/gate_in_sql.py",
        "assets/core/shared_rules.py",
        "assets/core/column_rules.py",
    ),
    (
        "tests/unit/gates/test_evaluate.py",
        "tests/unit/gates/test_gx_suite.py",
        "tests/unit/gates/test_kept_rows.py",
        "tests/unit/gates/test_shared_rules.py",
        "tests/unit/core/test_column_rules.py",
    ),
    (*COMMON, "great_expectations", "great_expectations.expectations", "pandas", "duckdb"),
    0.12,
    "not (published_file or waits_for or fail_their_rule or reported_again or no_table_passes or duckdb or dictionary)",
)

SUBJECTS = {s.name: s for s in (FINANCE, GATES)}
