"""The sentences of the article: verdicts, and measurement of a claim as known on its day."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from assets.core import sql_files
from assets.metrics import claims
from assets.staging import warrant_tranches, warrants
from assets.staging.claims import CLAIMS
from tests.ledgers.builder import BN, Ledger, figure, frame, leg, power
from tests.ledgers.built import measured

RATIOS = {"claim_confirmed_ratio": 0.05, "claim_close_ratio": 0.15}


def claim(claim_id: str = "c", qualifier: str = "about", **more: Any) -> dict[str, Any]:
    """A claim of the seeds with defaults."""
    return {
        "claim_id": claim_id,
        "source_id": "s",
        "paragraph": 1,
        "subject": "openai",
        "statement": f"statement of {claim_id}",
        "measure": "m",
        "qualifier": qualifier,
        "expected_low": None,
        "expected_value": None,
        "expected_high": None,
        "unit": "USD",
        "as_of": "2025-10-09",
        **more,
    }


def verdict(
    measured_value: float | None,
    qualifier: str,
    low: float | None,
    value: float | None,
    high: float | None,
    **more: Any,
) -> str:
    """The verdict on a measured value."""
    stated = claim(qualifier=qualifier, expected_low=low, expected_value=value, expected_high=high, **more)
    return claims.verdict(stated, measured_value, *RATIOS.values())


# --- verdicts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("qualifier", "low", "value", "high", "readings"),
    [
        pytest.param(
            "about",
            None,
            100,
            None,
            {
                84: "contradicted",
                85: "close",
                94: "close",
                95: "confirmed",
                105: "confirmed",
                106: "close",
                116: "contradicted",
            },
            id="about spans five per cent, close fifteen",
        ),
        pytest.param(
            "about",
            90,
            100,
            120,
            {
                76: "contradicted",
                77: "close",
                89: "close",
                90: "confirmed",
                120: "confirmed",
                121: "close",
                139: "contradicted",
            },
            id="stated bounds stand as they are, close is counted from them",
        ),
        pytest.param(
            "exact",
            None,
            100,
            None,
            {84: "contradicted", 99: "close", 100: "confirmed", 101: "close", 116: "contradicted"},
            id="exact is the value",
        ),
        pytest.param(
            "up_to",
            None,
            100,
            None,
            {0: "confirmed", 96: "confirmed", 100: "confirmed", 101: "close", 116: "contradicted"},
            id="up_to has no floor",
        ),
        pytest.param(
            "up_to",
            0,
            100,
            100,
            {-1: "contradicted", 0: "confirmed", 100: "confirmed", 110: "close"},
            id="up_to within bounds",
        ),
        pytest.param(
            "up_to",
            None,
            0.01,
            0.02,
            {0.005: "confirmed", 0.02: "confirmed", 0.022: "close"},
            id="a stated ceiling wins",
        ),
        pytest.param(
            "at_least",
            16,
            16,
            None,
            {13.5: "contradicted", 13.7: "close", 15.9: "close", 16: "confirmed", 1000: "confirmed"},
            id="at_least has no ceiling",
        ),
        pytest.param(
            "at_least", None, 10, None, {8: "contradicted", 9: "close", 10: "confirmed"}, id="at_least a value"
        ),
        pytest.param("at_least", 0, None, None, {-0.1: "contradicted", 0.4: "confirmed"}, id="at_least a bound alone"),
    ],
)
def test_verdict_follows_from_bounds_and_qualifier(qualifier, low, value, high, readings):
    assert {m: verdict(m, qualifier, low, value, high) for m in readings} == readings


@pytest.mark.parametrize("unit", ["flag", "loops"])
def test_a_true_or_false_claim_is_never_close(unit):
    assert verdict(1, "exact", 1, 1, None, unit=unit) == "confirmed"
    assert verdict(0, "exact", 1, 1, None, unit=unit) == "contradicted"
    assert verdict(0.9, "exact", 1, 1, None, unit=unit) == "contradicted"


def test_unknown_is_not_measurable():
    assert verdict(None, "about", None, 100, None) == "not_measurable"
    assert verdict(5.0, "about", None, None, None) == "not_measurable"


def test_last_bit_of_a_sum_decides_nothing():
    assert verdict(0.1 + 0.2, "exact", None, 0.3, None) == "confirmed"
    assert verdict(16 - 1e-12, "at_least", 16, 16, None) == "confirmed"


# --- measures -------------------------------------------------------------------------------------------------------

OPENAI = {"payer_id": "openai", "flow": "compute_purchase"}


def claims_of(folder, ledger: Ledger, *stated: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The claims, measured in a ledger."""
    ledger.assumptions.update(RATIOS)
    build = measured(folder, ledger)
    build.put(CLAIMS, frame(CLAIMS, stated))
    build.put(warrants.WARRANTS, frame(warrants.WARRANTS, []))
    build.put(warrant_tranches.WARRANT_TRANCHES, frame(warrant_tranches.WARRANT_TRANCHES, []))
    return {r["claim_id"]: r for r in claims.measured_claims(build).to_dicts()}


def test_every_claim_of_the_seeds_has_a_measure_and_every_measure_a_claim():
    stated = pl.read_csv(sql_files.FOLDER.parent / "seeds" / "claims.csv")["claim_id"]
    assert sorted(stated) == sql_files.names("metrics", "claims")


def test_claim_without_a_measure_names_the_missing_file(tmp_path):
    row = claims_of(tmp_path, Ledger([leg("a", BN)]), claim("unheard_of", expected_value=1.0))["unheard_of"]

    assert row["verdict"] == "not_measurable"
    assert "sql/metrics/claims/unheard_of.sql" in row["explanation"]


def test_claims_about_legs_that_are_not_there_are_not_measurable_and_say_why(tmp_path):
    stated = [claim(name, expected_value=1.0) for name in sql_files.names("metrics", "claims")]
    rows = claims_of(tmp_path, Ledger([leg("a", BN)]), *stated)

    assert {n: r["verdict"] for n, r in rows.items() if r["verdict"] != "not_measurable"} == {
        "nvidia_loop": "contradicted"  # the absence of a loop is a measurement
    }
    assert all(r["explanation"] for r in rows.values())


def test_claim_is_measured_as_the_ledger_was_known_on_its_day(tmp_path):
    ledger = Ledger(
        [
            leg("l_broadcom_10b_order", 10 * BN, known_from="2025-09-05", certainty="rumoured"),
            leg("l_broadcom_10b_order", 10 * BN, known_from="2025-12-01", certainty="cancelled"),
        ]
    )
    days = {"before": "2025-09-04", "then": "2025-10-09", "after": "2025-12-01"}
    stated = {d: claim("broadcom_order", "at_least", expected_value=10 * BN, as_of=on) for d, on in days.items()}

    found = {d: claims_of(tmp_path / d, ledger, c)["broadcom_order"] for d, c in stated.items()}
    assert {d: r["verdict"] for d, r in found.items()} == {
        "before": "not_measurable",
        "then": "confirmed",
        "after": "not_measurable",
    }
    assert "rumoured" in found["then"]["explanation"]


def test_total_counts_own_shares_with_imputed_ones_and_shows_other_readings(tmp_path):
    ledger = Ledger(
        [
            leg("whole", 500 * BN, **{**OPENAI, "payer_id": "stargate_llc"}),
            leg("part", 300 * BN, part_of_leg_id="whole", **OPENAI),
            leg("rumour", 10 * BN, certainty="rumoured", **OPENAI),
            leg("claims_of", 900 * BN, is_statement=True, **OPENAI),
        ],
        figures=[figure("2025-01-01", "2025-06-30", 4.5 * BN, entity_id="openai")],
    )
    rows = claims_of(
        tmp_path,
        ledger,
        claim("announced_total", expected_value=500 * BN),
        claim("revenue_gap", "up_to", expected_value=0.02, unit="ratio"),
        claim("revenue_h1_2025", expected_value=4.5 * BN),
        claim("cannot_fund_itself", "exact", expected_low=1.0, expected_value=1.0, unit="flag"),
    )

    assert rows["announced_total"]["measured_value"] == 510 * BN
    assert rows["announced_total"]["verdict"] == "confirmed"
    assert "openai alone 310" in rows["announced_total"]["explanation"]
    assert "without rumours 500" in rows["announced_total"]["explanation"]
    assert rows["revenue_gap"]["measured_value"] == pytest.approx(9 / 510)
    assert rows["revenue_h1_2025"]["verdict"] == "confirmed"
    assert rows["cannot_fund_itself"]["verdict"] == "confirmed"


def test_loop_needs_a_way_there_and_back_that_passes_no_aggregate(tmp_path):
    there = leg("t", BN, payer_id="nvidia", payee_id="openai", flow="equity_investment")
    stated = claim("nvidia_loop", "exact", expected_low=1.0, expected_value=1.0, unit="loops")

    one_way = claims_of(tmp_path / "1", Ledger([there]), stated)
    back = [leg("b", BN, payer_id="openai", payee_id="oracle"), leg("c", BN, payer_id="oracle", payee_id="nvidia")]
    both = claims_of(tmp_path / "2", Ledger([there, *back]), stated)
    assert [r["nvidia_loop"]["verdict"] for r in (one_way, both)] == ["contradicted", "confirmed"]
    assert "could be closed" in both["nvidia_loop"]["explanation"]


def test_capacity_claims_take_gigawatts_as_known(tmp_path):
    ledger = Ledger(
        [leg("a", BN)],
        [
            power("k_nvidia", 10.0, view="chip", user_id="openai", qualifier="at_least"),
            power("k_amd", 6.0, view="chip", user_id="openai"),
            power("k_stargate_us", 10.0, user_id="openai"),
            power("k_stargate_us", 7.0, user_id="openai", known_from="2025-09-01"),
        ],
    )
    rows = claims_of(
        tmp_path,
        ledger,
        claim("nvidia_amd_capacity", "at_least", expected_low=16.0, unit="GW"),
        claim("stargate_capacity", expected_value=10.0, unit="GW"),
    )

    assert [rows[c]["measured_value"] for c in ("nvidia_amd_capacity", "stargate_capacity")] == [16.0, 10.0]
    assert "7.0 GW" in rows["stargate_capacity"]["explanation"]
