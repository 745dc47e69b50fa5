"""metrics.warrant_values and metrics.warrant_value_grid: values are as known on the day; unknown is null, not zero."""

import datetime as dt
import math

import polars as pl
import pytest

from assets.catalog import STEPS
from assets.finance.warrants import barrier_call, plain_call
from assets.metrics.warrant_value_grid import WARRANT_VALUE_GRID
from assets.metrics.warrant_values import WARRANT_VALUES
from tests.ledgers.memory import Given, changed, refused, refused_by
from tests.ledgers.real import real_ledger
from tests.ledgers.warrant import DAY, later, small, tranche

KEY = ["as_of_date", "warrant_id"]


def found_years(days: int = 1460) -> float:
    return days / 365.25


def values(inputs) -> pl.DataFrame:
    return STEPS["metrics.warrant_values"].build(inputs).frame


def grid(inputs) -> pl.DataFrame:
    return STEPS["metrics.warrant_value_grid"].build(inputs).frame


def last(inputs) -> dict:
    return values(inputs).sort("as_of_date").row(-1, named=True)


@pytest.fixture(scope="module")
def real():
    return real_ledger()


@pytest.fixture(scope="module")
def tables(real):
    return tuple(real.make(STEPS[name]) for name in ("metrics.warrant_values", "metrics.warrant_value_grid"))


# --- the real ledger ---


def test_the_amd_warrant_of_openai_is_worth_96_billion_at_its_top_hurdle(tables):
    amd = tables[0].filter(warrant_id="w_amd_openai")
    assert amd["value_at_top_hurdle_usd"].unique().to_list() == [pytest.approx(95.9984e9, rel=1e-12)]
    first = amd.filter(as_of_date=dt.date(2025, 10, 9)).row(0, named=True)
    assert (first["share_price_usd"], first["price_age_days"], first["vested_shares"]) == (232.89, 0, 0)
    assert first["share_of_outstanding"] == pytest.approx(160 / 1622, rel=1e-3)
    assert first["is_assumed_split"]
    assert first["is_assumed_volatility"]
    assert first["intrinsic_value_usd"] == 0
    assert first["model_value_usd"] < 160e6 * 232.89
    assert first["offset_ratio"] == pytest.approx(first["model_value_usd"] / first["purchases_usd"])


def test_a_supplier_without_a_known_price_has_shares_but_no_value(tables):
    cerebras = tables[0].filter(warrant_id="w_cerebras_openai").sort("as_of_date").row(-1, named=True)
    assert cerebras["vested_shares"] == 4_459_337
    assert not cerebras["is_assumed_split"]
    for name in ("share_price_usd", "price_age_days", "intrinsic_value_usd", "model_value_usd", "offset_ratio"):
        assert cerebras[name] is None


def test_the_real_ledger_passes_both_gates(real, tables):
    assert refused(WARRANT_VALUES, tables[0], real) == set()
    assert refused(WARRANT_VALUE_GRID, tables[1], real) == set()


def test_later_knowledge_changes_no_earlier_day(real, tables):
    day = dt.date(2026, 1, 15)
    frames = {
        name: real.read(name).filter(pl.col(column) <= day)
        for name, column in (
            ("staging.warrants", "known_from"),
            ("staging.warrant_tranches", "status_on"),
            ("staging.prices", "date"),
            ("facts.financials", "known_from"),
        )
    }
    for name in ("facts.commitments", "facts.capacity", "facts.capacity_schedule"):
        known = real.read(name).filter(pl.col("known_from") <= day)
        frames[name] = known.with_columns(known_to=pl.when(pl.col("known_to") <= day).then("known_to"))
    then = values(Given(frames, real))
    assert then.height > 50
    assert then.equals(tables[0].filter(pl.col("as_of_date") <= day))


def test_the_order_of_the_rows_does_not_matter(real, tables):
    frames = {n: real.read(n).reverse() for n in ("staging.prices", "staging.warrants", "staging.warrant_tranches")}
    found = values(Given(frames, real))
    assert found.select(KEY).equals(tables[0].select(KEY))
    for name in ("model_value_usd", "volatility", "vested_shares"):
        assert (found[name] - tables[0][name]).abs().fill_null(0).max() <= 1e-9 * tables[0][name].max()


# --- tranches ---


def test_shares_that_were_not_disclosed_are_split_equally_and_flagged():
    found = last(small([tranche("a", shares=40.0, status="vested"), tranche("b"), tranche("c", status="vested")]))
    assert (found["shares_counted"], found["vested_shares"]) == (100, 40 + 30)
    assert found["is_assumed_split"]


def test_a_warrant_without_tranches_is_one_without_hurdle_and_never_vests():
    found = last(small([]))
    assert (found["shares_counted"], found["vested_shares"], found["is_assumed_split"]) == (100, 0, True)
    assert found["value_at_top_hurdle_usd"] is None
    assert found["model_value_usd"] == pytest.approx(100 * plain_call(50, 10, 0.04, 0, 0.5, found_years()))


def test_shares_in_no_tranche_form_an_assumed_one():
    found = last(small([tranche("a", shares=60.0)]))
    assert (found["shares_counted"], found["is_assumed_split"]) == (100, True)
    whole = last(small([tranche("a", shares=100.0)]))
    assert (whole["shares_counted"], whole["is_assumed_split"]) == (100, False)


def test_a_lapsed_tranche_counts_no_more():
    found = last(small([tranche("a", shares=60.0, status="lapsed"), tranche("b", shares=40.0)]))
    assert (found["shares_counted"], found["vested_shares"]) == (40, 0)
    assert found["model_value_usd"] == pytest.approx(40 * plain_call(50, 10, 0.04, 0, 0.5, found_years()))


def test_without_a_maximum_nothing_that_rests_on_shares_is_known():
    found = last(small([tranche("a", shares=60.0)], warrant={"max_shares": None}))
    for name in ("shares_counted", "vested_shares", "intrinsic_value_usd", "model_value_usd", "share_of_outstanding"):
        assert found[name] is None


def test_a_status_counts_from_its_day():
    rows = values(small([tranche("a", shares=100.0, status="vested", status_on=later(1))])).sort("as_of_date")
    assert rows["as_of_date"].to_list() == [DAY, later(1)]
    assert rows["vested_shares"].to_list() == [0, 100]
    assert rows["is_assumed_split"].to_list() == [True, False]
    assert rows["intrinsic_value_usd"].to_list() == [0, 100 * (50 - 10)]


@pytest.mark.parametrize(
    ("conditions", "vested"),
    [
        ({"share_price_hurdle_usd": 50.0}, 100),
        ({"share_price_hurdle_usd": 51.0}, 0),
        ({"market_cap_hurdle_usd": 50_000.0}, 100),  # 1000 shares outstanding at 50
        ({"market_cap_hurdle_usd": 50_001.0}, 0),
        ({"gw_milestone": 2.0}, 100),
        ({"gw_milestone": 2.1}, 0),
        ({"gw_milestone": 2.0, "share_price_hurdle_usd": 51.0}, 0),
        ({"gw_milestone": 2.0, "share_price_hurdle_usd": 50.0}, 100),
        ({"gw_milestone": 1.0, "other_condition": "in words"}, 0),
        ({"share_price_hurdle_usd": 50.0, "status": "lapsed"}, 0),
        ({}, 0),
    ],
)
def test_a_tranche_vests_when_all_its_stated_conditions_are_met_and_none_is_in_words(conditions, vested):
    assert last(small([tranche("a", shares=100.0, **conditions)], gw=2.0))["vested_shares"] == vested


def test_power_scheduled_by_a_version_that_is_not_yet_known_vests_nothing():
    inputs = small([tranche("a", shares=100.0, gw_milestone=2.0)], gw=2.0, gw_known_from=later(1))
    assert last(inputs)["vested_shares"] == 0


def test_power_for_another_holder_or_as_a_statement_vests_nothing():
    for change in ({"user_id": "other"}, {"view": "statement"}):
        assert (
            last(small([tranche("a", shares=100.0, gw_milestone=2.0)], gw=2.0, capacity=change))["vested_shares"] == 0
        )


# --- values ---


def test_a_hurdle_ahead_is_a_barrier_and_one_passed_is_none():
    ahead = last(small([tranche("a", shares=100.0, share_price_hurdle_usd=80.0)]))
    years = found_years()
    expected = barrier_call("up_and_in", 50, 10, 80, 0.04, 0, 0.5, years, monitoring_dates=round(252 * years))
    assert ahead["model_value_usd"] == pytest.approx(100 * expected)
    passed = last(small([tranche("a", shares=100.0, share_price_hurdle_usd=80.0)], closes={0: 90.0, 1: 50.0}))
    assert passed["model_value_usd"] == pytest.approx(100 * plain_call(50, 10, 0.04, 0, 0.5, found_years(1459)))
    assert passed["vested_shares"] == 100
    assert passed["intrinsic_value_usd"] == 100 * 40


def test_a_close_before_the_issue_meets_no_hurdle():
    issued = {"issued_on": DAY}
    rows = last(
        small([tranche("a", shares=100.0, share_price_hurdle_usd=80.0)], closes={-3: 90.0, 0: 50.0}, warrant=issued)
    )
    assert rows["vested_shares"] == 0


def test_a_close_between_the_issue_and_the_day_it_became_known_meets_a_hurdle():
    issued = {"issued_on": later(-5)}
    rows = last(
        small([tranche("a", shares=100.0, share_price_hurdle_usd=80.0)], closes={-3: 90.0, 0: 50.0}, warrant=issued)
    )
    assert rows["vested_shares"] == 100


def test_a_market_value_hurdle_without_known_shares_leaves_the_value_unknown():
    terms = [tranche("a", shares=100.0, market_cap_hurdle_usd=80_000.0)]
    known = last(small(terms))
    assert (known["top_hurdle_usd"], known["value_at_top_hurdle_usd"]) == (80, 100 * 70)
    unknown = last(small(terms, shares_outstanding=None))
    for name in ("model_value_usd", "top_hurdle_usd", "value_at_top_hurdle_usd", "share_of_outstanding"):
        assert unknown[name] is None
    assert unknown["vested_shares"] == 0


def test_a_strike_of_nothing_is_the_share_that_waits_for_its_hurdle():
    plain = last(small([tranche("a", shares=100.0)], warrant={"strike_usd": 0.0}))
    assert plain["model_value_usd"] == pytest.approx(100 * 50)
    ahead = last(small([tranche("a", shares=100.0, share_price_hurdle_usd=80.0)], warrant={"strike_usd": 0.0}))
    near = last(small([tranche("a", shares=100.0, share_price_hurdle_usd=80.0)], warrant={"strike_usd": 1e-6}))
    assert ahead["model_value_usd"] == pytest.approx(near["model_value_usd"], rel=1e-6)


def test_from_the_expiry_on_no_value_is_known():
    rows = values(small([tranche("a", status="vested")], closes={0: 50.0, 9: 50.0}, warrant={"expires_on": later(9)}))
    assert rows.sort("as_of_date")["intrinsic_value_usd"].to_list() == [4000, None]
    assert rows.sort("as_of_date")["model_value_usd"].is_null().to_list() == [False, True]


def test_an_unknown_expiry_is_an_assumed_life_and_flagged():
    found = last(small([tranche("a", shares=100.0)], warrant={"expires_on": None}))
    assert found["is_assumed_expiry"]
    assert found["model_value_usd"] == pytest.approx(100 * plain_call(50, 10, 0.04, 0, 0.5, 2739 / 365.25), rel=1e-3)


def test_the_volatility_is_that_of_the_last_daily_returns_known():
    moves = [0.01, -0.01] * 5
    closes = {i: 50 * math.exp(sum(moves[:i])) for i in range(11)}
    rows = values(small([tranche("a", shares=100.0)], closes=closes | {30: 500.0})).sort("as_of_date")
    assert rows["is_assumed_volatility"].to_list() == [True] * 4 + [False] * 8
    assert rows["volatility"][0] == 0.5
    assert rows["volatility"][10] == pytest.approx(0.01 * math.sqrt(6 / 5) * math.sqrt(252))  # six returns
    assert rows["volatility"][11] == rows["volatility"][10]  # twenty days are not daily


def test_a_share_that_never_moved_has_the_assumed_volatility():
    rows = values(small([tranche("a", shares=100.0)], closes=dict.fromkeys(range(12), 50.0)))
    assert rows["is_assumed_volatility"].all()


def test_purchases_are_those_in_force_on_the_day():
    inputs = small([tranche("a", shares=100.0)], closes={0: 50.0, 2: 50.0, 4: 50.0})
    legs = [("x", 0, 2, 1000.0, "openai"), ("x", 2, None, 1500.0, "openai"), ("y", 3, None, 500.0, "openai"),
            ("z", 0, None, 9999.0, "other")]  # fmt: skip
    inputs.frames["facts.commitments"] = pl.DataFrame(
        [
            {"leg_id": leg, "known_from": later(a), "known_to": None if b is None else later(b), "payer_id": payer,
             "payee_id": "amd", "flow": "chip_purchase", "net_amount_usd": usd}
            for leg, a, b, usd, payer in legs
        ],
        schema_overrides={"known_to": pl.Date},
    )  # fmt: skip
    rows = values(inputs).sort("as_of_date")
    assert rows["purchases_usd"].to_list() == [1000, 1500, 2000]
    assert rows["offset_ratio"][2] == pytest.approx(rows["model_value_usd"][2] / 2000)


def test_without_purchases_the_offset_is_unknown():
    found = last(small([tranche("a", shares=100.0)]))
    assert found["purchases_usd"] is None
    assert found["offset_ratio"] is None


# --- the grid ---


def test_the_grid_holds_multiples_of_the_last_price_and_the_hurdles():
    rows = grid(small([tranche("a", shares=100.0, share_price_hurdle_usd=80.0)], closes={0: 40.0, 1: 50.0}))
    assert rows["share_price_usd"].to_list() == [25, 50, 75, 80, 100]
    assert rows["is_hurdle"].to_list() == [False, False, False, True, False]
    assert rows["price_multiple"].to_list() == [0.5, 1, 1.5, 1.6, 2]
    assert rows["intrinsic_if_all_vested_usd"].to_list() == [1500, 4000, 6500, 7000, 9000]
    assert rows["as_of_date"].unique().to_list() == [later(1)]
    assert rows["model_value_usd"].is_sorted()


def test_the_grid_agrees_with_the_values_at_the_last_price(tables):
    here = tables[1].filter(pl.col("price_multiple") == 1)
    both = here.join(tables[0], on=KEY, suffix="_then")
    assert both.height == here.height > 0
    for name in ("model_value_usd", "offset_ratio", "purchases_usd"):
        assert both[name].to_list() == pytest.approx(both[f"{name}_then"].to_list())


def test_without_a_price_or_strike_there_is_no_grid():
    assert grid(small([tranche("a")], closes={})).height == 0
    assert grid(small([tranche("a")], warrant={"strike_usd": None})).height == 0


# --- the gates ---

PRICED = pl.col("model_value_usd").is_not_null()

ALWAYS = pl.col("warrant_id").is_not_null()

MUTATIONS = {
    "shares_within_maximum": lambda f: changed(f, PRICED, shares_counted=2e8),
    "vested_within_shares": lambda f: changed(f, PRICED, vested_shares=2e8),
    "intrinsic_within_share_value": lambda f: changed(f, PRICED, intrinsic_value_usd=1e12),
    "model_within_share_value": lambda f: changed(f, PRICED, model_value_usd=1e13),
    "unknown_without_price": lambda f: changed(f, pl.col("share_price_usd").is_null(), intrinsic_value_usd=0.0),
    "offset_is_model_over_purchases": lambda f: changed(f, PRICED, offset_ratio=None),
    "range:share_of_outstanding": lambda f: changed(f, PRICED, share_of_outstanding=1.2),
    "range:volatility": lambda f: changed(f, PRICED, volatility=-0.1),
    "unique_key": lambda f: pl.concat([f, f.head(1)]),
    "required_values": lambda f: changed(f, ALWAYS, is_assumed_split=None),
    "finite_numbers": lambda f: changed(f, PRICED, model_value_usd=math.nan),
    "refers_to:holder_id": lambda f: changed(f, ALWAYS, holder_id="nobody"),
    "refers_to:warrant_id": lambda f: changed(f, ALWAYS, warrant_id="w_none"),
}

DIFFERENCES = {
    "a missing day": lambda f: f.slice(1),
    "another price": lambda f: changed(f, PRICED, share_price_usd=300.0),
    "other purchases": lambda f: changed(f, PRICED, purchases_usd=1.0),
    "no purchases": lambda f: changed(f, PRICED, purchases_usd=None),
    "another share": lambda f: changed(f, PRICED, share_of_outstanding=0.5),
    "another top": lambda f: changed(f, pl.col("top_hurdle_usd").is_not_null(), value_at_top_hurdle_usd=1.0),
    "less than what vested": lambda f: changed(f, pl.col("vested_shares") > 0, vested_shares=0.0),
}


@pytest.mark.parametrize("rule", MUTATIONS)
def test_every_rule_of_the_values_refuses(real, tables, rule):
    assert refused_by(WARRANT_VALUES, MUTATIONS[rule](tables[0]), real, rule)


@pytest.mark.parametrize("difference", DIFFERENCES)
def test_a_difference_from_the_facts_does_not_reconcile(real, tables, difference):
    assert refused_by(WARRANT_VALUES, DIFFERENCES[difference](tables[0]), real, "reconciles")


@pytest.mark.parametrize(
    ("rule", "mutate"),
    [
        ("model_within_share_value", lambda f: changed(f, PRICED, model_value_usd=1e13)),
        ("intrinsic_within_share_value", lambda f: changed(f, PRICED, intrinsic_if_all_vested_usd=1e13)),
        ("value_rises_with_price", lambda f: changed(f, pl.col("price_multiple") == 1, model_value_usd=1.0)),
        ("offset_is_model_over_purchases", lambda f: changed(f, PRICED, offset_ratio=0.5)),
        ("unique_key", lambda f: pl.concat([f, f.head(1)])),
        ("refers_to:warrant_id", lambda f: changed(f, ALWAYS, warrant_id="w_none")),
    ],
)
def test_every_rule_of_the_grid_refuses(real, tables, rule, mutate):
    assert refused_by(WARRANT_VALUE_GRID, mutate(tables[1]), real, rule)
