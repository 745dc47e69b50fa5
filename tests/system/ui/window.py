"""Actions of a user in the web UI: open a page, press a button, read; and a check for plain text."""

import urllib.parse

from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.support.ui import WebDriverWait

from tests.system.live_server import PATIENCE

LOOK_EVERY_S = 0.2


class Window:
    """A browser tab on a live server."""

    def __init__(self, driver, server):
        self.driver, self.server = driver, server
        passing = [StaleElementReferenceException, WebDriverException]
        self.waiting = WebDriverWait(driver, PATIENCE, LOOK_EVERY_S, passing)

    def go(self, path):
        self.driver.get(f"{self.server.address}/{path}")

    def press(self, label):
        def pressed(driver):
            driver.find_element("xpath", f"//button[normalize-space()='{label}' and not(@disabled)]").click()
            return True

        self.waiting.until(pressed, f"no button {label}")

    def read(self, *texts):
        """Wait until the page contains all these texts; returns its text."""

        def said(driver):
            page = driver.find_element("tag name", "body").text
            return page if all(text in page for text in texts) else None

        return self.waiting.until(said, f"the page does not say {texts}")

    def place(self, stage):
        """The horizontal position of the box of a stage in the graph, to the right of the list of stages."""
        found = self.driver.find_elements("xpath", f"//*[normalize-space()='{stage}']")
        return max(element.location["x"] for element in found)

    def title_of(self, address):
        """The title that a page sets when its script has finished."""
        self.driver.get(address)
        return self.waiting.until(lambda driver: driver.title, f"{address} came to no end")

    def is_plain(self, port):
        """Whether no picture of the page comes from that port, and every link shows its address."""
        shown = [image.get_attribute("src") or "" for image in self.driver.find_elements("tag name", "img")]
        links = self.driver.find_elements("css selector", f"a[href*=':{port}'], a[href*='b.example']")
        leads = [urllib.parse.unquote(link.get_attribute("href")).rstrip("/") for link in links]
        return not any(f":{port}" in address for address in shown) and [link.text for link in links] == leads

    def materialise(self):
        """Start the job as a user does, and leave the page, which would draw every step; returns the id of the run."""
        known = {run["runId"] for run in self.server.runs()}
        self.go("locations/closedloop/jobs/build_warehouse")
        self.press("Materialize all")
        (new,) = self.server.until(
            lambda: [r["runId"] for r in self.server.runs() if r["runId"] not in known], "run of the button"
        )
        self.leave()
        return new

    def leave(self):
        """Open an empty page, since a page of the UI keeps querying the server."""
        self.driver.get("about:blank")
