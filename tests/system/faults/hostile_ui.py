"""A ledger of hostile texts: its builds, its report in a browser, and its pages in Dagster's UI."""

from __future__ import annotations

import json
import shutil
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from selenium.common.exceptions import NoAlertPresentException, TimeoutException
from selenium.webdriver.support.ui import WebDriverWait

from tests.ledgers import hostile, seed_files
from tests.system.faults import harness, launcher, outlets
from tests.system.faults.said import DONE, Findings
from tests.system.faults.terminal import piped, raw_characters
from tests.system.ui import elsewhere as other
from tests.system.ui.window import Window

SHOWN = 5
"""Rows of a table, and of a refusal, that Dagster's pages show."""

SHOWN_S = 40

LONGEST = 900
"""Letters of a title that holds many texts; the gate allows some more."""

FREE = (("sources", "publisher"), ("deals", "name"), ("claims", "note"), ("commitments", "note"))
"""Cells that are cut in a preview, but whole in the published file."""

FIGURES = (
    ("commitments", "amount_usd"), ("capacity", "gw"), ("cost_per_gw", "usd_per_gw"), ("financials", "value"),
    ("prices", "close"), ("scenarios", "value"), ("assumptions", "value"),
)  # fmt: skip
"""Cells that must be numbers: whatever else is there appears in a refusal."""

PAGES = (
    ("assets/raw/sources", "evil"), ("assets/staging/sources", "evil"), ("assets/facts/sources", "evil"),
    ("assets/facts/deals", "<img src"), ("assets/facts/entities", "![](http"), ("assets/raw/claims", "![](http"),
    ("assets/metrics/claims", "![](http"), ("assets/bi/commitments", "Latest"),
    ("assets/published/report", "Latest"),
)  # fmt: skip
"""Pages of the UI, and what they must show."""

ODD = """return [
  ...[...document.querySelectorAll('*')].filter(e => [...e.attributes].some(a => a.name.startsWith('on'))),
  ...document.querySelectorAll('iframe, object, embed, base, video, meta[http-equiv=refresh], foreignObject')
].map(e => e.outerHTML.slice(0, 200))"""

LINKS = "return [...document.querySelectorAll('a[href]')].map(a => [a.host, a.href, a.textContent])"

IMAGES = "return [...document.images].map(i => i.src)"


def planted(place: harness.Place, address: str, names: Sequence[str]) -> None:
    """Write the texts that the gate lets in into the free cells of the seeds."""
    found = hostile.texts(address)
    texts = [found[name] for name in names]
    other.plant(place.seeds, address, address)
    sources = place.seeds / "sources.csv"
    rows = seed_files.read(sources)
    titles = list(_joined(texts))
    for row, title in zip(rows, cycle(titles), strict=False):
        row["title"] = title
    seed_files.save(sources, rows)
    for file, column in FREE:
        path = place.seeds / f"{file}.csv"
        rows = seed_files.read(path)
        seed_files.save(path, [row | {column: text} for row, text in zip(rows, cycle(texts), strict=False)])


def _joined(texts: Sequence[str]) -> Iterator[str]:
    title = "evil"
    for text in texts:
        if len(title) + len(text) > LONGEST:
            yield title
            title = "evil"
        title = f"{title} / {text}"
    yield title


def builds(place: harness.Place, address: str, names: Sequence[str]) -> harness.Result:
    """A clean build, whose report is kept beside; one of the texts that are let in; one that is refused."""
    findings = Findings("security", "hostile texts in the terminal of `closedloop build`")
    _built(findings, place, DONE, "a clean ledger is published")
    shutil.copy(place.published.with_suffix(".report.html"), clean_report(place))
    planted(place, address, names)
    _built(findings, place, DONE, "hostile texts are published")
    texts = iter(hostile.texts(address).values())
    for file, column in FIGURES:
        path = place.seeds / f"{file}.csv"
        rows = seed_files.read(path)
        for row, text in zip(rows, islice(texts, SHOWN), strict=False):
            row[column] = text
        seed_files.save(path, rows)
    _built(findings, place, outlets.REFUSED, "hostile figures are refused")
    return findings.result()


def clean_report(place: harness.Place) -> Path:
    """The report of the ledger before the texts were written."""
    return place.folder / "clean.report.html"


def _built(findings: Findings, place: harness.Place, code: int, outcome: str) -> None:
    _, *arguments = place.command(*launcher.QUICK)
    done = piped(*arguments)
    findings.hold(outcome, f"exit code {done.returncode}: {done.stderr[-600:]}", is_true=done.returncode == code)
    raw = raw_characters(done.stdout + done.stderr)
    findings.hold(outcome, f"raw {' '.join(raw)}", is_true=not raw)
    findings.found(outcome)


def report_reader(driver: Any, clean: Path) -> Callable[[Path], list[str]]:
    """Opens a report in the browser, and returns complaints about it."""

    def look(page: Path) -> list[str]:
        driver.get_log("performance")
        driver.get(page.as_uri())
        found = [f"element {odd}" for odd in driver.execute_script(ODD)]
        found += [f"request of {url[:80]}" for url in _requests(driver) if not url.startswith(("file:", "data:"))]
        found += ["the title is forged"] if "evil" in driver.title else []
        found += [] if "evil" in driver.page_source else ["no hostile text reached it"]
        return found + _dialogs(driver) + outlets.forged(page, clean)

    return look


def _requests(driver: Any) -> Iterator[str]:
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            yield message["params"]["request"]["url"]


def _dialogs(driver: Any) -> list[str]:
    try:
        return [f"dialog {driver.switch_to.alert.text!r}"]
    except NoAlertPresentException:
        return []


def pages(window: Window, elsewhere: other.Elsewhere) -> harness.Result:
    """Pages of assets, checks and the refused run."""
    findings = Findings("security", "hostile texts on the pages of Dagster's UI, in a browser")
    elsewhere.asked.clear()
    window.driver.get_log("performance")
    checks = [(f"assets/staging/{file}?view=checks", "Latest execution") for file, _ in FIGURES]
    refused = [run["runId"] for run in window.server.runs() if run["status"] == "FAILURE"]
    for path, text in [*PAGES, *checks, *((f"runs/{run}", "refused") for run in refused)]:
        window.go(path)
        with suppress(TimeoutException):
            WebDriverWait(window.driver, SHOWN_S).until(lambda _, text=text: text in _body(window))
        findings.hold(path, f"does not show {text!r}: {_body(window)[:300]!r}", is_true=text in _body(window))
        complaints = _judged(window, elsewhere)
        findings.hold(path, "; ".join(complaints)[:400], is_true=not complaints)
        findings.found("shown as text")
    window.leave()
    return findings.result()


def _body(window: Window) -> str:
    """The text of the page."""
    return str(window.driver.execute_script("return document.body ? document.body.innerText : ''"))


def _judged(window: Window, elsewhere: other.Elsewhere) -> list[str]:
    driver, ours = window.driver, urllib.parse.urlsplit(window.server.address).netloc
    found = [f"element {odd}" for odd in driver.execute_script(ODD)]
    for host, address, text in driver.execute_script(LINKS):
        is_web = address.startswith(("http://", "https://"))
        is_told = urllib.parse.unquote(address).rstrip("/") == urllib.parse.unquote(text).strip().rstrip("/")
        found += [] if is_web and (host == ours or is_told) else [f"link {text[:60]!r} to {address[:60]}"]
    found += [f"picture {src[:80]}" for src in driver.execute_script(IMAGES) if elsewhere.address in src]
    found += [f"request of {url[:80]}" for url in _requests(driver) if elsewhere.address in url]
    found += [f"fetched {path}" for path in elsewhere.asked]
    found += ["the title is forged"] if "evil" in driver.title else []
    return found + _dialogs(driver)
