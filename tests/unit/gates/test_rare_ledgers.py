"""Rare valid ledgers that a gate once refused, each found by a random ledger."""

from __future__ import annotations

import pytest

from assets.catalog import STEPS
from tests.ledgers import seed_files
from tests.ledgers.memory import build_through_gates, polars_alone, refused
from tests.ledgers.smallest import smallest

POWER = ("metrics.capacity_by_quarter", "bi.capacity", "bi.headline", "bi.headline_by_month")

COSTS = ("facts.cost_per_gw", "bi.commitments", "bi.headline")

WARRANTS = ("metrics.warrant_value_grid", "bi.warrant_values")


@pytest.fixture
def built(tmp_path):
    """Tables in memory with their ancestors, through their gates; these tables also by Great Expectations."""

    def build(seeds, *names):
        with polars_alone():
            ledger = build_through_gates(seed_files.write(seeds, tmp_path / "seeds"), *names)
        assert [n for n in names if refused(STEPS[n].table, ledger.frames[n], ledger)] == []
        return ledger.frames

    return build


def later(row: dict[str, str], day: str, **cells: str) -> dict[str, str]:
    """A new version of a row."""
    return row | {"known_from": day} | cells


def power_of_the_buyer(tables) -> dict[str, float | None]:
    rows = tables["metrics.headline"].filter(entity_id="buyer").sort("as_of_date")
    return {str(day): gw for day, gw in rows.select("as_of_date", "capacity_gw").iter_rows()}


def test_power_that_becomes_undisclosed_is_null_from_that_day_on(built):
    seeds = smallest()
    (site,) = seeds["capacity"]
    seeds["capacity"].append(later(site, "2025-06-01", gw="", qualifier="undisclosed"))
    known = power_of_the_buyer(built(seeds, *POWER))
    assert (known["2025-01-01"], known["2025-06-01"]) == (1.0, None)


def test_the_larger_view_is_shown_while_the_other_is_unknown(built):
    seeds = smallest()
    (site,) = seeds["capacity"]
    seeds["capacity"] += [
        site | {"leg_id": "k1", "view": "cloud", "gw": "0.5"},
        later(site, "2025-06-01", gw="", qualifier="undisclosed"),
    ]
    known = power_of_the_buyer(built(seeds, *POWER))
    assert (known["2025-01-01"], known["2025-06-01"]) == (1.0, 0.5)


def test_cancelled_power_without_a_figure_is_nothing_and_not_unknown(built):
    seeds = smallest()
    (site,) = seeds["capacity"]
    seeds["capacity"].append(later(site, "2025-06-01", gw="", qualifier="undisclosed", stage="cancelled"))
    known = power_of_the_buyer(built(seeds, *POWER))
    assert (known["2025-01-01"], known["2025-06-01"]) == (1.0, 0.0)


@pytest.mark.parametrize("bound", ["low_usd_per_gw", "high_usd_per_gw"])
def test_an_estimate_with_one_bound_alone_lends_it_to_both_ends(built, bound):
    seeds = smallest()
    seeds["cost_per_gw"][0] |= {"usd_per_gw": "", bound: "40000000000"}
    (cost,) = built(seeds, *COSTS)["facts.cost_per_gw"].to_dicts()
    ends = cost["cost_low_usd_per_gw"], cost["cost_median_usd_per_gw"], cost["cost_high_usd_per_gw"]
    assert ends == (40e9, None, 40e9)


def test_a_lapsed_warrant_without_a_price_has_no_value_rather_than_none_to_lose(built):
    seeds = smallest()
    found = {"evidence": "seen", "source_id": "s0"}
    seeds["entities"].append(seed_files.row("entities", entity_id="unlisted", name="Unlisted", kind="other"))
    seeds["warrants"] = [
        seed_files.row(
            "warrants",
            warrant_id="w0",
            deal_id="d0",
            issuer_id="unlisted",
            holder_id="buyer",
            max_shares="100",
            strike_usd="1",
            vesting="in one part",
            known_from="2025-01-01",
            **found,
        )
    ]
    seeds["warrant_tranches"] = [
        seed_files.row(
            "warrant_tranches",
            tranche_id="t0",
            warrant_id="w0",
            seq="1",
            shares="100",
            status="lapsed",
            status_on="2025-01-01",
            **found,
        )
    ]
    worth = built(seeds, *WARRANTS)["metrics.warrant_values"].to_dicts()
    assert {(w["share_price_usd"], w["model_value_usd"]) for w in worth} == {(None, None)}


def test_a_hurdle_of_nothing_is_no_hurdle(built):
    seeds = smallest()
    found = {"evidence": "seen", "source_id": "s0"}
    seeds["warrants"] = [
        seed_files.row(
            "warrants",
            warrant_id=name,
            deal_id="d0",
            issuer_id="seller",
            holder_id="buyer",
            max_shares="100",
            strike_usd="1",
            issued_on="2025-02-10",
            vesting="in one part",
            known_from="2025-02-10",
            **found,
        )
        for name in ("with", "without")
    ]
    seeds["warrant_tranches"] = [
        seed_files.row(
            "warrant_tranches",
            tranche_id=f"t_{name}",
            warrant_id=name,
            seq="1",
            shares="100",
            share_price_hurdle_usd=hurdle,
            status="unvested",
            status_on="2025-02-10",
            **found,
        )
        for name, hurdle in (("with", "0"), ("without", ""))
    ]
    worth = built(seeds, *WARRANTS)["metrics.warrant_values"].sort("as_of_date").unique("warrant_id", keep="last")
    values = dict(worth.select("warrant_id", "model_value_usd").iter_rows())
    assert values["with"] == values["without"] > 0
