"""Makes a good frame bad, for any rule of any contract, to prove that the rule can reject.

Rules that follow from columns are broken by construction. For any other rule the search changes one cell, two cells or
one row at a time until the rule finds an offender, so that a new rule is proven without an entry here; a rule that the
search cannot break needs a proof in `tests.unit.gates.proof`.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from assets.core.rule import Problem, Rule
from assets.core.table import Table
from assets.core.vocabulary import VOCABULARIES
from tests.ledgers.memory import Ledger

NO_SUCH = "no such thing!"

MOST_TRIED, FEWEST_TRIED = 8, 6

VALUES: dict[str, tuple[Any, ...]] = {
    "number": (-1.0, 0.0, 0.5, 2.0, 1e6, 1e15, 1e300, None),
    "integer": (-1, 0, 1, 2, 10**9, None),
    "date": (dt.date(1900, 1, 1), dt.date(2100, 1, 1), None),
    "instant": (dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1), None),  # noqa: DTZ001 - as the column holds it
    "flag": (True, False, None),
    "text": (None, NO_SUCH, " =odd"),
}


@dataclass(frozen=True)
class Mutant:
    """A frame that must be refused, and the problems that its reader would have found."""

    frame: pl.DataFrame
    problems: tuple[Problem, ...] = ()


def mutants(rule: Rule, table: Table, good: pl.DataFrame) -> Iterator[Mutant]:
    """Frames, likeliest first; the rule must refuse at least one of them."""
    form = str(rule.native.get("type", ""))
    by_construction = BY_FORM.get(form) or BY_NAME.get(rule.name.partition(":")[0])
    if by_construction:
        yield from (m if isinstance(m, Mutant) else Mutant(m) for m in by_construction(rule, table, good))
    else:
        yield from (Mutant(f) for f in _searched(rule, table, good))


def offenders(rule: Rule, mutant: Mutant, ledger: Ledger) -> int:
    """The number of offenders that the rule itself finds, without a gate."""
    if rule.native.get("type") == "problems":
        return len(mutant.problems)
    if rule.native.get("type") == "reconcile":
        return ledger.query(str(rule.native["sql"]), candidate=mutant.frame).height
    return int(rule.offends(mutant.frame, ledger.read).sum()) if rule.offends else 1


def replaced(frame: pl.DataFrame, row: int, column: str, value: object) -> pl.DataFrame:
    """The frame with one cell changed."""
    at = pl.int_range(pl.len()) == row
    return frame.with_columns(
        pl.when(at).then(pl.lit(value, frame.schema[column])).otherwise(pl.col(column)).alias(column)
    )


# --- rules that follow from the columns -----------------------------------------------------------------------------


def _columns(_rule: Rule, table: Table, good: pl.DataFrame) -> Iterator[pl.DataFrame]:
    first = table.column_names[0]
    yield good.rename({first: f"{first}_"})
    yield good.drop(first)
    yield good.with_columns(extra=pl.lit(1))
    yield good.select(reversed(good.columns))


def _row_count(_rule: Rule, _table: Table, good: pl.DataFrame) -> Iterator[pl.DataFrame]:
    yield good.clear()


def _kept_rows(_rule: Rule, _table: Table, good: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The published rows are those of the ledger: a third of them is below every limit."""
    yield good.head(good.height // 3)
    yield good.clear()


def _unique(_rule: Rule, _table: Table, good: pl.DataFrame) -> Iterator[pl.DataFrame]:
    yield pl.concat([good, good.head(1)])
    yield pl.concat([good.tail(1), good])


def _in_set(rule: Rule, _table: Table, good: pl.DataFrame) -> Iterator[pl.DataFrame]:
    yield replaced(good, 0, rule.columns[0], NO_SUCH)
    yield replaced(good, good.height - 1, rule.columns[0], rule.native["values"][0].upper() + "_")


def _between(rule: Rule, table: Table, good: pl.DataFrame) -> Iterator[pl.DataFrame]:
    kind = int if table.column(rule.columns[0]).kind == "integer" else float
    for bound, sign in ((rule.native["min"], -1), (rule.native["max"], 1)):
        if bound is not None:
            yield replaced(good, 0, rule.columns[0], kind(bound + sign * max(1, abs(bound) / 10)))


def _pattern(rule: Rule, _table: Table, good: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for value in (NO_SUCH, f"{good[rule.columns[0]].drop_nulls().first()} ", "o\u0440enai"):
        yield replaced(good, 0, rule.columns[0], value)


def _refers_to(rule: Rule, _table: Table, good: pl.DataFrame) -> Iterator[pl.DataFrame]:
    yield replaced(good, 0, rule.columns[0], "nobody_at_all")


def _required(rule: Rule, _table: Table, good: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for column in rule.columns:
        yield replaced(good, 0, column, None)


def _not_finite(rule: Rule, _table: Table, good: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for column, value in itertools.product(rule.columns, (float("inf"), float("-inf"), float("nan"))):
        yield replaced(good, 0, column, value)


def _problems(rule: Rule, _table: Table, good: pl.DataFrame) -> Iterator[Mutant]:
    yield Mutant(good, (Problem(rule.name, good["source_line"][0], rule.columns[0], "1.2bn"),))
    yield Mutant(good, (Problem(rule.name, 0, "", "", reason="the file is missing"),))
    yield Mutant(good.clear(), (Problem(rule.name, 0, "", "", reason="the file is missing"),))


def _reconcile(_rule: Rule, table: Table, good: pl.DataFrame) -> Iterator[pl.DataFrame]:
    yield good.slice(1)
    for column in (c for c in table.columns if c.kind == "number"):
        rows = good.with_row_index("at").filter(pl.col(column.name) > 0)["at"].head(1)
        for row in rows:
            yield replaced(good, row, column.name, good[column.name][row] * 1.01 + 1)


BY_FORM: dict[str, Callable[..., Iterator[Any]]] = {
    "columns": _columns,
    "row_count": _row_count,
    "kept_rows": _kept_rows,
    "unique": _unique,
    "in_set": _in_set,
    "between": _between,
    "pattern": _pattern,
    "problems": _problems,
    "reconcile": _reconcile,
}

BY_NAME: dict[str, Callable[..., Iterator[Any]]] = {
    "refers_to": _refers_to,
    "required_values": _required,
    "finite_numbers": _not_finite,
}

ALL_MUST_BE_REFUSED = {*BY_FORM, *BY_NAME} - {"reconcile"}
"""For these rules every mutant must be refused, for the others at least one."""

# --- any other rule -------------------------------------------------------------------------------------------------


def _searched(rule: Rule, table: Table, good: pl.DataFrame) -> Iterator[pl.DataFrame]:
    rows = _promising_rows(rule, good)
    for row, column in itertools.product(rows, rule.columns):
        for value in _values(rule, table, good, row, column):
            yield replaced(good, row, column, value)
    for row in rows:
        yield pl.concat([good, good.slice(row, 1)])
        yield pl.concat([good.slice(0, row), good.slice(row + 1)])
    for row, (one, other) in itertools.product(rows, itertools.permutations(rule.columns, 2)):
        for value in _values(rule, table, good, row, one):
            changed = replaced(good, row, one, value)
            for second in _values(rule, table, good, row, other):
                yield replaced(changed, row, other, second)


def _promising_rows(rule: Rule, good: pl.DataFrame) -> list[int]:
    """The rows with the most values in the columns of the rule, and some with the fewest."""
    filled = good.select(pl.sum_horizontal(pl.col(c).is_not_null().cast(pl.Int32) for c in rule.columns)).to_series()
    order = filled.arg_sort(descending=True)
    return list(dict.fromkeys([*order.head(MOST_TRIED), *order.tail(FEWEST_TRIED)]))


def _values(rule: Rule, table: Table, good: pl.DataFrame, row: int, column: str) -> Iterator[Any]:
    """Other values for a cell: of its kind, of its vocabulary, of its neighbours."""
    kind, vocabulary = table.column(column).kind, table.column(column).vocabulary
    neighbours = [good[c][row] for c in good.columns if c != column and good.schema[c] == good.schema[column]]
    if kind == "number" and good[column][row] is not None:
        neighbours += [good[column][row] * 1.5, -good[column][row], good[column][row] / 2]
    words = list(VOCABULARIES[vocabulary]) if vocabulary else []
    others = good[column].drop_nulls().unique(maintain_order=True).head(3).to_list()
    for value in dict.fromkeys([*words, *neighbours, *VALUES[kind], *others]):
        if value != good[column][row]:
            yield value
