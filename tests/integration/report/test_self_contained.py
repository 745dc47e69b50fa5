"""The report is one small, accessible file without network access."""

import itertools
import re

import pytest

from assets.report import page

FETCHING = {"src", "srcset", "poster", "data", "action", "formaction", "background", "xlink:href"}


def elements(node):
    for child in node.children:
        yield child
        yield from elements(child)


def test_nothing_in_it_makes_a_browser_fetch_anything(real, small):
    for report in (real, small):
        for e in elements(report.document):
            assert not FETCHING & set(e.attributes), e.tag
            if e.tag == "link":
                assert e.attributes["href"] == "data:,"
            if "href" in e.attributes and e.tag != "link":
                assert e.tag == "a"
        style = "".join(s.text for s in report.document.all("style"))
        assert "@import" not in style
        assert "url(" not in style
        script = report.document.all("script")[0].text
        assert not re.search(r"fetch\(|XMLHttpRequest|WebSocket|import\(|https?:", script)
        assert page.faults(report.path) == []


@pytest.mark.parametrize(
    "harm",
    ['<script src="https://cdn.example/vega.js"></script>', "<link rel=stylesheet href=//x.example/a.css>",
     "<img src='http://x.example/a.png'>", "<style>@import 'a.css'</style>", "<style>a{background:url(a.png)}</style>"],
)  # fmt: skip
def test_a_report_that_loads_a_resource_is_detected(small, tmp_path, harm):
    path = tmp_path / "report.html"
    path.write_text(small.path.read_text(encoding="utf-8") + harm, encoding="utf-8")

    assert page.faults(path)


def test_the_content_security_policy_forbids_all_requests(real):
    (policy,) = [m for m in real.document.all("meta") if m.attributes.get("http-equiv") == "Content-Security-Policy"]

    assert policy.attributes["content"].startswith("default-src 'none';")
    assert "http" not in policy.attributes["content"].replace("http-equiv", "")


def test_it_is_under_three_megabytes(real, tmp_path):
    assert 200_000 < real.path.stat().st_size < 3_000_000
    big = tmp_path / "report.html"
    big.write_bytes(b" " * 3_000_001)
    assert page.faults(big) == ["it has 3,000,001 bytes, more than 3,000,000"]


def test_language_title_and_headings_are_in_order(real, small):
    for report in (real, small):
        (html,) = report.document.all("html")
        assert html.attributes["lang"] == "en"
        assert len(report.document.all("title")[0].text) > 20
        levels = [int(e.tag[1]) for e in elements(report.document) if re.fullmatch(r"h[1-6]", e.tag)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


def test_every_table_has_a_caption_and_headers_with_a_scope(real):
    tables = real.document.all("table")

    assert len(tables) > 70
    for table in tables:
        caption = table.all("caption")[0].text
        heads = table.all("thead")[0].all("th")
        assert caption
        assert {th.attributes["scope"] for th in heads} == {"col"}, caption
        for row in table.all("tbody")[0].all("tr"):
            cells = [c.tag for c in row.children]
            assert row.children[0].attributes.get("scope") == "row", caption
            assert cells == ["th"] + ["td"] * (len(heads) - 1), caption


def test_every_choice_has_a_label_and_every_region_a_name(real):
    labels = {label.attributes["for"] for label in real.document.all("label")}
    assert labels == {i.attributes["id"] for i in real.document.all("input")}
    assert real.document.all("fieldset")[0].all("legend")[0].text
    for region in (e for e in elements(real.document) if e.attributes.get("role") == "region"):
        assert region.attributes["aria-label"]
        assert region.attributes["tabindex"] == "0"
    assert real.document.all("main")
    assert real.document.all("a", class_="skip")[0].attributes["href"] == "#main"


def colours(style, scheme):
    light, dark = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[:2]
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", light))
    return found | (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", dark)) if scheme == "dark" else {})


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_marks_contrast_with_the_page(real, scheme):
    found = colours(real.document.all("style")[0].text, scheme)

    for name in ("ink", "muted", "link"):
        assert contrast(found[name], found["paper"]) >= 4.5, name
        assert contrast(found[name], found["wash"]) >= 4.5, name
    for name in ("buy", "fund", "contingent", "earn", "warn", *(f"series{i}" for i in range(1, 6))):
        assert contrast(found[name], found["paper"]) >= 3, name


def test_dark_mode_defines_every_colour(real):
    style = real.document.all("style")[0].text
    light, dark = colours(style, "light"), colours(style, "dark")

    assert set(light) == set(dark)
    assert [n for n in light if light[n] == dark[n]] == []
    assert set(re.findall(r"var\(--([\w-]+)\)", real.path.read_text(encoding="utf-8"))) <= {*light, "c"}
