"""The order of arrival of rows does not matter: late, out of order, twice, in any file order, on an older build."""

from __future__ import annotations

import random
import re
import tempfile
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from assets.gates.evaluate import SAMPLES
from tests.integration.bad_input import remembered
from tests.integration.lineage import below
from tests.ledgers import memory, real, seed_files
from tests.ledgers.random import days, ledgers
from tests.ledgers.seed_files import read, save
from tests.ledgers.smallest import smallest

HISTORY = (
    ("2025-01-01", "60000000000", "contracted"),
    ("2025-03-01", "70000000000", "contracted"),
    ("2025-06-01", "50000000000", "filed"),
)

COMPARED = ("facts.commitments", "facts.capacity", "facts.commitment_schedule", "facts.capacity_schedule")

ADDRESSES = ("source_line",)

few = settings(
    max_examples=15,
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def facts(seeds: seed_files.Seeds) -> dict[str, pl.DataFrame]:
    """The facts derived from the rows of the files."""
    with tempfile.TemporaryDirectory() as folder:
        staged = real.seeds(seed_files.write(seeds, Path(folder)))
    return real.facts_of(staged)


def versions() -> list[seed_files.Row]:
    """The same promise as it was known on three days."""
    (promise,) = smallest()["commitments"]
    return [promise | {"known_from": day, "amount_usd": usd, "certainty": c} for day, usd, c in HISTORY]


def known_on(tables: dict[str, pl.DataFrame], day: str) -> float | None:
    """The amount of the promise on a day, as known then."""
    asked = pl.lit(day).str.to_date()
    is_in_force = (pl.col("known_from") <= asked) & (pl.col("known_to").is_null() | (asked < pl.col("known_to")))
    rows = tables["facts.commitments"].filter(is_in_force)["amount_usd"].to_list()
    assert len(rows) <= 1
    return rows[0] if rows else None


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
def test_rows_of_a_later_day_may_precede_those_of_an_earlier_one(order):
    seeds = smallest()
    seeds["commitments"] = [versions()[n] for n in order]
    tables = facts(seeds)
    days = ("2024-12-31", "2025-01-01", "2025-02-28", "2025-03-01", "2025-05-31", "2025-06-01")
    assert [known_on(tables, day) for day in days] == [None, 60e9, 60e9, 70e9, 70e9, 50e9]


def test_an_amendment_that_arrives_late_changes_its_own_days_and_no_others():
    seeds = smallest()
    first, between, last = versions()
    seeds["commitments"] = [first, last]
    before = facts(seeds)
    seeds["commitments"] = [first, last, between]
    after = facts(seeds)
    for day in ("2025-01-01", "2025-02-28", "2025-06-01", "2026-01-01"):
        assert known_on(after, day) == known_on(before, day)
    assert (known_on(before, "2025-03-01"), known_on(after, "2025-03-01")) == (60e9, 70e9)


@given(ledgers(), st.integers(0, 10_000))
@few
def test_the_order_of_the_rows_in_every_file_changes_no_fact(seeds, number):
    turn = random.Random(number)  # noqa: S311 - no secret
    shuffled = {name: turn.sample(rows, len(rows)) for name, rows in seeds.items()}
    one, other = facts(seeds), facts(shuffled)
    for name in COMPARED:
        assert_frame_equal(one[name], other[name], check_exact=True)


@given(ledgers(), days)
@few
def test_knowledge_of_a_day_does_not_change_when_later_rows_arrive(seeds, day):
    """Compare the ledger as delivered up to a day with the whole ledger as of that day."""
    dated = {name.removeprefix("staging.") for name in real.DATED}
    earlier = {
        name: [r for r in rows if r["known_from"] <= day] if name in dated else rows for name, rows in seeds.items()
    }
    if not earlier["commitments"] or not earlier["capacity"]:
        return
    whole, then = facts(seeds), facts(earlier)
    asked = pl.select(pl.lit(day).str.to_date()).item()
    for name in COMPARED:
        found = real.as_known_on(whole[name], asked)
        assert_frame_equal(found, real.as_known_on(then[name], asked), rel_tol=1e-12, abs_tol=0.02)


# --- the same again -------------------------------------------------------------------------------------------------

FILES = [name for name, rows in smallest().items() if rows]


def other(file):
    """A column outside the key, and another value for it: a figure if the row has one, else free text."""
    contract, row = seed_files.CONTRACTS[file], smallest()[file][0]
    free = [c for c in contract.columns if row.get(c.name) and c.name not in contract.key and not c.refers_to]
    figure = next((c.name for c in free if c.kind == "number"), None)
    if figure is not None:
        return figure, f"{float(row[figure]) + 1:.2f}"
    return next(c.name for c in free if c.kind == "text" and not (c.vocabulary or c.pattern)), "another text"


@pytest.fixture
def refused(tmp_path, monkeypatch):
    """The text of the refusals for a ledger."""

    def ask(seeds):
        folder = seed_files.write(seeds, tmp_path / "seeds")
        return remembered.refused(remembered.check(folder, monkeypatch)[0])

    return ask


@pytest.mark.parametrize("file", FILES)
def test_a_row_that_arrives_twice_is_refused_with_both_lines_as_a_duplicate(file, refused):
    seeds = smallest()
    seeds[file].append(seeds[file][0])
    found = refused(seeds)
    last = len(seeds[file]) + 1
    assert re.search(rf"seeds/{file}\.csv:2 ", found)
    assert f"lines 2 and {last} are alike in every cell: remove all but one" in found


@pytest.mark.parametrize("file", FILES)
def test_a_key_that_arrives_with_new_content_is_refused_and_the_difference_is_named(file, refused):
    seeds = smallest()
    column, value = other(file)
    seeds[file].append(seeds[file][0] | {column: value})
    found = refused(seeds)
    assert f"lines 2 and {len(seeds[file]) + 1} differ in {column}: " in found


def test_a_whole_file_that_is_delivered_twice_in_one_is_refused_with_examples_and_a_count(refused):
    seeds = smallest()
    seeds["prices"] = [seeds["prices"][0] | {"date": f"2025-02-{day:02d}"} for day in range(1, 21)] * 2
    found = refused(seeds)
    assert set(re.findall(r"rule    (\w+)", found)) == {"unique_key"}
    assert found.count("are alike in every cell") == SAMPLES
    assert f"... and {2 * 20 - SAMPLES} more rows" in found


# --- on top of an older build ---------------------------------------------------------------------------------------


BUILT = ("staging.commitments", *COMPARED, "metrics.headline", "metrics.changes")


def sorted_by_all(table: pl.DataFrame) -> pl.DataFrame:
    """The rows sorted by all columns, without their line numbers."""
    content = table.drop("source_line", strict=False)
    return content.sort(content.columns)


def test_a_ledger_built_row_by_row_is_the_ledger_built_at_once(pipeline):
    """The latest row arrives first, the late one with the next build; the result equals one build of all rows."""
    path = pipeline.seeds / "commitments.csv"
    whole = read(path)
    (leg,) = [r for r in whole if r["leg_id"] == "l_aws_38b"][:1]
    late = leg | {"known_from": "2025-12-01", "amount_usd": "41000000000"}
    latest = leg | {"known_from": "2026-05-01", "amount_usd": "45000000000"}
    needed = {step.name for step in memory.steps_to(*BUILT)}
    changed = ["raw.commitments", *(name for name in below("raw.commitments") if name in needed)]
    for rows in ([*whole, latest], [latest, late, *whole]):
        save(path, rows)
        assert pipeline.run(*changed).is_success
    with duckdb.connect(str(pipeline.paths.build), read_only=True) as connection:
        step_by_step = {name: connection.sql(f"from {name}").pl() for name in BUILT}

    save(path, [*whole, late, latest])
    at_once = memory.build(pipeline.seeds, *BUILT)
    for name, table in step_by_step.items():
        assert_frame_equal(sorted_by_all(table), sorted_by_all(at_once.read(name)), check_exact=True)


def test_a_refused_delivery_leaves_earlier_knowledge(pipeline):
    before, mark = pipeline.tables(), pipeline.mark()
    path = pipeline.seeds / "commitments.csv"
    rows = read(path)
    save(path, [*rows, rows[0]])
    run = pipeline.run("raw.commitments", "staging.commitments", "facts.commitments")
    assert run.materialised == {"raw.commitments"}
    assert not pipeline.run("published.warehouse").is_success
    assert pipeline.mark() == mark
    save(path, rows)
    assert pipeline.run("raw.commitments", "staging.commitments").is_success
    assert pipeline.run("published.warehouse").is_success
    assert pipeline.tables() == before


def test_every_file_that_must_have_rows_is_delivered_twice():
    must_have_rows = {name for name, table in seed_files.CONTRACTS.items() if table.min_rows}
    assert set(FILES) == {name for name, rows in smallest().items() if rows} == must_have_rows
