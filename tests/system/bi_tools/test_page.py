"""The dashboard in a real Chromium, which logs in, opens it and waits for every chart."""

import time

import pytest

from tests.system import browser
from tests.system.bi_tools import dashboard_files
from tests.system.bi_tools.conftest import TOOLS
from tests.system.bi_tools.superset_server import PATIENCE, USER

PICTURE = TOOLS / "dashboard.png"

TALL = 5800  # charts are drawn when they become visible: all of them fit

LOGIN = "[data-test='login-button'], form button[type='submit']"

ALL_REQUESTS = "performance.setResourceTimingBufferSize(5000)"

REQUESTS = "return performance.getEntriesByType('resource').map(e => [e.name, e.responseStatus])"

CHARTS = """return [...document.querySelectorAll('.dashboard-component-chart-holder')].map(holder => ({
    title: holder.querySelector('[data-test="editable-title"]')?.innerText.trim() ?? '',
    drawn: !!holder.querySelector('canvas, table, .header-line'),
    waiting: !!holder.querySelector('.loading, [data-test="loading-indicator"]'),
    wrong: [...holder.querySelectorAll('[role="alert"], .ant-alert, .ant-empty')].map(e => e.innerText).join(' ')}))"""


def until(condition, what):
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < end, f"no {what} in {PATIENCE} s"
        time.sleep(0.3)
    return found


class Page:
    """The dashboard in a browser with a logged-in user."""

    def __init__(self, driver, superset):
        from selenium.webdriver.common.by import By

        self.driver, self.by = driver, By
        self.address = f"{superset.address}/superset/dashboard/closed-loop/"
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": ALL_REQUESTS})
        driver.get(f"{superset.address}/login/")
        until(lambda: driver.find_elements(By.ID, "username"), "login page")
        until(lambda: self._log_in(superset.password), "page after the login")

    def _log_in(self, password):
        """Fill in and send the form; a form filled before its script starts loses the input."""
        for field, text in (("username", USER), ("password", password)):
            found = self.driver.find_element(self.by.ID, field)
            found.clear()
            found.send_keys(text)
        self.driver.find_element(self.by.CSS_SELECTOR, LOGIN).click()
        end = time.monotonic() + 10
        while "/login" in self.driver.current_url and time.monotonic() < end:
            time.sleep(0.3)
        return "/login" not in self.driver.current_url

    def charts(self):
        """The charts, once each is drawn or shows an error."""
        self.driver.get(self.address)

        def settled():
            charts = self.driver.execute_script(CHARTS)
            ended = [c for c in charts if not c["waiting"] and (c["drawn"] or c["wrong"])]
            return len(ended) >= len(dashboard_files.CHARTS) and charts

        return until(settled, "dashboard with all charts")

    def requests(self):
        return self.driver.execute_script(REQUESTS)

    def text(self):
        return self.driver.find_element(self.by.TAG_NAME, "body").text

    def filters(self):
        return [e.text for e in self.driver.find_elements(self.by.CSS_SELECTOR, ".ant-select-selection-item")]


@pytest.fixture(scope="module")
def open_page(superset):
    with browser.opened(1500, TALL) as driver:
        yield Page(driver, superset)


@pytest.fixture(scope="module")
def page(open_page):
    """The content of the drawn dashboard; a screenshot is kept for inspection."""
    charts = open_page.charts()
    time.sleep(2)  # the bars are animated for a moment
    open_page.driver.save_screenshot(str(PICTURE))
    return {
        "charts": charts,
        "requests": open_page.requests(),
        "text": open_page.text(),
        "filters": open_page.filters(),
    }


def test_every_chart_is_drawn_and_none_shows_an_error(page):
    drawn = {c["title"] for c in page["charts"] if c["drawn"]}
    assert drawn == {c["slice_name"] for c in dashboard_files.CHARTS.values()}
    assert {c["title"]: c["wrong"] for c in page["charts"] if c["wrong"]} == {}


def test_every_question_of_the_page_is_answered(page):
    asked = [status for name, status in page["requests"] if "/api/v1/chart/data" in name]
    assert len(asked) >= len(dashboard_files.CHARTS)
    assert set(asked) == {200}


def test_the_page_shows_figures_and_explains_itself(page, published):
    total = published.figure(
        "select sum(net_amount_usd) / 1e9 from bi.commitments "
        "where is_current and not is_statement and not is_imputed_amount and flow_group = 'purchase'"
    )
    assert f"${total:,.0f}" in page["text"]
    assert "Never add them" in page["text"]
    assert "OpenAI" in page["text"]


def test_the_filters_default_to_one_scenario_and_one_shock(page):
    assert {"base", "openai revenue -40%"} <= set(page["filters"])


def test_nothing_is_fetched_from_elsewhere(superset, page):
    """A request blocked by the content security policy has no status."""
    answered = [name for name, status in page["requests"] if status and not name.startswith(superset.address)]
    assert answered == []


def test_the_picture_is_kept(page):
    assert PICTURE.read_bytes().startswith(b"\x89PNG")
    assert PICTURE.stat().st_size > 100_000


def test_without_the_file_every_chart_shows_an_error_and_recovers_with_it(page, open_page, published):
    with published.missing():
        wrong = [c["title"] for c in open_page.charts() if c["wrong"] and not c["drawn"]]
        assert sorted(wrong) == sorted(c["slice_name"] for c in dashboard_files.CHARTS.values())
    assert all(c["drawn"] for c in open_page.charts() if c["title"])
