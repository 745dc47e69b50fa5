"""Promises by counterparty, power by view and by quarter."""

from __future__ import annotations

import datetime as dt

from tests.ledgers.builder import BN, Ledger, cost, leg, power
from tests.ledgers.built import days_of, differences, headline, measured, rows_on, shown

D = dt.date

GROSS, NET, IMPUTED = "gross_commitment_usd", "net_commitment_usd", "imputed_commitment_usd"

# --- by counterparty ------------------------------------------------------------------------------------------------


def test_promises_are_added_by_payer_payee_flow_and_certainty(tmp_path):
    ledger = Ledger(
        [
            leg("a", 10 * BN),
            leg("b", 5 * BN),
            leg("c", 3 * BN, flow="lease"),
            leg("d", 2 * BN, certainty="rumoured"),
            leg("e", BN, payee_id="third"),
            leg("total_statement", 99 * BN, is_statement=True),
        ]
    )
    rows = rows_on(measured(tmp_path, ledger), "commitments_by_counterparty", "2025-06-01")

    found = {shown(r, "payee_id", "flow", "certainty"): shown(r, "leg_count", GROSS, NET) for r in rows}
    assert found == {
        ("seller", "compute_purchase", "contracted"): (2, 15 * BN, 15 * BN),
        ("seller", "lease", "contracted"): (1, 3 * BN, 3 * BN),
        ("seller", "compute_purchase", "rumoured"): (1, 2 * BN, 2 * BN),
        ("third", "compute_purchase", "contracted"): (1, BN, BN),
    }


def test_promise_that_grows_firmer_moves_from_one_row_to_the_other(tmp_path):
    ledger = Ledger([leg("a", BN, certainty="rumoured"), leg("a", BN, known_from="2025-06-01", certainty="filed")])
    build = measured(tmp_path, ledger)

    assert [r["certainty"] for r in rows_on(build, "commitments_by_counterparty", "2025-05-31")] == ["rumoured"]
    assert [r["certainty"] for r in rows_on(build, "commitments_by_counterparty", "2025-06-01")] == ["filed"]
    rows = build.read("metrics.commitments_by_counterparty").filter(certainty="rumoured")
    assert rows.select("leg_count", NET).rows() == [(1, BN), (0, 0.0)]


def test_pair_whose_promises_are_all_undisclosed_is_unknown_and_not_zero(tmp_path):
    ledger = Ledger(
        [leg("a"), leg("b", capacity_leg_id="k", payee_id="third"), leg("a", 7 * BN, known_from="2025-06-01")],
        [power("k", 1.0)],
        [cost("e", "all_in", 50 * BN)],
    )
    build = measured(tmp_path, ledger)

    (row,) = rows_on(build, "commitments_by_counterparty", "2025-05-31", payee_id="seller")
    assert shown(row, "leg_count", GROSS, NET, IMPUTED) == (1, None, None, 0)
    (row,) = rows_on(build, "commitments_by_counterparty", "2025-05-31", payee_id="third")
    assert shown(row, "leg_count", GROSS, NET, IMPUTED) == (1, None, None, 50 * BN)
    (row,) = rows_on(build, "commitments_by_counterparty", "2025-06-01", payee_id="seller")
    assert shown(row, GROSS, NET) == (7 * BN, 7 * BN)


def test_net_can_be_cut_by_evidence(tmp_path):
    ledger = Ledger([leg(e, usd * BN, evidence=e) for e, usd in (("seen", 4), ("relayed", 2), ("unverified", 1))])
    (row,) = rows_on(measured(tmp_path, ledger), "commitments_by_counterparty", "2025-06-01")

    assert shown(row, NET, "net_relayed_usd", "net_unverified_usd") == (7 * BN, 2 * BN, BN)


def test_totals_come_back_to_zero_exactly(tmp_path):
    amounts = [0.1, 0.2, 0.3, 33_333_333_333.33, 1e12]
    legs = [leg(f"l{i}", usd) for i, usd in enumerate(amounts)]
    gone = [{**row, "known_from": f"2025-0{i + 2}-01", "certainty": "cancelled"} for i, row in enumerate(legs)]
    rows = measured(tmp_path, Ledger([*legs, *gone])).read("metrics.commitments_by_counterparty")

    assert rows[NET].to_list()[-1] == 0.0
    assert headline(measured(tmp_path / "again", Ledger([*legs, *gone])), "2026-01-01")[NET] == 0.0


# --- power ----------------------------------------------------------------------------------------------------------


def views(build, on: str) -> dict[str, tuple[float | None, float | None]]:
    rows = rows_on(build, "capacity_by_view", on, user_id="buyer")
    return {r["view"]: shown(r, "capacity_gw", "gross_capacity_gw") for r in rows}


def test_views_are_separate_rows_and_statements_count_as_the_largest(tmp_path):
    legs = [
        power("s1", 2.0),
        power("s2", 0.5, part_of_leg_id="s1"),
        power("c", 3.0, view="chip"),
        power("t1", 30.0, view="statement"),
        power("t2", 26.0, view="statement"),
    ]
    build = measured(tmp_path, Ledger([leg("a", BN)], legs))

    assert views(build, "2025-06-01") == {"site": (2.0, 2.5), "chip": (3.0, 3.0), "statement": (30.0, 30.0)}


def test_view_without_any_figure_is_unknown_and_one_that_was_cancelled_is_zero(tmp_path):
    legs = [
        power("s"),
        power("c", 3.0, view="chip"),
        power("c", 3.0, view="chip", known_from="2025-06-01", stage="cancelled"),
        power("t", view="statement"),
    ]
    build = measured(tmp_path, Ledger([leg("a", BN)], legs))

    assert views(build, "2025-05-31") == {"site": (None, None), "chip": (3.0, 3.0), "statement": (None, None)}
    assert views(build, "2025-06-01")["chip"] == (0.0, 0.0)


def test_an_undisclosed_statement_with_a_cancelled_one_is_null_not_zero(tmp_path):
    legs = [
        power("gone", 3.0, view="statement"),
        power("gone", 3.0, view="statement", known_from="2025-06-01", stage="cancelled"),
        power("open", view="statement"),
    ]
    build = measured(tmp_path, Ledger([leg("a", BN)], legs))

    assert views(build, "2025-05-31") == {"statement": (3.0, 3.0)}
    assert views(build, "2025-06-01") == {"statement": (None, None)}
    frame = build.read("metrics.capacity_by_view")
    assert differences(build, "capacity_by_view", frame).is_empty()


def test_user_has_a_row_on_the_day_on_which_its_power_passes_to_another(tmp_path):
    legs = [power("s", 2.0), power("s", 2.0, known_from="2025-06-01", user_id="heir")]
    build = measured(tmp_path, Ledger([leg("a", BN)], legs))

    assert days_of(build.read("metrics.capacity_by_view"), user_id="buyer") == [D(2025, 1, 1), D(2025, 6, 1)]
    assert views(build, "2025-06-01") == {"site": (0.0, 0.0)}
    assert rows_on(build, "capacity_by_view", "2025-06-01", user_id="heir")[0]["capacity_gw"] == 2.0


def test_sum_that_mixes_it_load_and_facility_power_is_flagged(tmp_path):
    legs = [
        power("s1", 2.0, first_power_on="2026-01-01"),
        power("s2", 1.0, power_basis="it_load", known_from="2025-06-01", first_power_on="2027-01-01"),
        power("s3", 1.0, power_basis="unknown", view="chip"),
    ]
    build = measured(tmp_path, Ledger([leg("a", BN)], legs))

    flags = [
        rows_on(build, "capacity_by_view", d, view="site")[0]["is_mixed_power_basis"]
        for d in ("2025-05-31", "2025-06-01")
    ]
    assert flags == [False, True]
    quarters = rows_on(build, "capacity_by_quarter", "2025-06-01", view="site")
    mixed = {r["quarter_start"] for r in quarters if r["is_mixed_power_basis"]}
    assert min(mixed) == D(2027, 1, 1)


def test_energised_power_is_given_by_quarter_as_known_on_the_day(tmp_path):
    legs = [
        power("campus", 2.0, first_power_on="2026-05-01"),
        power("hall", 0.5, part_of_leg_id="campus", first_power_on="2026-02-01"),
        power("campus", 3.0, first_power_on="2027-05-01", known_from="2025-06-01"),
        power("chips", 9.0, first_power_on="2026-02-01", view="chip"),
        power("boast", 9.0, first_power_on="2026-02-01", view="statement"),
    ]
    build = measured(tmp_path, Ledger([leg("a", BN)], legs))

    def sites(on: str) -> dict[str, float]:
        rows = rows_on(build, "capacity_by_quarter", on, view="site")
        return {str(r["quarter_start"]): r["energised_gw"] for r in rows}

    quarters = ("2026-01-01", "2026-04-01", "2027-04-01")
    assert [sites("2025-05-31")[q] for q in quarters] == [0.5, 2.0, 2.0]
    assert [sites("2025-06-01")[q] for q in quarters] == [0.5, 0.5, 3.0]
    assert {r["view"] for r in rows_on(build, "capacity_by_quarter", "2025-06-01")} == {"site", "chip"}
