"""The content of the report: figures of the published file, each with day, query and sources."""

import datetime as dt
import re
import shlex

import duckdb
import pytest

from assets.core import formatting
from assets.report import data
from assets.report.page import PICTURES
from tests.integration.report.reading import rows

ARTICLE_DAY = "2025-10-09"


def ask(report, sql):
    with duckdb.connect(str(report.published), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def card(report, day, name):
    """The headline of an entity on a day: figure and adjacent text, by label."""
    (block,) = [b for b in report.document.all("div", **{"data-day": day}) if b.all("div", class_="card")]
    (found,) = [c for c in block.all("div", class_="card") if c.all("h3")[0].text == name]
    return {d.all("dt")[0].text: d.all("dd")[0].text for d in found.all("dl")[0].children}


def usd(value):
    return f"${value / 1e9:,.1f}bn"


def test_the_headline_is_that_of_the_published_file_on_every_day(real):
    days = [i.attributes["value"] for i in real.document.all("input", name="day")]

    for day in days:
        found = ask(
            real,
            "select gross_commitment_usd, net_commitment_usd, net_commitment_low_usd, net_commitment_high_usd, "
            "imputed_commitment_usd, capacity_gw, annualised_revenue_usd, commitment_coverage_ratio "
            f"from headline_as_of('{day}') where entity_id = 'openai'",
        )
        ((gross, net, low, high, imputed, gw, revenue, coverage),) = found
        shown = card(real, day, "OpenAI")
        assert shown["promised, parts counted again (gross)"] == usd(gross)
        assert shown["promised, no promise inside a larger one (net)"].startswith(usd(net))
        assert shown["promised, no promise inside a larger one (net)"].endswith(usd(high))
        assert (usd(low) if low else "$0 to") in shown["promised, no promise inside a larger one (net)"]
        assert shown["without a stated price, imputed from gigawatts"].startswith(usd(imputed) if imputed else "$0")
        assert shown["power, largest single view"].startswith(formatting.gw(gw))
        assert shown["revenue a year"].startswith(usd(revenue))
        assert shown["a year's revenue as a share of net promises"].startswith(f"{coverage * 100:.1f} %")


def test_the_days_are_the_quarter_ends_the_day_of_the_article_and_the_last_day_which_is_chosen(real):
    inputs = real.document.all("input", name="day")
    days = [i.attributes["value"] for i in inputs]
    ((last,),) = ask(real, "select max(last_known_on) from quality.publications")

    quarter_ends = [
        d.isoformat() for y in (2025, 2026) for d in (dt.date(y, 3, 31), dt.date(y, 6, 30), dt.date(y, 9, 30))
    ]
    assert {*quarter_ends, "2025-12-31", ARTICLE_DAY, last.isoformat()} == set(days)
    assert [i.attributes["value"] for i in inputs if "checked" in i.attributes] == [last.isoformat()]
    assert days == sorted(days, reverse=True)


def test_missing_figures_are_called_unknown_and_never_zero(real):
    shown = card(real, ARTICLE_DAY, "Anthropic")

    assert ask(real, f"from headline_as_of('{ARTICLE_DAY}') where entity_id = 'anthropic'") == []
    assert set(shown.values()) == {"unknown"}


def test_a_figure_that_is_taken_away_becomes_unknown(changed):
    report = changed("update metrics.headline set annualised_revenue_usd = null, commitment_coverage_ratio = null")

    newest = report.document.all("input", name="day")[0].attributes["value"]
    shown = card(report, newest, "OpenAI")
    assert shown["revenue a year"].startswith("unknown")
    assert shown["a year's revenue as a share of net promises"] == "unknown"
    assert "$0" not in shown["revenue a year"]


def test_pairs_of_the_loop_are_those_of_the_metric(real):
    for payer, payee, kind, net, *_ in rows(real.document, "Who pays whom", ARTICLE_DAY)[:10]:
        flows = {"purchase": "not in", "funding": "in"}[kind]
        found = ask(
            real,
            f"select sum(net_commitment_usd) from commitments_by_counterparty_as_of('{ARTICLE_DAY}') as c "
            "join facts.entities as p on p.entity_id = payer_id join facts.entities as q on q.entity_id = payee_id "
            f"where flow {flows} ('equity_investment', 'debt') and flow not in ('backstop', 'warrant_grant') "
            f"and (p.name ilike '{payer.split()[0]}%' or payer_id ilike '{payer.split()[0]}%') "
            f"and (q.name ilike '{payee.split()[0]}%' or payee_id ilike '{payee.replace(' ', '_')}%' "
            f"or ('{payee}' like 'various %' and q.kind = 'aggregate'))",
        )
        assert net == usd(found[0][0]), (payer, payee)


@pytest.mark.parametrize("day", ["2025-10-09", "2026-09-30"])
def test_dues_and_gaps_are_those_of_the_tables(real, day):
    shown = {(r[0], r[1]): r for r in rows(real.document, "Due, coming in", day)}
    for year, due, gap, median in ask(
        real,
        f"select c.year, c.obligations_usd, c.funding_gap_usd, s.funding_gap_p50_usd from coverage_as_of('{day}') as c "
        f"join coverage_simulation_as_of('{day}') as s using (entity_id, scenario_id, year) "
        "where entity_id = 'openai' and scenario_id = 'base' order by 1 limit 5",
    ):
        row = shown["OpenAI", str(year)]
        assert (row[2], row[7], row[9]) == (formatting.usd(due), formatting.usd(gap), formatting.usd(median))


def lead(report, picture, day=None):
    """The sentences of a picture, on a day or for the whole history."""
    (section,) = report.document.all("section", id=picture)
    blocks = section.all("div", **{"data-day": day}) if day else [b for b in section.children if b.tag == "div"]
    return " ".join(p.text for p in blocks[0].all("p", class_="lead"))


def test_no_verdict_is_given_on_a_company_that_is_not_measurable(real):
    """On that day OpenAI is not measurable: no figure of its future spending is known."""
    day = "2025-06-30"
    ((because,),) = ask(
        real, f"select not_measurable_because from completeness_as_of('{day}') where entity_id = 'openai'"
    )

    assert f"Whether OpenAI can pay what falls due cannot be said: {because}." in lead(real, "dues", day)
    assert f"What a loss of revenue would do to OpenAI cannot be said: {because}." in lead(real, "stress", day)
    assert because in lead(real, "coverage", day)
    for sentence in ("falls short", "cover what falls due", "needs most new money"):
        assert sentence not in lead(real, "dues", day)
    for row in rows(real.document, "Due, coming in", day):
        assert set(row[7:12]) == {"not measurable"}


def test_measurable_entities_have_figures_and_suppliers_lose_without_a_verdict(real):
    day = "2026-09-30"

    assert "not measurable" not in {cell for row in rows(real.document, "Due, coming in", day) for cell in row}
    cannot_pay = {(r[0], r[1]): r[3] for r in rows(real.document, "Unpaid and not received", day)}
    assert cannot_pay["none", "Oracle"] == "not measurable"
    assert cannot_pay["none", "OpenAI"].startswith("$")


def test_purchases_and_funding_are_never_one_total(real):
    said = lead(real, "growth")

    for group in ("'compute_purchase', 'chip_purchase', 'lease', 'infrastructure_build', 'revenue_share'",
                  "'equity_investment', 'debt'"):  # fmt: skip
        ((gross, net),) = ask(
            real,
            "select sum(amount_usd), sum(net_amount_usd) from commitments_as_of((select max(last_known_on) from "
            f"quality.publications)) where not is_statement and not is_imputed_amount and flow in ({group})",
        )
        assert f"{formatting.usd(net)} net ({formatting.usd(gross)} gross)" in said
    assert "The two are never added" in said
    ((both,),) = ask(real, "select arg_max(total_net_usd, as_of_date) from metrics.changes")
    assert formatting.usd(both) not in real.document.text
    assert "dollar once" not in said
    assert "dollar counted once" not in real.document.text


def test_the_days_that_changed_the_share_show_purchases_and_funding_separately(real):
    shown = {r[1]: r for r in rows(real.document, "The days that moved")}

    assert shown["22 September 2025"][3:5] == ["$0", "+$100.0bn"]
    assert shown["1 October 2025"][3:5] == ["+$70.0bn", "$0"]


def test_a_share_of_a_round_trip_names_its_denominator(real):
    day = "2026-09-30"

    assert "of the purchases promised to it in the ledger" in lead(real, "round_trips", day)
    (section,) = real.document.all("section", id="round_trips")
    assert "of sales" not in section.text.replace("as sales", "")
    assert "share of the purchases promised to it in the ledger" in section.text


def test_every_sentence_of_the_article_has_its_verdict(real):
    shown = {r[0]: r[1] for r in rows(real.document, "Sentences of the article")}

    assert shown == {s: v.replace("_", " ") for s, v in ask(real, "select statement, verdict from metrics.claims")}


def test_every_picture_has_text_a_table_and_a_chart_with_a_description(real):
    for picture in PICTURES:
        (section,) = real.document.all("section", id=picture.key)
        blocks = [b for b in section.children if b.tag == "div"]
        assert len(blocks) == (9 if picture.is_daily else 1), picture.key
        for block in blocks:
            assert len(block.all("p", class_="lead")[0].text) > 40, picture.key
        newest = blocks[0]
        assert newest.all("table"), picture.key
        assert newest.all("svg"), picture.key
        for svg in newest.all("svg"):
            assert svg.attributes["role"] == "img"
            assert len(svg.attributes["aria-label"]) > 40


def built(report):
    """The content of each picture on each day, last day first: picture, day and section."""
    with data.reading(report.published) as connection:
        ask = data.asker(connection)
        days = data.as_of_days(ask)[::-1]
        subjects = tuple(ask(data.SUBJECTS, days[0])["entity_id"])
        names = data.short_names(ask(data.ENTITIES, days[0]))
        for picture in PICTURES:
            for day in days if picture.is_daily else days[:1]:
                answers = {name: ask(question, day) for name, question in picture.questions.items()}
                yield picture, day, picture.build(answers, data.Context(day, subjects, names))


def blocks(report, picture):
    """The blocks of a picture, by day as written on the page."""
    (section,) = report.document.all("section", id=picture.key)
    return {b.attributes.get("data-day", ""): b for b in section.children if b.tag == "div"}


def test_only_the_last_day_has_charts_and_other_days_refer_to_it(real):
    last = real.document.all("input", name="day")[0].attributes["value"]
    message = f"Pictures are of the last day only, {formatting.day(dt.date.fromisoformat(last))}. "
    without = set()

    for picture, day, section in built(real):
        block = blocks(real, picture)[day.isoformat() if picture.is_daily else ""]
        drawn, said = block.all("figure"), block.all("p", class_="undrawn")
        if day.isoformat() == last:
            charts = [c for f in section.figures for c in (f.chart, f.narrow) if c]
            assert (len(drawn), len(block.all("svg"))) == (len(section.figures), len(charts)), picture.key
            assert not said, picture.key
        else:
            assert [*drawn, *block.all("svg"), *block.all("ul", class_="legend")] == [], (picture.key, day)
            assert [p.text.startswith(message) for p in said] == [True] * bool(section.figures), (picture.key, day)
            without.add(day)
    assert len(without) == 8


def test_how_to_read_the_marks_is_said_on_the_day_that_has_charts_and_on_no_other(real):
    last = real.document.all("input", name="day")[0].attributes["value"]

    for picture in PICTURES:
        (section,) = real.document.all("section", id=picture.key)
        about = {p.text: p.attributes.get("data-day") for p in section.all("p", class_="about")}
        assert about == {picture.about: None} | ({picture.marks: last} if picture.marks else {})
    assert not [p.key for p in PICTURES if p.is_daily and {"bar", "bars", "arrow", "band"} & set(p.about.split())]


def test_every_day_has_every_text_and_table_with_charts_or_without(real):
    for picture, day, section in built(real):
        block = blocks(real, picture)[day.isoformat() if picture.is_daily else ""]
        assert [p.text for p in block.all("p", class_="lead")] == [" ".join(s.split()) for s in section.summary]
        shown = [t.all("caption")[0].text for t in block.all("table")]
        assert shown == [t.caption for t in section.tables if t.rows], (picture.key, day)
        assert len(block.all("p", class_="none")) == sum(not t.rows for t in section.tables), (picture.key, day)


def test_every_shown_query_runs_unchanged_and_names_its_tables(real):
    queries = real.document.all("div", class_="query")
    known = {f"{s}.{t}" for s, t in ask(real, "select schema_name, table_name from duckdb_tables()")}

    assert len(queries) >= 15
    for query in queries:
        for span in query.all("span"):
            if span.attributes.get("data-day") != ARTICLE_DAY:
                span.texts.clear()
        command, verb, sql, *options = shlex.split(query.all("pre")[0].text)
        assert (command, verb) == ("closedloop", "query")
        assert options == ["--warehouse", real.published.name]
        assert not set(sql) & set('"$`\\!'), "the shell would change it"
        ask(real, sql)
        assert {a.text for a in query.all("h3")[0].all("a")} <= known


def test_every_link_inside_the_page_leads_somewhere_and_no_name_is_used_twice(real, small):
    for report in (real, small):
        text = report.path.read_text(encoding="utf-8")
        ids = re.findall(r'\sid="([^"]+)"', text)
        assert len(ids) == len(set(ids))
        assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)


def test_every_figure_of_the_headline_and_every_row_of_the_loop_leads_to_its_sources(real):
    listed = {li.attributes["id"]: li for li in real.document.all("ol")[0].all("li")}
    addresses = dict(ask(real, "select source_id, url from facts.sources"))

    for item in listed.values():
        source_id = item.all("code")[0].text
        assert [a.attributes["href"] for a in item.all("a")] == [addresses[source_id]] * bool(addresses[source_id])
    for shown in rows(real.document, "Who pays whom", ARTICLE_DAY):
        numbers = shown[-1].split()
        assert numbers, shown
        assert all(f"source-{n}" in listed for n in numbers)
    (rests,) = real.document.all("details", id=f"rests-{ARTICLE_DAY}-openai")
    kinds = {p.text.partition(":")[0] for p in rests.all("p")}
    assert kinds == {"promises to buy", "funding received", "gigawatts", "revenue"}


def test_a_ledger_without_warrants_circles_stress_or_simulation_still_has_its_report(changed):
    report = changed(
        "delete from metrics.warrant_values",
        "delete from metrics.warrant_value_grid",
        "delete from metrics.stress",
        "delete from metrics.loops",
        "delete from metrics.supplier_round_trip",
        "delete from metrics.coverage_simulation",
        "delete from facts.revenue_coverage",
        "delete from metrics.capacity_by_view",
        "delete from metrics.claims",
    )

    text = report.document.text
    assert "The ledger knows no warrant with a known share price." in text
    assert "The stress was not computed for this day" in text
    assert "its revenue is unknown on this day" in text
    assert "The ledger holds no sentence to be measured." in text
    assert "the ledger holds nothing for it on this day" in text


def test_a_ledger_without_any_promise_still_has_its_report(changed):
    report = changed("delete from metrics.headline", "delete from facts.commitments", "delete from metrics.changes")

    assert "the answer is unknown" in report.document.text
    assert "The ledger knows no promise of money on this day." in report.document.text


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&"


def test_text_of_the_seeds_is_shown_and_never_run(changed):
    quoted = HOSTILE.replace("'", "''")
    report = changed(
        f"update facts.entities set name = '{quoted}' where entity_id in ('openai', 'amd', 'nvidia')",
        f"update facts.deals set name = '{quoted}'",
        f"update metrics.claims set statement = '{quoted}', explanation = '{quoted}'",
        f"update facts.sources set title = '{quoted}', url = 'javascript:alert(3)'",
    )

    document = report.document
    assert len(document.all("script")) == 1
    assert document.all("img") == []
    assert not [e for e in document.all("a") if not e.attributes["href"].startswith("#")]
    assert not [
        k for tag in ("a", "svg", "g", "path", "text") for e in document.all(tag) for k in e.attributes if k[:2] == "on"
    ]
    assert "<script>alert(1)</script>" in document.text


def test_names_in_pictures_are_short_and_spelt_as_people_do(real):
    import polars as pl

    frame = pl.DataFrame(
        ask(real, "select entity_id, name, ticker from facts.entities"),
        schema=["entity_id", "name", "ticker"],
        orient="row",
    )
    names = data.short_names(frame)

    assert {k: names[k] for k in ("openai", "nvidia", "amd", "amazon", "oracle", "sb_energy", "anthropic", "xai")} == {
        "openai": "OpenAI",
        "nvidia": "NVIDIA",
        "amd": "AMD",
        "amazon": "Amazon",
        "oracle": "Oracle",
        "sb_energy": "SB Energy",
        "anthropic": "Anthropic",
        "xai": "xAI",
    }
    assert max(map(len, names.values())) <= 30
