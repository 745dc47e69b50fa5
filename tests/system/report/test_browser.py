"""The report in a real Chromium without network: light and dark, on a phone, without JavaScript, in print.

Tests that only read share one loaded page, and set its width and colour scheme.
"""

import base64
import json
import time

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.keys import Keys

from tests.system.browser import new_tab, no_font, require

PHONE, DESK = 390, 1100

ARTICLE_DAY = "2025-10-09"

TIMES = 3


class Page:
    """The report on a screen."""

    def __init__(self, browser, path):
        self.browser, self.path = browser, path

    def load(self, anchor="", *, script=True):
        """Open it again, at desktop size."""
        self.cdp("Emulation.setScriptExecutionDisabled", value=not script)
        self.show()
        self.browser.get("about:blank")
        for log in ("performance", "browser"):  # requests and messages of earlier pages
            self.browser.get_log(log)
        self.browser.get(f"{self.path.as_uri()}{anchor}")
        return self

    def show(self, width=DESK, scheme="light", media="screen"):
        """Set the screen, or print mode."""
        self.cdp(
            "Emulation.setDeviceMetricsOverride", width=width, height=1200, deviceScaleFactor=1, mobile=width < 600
        )
        self.cdp(
            "Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": scheme}]
        )
        return self

    def cdp(self, command, **parameters):
        return self.browser.execute_cdp_cmd(command, parameters)

    def js(self, code, *arguments):
        return self.browser.execute_script(f"return {code}", *arguments)

    def node(self, selector):
        root = self.cdp("DOM.getDocument")["root"]["nodeId"]
        return self.cdp("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]

    def is_seen(self, selector):
        """Whether an element has a box, also without scripts."""
        try:
            box = self.cdp("DOM.getBoxModel", nodeId=self.node(selector))["model"]
        except WebDriverException:
            return False
        return box["width"] > 0 and box["height"] > 0

    def click(self, selector):
        node = self.node(selector)
        self.cdp("DOM.scrollIntoViewIfNeeded", nodeId=node)
        quad = self.cdp("DOM.getContentQuads", nodeId=node)["quads"][0]
        x, y = sum(quad[0::2]) / 4, sum(quad[1::2]) / 4
        for kind in ("mousePressed", "mouseReleased"):
            self.cdp("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)


@pytest.fixture
def page(tab, real):
    """The report, not opened, in a separate tab."""
    with new_tab(tab):
        yield Page(tab, real.path)


@pytest.fixture(scope="module")
def loaded(tab, real):
    """The report, opened once, and its requests, for tests that do not change it."""
    page = Page(tab, real.path).load()
    page.asked = requests(tab)
    page.errors = [e for e in tab.get_log("browser") if e["level"] == "SEVERE"]
    return page


def requests(browser):
    data = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [m["params"]["request"]["url"] for m in data if m["method"] == "Network.requestWillBeSent"]


def test_it_requests_only_itself_and_logs_no_error(loaded):
    asked = {url.partition("#")[0] for url in loaded.asked if url != "about:blank"}
    assert loaded.path.as_uri() in asked
    assert asked <= {loaded.path.as_uri(), "data:,"}
    assert loaded.errors == []


@pytest.mark.parametrize("width", [320, PHONE, DESK])
def test_nothing_is_wider_than_the_screen_and_every_chart_is_seen(loaded, width):
    loaded.show(width)

    assert loaded.js("document.documentElement.scrollWidth") <= width
    seen = loaded.js(
        "[...document.querySelectorAll('main svg')].filter(s => s.getClientRects().length)"
        ".map(s => [s.getBoundingClientRect().width, s.viewBox.baseVal.width])"
    )
    assert len(seen) >= 15
    if width >= PHONE:
        assert min(shown / drawn for shown, drawn in seen) > 0.95, "letters would be smaller than they were set"


def test_letters_of_charts_are_inside_their_chart(loaded):
    require(no_font())
    for width in (PHONE, DESK):
        loaded.show(width)
        cut = loaded.js(
            "[...document.querySelectorAll('main svg')].filter(s => s.getClientRects().length).flatMap(s => {"
            "const b = s.getBoundingClientRect(); return [...s.querySelectorAll('text')].filter(t => {"
            "const r = t.getBoundingClientRect();"
            "return r.width && (r.left < b.left - 2 || r.right > b.right + 2"
            " || r.top < b.top - 2 || r.bottom > b.bottom + 2)"
            "}).map(t => t.textContent)})"
        )
        assert cut == [], width


def test_a_day_is_chosen_by_keyboard_and_everything_follows(page):
    page.load()
    newest = page.js("document.querySelector('input[name=day]:checked')")
    newest.send_keys(Keys.ARROW_RIGHT)

    chosen = page.js("document.querySelector('input[name=day]:checked').value")
    assert chosen != newest.get_attribute("value")
    shown = page.js(
        "[...new Set([...document.querySelectorAll('[data-day]')].filter(e => e.getClientRects().length)"
        ".map(e => e.dataset.day))]"
    )
    assert shown == [chosen]


def test_a_day_in_the_address_is_shown(page):
    page.load(f"#day={ARTICLE_DAY}")

    assert page.js("document.querySelector('#answer .asof').getClientRects().length") == 0
    text = page.js("document.querySelector('#answer').innerText")
    assert "As known on 9 October 2025" in text
    assert "unknown" in text


def test_a_day_without_pictures_shows_no_empty_place_and_names_the_day_that_has_them(page):
    page.load(f"#day={ARTICLE_DAY}")

    seen = "[...document.querySelectorAll('{}')].filter(e => e.getClientRects().length)"
    text = page.js(f"{seen.format('#loop div')}[0].innerText")
    assert "Pictures are of the last day only, 8 October 2026. The tables have the figures of this day." in text
    assert page.js(f"{seen.format('#loop svg, #loop figure, #loop .figures')}.length") == 0
    assert page.js(f"{seen.format('#loop .table summary')}.length") == 2
    assert page.js(f"{seen.format('#growth svg')}.length") == 2
    page.load()
    assert page.js(f"{seen.format('.undrawn')}.length") == 0
    assert page.js(f"{seen.format('#loop svg')}.length") == 2


def test_without_javascript_tables_are_there_and_every_day_can_be_reached(page):
    page.load(script=False)

    newest = "2026-10-08"
    assert page.is_seen(f"#answer [data-day='{newest}'] .card")
    assert not page.is_seen(f"#answer [data-day='{ARTICLE_DAY}'] .card")
    assert page.is_seen(f"#loop [data-day='{newest}'] svg")
    opened = f"#loop [data-day='{newest}'] details[open] table"
    assert not page.node(opened)
    page.click(f"#loop [data-day='{newest}'] summary")
    assert page.node(opened)
    assert page.is_seen(opened)
    page.click(f"label[for='day-{ARTICLE_DAY}']")
    assert page.is_seen(f"#answer [data-day='{ARTICLE_DAY}'] .card")
    assert not page.is_seen(f"#answer [data-day='{newest}'] .card")


def test_dark_and_light_follow_the_system(loaded):
    def colours():
        return loaded.js(
            "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color,"
            "getComputedStyle(document.querySelector('#loop svg text')).fill]"
        )

    light = loaded.show(scheme="light") and colours()
    dark = loaded.show(scheme="dark") and colours()

    assert light == ["rgb(255, 254, 251)", "rgb(27, 27, 26)", "rgb(27, 27, 26)"]
    assert dark == ["rgb(21, 22, 24)", "rgb(236, 235, 230)", "rgb(236, 235, 230)"]


def test_on_paper_it_is_light_its_tables_are_open_and_its_buttons_gone(loaded):
    loaded.show(scheme="dark", media="print")

    assert loaded.js("getComputedStyle(document.body).color") == "rgb(27, 27, 26)"
    assert not loaded.is_seen(".days")
    assert not loaded.is_seen(".copy")
    assert loaded.is_seen("#claims table")
    pdf = base64.b64decode(loaded.cdp("Page.printToPDF", preferCSSPageSize=True)["data"])
    assert pdf.startswith(b"%PDF")
    assert 10 <= pdf.count(b"/Type /Page\n") <= 45


def test_a_mark_shows_its_figure_and_a_query_can_be_copied(loaded):
    loaded.show()
    tip = loaded.js(
        "(() => { const m = document.querySelector('#loop [data-tip]'), r = m.getBoundingClientRect();"
        "m.dispatchEvent(new PointerEvent('pointermove', {bubbles: true, clientX: r.x + 1, clientY: r.y + 1}));"
        "return document.getElementById('tip').textContent })()"
    )
    assert "bn net" in tip
    assert loaded.js("document.querySelectorAll('.copy').length") == loaded.js(
        "document.querySelectorAll('pre').length"
    )
    text = loaded.js("document.querySelector('#q-headline pre').innerText")
    assert "headline_as_of('2026-10-08')" in text
    assert text.count("2026") == 1


def test_it_is_shown_in_at_most_three_times_the_time_of_a_blank_page_of_its_size(page, tmp_path):
    blank = tmp_path / "blank.html"
    size = page.path.stat().st_size
    line = "<p>" + "blank " * 100 + "</p>\n"
    blank.write_text("<!doctype html><title>blank</title>" + line * (size // len(line)), encoding="utf-8")

    def seconds(path):
        shown = Page(page.browser, path).load()
        taken = []
        for _ in range(TIMES):
            page.browser.get("about:blank")
            started = time.perf_counter()
            page.browser.get(path.as_uri())
            shown.js("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            taken.append(time.perf_counter() - started)
        return min(taken)

    blank_seconds, report_seconds = seconds(blank), seconds(page.path)

    print(f"report {report_seconds:.2f} s, blank {blank_seconds:.2f} s: {report_seconds / blank_seconds:.2f} times")
    assert report_seconds <= 3 * blank_seconds
