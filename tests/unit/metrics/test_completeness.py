"""metrics.completeness: measurable entities, on ledgers small enough to check by hand."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.facts.commitment_outstanding import COMMITMENT_OUTSTANDING
from assets.facts.revenue_coverage import REVENUE_COVERAGE
from assets.metrics.completeness import COMPLETENESS, completeness
from tests.ledgers import fact_rows

LEAST = 0.6

DAY = dt.date(2026, 3, 31)

KINDS = fact_rows.entities(lab="ai_lab", cloud="hyperscaler")


def due(entity, usd_by_year, *, on=dt.date(2026, 1, 15), scenario="announced"):
    """Coverage rows of one day: dues by year."""
    given_ = {"as_of_date": on, "scenario_id": scenario, "entity_id": entity}
    return [given_ | {"year": year, "obligations_usd": usd} for year, usd in usd_by_year.items()]


def flat(entity, usd, *, first=2026, last=2035, **more):
    return due(entity, dict.fromkeys(range(first, last + 1), usd), **more)


def stated(entity, metric, usd, first, last, **more):
    return fact_rows.figure(
        entity, metric, usd,
        **{"period_start": dt.date.fromisoformat(first) if first else None, "period_end": dt.date.fromisoformat(last),
           "basis": "projected", "known_from": dt.date(2026, 2, 1)} | more,
    )  # fmt: skip


def measured(coverage, figures, *, days=(DAY,), outstanding=(), least=LEAST, kinds=KINDS):
    left = pl.DataFrame(
        [dict(zip(COMMITMENT_OUTSTANDING.column_names, (*row, 0.0)[:4], strict=True)) for row in outstanding],
        schema=COMMITMENT_OUTSTANDING.polars_schema,
    )
    rows = pl.DataFrame(list(coverage), schema=REVENUE_COVERAGE.polars_schema)
    return completeness(days, rows, left, fact_rows.financials(*figures), kinds, least)


def one(frame, entity="lab"):
    (row,) = frame.filter(pl.col("entity_id") == entity).to_dicts()
    return row


def test_the_ledger_is_compared_with_the_stated_compute_spending_of_a_lab():
    found = one(measured(flat("lab", 90e9), [stated("lab", "compute_spend", 500e9, "2026-01-01", "2030-12-31")]))
    assert found == {
        "as_of_date": DAY, "entity_id": "lab", "compared_with": "compute_spend", "span_start": dt.date(2026, 1, 1),
        "span_end": dt.date(2030, 12, 31), "ledger_usd": pytest.approx(450e9), "stated_usd": 500e9,
        "completeness_ratio": pytest.approx(0.9), "is_measurable": True, "not_measurable_because": None,
        "source_id": "s",
    }  # fmt: skip


def test_a_company_whose_costs_are_not_in_the_ledger_is_not_measurable_and_the_reason_is_in_words():
    capex = stated("cloud", "capex", 100e9, "2026-01-01", "2026-12-31")
    reasons = {
        usd: one(measured(flat("cloud", usd), [capex]), "cloud")["not_measurable_because"] for usd in (0.0, 4e8, 6e9)
    }
    text = "of the capital spending that it reports or guides for (2026-01-01 to 2026-12-31)"
    assert reasons == {
        0.0: f"the ledger holds nothing {text}",
        4e8: f"the ledger holds less than 1 % {text}",
        6e9: f"the ledger holds 6 % {text}",
    }


def test_an_entity_that_states_nothing_is_not_measurable_and_has_no_figure():
    found = measured([*flat("lab", 90e9), *flat("cloud", 90e9)], [])
    for entity, missing in (("lab", "spending on computing"), ("cloud", "capital spending")):
        row = one(found, entity)
        assert not row["is_measurable"]
        assert row["not_measurable_because"].startswith(f"the ledger has no figure of its {missing}")
        assert "%" not in row["not_measurable_because"]
        figures = ("compared_with", "span_start", "span_end", "ledger_usd", "stated_usd", "completeness_ratio")
        assert [row[c] for c in (*figures, "source_id")] == [None] * 7


def test_a_ratio_at_the_minimum_is_enough_and_a_cent_less_is_not_regardless_of_rounding():
    capex = [stated("cloud", "capex", 100e9, "2026-01-01", "2026-12-31")]
    assert one(measured(flat("cloud", 60e9), capex), "cloud")["is_measurable"]
    below = one(measured(flat("cloud", 60e9 - 0.01), capex), "cloud")
    assert not below["is_measurable"]
    assert "holds 59 % of" in below["not_measurable_because"]


def test_a_lab_is_held_to_its_computing_and_all_others_to_their_capital_spending():
    figures = [
        stated(who, metric, 10e9, "2026-01-01", "2026-12-31")
        for who in ("lab", "cloud")
        for metric in ("compute_spend", "capex")
    ]
    found = measured([*flat("lab", 9e9), *flat("cloud", 9e9)], figures)
    assert [one(found, e)["compared_with"] for e in ("lab", "cloud")] == ["compute_spend", "capex"]


def test_a_period_that_is_over_compares_with_nothing_and_its_last_day_still_counts():
    year = [stated("cloud", "capex", 10e9, "2025-01-01", "2025-12-31", known_from=dt.date(2025, 2, 1))]
    rows = flat("cloud", 9e9, first=2025, on=dt.date(2025, 2, 1))
    last, over = dt.date(2025, 12, 31), dt.date(2026, 1, 1)
    found = measured(rows, year, days=(last, over))
    assert found.filter(pl.col("as_of_date") == last)["is_measurable"].to_list() == [True]
    assert found.filter(pl.col("as_of_date") == over)["compared_with"].to_list() == [None]


def test_the_latest_vintage_counts_and_of_it_the_longest_period():
    figures = [
        stated("lab", "compute_spend", 700e9, "2026-01-01", "2030-12-31"),
        stated("lab", "compute_spend", 20e9, "2026-01-01", "2026-12-31", known_from=dt.date(2026, 3, 1)),
        stated("lab", "compute_spend", 400e9, "2026-01-01", "2029-12-31", known_from=dt.date(2026, 3, 1)),
    ]
    later = measured(flat("lab", 90e9), figures)
    assert (one(later)["stated_usd"], one(later)["span_end"]) == (400e9, dt.date(2029, 12, 31))
    before = one(measured(flat("lab", 90e9), figures, days=(dt.date(2026, 2, 28),)))
    assert before["stated_usd"] == 700e9


def test_of_two_figures_of_one_vintage_and_period_the_larger_counts():
    figures = [stated("lab", "compute_spend", usd, "2026-01-01", "2030-12-31", source_id=s) for s, usd in
               (("a", 500e9), ("b", 800e9), ("c", 600e9))]  # fmt: skip
    assert [one(measured(flat("lab", 90e9), f))["source_id"] for f in (figures, figures[::-1])] == ["b", "b"]


def test_a_fiscal_year_takes_of_each_calendar_year_its_days():
    capex = [stated("cloud", "capex", 92e9, "2026-06-01", "2027-05-31")]
    found = one(measured(due("cloud", {2026: 365e9, 2027: 730e9, 2028: 1e12}), capex), "cloud")
    assert found["ledger_usd"] == pytest.approx(214e9 + 2 * 151e9)
    assert found["stated_usd"] == 92e9


def test_of_a_period_that_began_before_the_coverage_rows_the_rest_is_compared_by_days():
    spend = [stated("lab", "compute_spend", 150e9, "2025-01-01", "2030-12-31")]
    found = one(measured(flat("lab", 20e9), spend))
    assert (found["span_start"], found["span_end"]) == (dt.date(2026, 1, 1), dt.date(2030, 12, 31))
    assert found["stated_usd"] == pytest.approx(150e9 * 1826 / 2191)
    assert found["ledger_usd"] == pytest.approx(100e9)


def test_only_the_part_of_a_period_with_coverage_rows_is_compared():
    spend = [stated("lab", "compute_spend", 100e9, "2026-01-01", "2035-12-31")]
    found = one(measured(flat("lab", 9e9, last=2030), spend))
    assert found["span_end"] == dt.date(2030, 12, 31)
    assert found["completeness_ratio"] == pytest.approx(9e9 * 5 / (100e9 * 1826 / 3652))
    beyond = [stated("lab", "compute_spend", 100e9, "2036-01-01", "2036-12-31")]
    assert one(measured(flat("lab", 9e9), beyond))["compared_with"] is None


@pytest.mark.parametrize(
    ("cells", "point"),
    [
        ({"value": 100.0, "low_value": 10.0, "high_value": 20.0}, 100.0),
        ({"value": None, "low_value": 90.0, "high_value": 130.0}, 110.0),
        ({"value": None, "low_value": 90.0}, None),
        ({"value": None, "high_value": 130.0}, None),
        ({"value": 0.0}, None),
        ({"value": 100.0, "definition": "net_of_incentives"}, None),
        ({"value": 100.0, "period_start": None}, None),
        ({"value": 100.0, "known_from": dt.date(2026, 4, 1)}, None),
    ],
)
def test_of_a_range_its_point_or_its_middle_counts_and_a_figure_of_a_part_or_of_no_period_does_not(cells, point):
    figure = stated("cloud", "capex", 1.0, "2026-01-01", "2026-12-31") | cells
    assert one(measured(flat("cloud", 1.0), [figure]), "cloud")["stated_usd"] == point


def test_a_lab_that_states_no_spending_is_compared_by_its_purchase_commitments():
    figures = [
        stated("lab", "purchase_commitments", 400e9, None, "2025-09-30", basis="reported"),
        stated("lab", "purchase_commitments", 518e9, None, "2025-12-31", basis="reported"),
        stated("lab", "purchase_commitments", 9e9, None, "2026-01-31", basis="reported", definition="supply"),
    ]
    left = [("lab", dt.date(2026, 1, 15), 600e9, 10e9), ("lab", dt.date(2026, 3, 1), 500e9, 85e9),
            ("lab", dt.date(2026, 4, 1), 1e9, 0.0)]  # fmt: skip
    found = one(measured(flat("lab", 90e9), figures, outstanding=left))
    assert (found["compared_with"], found["span_start"], found["span_end"]) == ("purchase_commitments", None, None)
    assert (found["ledger_usd"], found["stated_usd"]) == (585e9, 518e9)
    assert found["is_measurable"]
    empty = one(measured(flat("lab", 90e9), figures))
    assert empty["not_measurable_because"] == (
        "the ledger holds nothing of the purchase commitments that it reports (on 2025-12-31)"
    )


def test_purchase_commitments_say_nothing_of_others_than_labs_nor_where_spending_is_stated():
    figures = [
        stated(who, "purchase_commitments", 10e9, None, "2025-12-31", basis="reported") for who in ("lab", "cloud")
    ]
    left = [(who, dt.date(2026, 1, 15), 10e9, 0.0) for who in ("lab", "cloud")]
    rows = [*flat("lab", 1e9), *flat("cloud", 1e9)]
    assert one(measured(rows, figures, outstanding=left), "cloud")["compared_with"] is None
    spend = stated("lab", "compute_spend", 10e9, "2026-01-01", "2026-12-31")
    assert not one(measured(rows, [*figures, spend], outstanding=left))["is_measurable"]


def test_the_rows_in_force_on_the_day_count_and_only_those_that_take_promises_at_face_value():
    rows = [*flat("lab", 1e9), *flat("lab", 9e9, on=dt.date(2026, 3, 1)), *flat("lab", 99e9, on=dt.date(2026, 4, 1)),
            *flat("lab", 50e9, on=dt.date(2026, 3, 1), scenario="base")]  # fmt: skip
    spend = [stated("lab", "compute_spend", 10e9, "2026-01-01", "2026-12-31")]
    assert one(measured(rows, spend))["ledger_usd"] == pytest.approx(9e9)


def test_without_coverage_rows_there_are_no_entities():
    found = measured(flat("lab", 9e9, on=dt.date(2026, 4, 1)), [])
    assert found.is_empty()
    assert found.schema == pl.Schema(COMPLETENESS.polars_schema)


dollars = st.floats(0, 1e12)


@settings(max_examples=60, deadline=None)
@given(st.lists(dollars, min_size=10, max_size=10), dollars, st.integers(0, 9), st.integers(1, 10**12), st.booleans())
def test_a_deal_more_in_the_ledger_never_makes_less_measurable(yearly, more, place, usd, is_lab):
    who, metric = ("lab", "compute_spend") if is_lab else ("cloud", "capex")
    figures = [stated(who, metric, float(usd), "2025-07-01", "2031-06-30")]
    years = dict(zip(range(2026, 2036), yearly, strict=True))
    before = one(measured(due(who, years), figures), who)
    after = one(measured(due(who, years | {2026 + place: yearly[place] + more}), figures), who)
    assert after["completeness_ratio"] >= before["completeness_ratio"]
    assert after["is_measurable"] >= before["is_measurable"]
    assert before["is_measurable"] == (before["not_measurable_because"] is None)
