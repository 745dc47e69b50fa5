"""Circulation, reciprocity, loops, cycling and round trips: published values, other solvers, properties."""

import itertools
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from assets.finance.circulation import (
    finn_cycling_index,
    loops,
    maximum_circulation,
    money_graph_finn,
    reciprocity,
    round_trip,
    round_trips,
)
from assets.finance.money_graph import read_arcs, split_aggregates

NAMES = "abcdef"

DOLLARS = st.integers(0, 10**6)

CENTS = st.integers(0, 10**10).map(lambda cents: cents / 100)

ANY_AMOUNT = st.floats(0, 1e12)


def edges(*rows):
    return pl.DataFrame(
        rows, schema={"payer_id": pl.String, "payee_id": pl.String, "amount_usd": pl.Float64}, orient="row"
    )


def graphs(amounts, *, is_acyclic=False, most=14):
    pairs = st.sampled_from(list(itertools.permutations(NAMES, 2)))
    if is_acyclic:
        pairs = st.sampled_from(list(itertools.combinations(NAMES, 2)))
    row = st.tuples(pairs, amounts).map(lambda drawn: (*drawn[0], drawn[1]))
    return st.lists(row, max_size=most).map(lambda rows: edges(*rows))


def matrix(frame):
    dense = np.zeros((len(NAMES), len(NAMES)))
    for payer, payee, amount in frame.iter_rows():
        dense[NAMES.index(payer), NAMES.index(payee)] += amount
    return dense


def circulation_by_linear_programme(frame):
    capacity = matrix(frame)
    payer, payee = np.nonzero(capacity)
    if not payer.size:
        return 0.0
    balance = np.zeros((len(NAMES), payer.size))
    balance[payer, np.arange(payer.size)] += 1
    balance[payee, np.arange(payer.size)] -= 1
    bounds = [(0, most) for most in capacity[payer, payee]]
    return -linprog(-np.ones(payer.size), A_eq=balance, b_eq=np.zeros(len(NAMES)), bounds=bounds).fun


THREE_PARTIES = edges(("A", "B", 7000), ("B", "C", 5000), ("C", "A", 2000))


def test_three_parties_close_the_smallest_debt() -> None:
    """The example of METHODS: three firms, 7000, 5000 and 2000."""
    result = maximum_circulation(THREE_PARTIES)
    assert (result.total_usd, result.circulating_usd) == (14000, 6000)
    assert result.circular_share == pytest.approx(0.428571, abs=5e-7)
    assert result.flows.schema == {
        "payer_id": pl.String,
        "payee_id": pl.String,
        "circulating_usd": pl.Float64,
    }
    assert reciprocity(THREE_PARTIES) == 0
    assert money_graph_finn(THREE_PARTIES) == pytest.approx(2 / 7)


def test_set_off_of_a_published_obligation_network() -> None:
    """The example of mtcs-rs (Informal Systems 2023): firm 40 is in no circle, firm 30 keeps 100 of its 200."""
    network = pl.DataFrame(
        {"payer_id": [10, 20, 30, 40], "payee_id": [20, 30, 10, 30], "amount_usd": [100, 100, 200, 100]}
    )
    result = maximum_circulation(network)
    assert (result.total_usd, result.circulating_usd, result.circular_share) == (500, 300, 0.6)
    assert sorted(result.flows.rows()) == [(10, 20, 100.0), (20, 30, 100.0), (30, 10, 100.0)]  # here unique


def test_reciprocity_of_published_conflicts_among_bonobos() -> None:
    """Vervaecke et al. 2000, table 2; the R package compete prints a directional consistency of 0.9566982.

    Directional consistency is Σ |w_ij - w_ji| / Σ w over pairs (van Hooff & Wensing 1987), that is one less
    weighted reciprocity.
    """
    fled = [
        [0, 0, 0, 0, 0, 1],
        [2, 0, 1, 0, 0, 0],
        [30, 18, 0, 0, 0, 4],
        [6, 0, 3, 0, 5, 4],
        [19, 19, 8, 267, 0, 1],
        [122, 85, 84, 50, 10, 0],
    ]
    rows = [(NAMES[i], NAMES[j], fled[i][j]) for i, j in itertools.permutations(range(6), 2)]
    assert reciprocity(edges(*rows)) == pytest.approx(1 - 0.9566982, abs=5e-8)


def test_finn_cycling_index_of_cone_spring() -> None:
    """Cone Spring (Tilly 1968), kcal/m²/y: throughflow 30,626 and index 0.0919.

    Both printed in Jørgensen, Fath et al. 2007, A New Ecology, chapter 5; flows also in R package NetIndices.
    """
    plants, detritus, bacteria, feeders, carnivores = range(5)
    flows = np.zeros((5, 5))
    flows[plants, detritus] = 8881
    flows[detritus, [bacteria, feeders]] = 5205, 2309
    flows[bacteria, [detritus, feeders]] = 1600, 75
    flows[feeders, [detritus, carnivores]] = 200, 370
    flows[carnivores, detritus] = 167
    inputs = [11184, 635, 0, 0, 0]
    outputs = [300 + 2003, 860 + 3109, 255 + 3275, 1814, 203]
    assert (inputs + flows.sum(axis=0)).sum() == 30626
    assert finn_cycling_index(flows, inputs, outputs) == pytest.approx(0.0919, abs=5e-5)


def test_finn_cycling_index_of_the_three_node_example() -> None:
    flows = [[0, 7000, 0], [0, 0, 5000], [2000, 0, 0]]
    assert finn_cycling_index(flows, [5000, 0, 0], [0, 2000, 3000]) == pytest.approx(0.2857, abs=5e-5)


def test_a_closed_component_cycles_all_and_an_open_one_only_its_own_part() -> None:
    closed = [("A", "B", 3), ("B", "C", 3), ("C", "A", 3)]
    assert money_graph_finn(edges(*closed)) == 1
    assert finn_cycling_index([[0, 3], [3, 0]], [0, 0], [0, 0]) == 1
    beside = edges(*closed, ("X", "Y", 9))  # throughflow 9 of 27 cycles
    assert money_graph_finn(beside) == pytest.approx(9 / 27)


def test_two_way_pair_has_the_index_of_a_geometric_series() -> None:
    """A pays B 3, B pays A 1: a third returns each time, to both: N = 1 / (1 - 1/3), FCI = 1/3."""
    assert money_graph_finn(edges(("A", "B", 3), ("B", "A", 1))) == pytest.approx(1 / 3)


def test_graphs_without_money_have_share_zero() -> None:
    for empty in (edges(), edges(("a", "b", 0.0)), pl.DataFrame({"payer_id": [], "payee_id": [], "amount_usd": []})):
        result = maximum_circulation(empty)
        assert (result.total_usd, result.circulating_usd, result.circular_share) == (0, 0, 0)
        assert result.flows.height == 0
        assert reciprocity(empty) == money_graph_finn(empty) == 0
        assert loops(empty, 5).height == 0
        assert round_trip(empty, empty, "a") == 0 if not empty.height else True
    assert finn_cycling_index(np.zeros((0, 0)), [], []) == 0


def test_disconnected_circles_add_up() -> None:
    two = edges(("A", "B", 5), ("B", "A", 3), ("X", "Y", 2), ("Y", "Z", 2), ("Z", "X", 7), ("B", "X", 100))
    assert maximum_circulation(two).circulating_usd == 6 + 6


def test_circulation_is_right_to_the_cent_in_a_hundred_trillion() -> None:
    large = 99_999_999_999_999.25
    result = maximum_circulation(edges(("A", "B", large), ("B", "A", 0.01), ("B", "C", 0.37), ("C", "A", 12.34)))
    assert result.circulating_usd == 1.13  # 2 × 0.01 + 3 × 0.37


@settings(deadline=None)
@given(st.lists(st.integers(0, 100 * 2**46), min_size=1, max_size=5))
def test_whole_cents_stay_whole_cents(cents) -> None:
    """Up to 2^46 USD: beyond 70 trillion in one edge, floating point itself no longer tells cents apart."""
    arcs = read_arcs(edges(*[("a", "b", amount / 100) for amount in cents]))
    assert (arcs.scale, arcs.units.tolist()) == (100, cents)


def test_amounts_of_any_size_are_exact_in_proportion() -> None:
    for scale in (1e-250, 1e-9, 1 / 3, 1e21, 1e250):
        rows = [(a, b, amount * scale) for a, b, amount in THREE_PARTIES.iter_rows()]
        result = maximum_circulation(edges(*rows))
        assert result.circular_share == pytest.approx(3 / 7, rel=1e-14)
        assert result.circulating_usd == pytest.approx(6000 * scale, rel=1e-14)


@settings(deadline=None, max_examples=80)
@given(graphs(DOLLARS | st.floats(0.01, 1e6)))
def test_circulation_is_the_optimum_of_the_linear_programme(frame) -> None:
    expected = circulation_by_linear_programme(frame)
    assert maximum_circulation(frame).circulating_usd == pytest.approx(expected, rel=1e-9, abs=1e-6)


@settings(deadline=None, max_examples=80)
@given(graphs(ANY_AMOUNT | CENTS))
def test_flows_are_conserved_bounded_and_add_up(frame) -> None:
    result = maximum_circulation(frame)
    flows, rounding = matrix(result.flows), 1e-12 * result.total_usd
    assert np.allclose(flows.sum(axis=0), flows.sum(axis=1), rtol=0, atol=rounding)
    assert (flows >= 0).all()
    assert (flows <= matrix(frame) + rounding).all()
    assert flows.sum() == pytest.approx(result.circulating_usd, abs=rounding)
    assert 0 <= result.circulating_usd <= result.total_usd
    assert 0 <= result.circular_share <= 1
    assert result.total_usd == pytest.approx(math.fsum(frame["amount_usd"]), rel=1e-14, abs=1e-250)


@settings(deadline=None, max_examples=80)
@given(graphs(ANY_AMOUNT | DOLLARS))
def test_pairs_alone_never_show_more_than_all_circles(frame) -> None:
    share = maximum_circulation(frame).circular_share
    assert reciprocity(frame) <= share
    assert 0 <= money_graph_finn(frame) <= 1


@settings(deadline=None, max_examples=60)
@given(graphs(ANY_AMOUNT, is_acyclic=True))
def test_money_that_never_returns_has_no_circle(frame) -> None:
    assert maximum_circulation(frame).circulating_usd == 0
    assert reciprocity(frame) == money_graph_finn(frame) == 0
    assert loops(frame, 6).height == 0


@settings(deadline=None, max_examples=60)
@given(graphs(ANY_AMOUNT), st.randoms(use_true_random=False))
def test_row_order_and_names_change_nothing(frame, random) -> None:
    order = random.sample(range(frame.height), frame.height)
    renamed = dict(zip(NAMES, random.sample(NAMES, len(NAMES)), strict=True))
    shuffled = frame[order] if order else frame
    other = shuffled.with_columns(pl.col("payer_id", "payee_id").replace_strict(renamed, return_dtype=pl.String))
    first, second = maximum_circulation(frame), maximum_circulation(other)
    assert (first.total_usd, first.circulating_usd) == (second.total_usd, second.circulating_usd)
    assert reciprocity(frame) == reciprocity(other)
    assert money_graph_finn(frame) == pytest.approx(money_graph_finn(other), rel=1e-9)
    assert loops(frame, 6).equals(loops(shuffled, 6))
    assert loops(frame, 6)["bottleneck_usd"].equals(loops(other, 6)["bottleneck_usd"])


@settings(deadline=None, max_examples=40)
@given(graphs(DOLLARS), graphs(DOLLARS, most=3))
def test_another_edge_never_lowers_the_circulation(frame, more) -> None:
    wider = pl.concat([frame, more])
    assert maximum_circulation(wider).circulating_usd >= maximum_circulation(frame).circulating_usd


def test_parallel_edges_and_categories_are_one_edge() -> None:
    parts = edges(("A", "B", 4000), ("B", "C", 5000), ("A", "B", 3000), ("C", "A", 2000))
    typed = parts.with_columns(pl.col("payer_id", "payee_id").cast(pl.Categorical))
    for frame in (parts, typed):
        result = maximum_circulation(frame)
        assert result.circulating_usd == 6000
        assert result.flows.height == 3
        assert result.flows["payer_id"].dtype == pl.String


def test_the_finn_helper_is_the_matrix_form() -> None:
    random = np.random.default_rng(4)
    flows = np.where(random.random((9, 9)) < 0.3, random.uniform(1, 9, (9, 9)), 0) * (1 - np.eye(9))
    given_, received = flows.sum(axis=1), flows.sum(axis=0)
    frame = edges(*[(f"n{i}", f"n{j}", flows[i, j]) for i, j in zip(*np.nonzero(flows), strict=True)])
    by_matrix = finn_cycling_index(flows, np.maximum(0, given_ - received), np.maximum(0, received - given_))
    throughflow = np.maximum(given_, received)
    visits = np.diagonal(np.linalg.inv(np.eye(9) - flows / throughflow[:, None]))  # no component is closed
    assert by_matrix == pytest.approx((throughflow * (1 - 1 / visits)).sum() / throughflow.sum(), rel=1e-12)
    assert money_graph_finn(frame) == pytest.approx(by_matrix, rel=1e-12)


def test_loops_are_named_from_their_smallest_entity() -> None:
    frame = edges(
        ("nvidia", "openai", 100),
        ("openai", "oracle", 300),
        ("oracle", "nvidia", 40),
        ("openai", "nvidia", 7),
        ("oracle", "dell", 5),
    )
    found = loops(frame, 5)
    assert found["path"].to_list() == ["nvidia → openai → oracle → nvidia", "nvidia → openai → nvidia"]
    assert found["length"].to_list() == [3, 2]
    assert found["bottleneck_usd"].to_list() == [40, 7]
    assert not found["is_truncated"].any()
    again = loops(frame.filter(pl.col("payee_id") != "dell").reverse(), 3)
    assert again["loop_id"].to_list() == found["loop_id"].to_list()
    assert loops(frame, 2)["path"].to_list() == ["nvidia → openai → nvidia"]


def loops_by_brute_force(frame, max_length):
    capacity = matrix(frame)
    for size in range(2, max_length + 1):
        for first, *rest in itertools.permutations(range(len(NAMES)), size):
            if first < min(rest):
                cycle = (first, *rest, first)
                bottleneck = min(capacity[pair] for pair in itertools.pairwise(cycle))
                if bottleneck > 0:
                    yield " → ".join(NAMES[node] for node in cycle), size, bottleneck


@settings(deadline=None, max_examples=60)
@given(graphs(st.integers(0, 4), most=25), st.integers(2, 6), st.integers(1, 12))
def test_loops_are_all_simple_cycles_and_a_limit_keeps_the_largest(frame, max_length, limit) -> None:
    expected = sorted(loops_by_brute_force(frame, max_length), key=lambda loop: (-loop[2], loop[1], loop[0]))
    found = loops(frame, max_length)
    assert found.select("path", "length", "bottleneck_usd").rows() == expected
    assert found["loop_id"].is_unique().all()
    few = loops(frame, max_length, limit=limit)
    assert few.drop("is_truncated").equals(found.drop("is_truncated").head(limit))
    assert few["is_truncated"].to_list() == [len(expected) > limit] * few.height


def test_a_limit_makes_dense_graphs_cheap() -> None:
    """All 20 · 19 edges exist: some 10¹⁷ loops."""
    names = [f"n{node:02d}" for node in range(20)]
    weights = np.random.default_rng(1).permutation(380) + 1.0
    frame = edges(*[(a, b, w) for (a, b), w in zip(itertools.permutations(names, 2), weights, strict=True)])
    found = loops(frame, 20, limit=50)
    assert found.height == 50
    assert found["is_truncated"].all()
    assert found["bottleneck_usd"].is_sorted(descending=True)


def test_an_aggregate_closes_no_loop() -> None:
    frame = edges(("openai", "other_investors", 5), ("other_investors", "openai", 9), ("openai", "amd", 1))
    assert maximum_circulation(frame).circulating_usd == 10
    split = split_aggregates(frame, {"other_investors", "nobody"})
    assert split.rows() == [
        ("openai", "other_investors#sink", 5),
        ("other_investors#source", "openai", 9),
        ("openai", "amd", 1),
    ]
    assert maximum_circulation(split, entity_ids=["openai", "amd", "other_investors"]).circulating_usd == 0
    assert maximum_circulation(split_aggregates(frame, [])).circulating_usd == 10


def test_round_trip_counts_the_amount_that_the_customer_could_pay_back() -> None:
    funding = edges(("nvidia", "openai", 100), ("nvidia", "xai", 2), ("softbank", "openai", 500))
    purchases = edges(
        ("openai", "oracle", 300), ("oracle", "nvidia", 40), ("openai", "nvidia", 7), ("xai", "nvidia", 9)
    )
    assert round_trip(funding, purchases, "nvidia") == 40 + 7 + 2
    assert round_trip(funding, purchases, "oracle") == 0  # sells, but funds nobody
    assert round_trip(funding, purchases, "softbank") == 0  # funds, but sells nothing


def test_round_trip_leaves_by_funding_and_returns_by_purchases_only() -> None:
    funding = edges(("s", "c", 10), ("c", "s", 99), ("x", "s", 99))
    purchases = edges(("s", "c", 99), ("c", "s", 4), ("s", "x", 99))
    assert round_trip(funding, purchases, "s") == 4
    through = round_trip(edges(("s", "a", 10), ("a", "b", 6)), edges(("b", "s", 8), ("a", "c", 9)), "s")
    assert through == 6
    assert round_trip(edges(), edges(("b", "s", 8)), "s") == 0


@settings(deadline=None, max_examples=60)
@given(graphs(DOLLARS), graphs(DOLLARS))
def test_round_trip_is_the_maximum_flow_of_another_solver(funding, purchases) -> None:
    supplier = NAMES.index("a")
    paid, bought = matrix(funding), matrix(purchases)
    paid[:, supplier] = bought[supplier] = 0
    source, sink, size = supplier, len(NAMES), len(NAMES) + 1
    capacity = np.zeros((size, size), np.int32)
    capacity[:-1, :-1] = paid + bought
    capacity[:-1, sink] = bought[:, supplier]
    capacity[:, supplier] = 0
    expected = maximum_flow(csr_array(capacity), source, sink).flow_value
    known = {*funding["payer_id"], *funding["payee_id"], *purchases["payer_id"], *purchases["payee_id"]}
    if "a" in known or not known:
        assert round_trip(funding, purchases, "a") == expected
    else:
        with pytest.raises(ValueError, match="supplier_id"):
            round_trip(funding, purchases, "a")


BAD_EDGES = {
    "missing column": (edges().drop("payee_id"), "missing: payee_id"),
    "self-edge": (edges(("a", "a", 1)), "'a' pays itself"),
    "negative": (edges(("a", "b", -1)), "amount_usd must be finite and not negative"),
    "nan": (edges(("a", "b", math.nan)), "amount_usd must be finite and not negative"),
    "infinite": (edges(("a", "b", math.inf)), "amount_usd must be finite and not negative"),
    "infinite sum": (edges(("a", "b", 1e308), ("b", "a", 1e308)), "amount_usd must not add up to more than 1e\\+300"),
    "null amount": (edges(("a", "b", None)), "amount_usd must not be null"),
    "null id": (edges(("a", None, 1)), "payee_id must not be null"),
    "amount as text": (edges(("a", "b", 1)).cast({"amount_usd": pl.String}), "amount_usd must be a number"),
    "ids as floats": (
        pl.DataFrame({"payer_id": [1.0], "payee_id": [2.0], "amount_usd": [1.0]}),
        "must both be text or both integers",
    ),
    "mixed ids": (
        pl.DataFrame({"payer_id": [1], "payee_id": ["b"], "amount_usd": [1.0]}),
        "must both be text or both integers",
    ),
}


@pytest.mark.parametrize("case", BAD_EDGES)
def test_bad_edges_are_refused_by_every_measure(case) -> None:
    frame, message = BAD_EDGES[case]
    for measure in (maximum_circulation, reciprocity, money_graph_finn, lambda bad: loops(bad, 3)):
        with pytest.raises(ValueError, match=message) as refused:
            measure(frame)
        assert str(refused.value).startswith("edges")
    good = edges(("a", "b", 1))
    with pytest.raises(ValueError, match=message) as refused:
        round_trip(frame, good, "a")
    assert str(refused.value).startswith("funding")
    with pytest.raises(ValueError, match=message) as refused:
        round_trip(good, frame, "a")
    assert str(refused.value).startswith("purchases")


def test_an_unknown_entity_is_refused() -> None:
    for measure in (maximum_circulation, reciprocity, money_graph_finn):
        measure(THREE_PARTIES, entity_ids=["A", "B", "C", "D"])
        with pytest.raises(ValueError, match="edges: 'C' is not one of the known entities"):
            measure(THREE_PARTIES, entity_ids=["A", "B"])
    with pytest.raises(ValueError, match="funding: 'B' is not one"):
        read_arcs(THREE_PARTIES, "funding", entity_ids=["A"])
    with pytest.raises(ValueError, match="supplier_id must be an entity of funding or purchases, got 'Z'"):
        round_trip(THREE_PARTIES, THREE_PARTIES, "Z")


def test_bad_limits_and_names_are_refused() -> None:
    with pytest.raises(ValueError, match="max_length must be at least 2"):
        loops(THREE_PARTIES, 1)
    with pytest.raises(ValueError, match="limit must be at least 1"):
        loops(THREE_PARTIES, 3, limit=0)
    with pytest.raises(ValueError, match="'funds#sink' is the name of a part"):
        split_aggregates(edges(("a", "funds", 1), ("b", "funds#sink", 1)), ["funds"])
    with pytest.raises(ValueError, match="must be text"):
        split_aggregates(pl.DataFrame({"payer_id": [1], "payee_id": [2], "amount_usd": [1.0]}), ["funds"])


@pytest.mark.parametrize(
    ("flows", "inputs", "outputs", "message"),
    [
        ([[0, 1], [1, 0], [0, 0]], [0, 0], [0, 0], "flows must be a square matrix"),
        ([[0, 1], [1, 0]], [0], [0, 0], "inputs and outputs vectors of its length"),
        ([[0, 1], [1, 0]], 0, [0, 0], "inputs and outputs vectors of its length"),
        ([[0, -1], [1, 0]], [0, 0], [0, 0], "flows must be finite and not negative"),
        ([[0, 1], [1, 0]], [math.nan, 0], [0, 0], "inputs must be finite and not negative"),
        ([[0, 1], [1, 0]], [0, 0], ["x", 0], "outputs must be an array of numbers"),
        ([[0, 9], [1, 0]], [0, 0], [0, 0], "node 0 receives .*1.0.* and gives .*9.0"),
    ],
)
def test_bad_flow_networks_are_refused(flows, inputs, outputs, message) -> None:
    with pytest.raises(ValueError, match=message):
        finn_cycling_index(flows, inputs, outputs)


@given(graphs(CENTS), graphs(CENTS))
def test_round_trips_of_all_suppliers_equal_those_of_each(funding, purchases):
    """One reading of the graph serves every supplier."""
    suppliers = sorted(set(funding["payer_id"]) & set(purchases["payee_id"]))
    expected = [round_trip(funding, purchases, supplier) for supplier in suppliers]
    found = round_trips(funding, purchases)
    assert found["supplier_id"].to_list() == suppliers
    assert found["round_trip_usd"].to_list() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("inputs", "outputs"), [([1, 0], [1, 0, 0]), ([1, 0, 0], [1, 0])], ids=["inputs too short", "outputs too short"]
)
def test_finn_refuses_vectors_of_another_length_than_the_matrix(inputs, outputs):
    with pytest.raises(ValueError, match="vectors of its length"):
        finn_cycling_index([[0, 1, 0], [0, 0, 1], [1, 0, 0]], inputs, outputs)


@pytest.mark.parametrize(("given_back", "is_refused"), [(0.96, False), (0.94, True)])
@pytest.mark.parametrize("size", [1e-3, 1.0, 1e12])
def test_finn_accepts_an_imbalance_of_five_percent_in_any_unit(size, given_back, is_refused):
    flows = [[0.0, size], [0.0, 0.0]]
    inputs, outputs = [size, 0.0], [0.0, size * given_back]
    if is_refused:
        with pytest.raises(ValueError, match="must balance the flows at every node"):
            finn_cycling_index(flows, inputs, outputs)
    else:
        assert finn_cycling_index(flows, inputs, outputs) == 0.0
