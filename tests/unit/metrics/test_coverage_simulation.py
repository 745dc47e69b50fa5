"""metrics.coverage_simulation and metrics.first_shortfall: the draws agree with the deterministic coverage."""

import datetime as dt
from dataclasses import replace

import duckdb
import numpy as np
import polars as pl
import pytest

from assets.core import sql_files
from assets.core.size import Local
from assets.facts.assumptions import as_dict, scenarios_wide
from assets.finance.simulation import Case, Funding, Obligations, simulate
from assets.metrics import coverage_simulation, first_shortfall, simulated, simulated_days
from assets.metrics.completeness import COMPLETENESS
from assets.metrics.coverage_simulation import COVERAGE_SIMULATION
from assets.metrics.first_shortfall import FIRST_SHORTFALL
from assets.metrics.simulation_columns import COVERAGE_FIGURES
from assets.metrics.simulation_inputs import (
    Ledger,
    cases_on,
    coverage_on,
    dues_on,
    of_entities,
    standing_on,
    terms_under,
)
from assets.scale.simulation_scope import largest_of
from tests.ledgers.memory import Given, changed, refused, refused_by
from tests.ledgers.real import real_ledger

DAYS = [dt.date(2025, 9, 30), dt.date(2025, 12, 31), dt.date(2026, 6, 30), dt.date(2026, 10, 8)]

CELL = ["scenario_id", "entity_id", "year"]


@pytest.fixture(scope="module")
def inputs():
    return real_ledger()


def ledger_of(inputs) -> Ledger:
    return Ledger(
        inputs.read("facts.commitments"),
        inputs.read("facts.commitment_schedule"),
        inputs.read("facts.revenue_coverage"),
        inputs.read("facts.cost_per_gw"),
        scenarios_wide(inputs.read("staging.scenarios")),
        as_dict(inputs.read("staging.assumptions")),
    )


@pytest.fixture(scope="module")
def ledger(inputs):
    return ledger_of(inputs)


@pytest.fixture(scope="module")
def tables(inputs):
    """Both tables of the real ledger with few draws."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(simulated.DRAWS_VARIABLE, "1000")
        names = ("metrics.coverage_simulation", "metrics.first_shortfall")
        inputs.complete(*names)
        return tuple(inputs.read(name) for name in names)


def mean(legs: Obligations | Funding) -> np.ndarray:
    """The mean multiple of the point amount, including the probability."""
    multiple = (np.asarray(legs.low) + 4 * np.asarray(legs.mode) + np.asarray(legs.high)) / 6
    return (multiple * legs.probability)[:, None]


def without_spread(case: Case) -> Case:
    """The same case with every spread at zero: amounts at their mean, delay at its mean, revenue on its path."""
    owed, raised = case.obligations, case.funding
    cost = np.append(np.asarray(case.cost_per_gw) @ [1 / 6, 4 / 6, 1 / 6], 1.0)  # component -1: a stated amount
    exact = {"probability": 1.0, "low": 1.0, "mode": 1.0, "high": 1.0}
    return replace(
        case,
        obligations=replace(
            owed, quarterly_usd=owed.quarterly_usd * mean(owed) * cost[owed.component][:, None], component=-1, **exact
        ),
        funding=replace(raised, yearly_usd=raised.yearly_usd * mean(raised), **exact),
        growth_sigma=0.0,
        delay_shape=1e8,
        delay_scale_quarters=case.delay_scale_quarters * case.delay_shape / 1e8,
    )


def within(ledger: Ledger, days: list[dt.date] = DAYS, **assumed: float) -> Ledger:
    """The ledger as drawn under other limits."""
    schedule, assumptions = ledger.schedule.iter_slices(1000), ledger.assumptions | assumed
    return largest_of(days, ledger.commitments, schedule, ledger.coverage, ledger.costs, ledger.scenarios, assumptions)


def test_a_ledger_within_the_limits_is_drawn_leg_by_leg(ledger):
    drawn = within(ledger)
    assert drawn.rest.is_empty()
    days = tuple((day, 100) for day in DAYS)
    whole, part = (simulated.simulate_days(known, days, Local()) for known in (ledger, drawn))
    assert whole[0].equals(part[0])
    assert whole[1].equals(part[1])


def test_of_very_many_entities_those_that_owe_most_are_simulated(ledger):
    day = DAYS[-1]
    rows = coverage_on(day, ledger.coverage)
    owed = dict(rows.group_by("entity_id").agg(pl.col("obligations_usd").sum()).iter_rows())
    few = sorted(owed, key=lambda entity: (-owed[entity], entity))[:3]
    limits = {"simulation_entities_max": 3.0}
    found = simulated.simulate_days(within(ledger, [day], **limits), ((day, 50),), Local())[0]
    assert sorted(found["entity_id"].unique()) == sorted(few)
    assert len(owed) > 3


def test_the_largest_legs_of_a_day_are_drawn(ledger):
    day = DAYS[-1]
    few = within(ledger, simulation_legs_max=9.0)
    legs = standing_on(day, few).dues.select("leg_id", "known_from").unique()
    rows = coverage_on(day, ledger.coverage)
    everything = of_entities(day, ledger.commitments, rows["entity_id"].unique())
    sizes = everything.join(legs, on=["leg_id", "known_from"], how="semi")["net_amount_usd"]
    assert sizes.min() >= everything["net_amount_usd"].sort(descending=True)[8]
    assert 0 < sizes.len() <= 9 < everything.height


@pytest.mark.parametrize("legs", [5000.0, 40.0, 1.0])
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_without_spread_the_simulation_gives_the_deterministic_coverage(ledger, day, legs):
    ledger = within(ledger, simulation_legs_max=legs)
    assert ledger.rest.is_empty() == (legs == 5000)
    found = pl.concat(
        simulate(without_spread(case), 3, 1).coverage.with_columns(scenario_id=pl.lit(scenario["scenario_id"]))
        for scenario in ledger.scenarios.iter_rows(named=True)
        for case in cases_on(day, scenario, ledger)
    ).with_columns(pl.col("year").cast(pl.Int64))
    expected = coverage_on(day, ledger.coverage)
    assert found.height == expected.height > 0
    both = expected.join(found, on=CELL, validate="1:1")
    assert both.height == expected.height
    ratio = both.filter(pl.col("obligations_usd") > 1)
    for quantile in ("p05", "p50", "p95"):
        np.testing.assert_allclose(ratio[quantile], ratio["coverage_ratio"], rtol=1e-6)
        np.testing.assert_allclose(both[f"funding_gap_{quantile}_usd"], both["funding_gap_usd"], rtol=1e-6, atol=100)
    assert set(both["probability_of_shortfall"]) == {0.0, 1.0}


def test_the_mean_of_the_draws_is_the_expected_amount(ledger):
    """For legs with their own spread and imputed legs, by scenario; delays only move amounts between years."""
    day = DAYS[-1]
    for scenario in ledger.scenarios.iter_rows(named=True):
        terms = terms_under(dues_on(day, ledger), scenario)
        own = (pl.col("low_multiple") + 4 * pl.col("mode_multiple") + pl.col("high_multiple")) / 6
        cost = (pl.col("cost_low") + 4 + pl.col("cost_high")) / 6
        drawn = pl.col("usd") * pl.when(pl.col("cost_row") >= 0).then(cost).otherwise(own)
        moves = pl.col("is_purchase") & (pl.col("certainty") != "paid")
        price = pl.when(moves).then(scenario["price_multiplier"]).otherwise(1.0)
        both = terms.select(drawn=drawn, expected=pl.col("net_amount_usd") * price * pl.col("expected_ratio"))
        np.testing.assert_allclose(both["drawn"], both["expected"], rtol=1e-9)


@pytest.mark.parametrize("scenario_id", ["announced", "contracted_only"])
def test_face_value_scenarios_leave_only_revenue_to_chance(ledger, scenario_id):
    scenario = ledger.scenarios.row(by_predicate=pl.col("scenario_id") == scenario_id, named=True)
    for case in cases_on(DAYS[-1], scenario, ledger):
        assert set(np.asarray(case.obligations.probability).tolist()) <= {1.0}
        np.testing.assert_array_equal(case.obligations.low, case.obligations.high)
        assert case.delay_scale_quarters == 0
        assert np.max(case.growth_sigma) > 0


def test_revenue_that_is_reported_is_not_drawn(ledger):
    scenario = ledger.scenarios.row(0, named=True)
    year = coverage_on(DAYS[-1], ledger.coverage).filter(
        (pl.col("scenario_id") == scenario["scenario_id"]) & (pl.col("reported_revenue_usd") >= pl.col("revenue_usd"))
    )
    sigmas = {
        (e, y): s
        for c in cases_on(DAYS[-1], scenario, ledger)
        for e, row in zip(c.entity_ids, np.asarray(c.growth_sigma), strict=True)
        for y, s in zip(c.years, row, strict=True)
    }
    assert all(sigmas[e, y] == 0 for e, y in year.select("entity_id", "year").iter_rows())
    assert max(sigmas.values()) == ledger.assumptions["simulation_growth_sigma"]


def test_threads_change_nothing(ledger):
    days = ((DAYS[0], 300), (DAYS[-1], 5000))
    one, four = (simulated.simulate_days(ledger, days, Local(threads)) for threads in (1, 4))
    for a, b in zip(one, four, strict=True):
        assert a.equals(b)


def test_the_simulation_of_a_day_does_not_depend_on_other_days(ledger):
    both = simulated.simulate_days(ledger, ((DAYS[0], 200), (DAYS[1], 200)), Local(1))[0]
    alone = simulated.simulate_days(ledger, ((DAYS[1], 200),), Local(1))[0]
    assert both.filter(pl.col("as_of_date") == DAYS[1]).equals(alone)


def test_later_knowledge_changes_no_earlier_day(inputs, ledger):
    day = DAYS[1]
    frames = {}
    for name in ("facts.commitments", "facts.commitment_schedule", "facts.cost_per_gw"):
        known = inputs.read(name).filter(pl.col("known_from") <= day)
        frames[name] = known.with_columns(known_to=pl.when(pl.col("known_to") <= day).then("known_to"))
    frames["facts.revenue_coverage"] = inputs.read("facts.revenue_coverage").filter(pl.col("as_of_date") <= day)
    then = ledger_of(Given(frames, inputs))
    assert then != ledger
    for a, b in zip(*(simulated.simulate_days(known, ((day, 500),), Local()) for known in (ledger, then)), strict=True):
        assert a.equals(b)


def test_the_days_are_the_quarter_ends_and_the_last_day():
    days = simulated_days.simulated_days(dt.date(2025, 1, 1), dt.date(2025, 10, 8))
    assert [str(d) for d in days] == ["2025-03-31", "2025-06-30", "2025-09-30", "2025-10-08"]
    assert simulated_days.simulated_days(dt.date(2025, 1, 1), dt.date(2025, 3, 31)) == [dt.date(2025, 3, 31)]
    assert simulated_days.simulated_days(dt.date(2025, 1, 1), dt.date(2024, 6, 1)) == [dt.date(2024, 6, 1)]


def test_the_environment_overrides_the_number_of_draws():
    assert simulated.draws_wanted(20_000.0, {}) == 20_000
    assert simulated.draws_wanted(20_000.0, {"CLOSEDLOOP_DRAWS": " 7 "}) == 7


@pytest.mark.parametrize("answer", ["0", "-5", "2.5", "1e6", "many", "²", "99999999999"])
def test_a_number_of_draws_that_is_none_is_refused(answer):
    with pytest.raises(ValueError, match="CLOSEDLOOP_DRAWS must be a whole number from 1 to"):
        simulated.draws_wanted(20_000.0, {"CLOSEDLOOP_DRAWS": answer})


def test_without_coverage_there_is_nothing_to_simulate(ledger):
    empty = replace(ledger, coverage=ledger.coverage.clear())
    coverage, first = simulated.simulate_days(empty, ((DAYS[-1], 10),), Local())
    assert (coverage.height, first.height) == (0, 0)
    known = pl.DataFrame(schema=COMPLETENESS.polars_schema)
    for table, answered, frame in (
        (COVERAGE_SIMULATION, coverage_simulation.answered, coverage),
        (FIRST_SHORTFALL, first_shortfall.answered, first),
    ):
        assert answered(simulated.with_reason(frame, known)).schema == pl.Schema(table.polars_schema)


def test_an_entity_with_a_year_of_unknown_revenue_is_left_out(ledger):
    gone = pl.when((pl.col("entity_id") == "openai") & (pl.col("year") == 2030)).then(None).otherwise("revenue_usd")
    partly = replace(ledger, coverage=ledger.coverage.with_columns(revenue_usd=gone))
    entities = simulated.simulate_days(partly, ((DAYS[-1], 10),), Local())[0]["entity_id"].unique()
    assert "openai" not in entities
    assert "oracle" in entities


LAST = pl.col("as_of_date") == DAYS[-1]


def test_a_company_that_is_not_measurable_has_no_probability_of_shortfall(tables):
    for entity in ("nvidia", "oracle", "coreweave"):
        firsts = tables[1].filter(LAST & (pl.col("entity_id") == entity))
        assert firsts.height == firsts["scenario_id"].n_unique() == 5
        assert firsts.select("year", "probability", "draws").null_count().row(0) == (5, 5, 5)
        assert firsts["not_measurable_because"].null_count() == 0
        years = tables[0].filter(LAST & (pl.col("entity_id") == entity))
        assert years.height == 50
        assert set(years.select(COVERAGE_FIGURES).null_count().row(0)) == {50}


def test_a_measurable_entity_keeps_the_figures_drawn_with_all_others_in_the_case(inputs, ledger, tables):
    drawn = dict(zip(("years", "firsts"), simulated.simulate_days(ledger, ((DAYS[-1], 1000),), Local()), strict=True))
    for table, name, answer in zip((COVERAGE_SIMULATION, FIRST_SHORTFALL), drawn, tables, strict=True):
        known = answer.filter(LAST & pl.col("not_measurable_because").is_null())
        assert known["entity_id"].unique().sort().to_list() == ["anthropic", "openai"]
        both = drawn[name].filter(pl.col("entity_id").is_in(["anthropic", "openai"]))
        assert known.drop("not_measurable_because").equals(table.conform(both))


def test_a_lab_is_measurable_from_the_day_on_which_its_spending_becomes_known(tables):
    asked = tables[1].filter((pl.col("entity_id") == "openai") & pl.col("not_measurable_because").is_null())
    assert asked["as_of_date"].min() == DAYS[0]
    silent = tables[1].filter((pl.col("entity_id") == "openai") & (pl.col("as_of_date") < DAYS[0]))
    assert silent["probability"].null_count() == silent.height > 0


def test_an_entity_without_a_row_of_completeness_is_refused(inputs, tables):
    """A missing row must not count as measurable."""
    known = inputs.read("metrics.completeness")
    gone = Given({"metrics.completeness": known.filter(pl.col("entity_id") != "nvidia")}, inputs)
    years, firsts = (
        of.answered(simulated.with_reason(frame, gone.read("metrics.completeness")))
        for of, frame in zip((coverage_simulation, first_shortfall), tables, strict=True)
    )
    assert refused_by(COVERAGE_SIMULATION, years, gone, "as_completeness_says")
    assert refused_by(FIRST_SHORTFALL, firsts, gone, "as_completeness_says")


def test_the_real_ledger_passes_both_gates(inputs, tables):
    for table, frame in zip((COVERAGE_SIMULATION, FIRST_SHORTFALL), tables, strict=True):
        assert frame.height > 500
        assert refused(table, frame, inputs) == set()


KNOWN, UNKNOWN = pl.col("not_measurable_because").is_null(), pl.col("not_measurable_because").is_not_null()

DUE = pl.col("p05").is_not_null() & (pl.col("p05") < pl.col("p95"))

SHORT = pl.col("probability_of_shortfall").is_between(0.1, 0.9)

MUTATIONS = {
    "quantiles_ordered:p05": lambda f: changed(f, DUE, p05=1e9),
    "quantiles_ordered:funding_gap_p05_usd": lambda f: changed(f, KNOWN, funding_gap_p75_usd=1e18),
    "range:probability_of_shortfall": lambda f: changed(f, KNOWN, probability_of_shortfall=1.5),
    "range:p50": lambda f: changed(f, DUE, p50=-1.0),
    "coverage_known_when_due": lambda f: changed(f, DUE, p25=None),
    "gap_agrees_with_probability": lambda f: changed(f, SHORT, probability_of_shortfall=0.0),
    "unique_key": lambda f: pl.concat([f, f.head(1)]),
    "required_values": lambda f: changed(f, pl.lit(True), year=None),
    "figures_or_reason": lambda f: changed(f, UNKNOWN, probability_of_shortfall=0.0),
    "as_completeness_says": lambda f: changed(f, UNKNOWN, not_measurable_because="it is too large"),
    "refers_to:entity_id": lambda f: changed(f, pl.lit(True), entity_id="nobody"),
    "vocabulary:scenario_id": lambda f: changed(f, pl.lit(True), scenario_id="hope"),
    "reconciles": lambda f: f.with_columns(pl.col("^p[0-9][0-9]$") * 3),
}


@pytest.mark.parametrize("rule", MUTATIONS)
def test_every_rule_of_the_simulation_refuses(inputs, tables, rule):
    assert refused_by(COVERAGE_SIMULATION, MUTATIONS[rule](tables[0]), inputs, rule)


def test_a_missing_year_does_not_reconcile(inputs, tables):
    assert refused_by(COVERAGE_SIMULATION, tables[0].slice(1), inputs, "reconciles")


@pytest.mark.parametrize(
    ("where", "values"),
    [
        (UNKNOWN, {"draws": 1000}),
        (UNKNOWN, {"draws_due": 0}),
        (UNKNOWN, {"p50": 1.0}),
        (UNKNOWN, {"funding_gap_p50_usd": 0.0}),
        (UNKNOWN, {"not_measurable_because": None}),
        (KNOWN, {"draws": None}),
        (KNOWN, {"draws_due": None}),
        (KNOWN, {"funding_gap_p50_usd": None}),
        (KNOWN, {"probability_of_shortfall": None}),
        (KNOWN, {"not_measurable_because": "it is too large"}),
    ],
)
def test_a_row_has_all_its_figures_or_none_and_a_reason(inputs, tables, where, values):
    assert refused_by(COVERAGE_SIMULATION, changed(tables[0], where, **values), inputs, "figures_or_reason")


def test_figures_of_an_entity_that_is_not_measurable_do_not_reconcile(inputs, tables):
    safe = changed(tables[0], UNKNOWN, not_measurable_because=None, probability_of_shortfall=0.0, draws=1000)
    assert refused_by(COVERAGE_SIMULATION, safe, inputs, "reconciles")
    silent = changed(tables[0], KNOWN, not_measurable_because="it is too large", draws=None)
    assert refused_by(COVERAGE_SIMULATION, silent, inputs, "reconciles")


@pytest.mark.parametrize(
    ("rule", "mutate"),
    [
        ("probabilities_sum_to_one", lambda f: changed(f, KNOWN, probability=0.5)),
        ("range:probability", lambda f: changed(f, KNOWN, probability=-0.1)),
        ("figures_or_reason", lambda f: changed(f, UNKNOWN, probability=1.0)),
        ("figures_or_reason", lambda f: changed(f, UNKNOWN, draws=1000)),
        ("figures_or_reason", lambda f: changed(f, UNKNOWN, year=2027)),
        ("figures_or_reason", lambda f: changed(f, KNOWN, probability=None)),
        ("figures_or_reason", lambda f: changed(f, UNKNOWN, not_measurable_because=None)),
        ("as_completeness_says", lambda f: changed(f, UNKNOWN, not_measurable_because="it is too large")),
        ("within_probability_of_the_year", lambda f: changed(f, UNKNOWN, entity_id="sb_energy")),
        ("within_probability_of_the_year", lambda f: changed(f, KNOWN & pl.col("year").is_null(), probability=1.1)),
        ("within_probability_of_the_year", lambda f: f.with_columns(year=pl.col("year") + 40)),
        ("unique_key", lambda f: pl.concat([f, f.filter(pl.col("year").is_null()).head(1)])),
        ("refers_to:entity_id", lambda f: changed(f, pl.lit(True), entity_id="nobody")),
    ],
)
def test_every_rule_of_the_first_shortfall_refuses(inputs, tables, rule, mutate):
    assert refused_by(FIRST_SHORTFALL, mutate(tables[1]), inputs, rule)


@pytest.mark.parametrize(
    ("ratio", "median", "is_refused"),
    [
        (0.5, 0.5, False),
        (0.5, 0.6, True),
        (0.5, 7e6, True),
        (5e6, 7e6, False),  # beyond a million only the fact that it is: the histogram ends there
        (5e6, 100.0, True),
        (1e-8, 3e-9, False),
        (1e-8, 0.5, True),
        (0.0, 0.0, False),
    ],
)
def test_a_median_must_match_the_deterministic_ratio_within_the_accuracy_of_the_histogram(ratio, median, is_refused):
    with duckdb.connect() as con:
        con.execute(
            f"""
            create schema staging; create schema facts; create schema metrics;
            create table metrics.completeness as
                select date '2026-03-31' as as_of_date, 'e' as entity_id, true as is_measurable;
            create table staging.assumptions as
                select unnest(['simulation_growth_sigma', 'simulation_entities_max']) as assumption_id,
                    unnest([0.0, 9.0]) as value;
            create table staging.scenarios as
                select unnest(['p_paid', 'is_expected_amount', 'delay_quarters']) as parameter,
                    unnest([1, 0, 0]) as value, 's' as scenario_id;
            create table facts.revenue_coverage as select date '2026-01-01' as as_of_date, 's' as scenario_id,
                'e' as entity_id, 2026 as year, 5.0 as obligations_usd, 10.0 as revenue_usd,
                0.0 as reported_revenue_usd,
                {ratio}::double as coverage_ratio;
            create table candidate as select date '2026-03-31' as as_of_date, 's' as scenario_id, 'e' as entity_id,
                2026 as year, {median}::double as p50, 1000 as draws
            """
        )
        offenders = con.sql(sql_files.text("checks", "coverage_simulation")).fetchall()

    assert bool(offenders) is is_refused
