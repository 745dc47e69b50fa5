"""The gate of a table in parts: what the gates of its parts said, together; and keys that stand in two parts.

A few parts at a time are judged as a frame is, so that memory does not grow with the table.
Not here: how a frame is judged (`assets.gates.evaluate`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from assets.core.rule import Rule
from assets.core.size import LargeTable

if TYPE_CHECKING:
    from assets.gates.result import RuleResult

ROWS_JUDGED_AT_ONCE = 4_000_000
"""Rows of parts that are judged as one: Great Expectations takes its time for each, however few they are."""


def judged(
    parts: LargeTable, judge: Callable[[pl.DataFrame], Sequence[RuleResult]], rules: Sequence[Rule], samples: int
) -> tuple[RuleResult, ...]:
    """What the gates of the parts say together, and of a unique key what none of them can say."""
    once = {r.name for r in rules if r.native.get("type") == "reconcile"}
    return with_repeated(together(map(judge, gathered(parts)), once, samples), rules, parts)


def gathered(parts: LargeTable) -> Iterator[pl.DataFrame]:
    """The rows in their order, in frames of several parts; one of more rows than are judged at once stays alone."""
    held: list[pl.DataFrame] = []
    for frame in parts.frames():
        if held and sum(f.height for f in (*held, frame)) > ROWS_JUDGED_AT_ONCE:
            yield pl.concat(held)
            held = []
        held.append(frame)
    yield pl.concat(held)


def together(gates: Iterable[Sequence[RuleResult]], once: Collection[str], samples: int) -> tuple[RuleResult, ...]:
    """One result per rule: passed where it passed in every part. `once` are rules that every part answers alike."""
    found: dict[str, RuleResult] = {}
    for gate in gates:
        for said in gate:
            known = found.get(said.rule)
            if known is None:
                found[said.rule] = said
                continue
            is_counted = said.rule in once
            found[said.rule] = replace(
                known,
                is_passed=known.is_passed and said.is_passed,
                rows_checked=known.rows_checked + said.rows_checked,
                rows_failed=known.rows_failed if is_counted else known.rows_failed + said.rows_failed,
                samples=known.samples if is_counted else (*known.samples, *said.samples)[:samples],
            )
    return tuple(found.values())


def with_repeated(results: Sequence[RuleResult], rules: Sequence[Rule], parts: LargeTable) -> tuple[RuleResult, ...]:
    """The results, with a unique key refused where two parts share one: no part alone shows that."""
    unique = {r.name: list(r.columns) for r in rules if r.native.get("type") == "unique"}
    found = {name: repeated(parts, columns) for name, columns in unique.items()}
    return tuple(
        replace(
            result,
            is_passed=False,
            rows_failed=max(result.rows_failed, found[result.rule].height),
            samples=result.samples or tuple(found[result.rule].drop("rows").head(1).to_dicts()),
        )
        if result.rule in found and found[result.rule].height
        else result
        for result in results
    )


def repeated(parts: LargeTable, columns: Sequence[str]) -> pl.DataFrame:
    """Keys that stand more than once, with their number of rows; not looked for where keys rise from part to part.

    Hazards: in parts that do not rise, all keys are held at once.
    """
    ends = [_ends(keys, columns) for keys in parts.frames(columns) if keys.height]
    known = all(value is not None for pair in ends for row in pair for value in row)
    if known and all(before[1] < after[0] for before, after in pairwise(ends)):
        return pl.DataFrame(schema={**{c: parts.schema[c] for c in columns}, "rows": pl.UInt32})
    counted = parts.lazy().group_by(columns).agg(rows=pl.len()).filter(pl.col("rows") > 1)
    return counted.sort(columns).collect(engine="streaming")


def _ends(keys: pl.DataFrame, columns: Sequence[str]) -> tuple[tuple[object, ...], tuple[object, ...]]:
    """The smallest and the largest key, looked for among those of the smallest and the largest first value.

    Where a first value is unknown, so are the ends.
    """
    first = keys[columns[0]]
    if first.null_count():
        return (None,), (None,)
    low, high = (keys.filter(first == end) for end in (first.min(), first.max()))
    return low.bottom_k(1, by=columns).row(0), high.top_k(1, by=columns).row(0)
