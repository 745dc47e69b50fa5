"""The gate of a table in parts: merges the results of the gates of its parts, and finds keys that occur in two parts.

A few parts at a time are judged as one frame, so that memory does not grow with the table.
Not here: judging a frame (`assets.gates.evaluate`).
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
"""The most rows of parts that are judged as one frame; each call of Great Expectations has a fixed cost."""


def judged(
    parts: LargeTable, judge: Callable[[pl.DataFrame], Sequence[RuleResult]], rules: Sequence[Rule], samples: int
) -> tuple[RuleResult, ...]:
    """The merged results of the gates of the parts, with unique keys checked across parts."""
    once = {r.name for r in rules if r.native.get("type") == "reconcile"}
    return with_repeated(together(map(judge, gathered(parts)), once, samples), rules, parts)


def gathered(parts: LargeTable) -> Iterator[pl.DataFrame]:
    """The rows in order, in frames of several parts; a part with more rows than the limit is a frame alone."""
    held: list[pl.DataFrame] = []
    for frame in parts.frames():
        if held and sum(f.height for f in (*held, frame)) > ROWS_JUDGED_AT_ONCE:
            yield pl.concat(held)
            held = []
        held.append(frame)
    yield pl.concat(held)


def together(gates: Iterable[Sequence[RuleResult]], once: Collection[str], samples: int) -> tuple[RuleResult, ...]:
    """One result per rule: passed if it passed in every part. `once` are rules with the same result in every part."""
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
    """The results, with a unique key refused if two parts share a key, which no single part can show."""
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
    """Keys that occur more than once, with their number of rows; skipped if keys ascend from part to part.

    Hazards: if keys do not ascend, all keys are in memory at once.
    """
    ends = [_ends(keys, columns) for keys in parts.frames(columns) if keys.height]
    known = all(value is not None for pair in ends for row in pair for value in row)
    if known and all(before[1] < after[0] for before, after in pairwise(ends)):
        return pl.DataFrame(schema={**{c: parts.schema[c] for c in columns}, "rows": pl.UInt32})
    counted = parts.lazy().group_by(columns).agg(rows=pl.len()).filter(pl.col("rows") > 1)
    return counted.sort(columns).collect(engine="streaming")


def _ends(keys: pl.DataFrame, columns: Sequence[str]) -> tuple[tuple[object, ...], tuple[object, ...]]:
    """The smallest and the largest key, searched among the rows with the smallest and the largest first value.

    If a first value is null, both ends are null.
    """
    first = keys[columns[0]]
    if first.null_count():
        return (None,), (None,)
    low, high = (keys.filter(first == end) for end in (first.min(), first.max()))
    return low.bottom_k(1, by=columns).row(0), high.top_k(1, by=columns).row(0)
