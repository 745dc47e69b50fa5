"""One browser of a session for all tests that need one; the tests of a file look through a tab of its own."""

import pytest

from tests.system import browser

ALONE = ("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--proxy-server=127.0.0.1:9", "--hide-scrollbars")
"""Nothing is reached but this machine: no name is found, and a number meets a proxy that is not there."""


def pytest_collection_modifyitems(items):
    """Begin with the live server: it waits more than it works, and others have the machine meanwhile."""
    items.sort(key=lambda item: item.path.name != "test_live.py")


@pytest.fixture(scope="session")
def chromium():
    """A browser that reaches nothing but files and this machine, and remembers what it asked for."""
    with browser.opened(arguments=ALONE, logs=("performance", "browser")) as driver:
        driver.set_page_load_timeout(200)
        yield driver


@pytest.fixture(scope="module")
def tab(chromium):
    """A tab of the browser, closed when the file has ended."""
    with browser.new_tab(chromium) as driver:
        yield driver
