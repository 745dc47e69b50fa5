"""The room `security`: hostile texts, requests of another origin, and viewers who try to change something.

Needs Chromium and chromedriver; the account that may write nothing needs root and setpriv.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.ledgers import hostile
from tests.system import browser
from tests.system.faults import cross_origin, harness, hostile_ui, outlets, viewers
from tests.system.live_server import Server
from tests.system.ui.elsewhere import Elsewhere
from tests.system.ui.window import Window

NEVER = {"sensor_seconds": 86_400, "schedule": "0 6 1 1 *"}
"""The server starts no run by itself."""

SERVED_S = 200


def run(folder: Path) -> Iterator[harness.Result]:
    """Every kind; without a browser no results are stored, and the remedy is shown."""
    if missing := browser.why_not():
        yield harness.Result("security", "pages are opened in a browser", 0, missing, is_kept=False)
        return
    judged, let_in = outlets.gate(folder, hostile.texts())
    yield judged
    elsewhere = Elsewhere()
    try:
        with browser.opened(arguments=browser.ALONE, logs=("performance",)) as driver:
            driver.set_page_load_timeout(SERVED_S)
            yield from opened(folder, driver, elsewhere, let_in)
    finally:
        elsewhere.stop()


def opened(folder: Path, driver: Any, elsewhere: Elsewhere, let_in: Collection[str]) -> Iterator[harness.Result]:
    """What needs a browser."""
    place = harness.place(folder / "hostile")
    yield hostile_ui.builds(place, elsewhere.address, list(let_in))
    look = hostile_ui.report_reader(driver, hostile_ui.clean_report(place))
    yield outlets.published(folder, place.published, place.seeds, look).result()
    with served(place, driver) as window:
        yield hostile_ui.pages(window, elsewhere)
        yield cross_origin.attacked("`closedloop ui`", place, window, elsewhere)
    with served(place, driver, "--read-only") as window:
        yield cross_origin.attacked("`closedloop ui --read-only`", place, window, elsewhere)
        yield viewers.mutations(place, window.server)
    if os.geteuid() == 0:
        yield viewers.nobody(place)


@contextmanager
def served(place: harness.Place, driver: Any, *options: str) -> Iterator[Window]:
    """A live server, and a window on it."""
    server = Server(place.folder, place.seeds, place.published, options=options, **NEVER)
    try:
        server.until(lambda: server.ask("query { version }"), "answer of GraphQL")
        yield Window(driver, server)
    finally:
        server.stop()
