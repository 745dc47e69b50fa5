"""Schedules: every quarter against a loop over days, and the sum of the quarters against the amount."""

import math
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from assets.finance import schedule

BY_LEVEL = {"compute_purchase", "lease"}

BY_ADDITION = {"chip_purchase", "infrastructure_build"}

ON_ONE_DAY = {"equity_investment", "debt"}

FLOWS = sorted(BY_LEVEL | BY_ADDITION | ON_ONE_DAY | {"revenue_share", "backstop", "warrant_grant"})

LEGS = {
    "leg_id": pl.String,
    "known_from": pl.Date,
    "known_to": pl.Date,
    "flow": pl.String,
    "capacity_leg_id": pl.String,
    "starts_on": pl.Date,
    "ends_on": pl.Date,
    "amount_low_usd": pl.Float64,
    "amount_usd": pl.Float64,
    "amount_high_usd": pl.Float64,
    "net_amount_usd": pl.Float64,
    "is_imputed_amount": pl.Boolean,
}

RAMPS = {
    "leg_id": pl.String,
    "known_from": pl.Date,
    "known_to": pl.Date,
    "first_power_on": pl.Date,
    "full_power_on": pl.Date,
}

KNOWN = date(2025, 1, 1)


def leg(leg_id="l", flow="revenue_share", starts_on=date(2026, 1, 1), ends_on=date(2027, 1, 1), **more):
    row = dict.fromkeys(LEGS) | {"known_from": KNOWN, "amount_usd": 365.0, "is_imputed_amount": False}
    return row | {"leg_id": leg_id, "flow": flow, "starts_on": starts_on, "ends_on": ends_on} | more


def ramp(leg_id="c", first=None, full=None, known_from=KNOWN, known_to=None):
    return dict(zip(RAMPS, (leg_id, known_from, known_to, first, full), strict=True))


def legs_frame(*rows):
    return pl.DataFrame(rows, schema=LEGS)


def ramps_frame(*rows):
    return pl.DataFrame(rows, schema=RAMPS)


def quarters(frame, column="amount_usd"):
    """Return quarter -> amount of a schedule of one leg, without the quarters in which nothing falls due."""
    rows = frame.collect().sort("quarter_start").select("quarter_start", column).rows()
    return {str(quarter): pytest.approx(amount) for quarter, amount in rows if amount}


# ------------------------------------------------------------------------------------ by hand


def test_straight_line_follows_the_days_of_each_quarter() -> None:
    spread = schedule.spread(legs_frame(leg()))
    assert quarters(spread) == {"2026-01-01": 90, "2026-04-01": 91, "2026-07-01": 92, "2026-10-01": 92}


def test_the_last_day_of_a_period_is_not_part_of_it() -> None:
    spread = schedule.spread(legs_frame(leg(starts_on=date(2026, 3, 31), ends_on=date(2026, 4, 1))))
    assert quarters(spread) == {"2026-01-01": 365}


def test_compute_follows_the_level_of_power_and_chips_the_power_added() -> None:
    power = ramps_frame(ramp(first=date(2026, 4, 1), full=date(2026, 7, 1)))
    year = {"capacity_leg_id": "c", "starts_on": date(2026, 1, 1), "ends_on": date(2027, 1, 1)}
    ramping_days = sum(day / 91 for day in range(91))
    total = ramping_days + 92 + 92
    compute = schedule.spread(legs_frame(leg(flow="compute_purchase", amount_usd=total, **year)), power)
    assert quarters(compute) == {"2026-04-01": ramping_days, "2026-07-01": 92, "2026-10-01": 92}
    chips = schedule.spread(legs_frame(leg(flow="chip_purchase", amount_usd=7.0, **year)), power)
    assert quarters(chips) == {"2026-04-01": 7}


def test_power_that_comes_at_once_is_added_on_that_day() -> None:
    power = ramps_frame(ramp(first=date(2026, 5, 1), full=date(2026, 5, 1)))
    build = schedule.spread(legs_frame(leg(flow="infrastructure_build", capacity_leg_id="c", amount_usd=3.0)), power)
    assert quarters(build) == {"2026-04-01": 3}
    rent = schedule.spread(legs_frame(leg(flow="lease", capacity_leg_id="c", amount_usd=245.0)), power)
    assert quarters(rent) == {"2026-04-01": 61, "2026-07-01": 92, "2026-10-01": 92}


@pytest.mark.parametrize("flow", sorted(ON_ONE_DAY))
@pytest.mark.parametrize("ends_on", [None, date(2026, 5, 17), date(2030, 1, 1)])
def test_equity_and_debt_fall_on_their_start_day(flow, ends_on) -> None:
    power = ramps_frame(ramp(first=date(2027, 1, 1), full=date(2028, 1, 1)))
    funding = leg(flow=flow, starts_on=date(2026, 5, 17), ends_on=ends_on, capacity_leg_id="c")
    assert quarters(schedule.spread(legs_frame(funding), power)) == {"2026-04-01": 365}


@pytest.mark.parametrize("flow", sorted(BY_LEVEL | BY_ADDITION))
@pytest.mark.parametrize(
    ("first", "full"),
    [
        (None, None),
        (date(2026, 4, 1), None),
        (None, date(2026, 4, 1)),
        (date(2028, 1, 1), date(2029, 1, 1)),  # after the period
    ],
)
def test_power_that_is_unknown_or_misses_the_period_leaves_a_straight_line(flow, first, full) -> None:
    spread = schedule.spread(legs_frame(leg(flow=flow, capacity_leg_id="c")), ramps_frame(ramp("c", first, full)))
    assert quarters(spread) == {"2026-01-01": 90, "2026-04-01": 91, "2026-07-01": 92, "2026-10-01": 92}


def test_other_flows_ignore_their_capacity_leg() -> None:
    power = ramps_frame(ramp(first=date(2026, 4, 1), full=date(2026, 7, 1)))
    spread = schedule.spread(legs_frame(leg(flow="backstop", capacity_leg_id="c")), power)
    assert quarters(spread)["2026-01-01"] == 90


def test_the_ramp_is_the_one_known_when_the_interval_begins() -> None:
    early, late = date(2026, 4, 1), date(2026, 10, 1)
    change = date(2025, 6, 1)
    power = ramps_frame(
        ramp(first=late, full=late, known_from=change),
        ramp(first=early, full=early, known_to=change),
    )
    rent = {"flow": "lease", "capacity_leg_id": "c"}
    spread = schedule.spread(
        legs_frame(
            leg("before", known_from=date(2024, 12, 31), **rent),
            leg("first_day", known_from=KNOWN, **rent),
            leg("last_day", known_from=change - timedelta(days=1), **rent),
            leg("changed", known_from=change, **rent),
            leg("undated", known_from=None, **rent),
        ),
        power,
    ).collect()
    begins = dict(spread.filter(pl.col("amount_usd") > 0).group_by("leg_id").agg(pl.col("quarter_start").min()).rows())
    assert begins == {
        "before": date(2026, 1, 1),
        "first_day": early,
        "last_day": early,
        "changed": late,
        "undated": late,
    }


def test_intervals_of_one_leg_are_spread_apart() -> None:
    versions = legs_frame(
        leg(known_to=date(2025, 6, 1)),
        leg(known_from=date(2025, 6, 1), amount_usd=730.0),
    )
    totals = schedule.spread(versions).group_by("known_from", "known_to").agg(pl.col("amount_usd").sum()).collect()
    assert sorted(totals.rows()) == [
        (KNOWN, date(2025, 6, 1), pytest.approx(365)),
        (date(2025, 6, 1), None, pytest.approx(730)),
    ]


# ------------------------------------------------------------------------------ shape of frames


def test_columns_types_and_defaults_of_a_bare_frame() -> None:
    bare = pl.DataFrame(
        {
            "leg_id": ["l"],
            "starts_on": [date(2026, 1, 1)],
            "ends_on": [date(2026, 4, 1)],
            "net_amount_usd": [9],
        }
    )
    spread = schedule.spread(bare)
    assert isinstance(spread, pl.LazyFrame)
    assert dict(spread.collect_schema()) == {
        "leg_id": pl.String,
        "known_from": pl.Date,
        "known_to": pl.Date,
        "quarter_start": pl.Date,
        **dict.fromkeys(schedule.AMOUNTS, pl.Float64),
        "is_imputed_amount": pl.Boolean,
    }
    assert spread.collect().rows() == [("l", None, None, date(2026, 1, 1), None, None, None, 9.0, False)]
    assert_frame_equal(schedule.spread(bare.lazy()).collect(), spread.collect())


def test_nulls_stay_null_and_a_leg_without_any_amount_has_no_rows() -> None:
    spread = schedule.spread(
        legs_frame(leg("known", net_amount_usd=None, is_imputed_amount=True), leg("undisclosed", amount_usd=None))
    ).collect()
    assert spread["leg_id"].unique().to_list() == ["known"]
    assert spread["is_imputed_amount"].all()
    assert spread["net_amount_usd"].null_count() == spread.height


def test_further_amounts_are_spread_alike() -> None:
    more = legs_frame(leg()).with_columns(imputed_usd=pl.lit(730), expected_usd=pl.lit(None))
    spread = schedule.spread(more, amounts=["imputed_usd", "expected_usd"]).collect()
    assert spread.columns[-2:] == ["imputed_usd", "expected_usd"]
    assert spread["imputed_usd"].to_list() == pytest.approx((spread["amount_usd"] * 2).to_list())
    assert spread["expected_usd"].dtype == pl.Float64
    assert spread["expected_usd"].null_count() == spread.height
    only = schedule.spread(more.drop(schedule.AMOUNTS), amounts=["imputed_usd"]).collect()
    assert only["imputed_usd"].sum() == pytest.approx(730)


def test_empty_frames_give_empty_schedules() -> None:
    assert schedule.spread(legs_frame(), ramps_frame()).collect().is_empty()
    assert schedule.spread(legs_frame(leg(flow="lease", capacity_leg_id="c")), ramps_frame()).collect().height == 4
    untyped = legs_frame(leg(flow="lease")).with_columns(capacity_leg_id=pl.lit(None))
    assert schedule.spread(untyped, ramps_frame(ramp())).collect().height == 4
    assert schedule.energised(capacity_frame(), date(2030, 1, 1)).collect().is_empty()


def test_flows_may_be_an_enumeration() -> None:
    typed = legs_frame(leg(flow="debt", ends_on=None)).cast({"flow": pl.Enum(FLOWS)})
    assert quarters(schedule.spread(typed)) == {"2026-01-01": 365}


def test_quarters_begin_on_calendar_quarters() -> None:
    spread = schedule.spread(
        legs_frame(leg(starts_on=date(1896, 2, 29), ends_on=date(2404, 3, 1), amount_usd=1.0))
    ).collect()
    expected = pl.date_range(date(1896, 1, 1), date(2404, 1, 1), "1q", eager=True).to_list()
    assert sorted(spread["quarter_start"].to_list()) == expected


# ---------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"starts_on": None}, "legs.starts_on must be a date, not null; leg_id bad .1 in all."),
        ({"ends_on": None}, "legs.ends_on must be a date, not null; leg_id bad"),
        ({"ends_on": date(2026, 1, 1)}, "legs.ends_on must lie after starts_on; leg_id bad"),
        ({"flow": None, "ends_on": date(2025, 1, 1)}, "legs.ends_on must lie after starts_on; leg_id bad"),
        (
            {"flow": "debt", "ends_on": date(2025, 12, 31)},
            "legs.ends_on must not lie before starts_on; leg_id bad",
        ),
        ({"net_amount_usd": float("nan")}, "legs.net_amount_usd must be finite or null; leg_id bad"),
        ({"amount_usd": float("inf")}, "legs.amount_usd must be finite or null; leg_id bad"),
    ],
)
def test_bad_legs_are_refused_by_name(row, message) -> None:
    frame = legs_frame(leg("good"), leg("bad", **row))
    for given_frame in (frame, frame.lazy()):
        with pytest.raises(ValueError, match=message):
            schedule.spread(given_frame)


def test_only_a_few_offenders_are_named() -> None:
    bad = [leg(f"l{number:02}", starts_on=None) for number in range(40)]
    with pytest.raises(ValueError, match=r"leg_id l00, l01, l02, l03, l04, … \(40 in all\)"):
        schedule.spread(legs_frame(*bad))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"drop": ["starts_on"]}, "legs must have the columns starts_on"),
        ({"drop": ["leg_id"]}, "legs must have the columns leg_id"),
        ({"drop": list(schedule.AMOUNTS)}, "legs must have at least one of the columns amount_low_usd"),
        ({"starts_on": pl.String}, "legs.starts_on must have the type Date, got String"),
        ({"amount_usd": pl.String}, "legs.amount_usd must have the type Float64, got String"),
        ({"known_from": pl.Datetime("us")}, "legs.known_from must have the type Date, got Datetime"),
    ],
)
def test_bad_columns_are_refused_by_name(change, message) -> None:
    frame = legs_frame(leg()).drop(change.pop("drop", [])).cast(change)
    with pytest.raises(ValueError, match=message):
        schedule.spread(frame)


def test_an_unknown_further_amount_is_refused() -> None:
    with pytest.raises(ValueError, match="legs must have the columns imputed_usd"):
        schedule.spread(legs_frame(leg()), amounts=["imputed_usd"])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [ramp("c", date(2027, 1, 1), date(2026, 1, 1))],
            "ramps.full_power_on must not lie before first_power_on; leg_id c",
        ),
        (
            [ramp("c"), ramp("c", known_from=date(2025, 5, 1))],
            "ramps.known_from must not lie inside an earlier interval of the same leg_id; leg_id c",
        ),
        (
            [ramp("c", known_from=date(2025, 5, 1)), ramp("c", known_to=date(2025, 5, 2))],
            "ramps.known_from must not lie inside an earlier interval of the same leg_id; leg_id c",
        ),
        (
            [ramp("c", known_from=None), ramp("c", known_from=None, known_to=KNOWN)],
            "ramps.known_from must not lie inside an earlier interval of the same leg_id; leg_id c",
        ),
    ],
)
def test_bad_ramps_are_refused_by_name(rows, message) -> None:
    with pytest.raises(ValueError, match=message):
        schedule.spread(legs_frame(leg(flow="lease", capacity_leg_id="c")), ramps_frame(*rows))


@pytest.mark.parametrize("day", ["not a date", None, 20260101])
def test_bad_days_are_refused(day) -> None:
    with pytest.raises(ValueError, match="horizon must be a date, got"):
        schedule.energised(capacity_frame(), day)
    if not isinstance(day, str):
        with pytest.raises(ValueError, match="day must be a date, got"):
            schedule.share_before(day)


# ------------------------------------------------------------------------- against a loop over days


def first_of_quarter(day):
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def level(day, first, full):
    if first == full:
        return float(day >= first)
    return min(1.0, max(0.0, (day - first).days / (full - first).days))


def day_weights(row, first, full):
    """Return day -> weight of one leg, by the words of METHODS."""
    begin, end = row["starts_on"], row["ends_on"]
    if row["flow"] in ON_ONE_DAY:
        return {begin: 1.0}
    days = [begin + timedelta(days=number) for number in range((end - begin).days)]
    straight = dict.fromkeys(days, 1.0)
    if first is None or full is None or row["flow"] not in BY_LEVEL | BY_ADDITION:
        return straight
    if row["flow"] in BY_LEVEL:
        weights = {day: level(day, first, full) for day in days}
    elif first == full:
        weights = {day: float(day == first) for day in days}
    else:
        weights = {day: level(day + timedelta(days=1), first, full) - level(day, first, full) for day in days}
    weights = {day: weight if weight > 1e-12 else 0.0 for day, weight in weights.items()}
    return weights if sum(weights.values()) > 0 else straight


days = st.dates(date(2024, 6, 1), date(2027, 6, 1))

money = st.one_of(st.none(), st.floats(0, 1e12, allow_subnormal=False))


@st.composite
def ledgers(draw):
    ramp_rows = []
    for number in range(draw(st.integers(0, 3))):
        marks = sorted(draw(st.sets(days, min_size=1, max_size=3)))
        for known_from, known_to in zip(marks, [*marks[1:], None], strict=True):
            first, full = sorted([draw(days), draw(st.one_of(days, days))])
            both = draw(st.sampled_from([(first, full), (first, full), (first, first), (first, None), (None, full)]))
            ramp_rows.append(ramp(f"c{number}", *both, known_from=known_from, known_to=known_to))
    leg_rows = []
    for number in range(draw(st.integers(1, 5))):
        flow = draw(st.sampled_from(FLOWS))
        starts_on = draw(days)
        length = draw(st.one_of(st.integers(1, 20), st.integers(1, 700)))
        ends_on = starts_on + timedelta(days=length)
        if flow in ON_ONE_DAY:
            ends_on = draw(st.sampled_from([None, starts_on, ends_on]))
        leg_rows.append(
            leg(
                f"l{number}",
                flow,
                starts_on,
                ends_on,
                known_from=draw(days),
                capacity_leg_id=draw(st.sampled_from([None, "c0", "c1", "c2", "unknown"])),
                **{name: draw(money) for name in schedule.AMOUNTS},
            )
        )
    return leg_rows, ramp_rows


def ramp_known(row, ramp_rows):
    for known in ramp_rows:
        if (
            known["leg_id"] == row["capacity_leg_id"]
            and known["known_from"] <= row["known_from"]
            and (known["known_to"] is None or row["known_from"] < known["known_to"])
        ):
            return known["first_power_on"], known["full_power_on"]
    return None, None


@settings(max_examples=100, deadline=None)
@given(ledgers())
def test_schedule_equals_a_loop_over_days(ledger) -> None:
    leg_rows, ramp_rows = ledger
    spread = schedule.spread(legs_frame(*leg_rows), ramps_frame(*ramp_rows)).collect()
    found = {(row["leg_id"], row["quarter_start"]): row for row in spread.iter_rows(named=True)}
    assert len(found) == spread.height
    for row in leg_rows:
        weights = day_weights(row, *ramp_known(row, ramp_rows))
        total = sum(weights.values())
        by_quarter: dict[date, float] = {}
        for day, weight in weights.items():
            by_quarter[first_of_quarter(day)] = by_quarter.get(first_of_quarter(day), 0.0) + weight / total
        here = {quarter: line for (leg_id, quarter), line in found.items() if leg_id == row["leg_id"]}
        for name in schedule.AMOUNTS:
            if row[name] is None:
                assert all(line[name] is None for line in here.values())
                continue
            for quarter in by_quarter.keys() | here.keys():
                expected = row[name] * by_quarter.get(quarter, 0.0)
                amount = here[quarter][name] if quarter in here else 0.0
                assert amount == pytest.approx(expected, rel=1e-9, abs=1e-9 * row[name])
                assert amount >= 0
            assert math.fsum(line[name] for line in here.values()) == pytest.approx(row[name], rel=1e-9)
        if all(row[name] is None for name in schedule.AMOUNTS):
            assert not here


@settings(max_examples=40, deadline=None)
@given(ledgers(), st.randoms())
def test_order_of_rows_does_not_matter(ledger, random) -> None:
    leg_rows, ramp_rows = ledger
    straight = schedule.spread(legs_frame(*leg_rows), ramps_frame(*ramp_rows)).collect()
    random.shuffle(leg_rows)
    random.shuffle(ramp_rows)
    shuffled = schedule.spread(legs_frame(*leg_rows), ramps_frame(*ramp_rows)).collect(engine="streaming")
    assert_frame_equal(shuffled, straight, check_row_order=False, rel_tol=1e-12)  # the engines round the last bit apart


@settings(max_examples=50, deadline=None)
@given(ledgers(), days)
def test_share_before_a_day_is_exact_and_agrees_with_the_quarters(ledger, day) -> None:
    leg_rows, ramp_rows = ledger
    frame, power = legs_frame(*leg_rows).with_columns(amount_usd=pl.lit(1.0)), ramps_frame(*ramp_rows)
    profiles = schedule.profiles(frame, power)
    exact = dict(profiles.select("leg_id", schedule.share_before(day)).collect().rows())
    for row in leg_rows:
        weights = day_weights(row, *ramp_known(row, ramp_rows))
        expected = sum(weight for at, weight in weights.items() if at < day) / sum(weights.values())
        assert exact[row["leg_id"]] == pytest.approx(expected, rel=1e-9, abs=1e-9)
        assert 0 <= exact[row["leg_id"]] <= 1
    quarter = pl.col("quarter_start")
    steps = (
        schedule.spread(frame, power)
        .join(profiles.drop(schedule.AMOUNTS), on="leg_id")
        .with_columns(before=schedule.share_before("quarter_start"))
        .with_columns(step=schedule.share_before(quarter.dt.offset_by("1q")) - pl.col("before"))
        .collect()
    )
    assert steps["step"].to_list() == pytest.approx(steps["amount_usd"].to_list(), rel=1e-9, abs=1e-12)


def test_share_before_ends_and_unknown_days() -> None:
    profiles = schedule.profiles(legs_frame(leg())).with_columns(unknown=pl.lit(None, pl.Date))
    shares = profiles.select(
        early=schedule.share_before(date(2026, 1, 1)),
        second_day=schedule.share_before(date(2026, 1, 2)),
        at_end=schedule.share_before("ends_on"),
        late=schedule.share_before(date(2099, 1, 1)),
        unknown=schedule.share_before("unknown"),
    ).collect()
    assert shares.rows() == [(0.0, 1 / 365, 1.0, 1.0, None)]


# ------------------------------------------------------------------------------------ power


CAPACITY = RAMPS | {"capacity_gw": pl.Float64, "net_capacity_gw": pl.Float64}


def capacity_frame(*rows):
    return pl.DataFrame(rows, schema=CAPACITY)


def capacity(first, full, gw=2.0, net=1.0, leg_id="c"):
    return ramp(leg_id, first, full) | {"capacity_gw": gw, "net_capacity_gw": net}


def test_power_is_given_at_the_end_of_each_quarter() -> None:
    frame = capacity_frame(capacity(date(2026, 2, 15), date(2026, 8, 15)))
    rows = schedule.energised(frame, date(2026, 12, 31)).sort("quarter_start").collect().rows()
    ramp_days = 181
    assert [row[3:] for row in rows] == [
        (date(2026, 1, 1), pytest.approx(2 * 45 / ramp_days), pytest.approx(45 / ramp_days)),
        (date(2026, 4, 1), pytest.approx(2 * 136 / ramp_days), pytest.approx(136 / ramp_days)),
        (date(2026, 7, 1), 2.0, 1.0),
        (date(2026, 10, 1), 2.0, 1.0),
    ]
    assert rows[0][:3] == ("c", KNOWN, None)


@pytest.mark.parametrize(
    ("first", "full"),
    [(date(2026, 6, 30), None), (None, date(2026, 6, 30)), (date(2026, 6, 30), date(2026, 6, 30))],
)
def test_one_power_on_date_is_a_step(first, full) -> None:
    rows = schedule.energised(capacity_frame(capacity(first, full)), date(2026, 7, 1)).collect()
    assert rows.sort("quarter_start")["quarter_start"].to_list() == [date(2026, 4, 1), date(2026, 7, 1)]
    assert rows["energised_gw"].to_list() == [2.0, 2.0]


def test_power_without_dates_or_gigawatts_or_before_the_horizon_has_no_rows() -> None:
    frame = capacity_frame(
        capacity(None, None, leg_id="undated"),
        capacity(date(2026, 1, 1), None, gw=None, leg_id="unknown"),
        capacity(date(2026, 4, 1), None, leg_id="later"),
        capacity(date(2025, 1, 1), None, net=None, leg_id="shown"),
    )
    rows = schedule.energised(frame.lazy(), date(2026, 3, 31)).collect()
    assert rows["leg_id"].unique().to_list() == ["shown"]
    assert rows.height == 5
    assert rows["net_energised_gw"].null_count() == 5
    without_net = schedule.energised(frame.drop("net_capacity_gw", "known_from"), date(2026, 3, 31)).collect()
    assert without_net.columns == rows.columns
    assert without_net["net_energised_gw"].null_count() == 5


def test_swapped_power_on_dates_are_refused() -> None:
    frame = capacity_frame(capacity(date(2027, 1, 1), date(2026, 1, 1)))
    with pytest.raises(ValueError, match=r"capacity.full_power_on must not lie before first_power_on; leg_id c"):
        schedule.energised(frame, date(2027, 1, 1))
    with pytest.raises(ValueError, match="capacity must have the columns capacity_gw"):
        schedule.energised(frame.drop("capacity_gw"), date(2027, 1, 1))


@settings(max_examples=80, deadline=None)
@given(days, st.integers(0, 1200), days)
def test_energised_power_equals_a_loop_over_days(first, ramp_days, horizon) -> None:
    full = first + timedelta(days=ramp_days)
    rows = schedule.energised(capacity_frame(capacity(first, full)), horizon).sort("quarter_start").collect()
    expected = []
    quarter = first_of_quarter(first)
    while quarter <= horizon and first <= horizon:
        following = first_of_quarter(quarter + timedelta(days=95))
        expected.append((quarter, level(following, first, full)))
        quarter = following
    assert rows["quarter_start"].to_list() == [at for at, _ in expected]
    assert rows["energised_gw"].to_list() == pytest.approx([2 * share for _, share in expected])
    assert rows["energised_gw"].is_sorted()
