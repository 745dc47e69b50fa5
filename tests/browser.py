"""A real headless Chromium for tests: required where CLOSEDLOOP_REQUIRE_BROWSER is set, else skipped with a reason."""

import contextlib
import os
import shutil

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
DRIVER = "chromedriver"


def why_not():
    """What this machine lacks for a browser test; empty if nothing."""
    if not any(map(shutil.which, BROWSERS)):
        return f"no {', '.join(BROWSERS)} on the PATH (Debian: apt-get install chromium chromium-driver)"
    return "" if shutil.which(DRIVER) else f"no {DRIVER} on the PATH (Debian: apt-get install chromium-driver)"


def require():
    """Skip the test, or fail it where browsers are required, if this machine has none."""
    if reason := why_not():
        if os.environ.get("CLOSEDLOOP_REQUIRE_BROWSER"):
            pytest.fail(f"CLOSEDLOOP_REQUIRE_BROWSER is set, but there is {reason}")
        pytest.skip(reason)


@contextlib.contextmanager
def opened(width=1600, height=1000):
    """A browser window of that size."""
    require()
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = next(filter(None, map(shutil.which, BROWSERS)))
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", f"--window-size={width},{height}"):
        options.add_argument(argument)
    driver = webdriver.Chrome(options, Service(shutil.which(DRIVER)))
    try:
        yield driver
    finally:
        driver.quit()
