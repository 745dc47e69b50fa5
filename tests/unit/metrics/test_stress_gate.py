"""The gates of metrics.stress and metrics.stress_scope on the real seeds: they accept built tables and can refuse."""

import polars as pl
import pytest

from assets.core import second_derivation
from assets.metrics.stress import STRESS
from assets.metrics.stress_scope import STRESS_SCOPE
from tests.ledgers.memory import changed, refused, refused_by
from tests.ledgers.real import real_ledger


@pytest.fixture(scope="module")
def ledger():
    return real_ledger().complete("metrics.stress", "metrics.stress_scope")


SHORT = (pl.col("shortfall_usd") > 1e9) & (pl.col("shock_size") == 0.4)

ALWAYS_SHORT = (pl.col("shortfall_usd").min().over("as_of_date", "scenario_id", "entity_id") > 1e9) & (
    pl.col("shock_size") == 0.8
)

CALM = (pl.col("shock") == "none") & (pl.col("owed_usd") > 1e9) & ~pl.col("is_in_default")

ABSORBS = (pl.col("shock") == "none") & (pl.col("owed_usd") > 1e9) & pl.col("not_measurable_because").is_not_null()

BROKEN = {
    "paid_within_owed": lambda f: changed(f, CALM, paid_usd=1e14),
    "shortfall_consistent": lambda f: changed(f, SHORT, shortfall_usd=1e14),
    "default_consistent": lambda f: changed(f, SHORT, is_in_default=False),
    "shock_consistent": lambda f: changed(f, SHORT, shock_kind="none"),
    "shock_never_helps": lambda f: changed(f, ALWAYS_SHORT, shortfall_usd=1.0),
    "debtor_in_scope": lambda f: changed(f, CALM, entity_id="sb_energy"),
    "reconciles": lambda f: changed(f, CALM, owed_usd=1e9),
    "unique_key": lambda f: pl.concat([f, f.head(1)]),
    "figures_or_reason": lambda f: changed(f, ABSORBS, is_in_default=False),
    "as_completeness_says": lambda f: changed(f, ABSORBS, not_measurable_because="it is too large"),
    "required_values": lambda f: changed(f, CALM, unreceived_usd=None),
    "finite_numbers": lambda f: changed(f, CALM, owed_usd=float("inf")),
    "vocabulary:scenario_id": lambda f: changed(f, CALM, scenario_id="doom"),
    "range:year": lambda f: changed(f, CALM, year=1999),
    "range:shock_size": lambda f: changed(f, CALM, shock_size=1.5),
    "range:round_of_default": lambda f: changed(f, CALM, round_of_default=-1),
    "range:owed_usd": lambda f: changed(f, CALM, owed_usd=-1.0),
    "range:paid_usd": lambda f: changed(f, CALM, paid_usd=-1.0),
    "range:shortfall_usd": lambda f: changed(f, CALM, shortfall_usd=-1.0),
    "range:external_assets_usd": lambda f: changed(f, CALM, external_assets_usd=-1.0),
    "range:unreceived_usd": lambda f: changed(f, CALM, unreceived_usd=-1.0),
    "pattern:shock_kind": lambda f: changed(f, CALM, shock_kind="flood"),
    "refers_to:entity_id": lambda f: changed(f, CALM, entity_id="nobody"),
    "refers_to:shocked_entity_id": lambda f: changed(f, CALM, shocked_entity_id="nobody"),
    "columns": lambda f: f.drop("is_floored"),
}


@pytest.mark.parametrize("table", [STRESS_SCOPE, STRESS], ids=lambda t: t.name)
def test_the_real_ledger_passes(ledger, table):
    frame = ledger.read(table.full_name)
    assert frame.height > 100
    assert refused(table, frame, ledger) == set()


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_row_is_refused_by_its_rule(ledger, rule):
    assert refused_by(STRESS, BROKEN[rule](ledger.read("metrics.stress")), ledger, rule)


def test_every_rule_of_the_contract_is_shown_to_refuse():
    assert {r.name for r in (*STRESS.rules, *second_derivation.rules(STRESS))} <= set(BROKEN)


@pytest.mark.parametrize(
    ("where", "values"),
    [
        (ABSORBS, {"paid_usd": 1e9}),
        (ABSORBS, {"shortfall_usd": 0.0}),
        (ABSORBS, {"round_of_default": 0}),
        (ABSORBS, {"external_assets_usd": 1e12}),
        (ABSORBS, {"is_floored": False}),
        (ABSORBS, {"not_measurable_because": None}),
        (CALM, {"is_in_default": None}),
        (CALM, {"external_assets_usd": None}),
        (CALM, {"not_measurable_because": "it is too large"}),
    ],
)
def test_the_ability_to_pay_is_null_for_an_absorber_and_complete_for_a_debtor(ledger, where, values):
    assert refused_by(STRESS, changed(ledger.read("metrics.stress"), where, **values), ledger, "figures_or_reason")


def test_a_lab_that_is_not_measurable_is_not_shocked(ledger):
    frame = ledger.read("metrics.stress")
    shocked = frame.filter(pl.col("shocked_entity_id") == "openai")
    poisoned = pl.concat([frame, shocked.with_columns(shocked_entity_id=pl.lit("spacex"))])
    assert refused_by(STRESS, poisoned, ledger, "reconciles")
    assert frame["shocked_entity_id"].drop_nulls().unique().sort().to_list() == ["anthropic", "openai"]


def test_on_the_real_ledger_only_the_two_labs_can_fall_short(ledger):
    last = ledger.read("metrics.stress").filter(pl.col("as_of_date") == pl.col("as_of_date").max())
    can_fall = last.filter(pl.col("is_in_default").is_not_null())["entity_id"].unique().sort().to_list()
    assert can_fall == ["anthropic", "openai"]
    absorbed = last.filter((pl.col("entity_id") == "oracle") & (pl.col("shock") == "openai revenue -80%"))
    assert absorbed["paid_usd"].null_count() == absorbed.height == 5
    assert (absorbed["owed_usd"] > 0).all()
    assert absorbed["unreceived_usd"].max() > 1e9


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        ("debtors_have_coverage", {"entity_id": "multiple_suppliers"}),
        ("debtors_are_measurable", {"entity_id": "nvidia"}),
        ("debtors_are_measurable", {"role": "absorber"}),
        ("pattern:role", {"role": "victim"}),
        ("refers_to:entity_id", {"entity_id": "nobody"}),
        ("required_values", {"why": None}),
    ],
)
def test_a_broken_scope_is_refused(ledger, rule, values):
    frame = ledger.read("metrics.stress_scope")
    assert refused_by(STRESS_SCOPE, changed(frame, pl.col("role") == "debtor", **values), ledger, rule)


def test_an_absorber_that_is_called_a_debtor_is_refused(ledger):
    frame = ledger.read("metrics.stress_scope")
    called = changed(frame, pl.col("role") == "absorber", role="debtor")
    assert refused_by(STRESS_SCOPE, called, ledger, "debtors_are_measurable")
    receives = changed(frame, pl.col("role") == "sink", role="absorber")
    assert refused_by(STRESS_SCOPE, receives, ledger, "debtors_are_measurable")


def test_a_missing_debtor_is_refused(ledger):
    frame = ledger.read("metrics.stress")
    gone = frame.filter(~((pl.col("entity_id") == "openai") & (pl.col("shock") == "none")))
    assert refused_by(STRESS, gone, ledger, "reconciles")


def test_openai_is_shocked_at_the_end_of_every_quarter_in_every_scenario(ledger):
    frame = ledger.read("metrics.stress").filter(pl.col("shock") == "openai revenue -40%")
    seen = frame.filter(pl.col("entity_id") == "openai").group_by("as_of_date").agg(pl.col("scenario_id").n_unique())
    assert seen["scenario_id"].unique().to_list() == [5]
    assert seen.height >= 4
