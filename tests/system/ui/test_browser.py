"""The web UI in a real browser: an engineer opens the graph, meets a failed gate, reads why, mends it, and succeeds.

One scenario, because a server and a browser are slow to start.
"""

import pytest

from tests.ledgers import seed_files
from tests.system import browser
from tests.system.live_server import PATIENCE, SENSOR, Server

STAGES = ["raw", "staging", "facts", "metrics", "bi", "published"]

LEG = {"leg_id": "l_aws_38b"}


@pytest.fixture
def server(pipeline):
    """A published ledger, and since then a mistake in its seeds: the first look of the sensor starts a run."""
    browser.require()
    seed_files.change(pipeline.seeds, "commitments", LEG, amount_usd="38")
    server = Server(pipeline.folder, pipeline.seeds, pipeline.published, sensor_seconds=3600, schedule="0 0 1 1 *")
    try:
        yield server
    finally:
        server.stop()


class Window:
    """What a person does in the UI: open a page, press a button, read."""

    def __init__(self, driver, server):
        from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
        from selenium.webdriver.support.ui import WebDriverWait

        self.driver, self.server = driver, server
        self.waiting = WebDriverWait(driver, PATIENCE, 0.5, [StaleElementReferenceException, WebDriverException])

    def go(self, path):
        self.driver.get(f"http://127.0.0.1:{self.server.port}/{path}")

    def press(self, label):
        def pressed(driver):
            driver.find_element("xpath", f"//button[normalize-space()='{label}' and not(@disabled)]").click()
            return True

        self.waiting.until(pressed, f"no button {label}")

    def read(self, *texts):
        """Wait until the page says all this; gives what it says."""

        def said(driver):
            page = driver.find_element("tag name", "body").text
            return page if all(text in page for text in texts) else None

        return self.waiting.until(said, f"the page does not say {texts}")

    def place(self, stage):
        """Where the box of a stage stands in the graph, from the left: right of the list of stages."""
        found = self.driver.find_elements("xpath", f"//*[normalize-space()='{stage}']")
        return max(element.location["x"] for element in found)

    def materialise(self):
        """Start the job as a person does; gives the id of the run, read from the page's link to it."""
        known = {run["runId"] for run in self.server.runs()}
        self.go("locations/closedloop/jobs/build_warehouse")
        self.press("Materialize all")
        (new,) = self.server.until(
            lambda: [r["runId"] for r in self.server.runs() if r["runId"] not in known], "run of the button"
        )
        return new


def test_an_engineer_meets_a_failed_gate_reads_why_mends_it_and_succeeds(server):
    published = server.published.read_bytes()
    server.until(lambda: server.ask("query { version }"), "answer of GraphQL")
    (poisoned, *_) = server.until(lambda: server.runs(**SENSOR), "run of the sensor")
    with browser.opened() as driver:
        window = Window(driver, server)

        window.go("automation")
        window.read("every_morning", "seeds_changed")

        window.go("asset-groups")
        window.read(*STAGES)
        places = [window.place(stage) for stage in STAGES]
        assert places == sorted(places), "the stages read from left to right"
        assert len(set(places)) == len(STAGES)

        window.go(f"runs/{poisoned['runId']}")
        window.read("Failure", "staging.commitments refused, the last good table stays", 'leg_id "l_aws_38b"')
        window.go("assets/staging/commitments?view=checks")
        told = window.read("Latest execution", "plausible_magnitude")
        assert "seeds/commitments.csv:" in told
        assert "38000000000 if billions are meant" in told
        assert server.published.read_bytes() == published

        seed_files.change(server.seeds, "commitments", LEG, amount_usd="38000000000")
        mended = window.materialise()
        window.go(f"runs/{mended}")
        window.read("Success")
        assert server.ended(mended) == "SUCCESS"
        assert mended in server.publications()
        window.go("assets/staging/commitments?view=checks")
        window.read("gate", "Succeeded")
