"""A contract's rules as a suite that Great Expectations judges: in pandas, or in SQL where a frame is large.

This package alone imports great_expectations.
Not here: what is done with its answers (`assets.gates.evaluate`).
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import polars as pl
from sqlalchemy.pool import StaticPool

from assets.core.rule import Rule
from assets.core.table import Table
from assets.warehouse.gx_connection import VIEW, OneFrame
from assets.warehouse.identifiers import literal, quoted

VERDICT = "verdict "

ROWS_IN_PANDAS = 200_000
"""Rows of a frame that is copied into pandas: faster than SQL up to here, and more memory beyond."""

SQL_SOURCE = "large frame"

OWN_FORMS = frozenset({"columns", "row_count", "kept_rows", "unique", "in_set", "pattern"})


def great_expectations_accepts(
    table: Table, rules: Sequence[Rule], frame: pl.DataFrame, good: Mapping[str, pl.Series]
) -> dict[str, bool]:
    """Each rule's verdict by Great Expectations; a rule that it did not answer counts as failed.

    Rules with a form of their own in Great Expectations are judged on the data. The others share one column of verdicts
    per severity, true where all of them hold: each expectation costs milliseconds whatever the number of rows. Where
    that column is refused, the rules with offenders have failed; without any offender, all of them have.
    """
    import great_expectations as gx

    shared: dict[str, list[Rule]] = {}
    for rule in rules:
        if not has_own_form(rule):
            shared.setdefault(f"{VERDICT}{rule.severity}", []).append(rule)
    verdicts = [
        pl.select(pl.all_horizontal(good[r.name] for r in group)).to_series().alias(name)
        for name, group in shared.items()
    ]
    names = [v.name for v in verdicts]
    in_sql = frame.height > ROWS_IN_PANDAS
    questions: dict[tuple[str, ...], list[Any]] = {(): [_all_true(n, [r.name for r in g]) for n, g in shared.items()]}
    for rule in rules:
        if has_own_form(rule):
            of = rule.columns if in_sql and rule.native["type"] == "unique" else ()
            questions.setdefault(of, []).append(_expectation(rule, table, names, frame.height, in_sql=in_sql))
    answers = []
    with (_in_sql if in_sql else _in_pandas)(frame.with_columns(verdicts)) as batch:
        for of, asked in questions.items():
            suite = gx.ExpectationSuite(name=table.full_name, expectations=asked)
            answers += batch(of).validate(suite, result_format="BOOLEAN_ONLY").results
    accepted = dict.fromkeys((r.name for r in rules), False)
    for answer in answers:
        judged = answer.expectation_config.meta["rules"]
        guilty = [n for n in judged if n in good and not good[n].all()] if len(judged) > 1 else []
        for name in judged:
            accepted[name] = bool(answer.success) or (bool(guilty) and name not in guilty)
    return accepted


def has_own_form(rule: Rule) -> bool:
    """Whether Great Expectations judges the data itself: a floor or a ceiling alone goes with the verdicts."""
    form = rule.native.get("type")
    if form == "between":
        return rule.native["min"] is not None and rule.native["max"] is not None
    return form in OWN_FORMS


# --- where a frame is judged ----------------------------------------------------------------------------------------


@functools.cache
def _context() -> Any:
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    return context


@functools.cache
def _batch_definition() -> Any:
    asset = _context().data_sources.add_pandas("frames").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("whole")


@contextmanager
def _in_pandas(frame: pl.DataFrame) -> Iterator[Callable[[tuple[str, ...]], Any]]:
    """Gives the frame as a batch, copied."""
    batch = _batch_definition().get_batch({"dataframe": frame.to_pandas()})
    yield lambda _columns: batch


@contextmanager
def _in_sql(frame: pl.DataFrame) -> Iterator[Callable[[tuple[str, ...]], Any]]:
    """Gives the frame, or the different values of some of its columns, as a batch; DuckDB reads it where it lies."""
    sources = _context().data_sources
    shown = OneFrame(frame)
    try:
        source = sources.add_or_update_sql(
            SQL_SOURCE,
            connection_string="duckdb:///:memory:",
            create_temp_table=False,
            kwargs={"creator": lambda: shown, "poolclass": StaticPool},
        )

        def batch(columns: tuple[str, ...]) -> Any:
            if columns:
                query = f"select distinct {', '.join(quoted(c) for c in columns)} from {VIEW}"  # noqa: S608 - quoted
                asset = source.add_query_asset(" ".join(columns), query=query)
            else:
                asset = source.add_table_asset("the frame", table_name=VIEW)
            return asset.add_batch_definition_whole_table("whole").get_batch()

        yield batch
    finally:
        sources.delete(SQL_SOURCE)
        shown.close()


# --- what is asked --------------------------------------------------------------------------------------------------


def _all_true(column: str, rules: list[str]) -> Any:
    import great_expectations.expectations as gxe

    severity: Any = "warning" if column.endswith("warning") else "critical"
    return gxe.ExpectColumnValuesToBeInSet(column=column, value_set=[True], meta={"rules": rules}, severity=severity)


def _expectation(rule: Rule, table: Table, verdicts: Sequence[str], rows: int, *, in_sql: bool) -> Any:
    """How a rule is put; in SQL a key is unique if there are as many different keys as rows."""
    import great_expectations.expectations as gxe

    form = rule.native
    more: dict[str, Any] = {
        "meta": {"rules": [rule.name]},
        "severity": "critical" if rule.severity == "error" else "warning",
    }
    column = rule.columns[0] if rule.columns else ""
    forms: dict[str, Callable[[], Any]] = {
        "columns": lambda: gxe.ExpectTableColumnsToMatchOrderedList(
            column_list=[*table.column_names, *verdicts], **more
        ),
        "row_count": lambda: gxe.ExpectTableRowCountToBeBetween(min_value=form["min"], **more),
        "kept_rows": lambda: gxe.ExpectTableRowCountToBeBetween(min_value=form["min"], **more),
        "unique": lambda: (
            gxe.ExpectTableRowCountToEqual(value=rows, **more)
            if in_sql
            else gxe.ExpectColumnValuesToBeUnique(column=column, **more)
            if len(rule.columns) == 1
            else gxe.ExpectCompoundColumnsToBeUnique(column_list=list(rule.columns), **more)
        ),
        "in_set": lambda: gxe.ExpectColumnValuesToBeInSet(column=column, value_set=form["values"], **more),
        "between": lambda: gxe.ExpectColumnValuesToBeBetween(
            column=column, min_value=form["min"], max_value=form["max"], **more
        ),
        "pattern": lambda: (
            gxe.UnexpectedRowsExpectation(unexpected_rows_query=_mismatches(column, form["pattern"]), **more)
            if in_sql
            else gxe.ExpectColumnValuesToMatchRegex(column=column, regex=form["pattern"], **more)
        ),
    }
    return forms[form["type"]]()


def _mismatches(column: str, pattern: str) -> str:
    """A SELECT of the values that do not match: Great Expectations knows no way to ask DuckDB for patterns.

    The pattern goes as hexadecimal digits, for braces, colons and quotes mean something to those who pass it on.
    """
    digits = literal(pattern.encode().hex())
    return (
        f"select {quoted(column)} from {{batch}} "  # noqa: S608 - quoted
        f"where not regexp_matches({quoted(column)}, decode(unhex({digits})))"
    )
