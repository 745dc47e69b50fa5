"""The generator: equal bytes for an equal seed, another ledger for another seed, and the promised proportions."""

import hashlib
import json

import numpy as np
import polars as pl
import pytest

from assets.core import paths
from assets.scale.synthetic import ledger, shape
from assets.scale.synthetic.draws import Draws
from assets.scale.synthetic.legs import FLOWS, NONE, legs
from assets.scale.synthetic.parties import parties
from assets.scale.synthetic.rows import known_days, rows
from tests.integration.synthetic import found

BYTES_OF_100_LEGS = "bf3c7443d9a27d2633ed5056230966900f1d1c81ad3eb4749e4b2bf0d9b3284c"

SIZE = 3000


def digest(folder):
    """One hash of all generated content; files and columns without generated content do not count."""
    mark = hashlib.sha256()
    for name in sorted(json.loads((folder / ledger.TOTALS).read_text(encoding="utf-8"))["rows_by_file"]):
        table = pl.read_csv(folder / f"{name}.csv", infer_schema_length=0)
        made_up = table.select(c.name for c in table if c.null_count() < table.height)
        mark.update(name.encode() + made_up.write_csv().encode())
    return mark.hexdigest()


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("synthetic") / "3000"
    return folder, ledger.write(SIZE, 1, folder)


@pytest.fixture(scope="module")
def commitments(written):
    return pl.read_csv(written[0] / "commitments.csv", infer_schema_length=0)


def test_the_same_legs_and_seed_give_the_same_bytes_on_every_machine(tmp_path):
    ledger.write(100, 1, tmp_path / "a")
    assert digest(tmp_path / "a") == BYTES_OF_100_LEGS


@pytest.mark.parametrize(("size", "seed"), [(100, 2), (101, 1)])
def test_another_seed_or_size_gives_another_ledger(tmp_path, size, seed):
    ledger.write(size, seed, tmp_path / "b")
    assert digest(tmp_path / "b") != BYTES_OF_100_LEGS


def test_pieces_of_any_size_give_the_same_file(tmp_path, monkeypatch, written):
    monkeypatch.setattr("assets.scale.synthetic.commitments.ROWS_PER_PIECE", 777)
    ledger.write(SIZE, 1, tmp_path / "c")
    assert digest(tmp_path / "c") == digest(written[0])
    assert found.totals(tmp_path / "c") == found.totals(written[0])


def test_the_ledger_has_the_requested_number_of_legs(written, commitments):
    assert commitments["leg_id"].n_unique() == SIZE
    assert commitments.height == written[1]["rows_by_file"]["commitments"]


def test_every_word_of_flow_qualifier_certainty_evidence_and_reading_occurs(commitments):
    assert set(commitments["flow"]) == set(shape.FLOWS)
    assert set(commitments["qualifier"]) == {*shape.QUALIFIERS, "undisclosed"}
    assert set(commitments["certainty"]) == {*shape.CERTAINTIES, "cancelled"}
    assert set(commitments["evidence"]) == set(shape.EVIDENCE)
    assert set(commitments["reading"]) == {"preferred", "alternative"}


def test_certainty_never_falls_from_row_to_row_but_by_cancelling(commitments):
    order = {word: n for n, word in enumerate((*shape.CERTAINTIES, "cancelled"))}
    counted = commitments.filter(pl.col("reading") == "preferred").with_columns(
        rank=pl.col("certainty").replace_strict(order, return_dtype=pl.Int64)
    )
    assert counted.filter((pl.col("rank").diff() < 0).over("leg_id")).is_empty()


@pytest.mark.parametrize("size", [100, 1000, 20_000])
def test_parts_come_to_less_than_their_whole_on_three_levels(size):
    made = legs(size, parties(size), Draws(size, 1))
    has_parent = made.parent != NONE
    parts = np.zeros(size, np.int64)
    np.add.at(parts, made.parent[has_parent], made.cents[has_parent])
    assert (parts < made.cents).all()
    depth = np.zeros(size, np.int64)
    for _ in range(4):
        depth[has_parent] = depth[made.parent[has_parent]] + 1
    assert depth.max() == 2
    assert (made.payer != made.payer[made.parent])[has_parent].any()


def test_no_money_flows_back_but_by_the_funding_of_suppliers():
    made = legs(SIZE, who := parties(SIZE), Draws(SIZE, 1))
    supplier = np.isin(np.array(who.kinds), ["chip_vendor"])
    is_disclosed = ~np.isin(made.flow, [FLOWS.index("backstop"), FLOWS.index("warrant_grant")])
    kept = is_disclosed & ~supplier[made.payer]
    edges = {(p, q) for p, q in zip(made.payer[kept], made.payee[kept], strict=True)}
    while edges:
        payers, payees = {p for p, _ in edges}, {q for _, q in edges}
        left = {(p, q) for p, q in edges if q in payers and p in payees}
        assert len(left) < len(edges), "a circle without a supplier that funds"
        edges = left


def test_a_few_parties_are_in_a_large_part_of_the_legs():
    made = legs(20_000, who := parties(20_000), Draws(20_000, 1))
    ends = np.sort(np.bincount(np.concatenate([made.payer, made.payee]), minlength=len(who.ids)))[::-1]
    assert ends[: ends.size // 20].sum() > 0.4 * ends.sum()
    assert np.median(ends) < ends.mean() / 2


def test_rows_of_a_leg_have_rising_days_inside_the_days_of_knowledge():
    size, draws = 5000, Draws(5000, 3)
    days = known_days(size)
    known = rows(legs(size, parties(size), draws), days.size, draws)
    same = known.leg[1:] == known.leg[:-1]
    assert (np.diff(known.day)[same] > 0).all()
    assert known.day.min() >= 0
    assert known.day.max() < days.size
    assert np.bincount(np.bincount(known.leg))[1:].min() > 0


def test_amounts_have_a_heavy_tail(commitments):
    usd = commitments["amount_usd"].cast(pl.Float64).drop_nulls().sort(descending=True)
    assert usd.head(usd.len() // 100).sum() > 0.2 * usd.sum()
    assert usd.min() >= 1_000_000


def test_judgements_are_those_of_the_project(written):
    for name in ledger.COPIED:
        assert (written[0] / f"{name}.csv").read_bytes() == (paths.SEEDS / f"{name}.csv").read_bytes()
