"""One browser per session; the tests of each file share a tab."""

import pytest

from tests.system import browser


def pytest_collection_modifyitems(items):
    """Begin with the tests of the live server, which mostly wait, so that others can use the machine meanwhile."""
    items.sort(key=lambda item: item.path.name != "test_live.py")


@pytest.fixture(scope="session")
def chromium():
    """A browser that can access only files and this machine, and logs its requests."""
    with browser.opened(arguments=browser.ALONE, logs=("performance", "browser")) as driver:
        driver.set_page_load_timeout(200)
        yield driver


@pytest.fixture(scope="module")
def tab(chromium):
    """A tab of the browser, closed after the tests of a file."""
    with browser.new_tab(chromium) as driver:
        yield driver
