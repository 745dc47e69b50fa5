"""Seeds in Dagster's Markdown: text stays text, and a link shows its address."""

import dagster as dg
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from assets.catalog import STEPS
from assets.gates.result import GateResult, RuleResult
from assets.orchestration import assets, markdown, report_previews

HOSTILE = (
    "![](http://127.0.0.1:3000/graphql?query=mutation{launchRun})",
    "[click](http://evil.example)",
    "x](http://evil.example) [y",
    "<http://evil.example>",
    "http://evil.example/path",
    "www.evil.example",
    "me@evil.example",
    "<img src=http://evil.example/i>",
    "<script>alert(1)</script>",
    "&lt;img src=x&gt; &#33;[](x)",
    "# heading",
    "- list",
    "1. list",
    "> quote",
    "`code`",
    "*bold* __bold__ ~~gone~~",
    "a | b",
    "a\\| b",
    "line\n\n![](http://evil.example)",
    "line\r# x\u2028y",
    "[ref]: http://evil.example\n[ref]",
    "\\![](http://evil.example)",
    "$x$ :smile: ==mark==",
)

KINDS = {"text", "softbreak", "inline", "text_special"}

TABLE = {"table", "thead", "tbody", "tr", "th", "td"}


def reader():
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def parsed(text):
    """The kinds of Markdown elements in a text, and the visible text."""
    parser = reader()
    flat = [inner for token in parser.parse(text) for inner in (token, *(token.children or ()))]
    kinds = {token.type.removesuffix("_open").removesuffix("_close") for token in flat}
    said = "".join(token.content for token in flat if token.type in {"text", "text_special"})
    return kinds, said


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_read_as_text(text):
    kinds, said = parsed(markdown.text(text))

    assert kinds <= KINDS | {"paragraph"}, kinds
    assert said == " ".join(text.split())


@given(st.text())
def test_any_text_is_read_as_text(text):
    kinds, _ = parsed(markdown.text(text))

    assert kinds <= KINDS | {"paragraph"}, kinds


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_cell_stays_in_its_cell(text):
    kinds, _ = parsed(markdown.table(("title", "note"), [(text, "calm")]))

    assert kinds <= KINDS | TABLE, kinds
    assert markdown.table(("title", "note"), [(text, "calm")]).count("\n") == 2


@pytest.mark.parametrize(
    "url", ["https://example.org/a_b?x=1&y=(2)", "http://example.org", "HTTPS://EXAMPLE.ORG/![](x)"]
)
def test_an_address_of_the_web_is_a_link_that_shows_where_it_leads(url):
    (link,) = [t for token in reader().parse(markdown.address(url)) for t in token.children or ()
               if t.type == "link_open"]  # fmt: skip

    assert parsed(markdown.address(url))[1].lower() == url.lower()
    assert link.attrs["href"].lower().startswith(("http://example.org", "https://example.org"))


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//evil.example", "https://a b",
        "https://a>![](http://evil.example)", "http://h/a)![u](http://h/url\n", "mailto:me@evil.example", "",
    ],
)  # fmt: skip
def test_any_other_address_is_text(url):
    assert not parsed(markdown.address(url))[0] & {"link", "image"}


def test_previews_links_and_rules_of_an_asset_hold_no_markup_of_the_seeds():
    (table,) = {step.table for step in STEPS.values() if step.name == "metrics.claims"}
    frame = pl.DataFrame({"title": list(HOSTILE[:5]), "url": [*(["javascript:alert(1)"] * 4), "https://example.org/x"]})
    shown = assets.result_metadata(frame, table)
    rule = RuleResult("a_rule", "error", False, 1, 1, (), HOSTILE[0], HOSTILE[1], ({"title": HOSTILE[0]},))
    found = assets._check_metadata(GateResult("metrics.claims", (rule,)), "error")

    for value in (shown["preview"], found["rules"]):
        assert isinstance(value, dg.MarkdownMetadataValue)
        assert parsed(value.value)[0] <= KINDS | TABLE
    links = reader().parse(shown["links"].value)
    leads = [t.attrs["href"] for token in links for t in token.children or () if t.type == "link_open"]
    assert leads == ["https://example.org/x"]


def test_the_title_of_a_chart_stays_with_it():
    page = f'<section id="loop"><figcaption>{"]( x) ![](http://e.example)"}</figcaption><svg viewBox="0 0 1 1"></svg>'
    (shown,) = report_previews.markdown(page).values()
    title = shown.rpartition("](data:image/svg+xml;base64,")[0].removeprefix("![")

    assert title
    assert parsed(title)[0] <= KINDS | {"paragraph"}
