"""metrics.stress: shortfalls, on ledgers small enough to check by hand."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.facts.assumptions import as_dict, scenarios_wide
from assets.facts.commitment_schedule import commitment_schedule
from assets.facts.revenue_coverage import coverage
from assets.metrics import stress, stress_inputs, stress_scope
from assets.metrics.pairwise_dues import latest_coverage, pairwise_dues
from tests.ledgers import fact_rows

LAST = dt.date(2025, 12, 31)

YEAR = 2026

ASSUMPTIONS = as_dict(fact_rows.seeds("assumptions"))

SCENARIOS = fact_rows.seeds("scenarios")

WIDE = scenarios_wide(SCENARIOS)

SIZES = sorted(v for k, v in ASSUMPTIONS.items() if k.startswith(stress.SHOCK_PREFIX))

EVERYBODY = ("lab", "cloud", "maker", "ant", "bee", "cat", "dog")


def known_well(days, entities):
    """A verdict of metrics.completeness for each day: these entities are measurable."""
    return pl.DataFrame(
        [{"as_of_date": day, "entity_id": e} for day in days for e in entities]
    ).with_columns(not_measurable_because=pl.lit(None, pl.String))  # fmt: skip


def little_known(days, entities):
    """The same, but these entities are not measurable."""
    return known_well(days, entities).with_columns(not_measurable_because=pl.lit("the ledger holds 6 %"))


def run(legs, figures, labs=("lab",), days=(LAST,), absorbers=(), **assumed):
    """The stress table, the dues and the parties of a small ledger; all but the absorbers are measurable."""
    covered, dues = due(legs, figures, days, **assumed)
    rows = parties(covered, days, absorbers)
    named = dues.with_columns(pl.col("scenario_id", "payer_id", "payee_id").cast(pl.String))
    return stress.stress(rows, dues, list(labs), ASSUMPTIONS | assumed), named, rows


def due(legs, figures, days=(LAST,), **assumed):
    """The coverage and the dues of a small ledger."""
    schedule = commitment_schedule(legs, fact_rows.no_capacity())
    covered = coverage(legs, [schedule], figures, SCENARIOS, ASSUMPTIONS | assumed)
    return covered, pairwise_dues(legs, [schedule], WIDE, days, 1)


def parties(covered, days, absorbers):
    """The entities in the stress test; all but the absorbers are measurable."""
    said = known_well(days, [e for e in EVERYBODY if e not in absorbers])
    if absorbers:
        said = pl.concat([said, little_known(days, absorbers)])
    return stress_inputs.parties(latest_coverage(covered, days, 1), said)


def one(table, shock, entity, scenario="announced"):
    found = table.filter(
        (pl.col("shock") == shock) & (pl.col("entity_id") == entity) & (pl.col("scenario_id") == scenario)
    )
    return found.row(0, named=True)


def revenue(entity, usd, *, cash=None):
    """Revenue of 2025 and 2026, and a cash balance at the end of 2024."""
    rows = [
        fact_rows.figure(
            entity, "revenue", usd, basis="projected", period_months=12,
            period_start=dt.date(year, 1, 1), period_end=dt.date(year, 12, 31),
        )
        for year in (2025, 2026)
    ]  # fmt: skip
    return rows if cash is None else [*rows, fact_rows.figure(entity, "cash", cash)]


def chain():
    """The lab owes the cloud 400 a year, the cloud owes the maker 300, the maker has no debts."""
    legs = fact_rows.commitments(
        fact_rows.leg("l1", "lab", "cloud", 800e9), fact_rows.leg("l2", "cloud", "maker", 600e9),
        fact_rows.leg("l3", "lab", "landlord", 200e9),
    )  # fmt: skip
    figures = fact_rows.financials(*revenue("lab", 600e9), *revenue("cloud", 400e9), *revenue("maker", 500e9))
    return legs, figures


def test_a_lab_that_cannot_pay_is_missed_by_its_suppliers_in_proportion():
    table, _, _ = run(*chain(), other_cost_ratio=0.9)
    # 2025 leaves the lab 60; in 2026 it keeps a tenth of 120 and owes 400 to the cloud and 100 to the landlord.
    lab, cloud = (one(table, "lab revenue -80%", e) for e in ("lab", "cloud"))
    assert lab["owed_usd"] == pytest.approx(500e9)
    assert lab["external_assets_usd"] == pytest.approx(60e9 + 12e9)
    assert lab["paid_usd"] == pytest.approx(72e9)
    assert lab["is_in_default"]
    assert lab["round_of_default"] == 1
    assert cloud["unreceived_usd"] == pytest.approx(0.8 * lab["shortfall_usd"])
    solvent, _, _ = run(*chain(), other_cost_ratio=0.0)
    assert not one(solvent, "lab revenue -80%", "lab")["is_in_default"]  # savings of 600 cover it
    assert one(solvent, "lab revenue -80%", "cloud")["unreceived_usd"] == 0


def test_a_supplier_that_just_lives_falls_in_round_two():
    case = stress_inputs.Case(
        day=LAST, scenario_id="base", year=YEAR, entities=["cloud", "lab"],
        liabilities=np.array([[0.0, 0.0], [80.0, 0.0]]), external_liabilities=np.array([100.0, 20.0]),
        means=np.array([30.0, 100.0]), revenue=np.array([30.0, 100.0]), unpaid_now=np.zeros(2),
        unpaid_before=np.zeros(2), opening=np.zeros(2), reasons=[None, None],
    )  # fmt: skip
    calm = stress.cleared(case, [stress_inputs.Shock()])
    assert calm["is_in_default"].to_list() == [False, False]
    shocked = stress.cleared(case, [stress_inputs.Shock("lab revenue -40%", "revenue", "lab", 0.4)]).rows_by_key(
        "entity_id", named=True, unique=True
    )
    assert shocked["lab"]["paid_usd"] == pytest.approx(60.0)
    assert shocked["lab"]["round_of_default"] == 1
    assert shocked["cloud"]["paid_usd"] == pytest.approx(30.0 + 48.0)
    assert shocked["cloud"]["shortfall_usd"] == pytest.approx(22.0)
    assert shocked["cloud"]["round_of_default"] == 2
    assert shocked["cloud"]["unreceived_usd"] == pytest.approx(32.0)


def test_the_published_clearing_example_comes_through_unchanged():
    """METHODS: p = (82.553191, 80, 60, 72.765957)."""
    owed = np.array([100.0, 80.0, 60.0, 90.0])
    shares = np.array([[0, 0.4, 0.3, 0.3], [0.5, 0, 0.3, 0.2], [0.3, 0.4, 0, 0.3], [0.2, 0.3, 0.5, 0]])
    zeros = np.zeros(4)
    case = stress_inputs.Case(
        LAST, "base", YEAR, list("abcd"), shares * owed[:, None], zeros, np.array([10.0, 6.0, 8.0, 14.0]),
        zeros, zeros, zeros, zeros, [None] * 4,
    )  # fmt: skip
    paid = stress.cleared(case, [stress_inputs.Shock()])["paid_usd"].to_list()
    assert paid == pytest.approx([82.553191, 80.0, 60.0, 72.765957], abs=1e-5)


def test_dues_add_up_to_the_obligations_of_coverage_to_the_cent():
    legs = fact_rows.commitments(
        fact_rows.leg("a", "lab", "cloud", 77.77e9, qualifier="up_to", amount_low_usd=0.0),
        fact_rows.leg("b", "lab", "maker", 33.33e9, certainty="rumoured", is_imputed_amount=True),
        fact_rows.leg("c", "lab", "maker", 11.11e9, certainty="paid"),
    )
    _, dues, rows = run(legs, fact_rows.financials(*revenue("lab", 10e9)))
    of_year = dues.filter(pl.col("year") == YEAR).group_by("scenario_id").agg(pl.col("obligations").sum())
    joined = rows.join(of_year, on="scenario_id")
    assert joined.height == 5
    assert (joined["obligations"] == (joined["obligations_usd"] * 100).round().cast(pl.Int64)).all()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["lab", "cloud", "maker", "landlord"]),
            st.sampled_from(["lab", "cloud", "maker", "landlord"]),
            st.integers(1, 10**12),
            st.sampled_from(["rumoured", "announced", "contracted", "paid"]),
        ).filter(lambda t: t[0] != t[1]),
        min_size=1,
        max_size=8,
    )
)
def test_in_any_ledger_dues_match_payments_are_bounded_and_shocks_never_help(drawn):
    rows = [fact_rows.leg(f"l{i}", p, q, float(usd), certainty=c) for i, (p, q, usd, c) in enumerate(drawn)]
    rows.append(fact_rows.funding("f", "bank", "lab", 50e9))
    figures = fact_rows.financials(*revenue("lab", 60e9, cash=10e9), *revenue("cloud", 90e9), *revenue("maker", 5e9))
    table, dues, debtors = run(fact_rows.commitments(*rows), figures)
    owed = dues.filter(pl.col("year") == YEAR).group_by("scenario_id", entity_id="payer_id")
    joined = debtors.join(owed.agg(due=pl.col("obligations").sum()), on=["scenario_id", "entity_id"], how="left")
    assert (joined["due"].fill_null(0) == (joined["obligations_usd"] * 100).round().cast(pl.Int64)).all()
    assert (table["paid_usd"] <= table["owed_usd"]).all()
    assert (table["external_assets_usd"] >= 0).all()
    assert table.filter(pl.col("shortfall_usd") > 0)["is_in_default"].all()
    for kind in ("revenue", "funding"):
        before = table.filter(pl.col("shock") == "none")["shortfall_usd"]
        for size in SIZES:
            after = table.filter((pl.col("shock_kind") == kind) & (pl.col("shock_size") == size))["shortfall_usd"]
            assert (after >= before - 0.01 - 1e-9 * before).all()
            before = after


def test_order_of_rows_changes_nothing():
    legs, figures = chain()
    there, _, _ = run(legs, figures)
    back, _, _ = run(legs.reverse(), figures.reverse())
    assert there.equals(back)


def test_funding_that_is_not_paid_can_be_lost_even_where_it_came_before_the_year():
    unpaid = fact_rows.funding("f", "bank", "lab", 100e9, on=dt.date(2025, 6, 1))
    paid = fact_rows.funding("g", "bank", "lab", 40e9, on=dt.date(2025, 6, 1), certainty="paid")
    later = fact_rows.funding("h", "bank", "lab", 10e9, on=dt.date(2026, 6, 1), certainty="announced")
    buys = fact_rows.leg("l", "lab", "cloud", 400e9)
    table, _, _ = run(fact_rows.commitments(unpaid, paid, later, buys), fact_rows.financials(*revenue("lab", 20e9)),
                      other_cost_ratio=0.5)  # fmt: skip
    assert one(table, "none", "lab")["external_assets_usd"] == pytest.approx(10e9 + 150e9 + 10e9)
    assert one(table, "lab funding -40%", "lab")["external_assets_usd"] == pytest.approx(170e9 - 0.4 * 110e9)
    only_paid, _, _ = run(fact_rows.commitments(paid, buys), fact_rows.financials(*revenue("lab", 20e9)))
    assert one(only_paid, "lab funding -80%", "lab")["shortfall_usd"] == one(only_paid, "none", "lab")["shortfall_usd"]


def test_no_more_funding_is_lost_than_reached_the_opening_cash():
    unpaid = fact_rows.funding("f", "bank", "lab", 100e9, on=dt.date(2025, 6, 1))
    before = fact_rows.leg("x", "lab", "cloud", 95e9, starts_on=dt.date(2025, 1, 1), ends_on=dt.date(2026, 1, 1))
    table, _, _ = run(fact_rows.commitments(unpaid, before), fact_rows.financials(*revenue("lab", 1e3)))
    assert one(table, "none", "lab")["external_assets_usd"] == pytest.approx(5e9)
    assert one(table, "lab funding -80%", "lab")["external_assets_usd"] == pytest.approx(475.0)
    assert not one(table, "lab funding -80%", "lab")["is_floored"]


def test_receipts_from_other_debtors_are_not_counted_twice_and_the_floor_is_flagged():
    legs = fact_rows.commitments(fact_rows.leg("l1", "lab", "cloud", 800e9))
    table, _, _ = run(
        legs, fact_rows.financials(*revenue("lab", 900e9), *revenue("cloud", 100e9)), other_cost_ratio=0.0
    )
    cloud = one(table, "none", "cloud")  # 100 of 2025 and 100 of 2026 less the 400 that the lab owes it
    assert cloud["external_assets_usd"] == 0
    assert cloud["is_floored"]
    sink, _, _ = run(legs, fact_rows.financials(*revenue("cloud", 100e9)), other_cost_ratio=0.0)
    assert one(sink, "none", "cloud")["external_assets_usd"] == pytest.approx(200e9)
    assert not one(sink, "none", "cloud")["is_floored"]


def test_every_lab_with_revenue_is_shocked_by_every_size_and_no_other():
    table, _, _ = run(*chain(), labs=("lab", "maker", "unheard_of"))
    names = table["shock"].unique().to_list()
    assert "lab revenue -10%" in names
    assert "maker funding -80%" in names
    assert len(names) == 1 + 2 * 2 * len(SIZES) == 21
    assert table["year"].unique().to_list() == [YEAR]


def test_scope_separates_debtors_absorbers_and_sinks():
    _, dues, rows = run(*chain())
    dues = pl.concat([dues, dues.head(1).with_columns(payer_id=pl.lit("ghost"), year=pl.lit(YEAR, pl.Int64))])
    answer = dict(stress_scope.scope(rows, dues, 1).select("entity_id", "role").iter_rows())
    assert answer == {"lab": "debtor", "cloud": "debtor", "maker": "debtor", "landlord": "sink", "ghost": "sink"}
    why = dict(stress_scope.scope(rows, dues, 1).select("entity_id", "why").iter_rows())
    assert "left out" in why["ghost"]
    assert "only receives" in why["landlord"]


def test_an_entity_that_is_not_measurable_absorbs_and_its_ability_to_pay_is_null():
    legs, figures = chain()
    poor = fact_rows.financials(*figures.to_dicts()[:2], *revenue("cloud", 1e6), *revenue("maker", 500e9))
    table, dues, rows = run(legs, poor, other_cost_ratio=0.9, absorbers=("cloud",))
    cloud, lab, maker = (one(table, "lab revenue -80%", e) for e in ("cloud", "lab", "maker"))
    assert cloud["owed_usd"] == pytest.approx(300e9)
    assert cloud["unreceived_usd"] == pytest.approx(0.8 * lab["shortfall_usd"])
    unknown = ("paid_usd", "shortfall_usd", "is_in_default", "round_of_default", "external_assets_usd", "is_floored")
    assert {cloud[c] for c in unknown} == {None}
    assert cloud["not_measurable_because"] == "the ledger holds 6 %"
    assert maker["unreceived_usd"] == 0  # the cloud is assumed to pay all its debts
    known, _, _ = run(legs, poor, other_cost_ratio=0.9)
    assert one(known, "lab revenue -80%", "cloud")["is_in_default"]
    assert one(known, "lab revenue -80%", "maker")["unreceived_usd"] > 0
    roles = {r["entity_id"]: r for r in stress_scope.scope(rows, dues, 1).to_dicts()}
    assert {e: r["role"] for e, r in roles.items()} == {
        "lab": "debtor", "cloud": "absorber", "maker": "debtor", "landlord": "sink",
    }  # fmt: skip
    assert "the ledger holds 6 %" in roles["cloud"]["why"]


def test_a_lab_that_is_not_measurable_is_not_shocked_and_the_calm_rows_stay():
    table, _, _ = run(*chain(), labs=("lab", "maker"), absorbers=("lab",))
    assert table["shocked_entity_id"].drop_nulls().unique().to_list() == ["maker"]
    assert set(table.filter(pl.col("shock") == "none")["entity_id"]) == {"lab", "cloud", "maker"}
    none, _, _ = run(*chain(), absorbers=("lab", "cloud", "maker"))
    assert none["shock"].unique().to_list() == ["none"]
    assert none["shortfall_usd"].null_count() == none.height > 0
    assert set(none["unreceived_usd"]) == {0.0}


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.permutations(["lab", "cloud", "maker"]), st.integers(1, 10**12)), min_size=1, max_size=8),
    st.sets(st.sampled_from(["cloud", "maker"])),
)
def test_an_absorber_never_falls_short_and_increases_no_loss(drawn, absorbers):
    rows = [fact_rows.leg(f"l{i}", payer, payee, float(usd)) for i, ((payer, payee, _), usd) in enumerate(drawn)]
    figures = fact_rows.financials(*revenue("lab", 60e9), *revenue("cloud", 9e9), *revenue("maker", 5e9))
    covered, dues = due(fact_rows.commitments(*rows), figures)
    before, after = (
        stress.stress(parties(covered, (LAST,), who), dues, ["lab"], ASSUMPTIONS) for who in ((), tuple(absorbers))
    )
    assert before["owed_usd"].equals(after["owed_usd"])
    slack = 0.01 + 1e-9 * before["owed_usd"]
    assert (after["shortfall_usd"] <= before["shortfall_usd"] + slack).fill_null(value=True).all()
    assert (after["unreceived_usd"] <= before["unreceived_usd"] + slack.max()).all()
    assert set(after.filter(pl.col("is_in_default").is_null())["entity_id"]) == absorbers


def test_an_entity_whose_revenue_is_unknown_is_no_debtor():
    rows = pl.DataFrame(
        {"as_of_date": [LAST] * 3, "entity_id": ["a", "a", "b"], "scenario_id": ["base", "bear", "base"],
         "revenue_usd": [None, 1.0, 2.0]}
    )  # fmt: skip
    assert stress_inputs.parties(rows, known_well([LAST], ["a", "b"]))["entity_id"].to_list() == ["b"]


def test_without_debtors_the_table_is_empty_and_has_its_columns():
    table, _, rows = run(fact_rows.commitments(fact_rows.leg("l", "a", "b", 1e9)), fact_rows.financials())
    assert table.is_empty()
    assert rows.is_empty()
    assert table.schema == pl.Schema(stress.STRESS.polars_schema)


def test_later_knowledge_changes_no_earlier_day():
    early, late = dt.date(2025, 3, 31), dt.date(2025, 12, 31)
    old = fact_rows.leg("l1", "lab", "cloud", 800e9, known_to=dt.date(2025, 6, 1))
    new = fact_rows.leg("l1", "lab", "cloud", 100e9, known_from=dt.date(2025, 6, 1))
    extra = fact_rows.leg("l2", "lab", "maker", 500e9, known_from=dt.date(2025, 7, 1))
    figures = fact_rows.financials(*revenue("lab", 20e9))
    then, _, _ = run(fact_rows.commitments(old | {"known_to": None}), figures, days=(early,))
    both, _, _ = run(fact_rows.commitments(old, new, extra), figures, days=(early, late))
    assert both.filter(pl.col("as_of_date") == early).equals(then)
    assert one(both.filter(pl.col("as_of_date") == late), "none", "lab")["owed_usd"] == pytest.approx(300e9)


def test_of_very_many_labs_those_that_owe_most_are_shocked():
    labs = {"ant": 5e9, "bee": 9e9, "cat": 9e9, "dog": 1e9}
    legs = fact_rows.commitments(*(fact_rows.leg(f"l_{lab}", lab, "cloud", usd) for lab, usd in labs.items()))
    figures = fact_rows.financials(*(row for lab in labs for row in revenue(lab, 1e9)))
    for most, shocked in ((9, set(labs)), (3, {"ant", "bee", "cat"}), (1, {"bee"})):
        table, _, _ = run(legs, figures, tuple(labs), stress_labs_max=most)
        announced = table.filter(pl.col("scenario_id") == "announced")
        assert set(announced["shocked_entity_id"].drop_nulls()) == shocked
        assert set(table["entity_id"]) == set(labs)
