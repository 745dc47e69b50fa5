"""The gate of metrics.money_trail on the real seeds, and the trail of SoftBank's bridge loan."""

import polars as pl
import pytest

from assets.core import second_derivation
from assets.metrics.money_trail import MONEY_TRAIL
from tests.ledgers.memory import changed, refused, refused_by
from tests.ledgers.real import real_ledger


@pytest.fixture(scope="module")
def ledger():
    return real_ledger().complete("metrics.money_trail")


RECONCILES = "reconciles"

ORIGIN = pl.col("hop") == 0

NEXT = (pl.col("hop") == 1) & (pl.col("attributed_usd") > 1e9)

ENDS = pl.col("is_end")

BROKEN = {
    "attributed_usd_within_amount_usd": lambda f: changed(f, NEXT, attributed_usd=1e15),
    "ended_usd_within_attributed_usd": lambda f: changed(f, NEXT, ended_usd=1e15),
    "within_origin": lambda f: changed(f, NEXT, attributed_usd=1e15),
    "money_conserved": lambda f: changed(f, NEXT, attributed_usd=1.0),
    "end_consistent": lambda f: changed(f, ENDS, end_reason=None),
    "origin_consistent": lambda f: changed(f, ORIGIN, link="purchase"),
    RECONCILES: lambda f: changed(f, NEXT, amount_usd=1e15),
    "unique_key": lambda f: pl.concat([f, f.head(1)]),
    "required_values": lambda f: changed(f, NEXT, path=None),
    "finite_numbers": lambda f: changed(f, NEXT, amount_usd=float("nan")),
    "vocabulary:flow": lambda f: changed(f, NEXT, flow="gift"),
    "range:hop": lambda f: changed(f, NEXT, hop=-1),
    "range:amount_usd": lambda f: changed(f, NEXT, amount_usd=-1.0),
    "range:attributed_usd": lambda f: changed(f, NEXT, attributed_usd=-1.0),
    "range:ended_usd": lambda f: changed(f, NEXT, ended_usd=-1.0),
    "range:path_count": lambda f: changed(f, NEXT, path_count=0),
    "pattern:link": lambda f: changed(f, NEXT, link="rumour"),
    "pattern:end_reason": lambda f: changed(f, ENDS, end_reason="bored"),
    "refers_to:payer_id": lambda f: changed(f, NEXT, payer_id="nobody"),
    "refers_to:payee_id": lambda f: changed(f, NEXT, payee_id="nobody"),
}


def test_the_real_ledger_passes(ledger):
    assert refused(MONEY_TRAIL, ledger.read("metrics.money_trail"), ledger) == set()


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_row_is_refused_by_its_rule(ledger, rule):
    assert refused_by(MONEY_TRAIL, BROKEN[rule](ledger.read("metrics.money_trail")), ledger, rule)


def test_every_rule_of_the_contract_is_shown_to_refuse():
    assert {r.name for r in (*MONEY_TRAIL.rules, *second_derivation.rules(MONEY_TRAIL))} <= set(BROKEN)


def test_a_funding_leg_that_is_not_followed_is_refused(ledger):
    frame = ledger.read("metrics.money_trail").filter(pl.col("funding_leg_id") != "l_sb_bridge")
    assert refused(MONEY_TRAIL, frame, ledger) == {RECONCILES}


def test_the_bridge_loan_of_softbank_leads_through_its_stake_to_the_suppliers_of_openai(ledger):
    frame = ledger.read("metrics.money_trail")
    latest = frame.filter(
        (pl.col("funding_leg_id") == "l_sb_bridge") & (pl.col("as_of_date") == frame["as_of_date"].max())
    )
    first, second = latest.row(0, named=True), latest.row(1, named=True)
    assert (first["path"], first["link"]) == ("bank_lenders → softbank", "origin")
    assert (second["path"], second["link"]) == ("bank_lenders → softbank → openai", "funds")
    bought = latest.filter(pl.col("hop") == 2)
    assert set(bought["payer_id"]) == {"openai"}
    assert bought["attributed_usd"].sum() == pytest.approx(second["attributed_usd"], abs=0.01)
    assert {"oracle", "microsoft", "nvidia", "broadcom", "amd"} <= set(bought["payee_id"])
    assert latest["ended_usd"].sum() == pytest.approx(first["attributed_usd"], abs=0.01)


def test_the_words_say_that_the_money_could_have_paid_for_it():
    assert "could have paid for" in MONEY_TRAIL.summary
    assert any("could have paid for, never paid for" in h for h in MONEY_TRAIL.hazards)
