"""A real headless Chromium for tests: required where CLOSEDLOOP_REQUIRE_BROWSER is set, else skipped with a reason."""

import contextlib
import os
import shutil
import subprocess

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")

DRIVER = "chromedriver"

AS_WIDE = ("Arial", "Liberation Sans", "Arimo", "Helvetica", "Nimbus Sans")

FONT = "(Debian: apt-get install fonts-liberation)"


def why_not():
    """What this machine lacks for a browser test; empty if nothing."""
    if not any(map(shutil.which, BROWSERS)):
        return f"no {', '.join(BROWSERS)} on the PATH (Debian: apt-get install chromium chromium-driver)"
    return "" if shutil.which(DRIVER) else f"no {DRIVER} on the PATH (Debian: apt-get install chromium-driver)"


def no_font():
    """What this machine lacks to show letters as wide as charts expect; empty if nothing, or if nobody can tell."""
    if not shutil.which("fc-match"):
        return ""
    told = subprocess.run(["fc-match", "-f", "%{family}", "Arial"], capture_output=True, text=True, check=True).stdout
    return "" if any(family in told for family in AS_WIDE) else f"no font as wide as Arial, only {told} {FONT}"


def require(reason=None):
    """Skip the test, or fail it where browsers are required, if this machine has none, or lacks something else."""
    if reason := why_not() if reason is None else reason:
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
