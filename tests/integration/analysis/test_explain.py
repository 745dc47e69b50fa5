"""Explanations of published numbers: shares add up to the number, every row has its line, bad requests get help."""

import csv
import datetime as dt
import json

import pytest

from assets.analysis import lookup
from assets.analysis.explain import address
from assets.analysis.names_and_days import Unclear
from assets.core.vocabulary import PURCHASES
from assets.warehouse import published_file
from tests.integration.analysis import adding_up

DAY = dt.date(2025, 10, 9)


@pytest.fixture(scope="module")
def small(small_built):
    with published_file.opened(small_built.published) as opened:
        yield opened


@pytest.mark.parametrize("table", address.EXPLAINED)
def test_shares_add_up_to_every_number_of_the_small_ledger(small, table):
    every = 7 if table in {"facts.revenue_coverage", "facts.commitment_schedule", "facts.capacity_schedule"} else 1
    rows = adding_up.rows(small, table, every)
    _, columns = address.EXPLAINED[table]

    assert [p for row in rows for c in columns for p in adding_up.problems(small, table, c, row)] == []


def test_a_share_that_is_lost_would_be_found(small, monkeypatch):
    from assets.analysis.explain import money as explain_money

    whole = explain_money.contributions
    monkeypatch.setattr(explain_money, "contributions", lambda *a, **k: whole(*a, **k)[1:])
    (row,) = small.rows("from headline_as_of($day) where entity_id = 'openai'", day=DAY)

    assert adding_up.problems(small, "metrics.headline", "net_commitment_usd", row)


def test_every_leg_leads_to_its_line_and_source(small, small_built):
    found = address.explain(small, "metrics.headline.gross_commitment_usd", {"entity_id": "openai"}, DAY)

    (term,) = found.terms
    assert term.contributions
    for one in term.contributions:
        with (small_built.folder / one.source_file).open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file))
        header, line = lines[0], lines[one.source_line - 1]
        row = dict(zip(header, line, strict=True))
        assert row["leg_id"] == one.name
        assert row["flow"] in PURCHASES
        assert row["known_from"] == str(one.known_from)
        assert one.source
        assert one.evidence in {"seen", "relayed", "unverified"}
        assert one.deal


def test_an_imputed_amount_leads_to_gigawatts_and_estimates(small):
    (leg,) = small.rows("from commitments_as_of($day) where is_imputed_amount limit 1", day=DAY)

    found = address.explain(small, "facts.commitments.amount_usd", {"leg_id": leg["leg_id"]}, DAY)

    power, cost = (next(t for t in found.terms if t.name == n) for n in ("power", "cost"))
    assert found.value == pytest.approx(power.value * cost.value)
    assert {c.source_file for c in cost.contributions} == {"seeds/cost_per_gw.csv"}
    assert {c.source_file for c in power.contributions} == {"seeds/capacity.csv"}


def test_a_number_without_an_explanation_by_row_is_marked(small):
    found = address.explain(small, "facts.deals.name", {"deal_id": "d_amd"}, None)

    assert found.terms == []
    assert found.row["deal_id"] == "d_amd"
    assert "not explained row by row" in found.remarks[0]
    assert found.rests_on == "staging.deals"


def test_unknown_stays_unknown(small):
    empty = small.rows("from metrics.headline where net_commitment_usd is null limit 1")
    assert empty, "the small ledger has an entity without a disclosed promise"

    found = address.explain(
        small,
        "metrics.headline.net_commitment_usd",
        {"entity_id": empty[0]["entity_id"], "as_of_date": str(empty[0]["as_of_date"])},
        None,
    )

    assert (found.value, found.terms) == (None, [])
    assert found.formula.startswith("unknown")


@pytest.mark.parametrize(
    ("column", "key", "day", "said"),
    [
        ("headline", {}, None, "write schema.table.column"),
        ("metrics.headlin.x", {}, None, "no such table: did you mean metrics.headline"),
        ("metrics.headline.net_comitment_usd", {}, None, "did you mean net_commitment_usd"),
        (
            "metrics.headline.capacity_gw",
            {"entity": "openai"},
            None,
            "no such column in metrics.headline: did you mean entity_id",
        ),
        (
            "metrics.headline.capacity_gw",
            {"entity_id": "opnai"},
            None,
            "no such entity_id in metrics.headline: did you mean openai?",
        ),
        ("metrics.headline.capacity_gw", {}, None, "--key entity_id=openai"),
        ("metrics.headline.capacity_gw", {"entity_id": "openai"}, dt.date(1999, 1, 1), "nothing was known yet"),
        ("facts.commitments.amount_usd", {"leg_id": "l_amd_6gw"}, dt.date(2025, 10, 1), "the first day is 2025-10-06"),
        ("metrics.claims.measured_value", {"claim_id": "nvidia"}, None, "did you mean nvidia_amd_capacity"),
    ],
)
def test_a_question_that_cannot_be_answered_gets_help(small, column, key, day, said):
    with pytest.raises(Unclear) as answer:
        address.explain(small, column, key, day)

    assert said in str(answer.value)


@pytest.mark.parametrize("table", ["bi.headline", "bi.revenue_coverage", "bi.stress", "bi.first_shortfall"])
def test_every_row_of_bi_that_is_current_is_found_on_the_last_day(small, table):
    last = small.rows("select max(last_known_on) as day from quality.publications")[0]["day"]
    keys = [c for c in lookup.keys_of(small, table) if c != "as_of_date"]
    current = small.rows(f"from {table} where is_current")

    assert current
    for row in current:
        key = {c: str(row[c]) for c in keys if row[c] is not None}
        assert row["as_of_date"] in {r["as_of_date"] for r in lookup.rows_on(small, table, key, last)}, key


def test_a_day_after_the_last_shows_the_last_day_with_a_remark(small):
    found = address.explain(small, "metrics.headline.capacity_gw", {"entity_id": "openai"}, dt.date(2100, 1, 1))

    assert f"nothing became known after {small.last_day()}" in found.remarks[0]


def test_values_are_found_in_any_case_and_are_never_sql(small):
    found = address.explain(small, "metrics.headline.capacity_gw", {"entity_id": "OpenAI"}, DAY)

    assert found.key["entity_id"] == "openai"
    with pytest.raises(Unclear):
        address.explain(small, "metrics.headline.capacity_gw", {"entity_id": "x' or 1=1 --"}, DAY)


def test_every_promised_table_is_explained_row_by_row():
    promised = {
        "metrics.headline", "metrics.commitments_by_counterparty", "metrics.capacity_by_view", "facts.commitments",
        "facts.capacity", "facts.revenue_coverage", "facts.commitment_schedule", "facts.financials", "metrics.claims",
        "metrics.loops", "metrics.supplier_round_trip", "metrics.circularity",
    }  # fmt: skip

    assert promised <= set(address.EXPLAINED)


def test_every_explained_column_is_a_column_and_has_its_explainer(small):
    for table, (_, columns) in address.EXPLAINED.items():
        assert set(columns) <= set(small.columns[table])


def test_every_claim_of_the_article_has_its_explanation():
    from assets.analysis.explain.claims import CLAIMS
    from assets.core import sql_files

    assert set(CLAIMS) == set(sql_files.names("metrics", "claims"))


def test_json_is_for_machines(small):
    data = json.loads(
        json.dumps(
            address.explain(small, "metrics.headline.gross_commitment_usd", {"entity_id": "openai"}, DAY).as_dict(),
            default=str,
        )
    )

    assert isinstance(data["value"], float)
    assert dt.date.fromisoformat(data["day"]) == DAY
    assert sum(c["value"] for c in data["terms"][0]["contributions"]) == pytest.approx(data["value"])
