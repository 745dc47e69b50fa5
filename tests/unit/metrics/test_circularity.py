"""Tables of the money graph: edges, aggregates, measures, and the changes of a day."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from assets import catalog
from assets.core.table import Table
from assets.facts.capacity import CAPACITY
from assets.finance.money_graph import split_aggregates
from assets.metrics import (
    changes,
    circularity,
    deal_patterns,
    graph,
    graph_days,
    graph_solving,
    loops,
    supplier_round_trip,
)
from assets.metrics.circularity import CIRCULARITY
from assets.metrics.circularity_null import Effort, against_chance
from assets.metrics.loops import LOOPS
from assets.metrics.supplier_round_trip import SUPPLIER_ROUND_TRIP
from assets.scale.reported_days import days_reported
from tests.ledgers import fact_rows
from tests.ledgers.fact_rows import commitments
from tests.ledgers.memory import Given, refused_by

DAY = dt.date(2025, 10, 9)


def leg(leg_id: str, payer: str, payee: str, usd: float | None, **more: object) -> dict[str, object]:
    """One interval of facts.commitments in a separate deal; its own share is the whole amount at every bound."""
    since = more.get("known_from", dt.date(2025, 1, 1))
    own = {
        "deal_id": f"d_{leg_id}",
        "known_from": since,
        "seed_known_from": since,
        "ends_on": dt.date(2027, 1, 1),
        "net_amount_low_usd": usd,
        "net_amount_high_usd": usd,
    }
    return fact_rows.leg(leg_id, payer, payee, usd, **(own | more))


def edges_on(frame: pl.DataFrame, day: dt.date = DAY, basis: str = "disclosed", amount: str = "point") -> pl.DataFrame:
    """The edges of one graph."""
    found = graph.edges(graph.with_bases(graph.legs_in_force(frame, [day]), 0.5))
    return found.filter((pl.col("basis") == basis) & (pl.col("amount_basis") == amount))


def all_edges(frame: pl.DataFrame, days: list[dt.date]) -> list[pl.DataFrame]:
    """The edges of all graphs, in the form from which the tables are built."""
    return list(graph_days.edges_of(graph_days.known_legs(frame, 0.5, []), days))


TRIANGLE = (leg("a", "ann", "bob", 7000.0), leg("b", "bob", "cid", 5000.0), leg("c", "cid", "ann", 2000.0))

KNOWN = Given(
    {
        "facts.entities": pl.DataFrame({"entity_id": ["ann", "bob", "cid"]}),
        "facts.deals": pl.DataFrame({"deal_id": ["d_a", "d_b", "d_c"]}),
    }
)
"""Every entity and deal that these tests use."""


def test_three_party_loop_is_seen_by_circulation_and_not_by_reciprocity() -> None:
    """Fleischman and Dini 2021: A to B 7000, B to C 5000, C to A 2000."""
    found = circularity.circularity(edges_on(commitments(*TRIANGLE))).row(0, named=True)
    assert found["total_usd"] == 14000
    assert found["circulating_usd"] == 6000
    assert found["circular_share"] == pytest.approx(0.428571, abs=1e-6)
    assert found["reciprocity"] == 0
    assert found["finn_cycling_index"] == pytest.approx(0.2857, abs=1e-4)


def test_loop_is_a_readable_path_with_its_bottleneck() -> None:
    """The path starts at the first name in the alphabet and closes."""
    found = loops.loops([edges_on(commitments(*TRIANGLE))], 6, 100)
    assert found.select("path", "length", "bottleneck_usd").rows() == [("ann → bob → cid → ann", 3, 2000.0)]


def test_imputed_and_contingent_promises_join_only_their_basis() -> None:
    """Each of the bases disclosed, with imputed and with contingent contains the one before."""
    frame = commitments(
        leg("a", "ann", "bob", 5.0),
        leg("b", "bob", "cid", 7.0, is_imputed_amount=True, flow="chip_purchase"),
        leg("c", "cid", "ann", 11.0, flow="backstop"),
    )
    totals = {b: edges_on(frame, basis=b)["amount_usd"].sum() for b in graph.BASES}
    assert totals == {"disclosed": 5.0, "with_imputed": 12.0, "with_contingent": 23.0}


def test_expected_amount_of_an_up_to_is_below_its_point() -> None:
    """PERT mean of (0, half of 60, 60) is 30."""
    frame = commitments(leg("a", "ann", "bob", 60.0, qualifier="up_to", amount_low_usd=0.0))
    assert edges_on(frame, amount="expected")["amount_usd"].to_list() == [30.0]


def test_statements_cancelled_and_later_promises_are_no_edges() -> None:
    """Only counted legs with a figure in force on the day."""
    frame = commitments(
        leg("a", "ann", "bob", 5.0, is_statement=True),
        leg("b", "ann", "bob", None, certainty="cancelled"),
        leg("c", "ann", "bob", 5.0, known_from=DAY + dt.timedelta(days=1)),
        leg("d", "ann", "bob", 5.0, known_to=DAY),
    )
    assert edges_on(frame).is_empty()


def test_aggregate_is_an_end_and_never_a_station() -> None:
    """Other investors pay and are paid, but no loop passes through them."""
    frame = commitments(leg("a", "ann", "crowd", 5.0), leg("b", "crowd", "ann", 5.0, flow="equity_investment"))
    entities = pl.DataFrame({"entity_id": ["ann", "crowd"], "kind": ["ai_lab", "aggregate"]})
    legs = graph.with_bases(graph.legs_in_force(frame, [DAY]), 0.5)
    split = split_aggregates(legs, graph.aggregates(entities))
    found = circularity.circularity(graph.edges(split))
    assert found["total_usd"].unique().to_list() == [10.0]
    assert found["circulating_usd"].unique().to_list() == [0.0]


def test_supplier_gets_its_own_funding_back_as_sales() -> None:
    """Nvidia pays openai 10 and openai pays nvidia 4: at most 4 could return."""
    frame = commitments(leg("a", "nv", "lab", 10.0, flow="equity_investment"), leg("b", "lab", "nv", 4.0))
    found = supplier_round_trip.round_trips(all_edges(frame, [DAY]), 9).filter(
        (pl.col("basis") == "disclosed") & (pl.col("amount_basis") == "point")
    )
    assert found.select("supplier_id", "funding_usd", "purchases_usd", "round_trip_usd", "round_trip_share").rows() == [
        ("nv", 10.0, 4.0, 4.0, 1.0)
    ]


def test_landmarks_are_quarter_ends_and_the_last_day() -> None:
    """The last day is included once, even if it is a quarter end."""
    assert graph.landmark_days(dt.date(2025, 10, 9)) == [
        dt.date(2025, 3, 31),
        dt.date(2025, 6, 30),
        dt.date(2025, 9, 30),
        dt.date(2025, 10, 9),
    ]
    assert graph.landmark_days(dt.date(2025, 3, 31)) == [dt.date(2025, 3, 31)]


def test_changes_of_all_days_add_up_to_the_ledger_in_force() -> None:
    """Additions less removals equal the ledger in force."""
    later = DAY + dt.timedelta(days=30)
    frame = commitments(
        leg("a", "ann", "bob", 5.0, known_to=later),
        leg("a", "ann", "bob", 8.0, known_from=later),
        leg("b", "bob", "cid", 3.0, is_imputed_amount=True, known_from=DAY),
    )
    moved = changes.moves(frame, pl.DataFrame(schema=CAPACITY.polars_schema))
    assert moved["net"].sum() == 800
    assert moved["imputed"].sum() == 300
    assert moved.filter(pl.col("as_of_date") == later).select("deal_id", "legs", "net").rows() == [("d_a", "a", 300)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((leg("a", "ann", "bob", 5.0),), {("d_a", "none")}),
        (
            (leg("a", "ann", "bob", 5.0, flow="debt"), leg("b", "bob", "ann", 4.0)),
            {("d_a", "supplier_finances_customer"), ("d_b", "supplier_finances_customer")},
        ),
        (
            (leg("a", "ann", "bob", 5.0, flow="backstop"), leg("b", "ann", "bob", 4.0)),
            {("d_a", "customer_finances_supplier"), ("d_b", "customer_finances_supplier")},
        ),
        (
            (leg("a", "ann", "bob", 5.0), leg("b", "bob", "ann", 4.0, flow="lease")),
            {("d_a", "reciprocal_commercial"), ("d_b", "reciprocal_commercial")},
        ),
        (
            (leg("a", "ann", "bob", None, flow="equity_investment"), leg("b", "ann", "bob", 4.0)),
            {
                ("d_a", "investor_is_counterparty"),
                ("d_b", "investor_is_counterparty"),
                ("d_a", "customer_finances_supplier"),
                ("d_b", "customer_finances_supplier"),
            },
        ),
    ],
)
def test_deal_is_classified_by_the_relations_between_its_parties(
    rows: tuple[dict[str, object], ...], expected: set[tuple[str, str]]
) -> None:
    """The categories of BIS Bulletin 137, also for legs without a figure."""
    found = deal_patterns.patterns(commitments(*rows), DAY)
    assert set(found.select("deal_id", "pattern").rows()) == expected


GOOD: dict[str, dict[str, object]] = {
    CIRCULARITY.full_name: {
        "as_of_date": DAY, "basis": "disclosed", "amount_basis": "point", "total_usd": 10.0, "circulating_usd": 4.0,
        "circular_share": 0.4, "reciprocity": 0.2, "finn_cycling_index": 0.1,
    },
    LOOPS.full_name: {
        "as_of_date": DAY, "basis": "disclosed", "amount_basis": "point", "loop_id": "l", "path": "ann → bob → ann",
        "length": 2, "bottleneck_usd": 4.0, "is_truncated": False,
    },
    SUPPLIER_ROUND_TRIP.full_name: {
        "as_of_date": DAY, "basis": "disclosed", "amount_basis": "point", "supplier_id": "ann", "funding_usd": 5.0,
        "purchases_usd": 4.0, "round_trip_usd": 4.0, "round_trip_share": 1.0,
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("table", "change", "rule"),
    [
        (CIRCULARITY, {"circulating_usd": 11.0}, "circulation_within_total"),
        (CIRCULARITY, {"reciprocity": 0.5}, "reciprocity_within_share"),
        (CIRCULARITY, {"circular_share": 1.2}, "range:circular_share"),
        (CIRCULARITY, {"basis": "all"}, "vocabulary:basis"),
        (LOOPS, {"length": 1}, "range:length"),
        (SUPPLIER_ROUND_TRIP, {"round_trip_usd": 4.5}, "round_trip_within_both_ends"),
        (SUPPLIER_ROUND_TRIP, {"supplier_id": "zoe"}, "refers_to:supplier_id"),
    ],
)
def test_gate_refuses_an_impossible_result(table: Table, change: dict[str, object], rule: str) -> None:
    """The tested rule accepts the good row and refuses the changed one."""
    good = pl.DataFrame([GOOD[table.full_name]], schema=table.polars_schema)
    bad = pl.DataFrame([GOOD[table.full_name] | change], schema=table.polars_schema)
    assert [bool(refused_by(table, row, KNOWN, rule)) for row in (good, bad)] == [False, True]


def test_every_description_says_could_and_never_proves() -> None:
    """The measure counts money, it does not prove cause (METHODS, Circularity)."""
    for table in (CIRCULARITY, LOOPS, SUPPLIER_ROUND_TRIP):
        text = f"{table.summary} {' '.join(table.hazards)}"
        assert "could" in text
        assert "is round-tripped" not in text


MANY_DAYS = [DAY + dt.timedelta(days=n) for n in range(12)]


def busy() -> pl.DataFrame:
    """A ledger that changes on most of twelve days, with parallel legs, a ceiling, imputed and contingent ones."""
    parties = ("ann", "bob", "cid", "crowd")
    flows = ("compute_purchase", "debt", "backstop", "lease", "equity_investment")
    return commitments(
        *(
            leg(
                f"l{n}",
                parties[n % 4],
                parties[(n + 1 + n % 3) % 4],
                100.01 * (n + 1),
                flow=flows[n % 5],
                qualifier="up_to" if n % 7 == 0 else "exact",
                is_imputed_amount=n % 4 == 1 and n % 5 in {0, 3},
                known_from=MANY_DAYS[n % 10],
                known_to=MANY_DAYS[n % 10 + 1] if n % 6 == 0 else None,
            )
            for n in range(40)
        )
    )


def test_the_edges_of_many_days_at_once_are_those_of_each_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Summing numbers in batches gives the same graphs as summing legs by name."""
    frame = busy()
    legs = split_aggregates(graph.with_bases(graph.legs_in_force(frame, MANY_DAYS), 0.5), ["crowd"])
    plain = graph.edges(legs)
    for at_once in (1_000_000, 50, 1):
        monkeypatch.setattr(graph_days, "LEGS_AT_ONCE", at_once)
        found = list(graph_days.edges_of(graph_days.known_legs(frame, 0.5, ["crowd"]), MANY_DAYS))
        assert len(found) > 1 or at_once == 1_000_000
        answer = pl.concat(found).with_columns(pl.col(*graph.EDGE, "basis", "amount_basis").cast(pl.String))
        assert graph.edges(answer).equals(plain)
        assert pl.concat(found).equals(pl.concat(found).sort(*graph.KEYS, *graph.EDGE, "is_purchase"))


def test_a_graph_that_returns_is_solved_once() -> None:
    """The same promises on another day or basis have the same circles."""
    solved: list[pl.DataFrame] = []
    found = graph_solving.solved(all_edges(commitments(*TRIANGLE), [DAY, DAY + dt.timedelta(days=1)]), solved.append)
    assert len(found) == 2 * 3 * 2
    assert len(solved) == 1


def test_a_large_ledger_is_measured_at_quarter_ends_and_on_its_last_day() -> None:
    """Every day of change counts up to the allowed number of legs on days."""
    frame = busy()
    days = graph.days_of_change(frame)
    on_days = graph.legs_in_force(frame, days).height
    assert sum(graph_days.legs_on_days(graph.counted(frame), days)) == on_days
    assert graph_days.days_measured(frame, on_days - 1) == days
    assert graph_days.days_measured(frame, on_days, days_reported) == days
    assert graph_days.days_measured(frame, on_days - 1, days_reported) == [
        dt.date(2025, 3, 31), dt.date(2025, 6, 30), dt.date(2025, 9, 30), days[-1],
    ]  # fmt: skip


def test_of_many_suppliers_those_are_measured_to_whom_the_most_could_come_back() -> None:
    """The smaller of funding given and sales is the largest possible return."""
    pairs = {"big": 30.0, "mid": 20.0, "tiny": 10.0}
    frame = commitments(
        *(leg(f"f_{s}", s, f"lab_{s}", usd, flow="debt") for s, usd in pairs.items()),
        *(leg(f"p_{s}", f"lab_{s}", s, usd + 5) for s, usd in pairs.items()),
    )
    for most, kept in ((9, ["big", "mid", "tiny"]), (2, ["big", "mid"]), (1, ["big"])):
        found = supplier_round_trip.round_trips(all_edges(frame, [DAY]), most)
        assert found["supplier_id"].unique().sort().to_list() == kept
        assert found.filter(pl.col("supplier_id") == "big")["round_trip_usd"].unique().to_list() == [30.0]


def test_a_graph_too_large_for_enough_shuffles_has_no_chance_row() -> None:
    """A limit of 12 leg shuffles allows four shuffles of the triangle."""
    legs = graph_days.known_legs(commitments(*TRIANGLE), 0.5, [])
    assert against_chance(legs, [DAY], Effort(9, 4, 12, 0))["shuffles"].unique().to_list() == [4]
    assert against_chance(legs, [DAY], Effort(9, 5, 12, 0)).is_empty()
    assert against_chance(legs, [DAY], Effort(3, 5, 12, 0))["shuffles"].unique().to_list() == [3]


def test_the_effect_of_a_day_on_the_loop_is_null_if_it_is_not_measured_daily() -> None:
    """The share is that last measured; its change is null."""
    frame = commitments(*TRIANGLE)
    share = circularity.circularity(edges_on(frame))
    headline = pl.DataFrame(schema=catalog.STEPS["metrics.headline"].table.polars_schema)
    power = pl.DataFrame(schema=CAPACITY.polars_schema)
    daily = changes.changes(frame, power, share, headline)
    seldom = changes.changes(frame, power, share, headline, is_measured_daily=False)
    assert daily["circular_share_change"].null_count() == 0
    assert seldom["circular_share_change"].null_count() == seldom.height > 0
