"""A real headless Chromium for tests: required if CLOSEDLOOP_REQUIRE_BROWSER is set, else skipped with a reason."""

import contextlib
import os
import shutil
import subprocess

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

BROWSERS = ("chromium", "chromium-browser", "google-chrome")

DRIVER = "chromedriver"

ALONE = ("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--proxy-server=127.0.0.1:9", "--hide-scrollbars")
"""Restricts the browser to this machine: no name resolves, and other addresses go to a proxy that does not exist."""

AS_WIDE = ("Arial", "Liberation Sans", "Arimo", "Helvetica", "Nimbus Sans")

FONT = "(Debian: apt-get install fonts-liberation)"


def why_not():
    """The missing requirement for a browser test; empty if there is none."""
    if not any(map(shutil.which, BROWSERS)):
        return f"no {', '.join(BROWSERS)} on the PATH (Debian: apt-get install chromium chromium-driver)"
    return "" if shutil.which(DRIVER) else f"no {DRIVER} on the PATH (Debian: apt-get install chromium-driver)"


def no_font():
    """The missing font for letters of the width that charts expect; empty if there is one, or if that is unknown."""
    if not shutil.which("fc-match"):
        return ""
    output = subprocess.run(["fc-match", "-f", "%{family}", "Arial"], capture_output=True, text=True, check=True).stdout
    return "" if any(family in output for family in AS_WIDE) else f"no font as wide as Arial, only {output} {FONT}"


def require(reason=None):
    """Skip the test, or fail it if browsers are required, if this machine lacks a requirement."""
    if reason := why_not() if reason is None else reason:
        if os.environ.get("CLOSEDLOOP_REQUIRE_BROWSER"):
            pytest.fail(f"CLOSEDLOOP_REQUIRE_BROWSER is set, but there is {reason}")
        pytest.skip(reason)


@contextlib.contextmanager
def opened(width=1600, height=1000, arguments=(), logs=()):
    """A browser window of that size, with further arguments, that keeps these logs."""
    require()
    options = webdriver.ChromeOptions()
    options.binary_location = next(filter(None, map(shutil.which, BROWSERS)))
    size = f"--window-size={width},{height}"
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", size, *arguments):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", dict.fromkeys(logs, "ALL"))
    driver = webdriver.Chrome(options, Service(shutil.which(DRIVER)))
    try:
        yield driver
    finally:
        driver.quit()


@contextlib.contextmanager
def new_tab(driver):
    """A new tab of the browser, closed at the end."""
    before = driver.current_window_handle
    driver.switch_to.new_window("tab")
    try:
        yield driver
    finally:
        driver.close()
        driver.switch_to.window(before)
