"""The rules of a contract as a suite of Great Expectations, judged on a frame that is copied into pandas.

Only this package imports great_expectations.
Not here: judging a large frame (`Inputs.by_size`), using the verdicts (`assets.gates.evaluate`).
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

import polars as pl

from assets.core.rule import Rule
from assets.core.table import Table

VERDICT = "verdict "

NUMBER = "number"
"""Identifies the result of an expectation. A number, since Great Expectations copies the meta data some sixty times."""

OWN_FORMS = frozenset({"columns", "row_count", "kept_rows", "unique", "in_set", "pattern"})


class Place(Protocol):
    """The engine in which Great Expectations judges a frame, with the expectations whose form depends on the engine."""

    def shown(self) -> AbstractContextManager[Callable[[Sequence[str]], Any]]:
        """Load the frame. Returns a function from the columns of a key (empty for the whole frame) to a batch."""
        ...

    def key(self, columns: Sequence[str], **more: Any) -> tuple[Sequence[str], Any]:
        """The expectation that a key is unique, after the columns of its batch (empty for the whole frame)."""
        ...

    def pattern(self, column: str, pattern: str, **more: Any) -> Any:
        """The expectation that a text matches a pattern."""
        ...


class InPandas:
    """A frame copied into pandas."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    def shown(self) -> AbstractContextManager[Callable[[Sequence[str]], Any]]:
        """Load a copy of the frame."""
        batch = _batch_definition().get_batch({"dataframe": self._frame.to_pandas()})
        return nullcontext(lambda _columns: batch)

    def key(self, columns: Sequence[str], **more: Any) -> tuple[Sequence[str], Any]:
        """The expectation for one column, or for several."""
        if len(columns) == 1:
            return (), expectation("ExpectColumnValuesToBeUnique", column=columns[0], **more)
        return (), expectation("ExpectCompoundColumnsToBeUnique", column_list=list(columns), **more)

    def pattern(self, column: str, pattern: str, **more: Any) -> Any:
        """The expectation for a regular expression of Python."""
        return expectation("ExpectColumnValuesToMatchRegex", column=column, regex=pattern, **more)


def great_expectations_accepts(
    table: Table,
    rules: Sequence[Rule],
    frame: pl.DataFrame,
    good: Mapping[str, pl.Series],
    place_of: Callable[[pl.DataFrame], Place] = InPandas,
) -> dict[str, bool]:
    """The verdict of Great Expectations on each rule; a rule without a result counts as failed.

    Rules that Great Expectations can express are judged on the data. The others share one column of verdicts per
    severity, true where all of them hold, because each expectation costs milliseconds for any number of rows. If that
    column is refused, the rules with offenders have failed; if no rule has an offender, all have failed.
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
    columns = [*table.column_names, *(v.name for v in verdicts)]
    place = place_of(frame.with_columns(verdicts))
    judged = [[r.name for r in group] for group in shared.values()]
    questions: dict[tuple[str, ...], list[Any]] = {(): [_all_true(name, n) for n, name in enumerate(shared)]}
    for rule in rules:
        if has_own_form(rule):
            of, asked = _question(rule, columns, place, len(judged))
            questions.setdefault(tuple(of), []).append(asked)
            judged.append([rule.name])
    answers = []
    with place.shown() as batch:
        for of, expectations in questions.items():
            suite = gx.ExpectationSuite(name=table.full_name, expectations=expectations)
            answers += batch(of).validate(suite, result_format="BOOLEAN_ONLY").results
    accepted = dict.fromkeys((r.name for r in rules), False)
    for answer in answers:
        names = judged[answer.expectation_config.meta[NUMBER]]
        guilty = [n for n in names if n in good and not good[n].all()] if len(names) > 1 else []
        for name in names:
            accepted[name] = bool(answer.success) or (bool(guilty) and name not in guilty)
    return accepted


def has_own_form(rule: Rule) -> bool:
    """Whether Great Expectations judges the data directly; a single bound is judged by the column of verdicts."""
    form = rule.native.get("type")
    if form == "between":
        return rule.native["min"] is not None and rule.native["max"] is not None
    return form in OWN_FORMS


# --- Great Expectations ---------------------------------------------------------------------------------------------


def expectation(name: str, **arguments: Any) -> Any:
    """Create an expectation by the name of its class."""
    import great_expectations.expectations as gxe

    return getattr(gxe, name)(**arguments)


@functools.cache
def context() -> Any:
    """The context of Great Expectations in this process: it writes no files, sends no data and shows no progress."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    made = gx.get_context(mode="ephemeral")
    made.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    return made


@functools.cache
def _batch_definition() -> Any:
    asset = context().data_sources.add_pandas("frames").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("whole")


# --- expectations ---------------------------------------------------------------------------------------------------


def _all_true(column: str, number: int) -> Any:
    severity = "warning" if column.endswith("warning") else "critical"
    return expectation(
        "ExpectColumnValuesToBeInSet", column=column, value_set=[True], meta={NUMBER: number}, severity=severity
    )


def _question(rule: Rule, columns: Sequence[str], place: Place, number: int) -> tuple[Sequence[str], Any]:
    """The expectation of a rule, after the columns of its batch (empty for all); `columns` are those of the frame."""
    form = rule.native
    column = rule.columns[0] if rule.columns else ""
    more = {"meta": {NUMBER: number}, "severity": "critical" if rule.severity == "error" else "warning"}
    match form["type"]:
        case "unique":
            return place.key(rule.columns, **more)
        case "pattern":
            return (), place.pattern(column, form["pattern"], **more)
        case "columns":
            return (), expectation("ExpectTableColumnsToMatchOrderedList", column_list=list(columns), **more)
        case "row_count" | "kept_rows":
            return (), expectation("ExpectTableRowCountToBeBetween", min_value=form["min"], **more)
        case "in_set":
            return (), expectation("ExpectColumnValuesToBeInSet", column=column, value_set=form["values"], **more)
        case _:
            limits = {"min_value": form["min"], "max_value": form["max"]}
            return (), expectation("ExpectColumnValuesToBeBetween", column=column, **limits, **more)
