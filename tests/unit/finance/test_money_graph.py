"""The money graph as arrays: whole units, merged pairs, aggregates that are in no loop."""

import numpy as np
import polars as pl
import pytest

from assets.finance.money_graph import arcs_of, merge_arcs, read_arcs, split_aggregates


def edges(*rows):
    schema = {"payer_id": pl.String, "payee_id": pl.String, "amount_usd": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def pairs(arcs):
    names = arcs.names
    ends = zip(arcs.payer.tolist(), arcs.payee.tolist(), arcs.amounts().tolist(), strict=True)
    return {(names[payer], names[payee]): amount for payer, payee, amount in ends}


@pytest.mark.parametrize(
    "amount", [0.01, 0.1, 1.0, 12.34, 33_333_333_333.33, 1e12, 0.001, 1 / 3, 123_456.789, 5e12 + 0.5]
)
def test_amounts_come_back_in_dollars_whether_or_not_they_are_whole_cents(amount):
    (found,) = read_arcs(edges(("a", "b", amount))).amounts().tolist()
    assert found == pytest.approx(amount, rel=1e-9)


def test_two_promises_between_the_same_parties_are_one_arc_of_their_sum():
    arcs = merge_arcs(read_arcs(edges(("a", "b", 10.10), ("b", "a", 3.0), ("a", "b", 0.05), ("a", "c", 0.0))))
    assert pairs(arcs) == {("a", "b"): 10.15, ("b", "a"): 3.0}


def test_an_aggregate_is_an_end_and_never_a_station():
    cut = split_aggregates(edges(("a", "many", 1.0), ("many", "b", 2.0), ("a", "b", 3.0)), {"many"})
    (into, _, _), (_, out, _) = cut["payee_id"].to_list(), cut["payer_id"].to_list()
    assert into != out
    assert cut["amount_usd"].to_list() == [1.0, 2.0, 3.0]
    assert cut.row(2) == ("a", "b", 3.0)


def test_only_text_can_be_renamed():
    numbers = edges(("1", "2", 1.0)).cast({"payer_id": pl.Int64, "payee_id": pl.Int64})
    with pytest.raises(ValueError, match=r"^edges: payer_id and payee_id must be text"):
        split_aggregates(numbers, {"1"})


def test_arcs_of_positions_are_those_of_the_names():
    frame = edges(("c", "a", 10.10), ("a", "c", 3.0), ("c", "d", 1 / 3), ("a", "d", 0.0))
    words = ["a", "b", "c", "d"]
    ends = (np.array([words.index(name) for name in frame[end]]) for end in ("payer_id", "payee_id"))
    found, lines = arcs_of(words, *ends, frame["amount_usd"].to_numpy()), read_arcs(frame)
    assert found.names == lines.names == ["a", "c", "d"]
    assert pairs(found) == pairs(lines)
    assert (found.scale, found.units.tolist()) == (lines.scale, lines.units.tolist())


@pytest.mark.parametrize(
    ("payee", "amount", "said"), [(0, 1.0, "'a' pays itself"), (1, -1.0, "not negative"), (1, np.nan, "finite")]
)
def test_arcs_of_positions_are_refused_like_those_of_names(payee, amount, said):
    with pytest.raises(ValueError, match=said):
        arcs_of(["a", "b"], np.array([0]), np.array([payee]), np.array([amount]))
