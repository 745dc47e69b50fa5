"""A contract's rules as a suite that Great Expectations judges, on a frame that is copied into pandas.

This package alone imports great_expectations.
Not here: where a large frame is judged instead (`Inputs.by_size`), what is done with the answers
(`assets.gates.evaluate`).
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
"""By which an answer is known again: Great Expectations copies what an expectation carries some sixty times."""

OWN_FORMS = frozenset({"columns", "row_count", "kept_rows", "unique", "in_set", "pattern"})


class Place(Protocol):
    """Where Great Expectations judges a frame, and how the rules are put there whose form depends on the place."""

    def shown(self) -> AbstractContextManager[Callable[[Sequence[str]], Any]]:
        """Shows Great Expectations the frame. Gives a function: some key's columns, or none, to a batch."""
        ...

    def key(self, columns: Sequence[str], **more: Any) -> tuple[Sequence[str], Any]:
        """That no two rows have the same key: the columns whose batch is asked, none for all, and the expectation."""
        ...

    def pattern(self, column: str, pattern: str, **more: Any) -> Any:
        """That a text looks like a pattern."""
        ...


class InPandas:
    """A frame that is copied into pandas."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    def shown(self) -> AbstractContextManager[Callable[[Sequence[str]], Any]]:
        """Shows Great Expectations a copy of the frame."""
        batch = _batch_definition().get_batch({"dataframe": self._frame.to_pandas()})
        return nullcontext(lambda _columns: batch)

    def key(self, columns: Sequence[str], **more: Any) -> tuple[Sequence[str], Any]:
        """An expectation for one column, or for several."""
        if len(columns) == 1:
            return (), expectation("ExpectColumnValuesToBeUnique", column=columns[0], **more)
        return (), expectation("ExpectCompoundColumnsToBeUnique", column_list=list(columns), **more)

    def pattern(self, column: str, pattern: str, **more: Any) -> Any:
        """Python's own patterns."""
        return expectation("ExpectColumnValuesToMatchRegex", column=column, regex=pattern, **more)


def great_expectations_accepts(
    table: Table,
    rules: Sequence[Rule],
    frame: pl.DataFrame,
    good: Mapping[str, pl.Series],
    place_of: Callable[[pl.DataFrame], Place] = InPandas,
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
    """Whether Great Expectations judges the data itself: a floor or a ceiling alone goes with the verdicts."""
    form = rule.native.get("type")
    if form == "between":
        return rule.native["min"] is not None and rule.native["max"] is not None
    return form in OWN_FORMS


# --- Great Expectations ---------------------------------------------------------------------------------------------


def expectation(name: str, **arguments: Any) -> Any:
    """An expectation by the name of its class."""
    import great_expectations.expectations as gxe

    return getattr(gxe, name)(**arguments)


@functools.cache
def context() -> Any:
    """Great Expectations of this process: nothing is written, sent or drawn."""
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


# --- what is asked --------------------------------------------------------------------------------------------------


def _all_true(column: str, number: int) -> Any:
    severity = "warning" if column.endswith("warning") else "critical"
    return expectation(
        "ExpectColumnValuesToBeInSet", column=column, value_set=[True], meta={NUMBER: number}, severity=severity
    )


def _question(rule: Rule, columns: Sequence[str], place: Place, number: int) -> tuple[Sequence[str], Any]:
    """How a rule is put, and the columns whose batch is asked, none for all; `columns` are those of the frame."""
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
