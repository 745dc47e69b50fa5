"""A user has the web UI and a hostile page open in one browser, and a hostile row in the seeds: nothing happens.

One scenario, because a server and a browser are slow to start.
"""

import html
import http.server
import json
import threading
import urllib.parse

import pytest

from tests.ledgers import seed_files
from tests.system import browser
from tests.system.live_server import REPOSITORY, SENSOR, Server

LAUNCH = """mutation { launchRun(executionParams: { mode: "default", runConfigData: {}, selector: {
    repositoryLocationName: "%(repositoryLocationName)s", repositoryName: "%(repositoryName)s",
    jobName: "build_warehouse" } }) { __typename } }"""


class Elsewhere:
    """Another server on this machine: it serves pages, and remembers what it is asked for."""

    def __init__(self):
        self.pages, self.asked = {}, []
        own = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                path = urllib.parse.urlsplit(self.path).path
                own.asked.append(path)
                page = own.pages.get(path)
                self.send_response(200 if page else 404)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write((page or "").encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def elsewhere():
    browser.require()
    found = Elsewhere()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def server(fresh, elsewhere):
    """A ledger with hostile rows, built by the first look of the sensor."""
    own = elsewhere.address
    seed_files.change(fresh.seeds, "sources", {}, title=f"![]({own}/title) [to A](http://b.example)")
    seed_files.change(fresh.seeds, "deals", {}, description=f"<img src={own}/deal>")
    entities = seed_files.read(fresh.seeds / "entities.csv")
    named = [row | {"name": f"![]({own}/{number})"} for number, row in enumerate(entities)]
    seed_files.save(fresh.seeds / "entities.csv", named)
    server = Server(fresh.folder, fresh.seeds, fresh.published, sensor_seconds=3600, schedule="0 0 1 1 *")
    seed_files.change(fresh.seeds, "claims", {}, statement=f"![]({by_address(server.address)})")
    try:
        yield server
    finally:
        server.stop()


def by_address(ui):
    """A mutation in an address."""
    return f"{ui}/graphql?query={urllib.parse.quote(LAUNCH % REPOSITORY)}"


FORM = """<form id=f method=POST action='{}' enctype='{}' target=hidden>{}</form>
<iframe name=hidden onload="if (window.sent) document.title = 'done'"></iframe>
<script>window.sent = true; f.submit()</script>"""

FETCH = """<script>fetch('{}', {}).then(r => r.text()).then(t => document.title = t ? 'read ' + t : 'done')
.catch(e => document.title = 'done')</script>"""

LOADED = "onerror=\"document.title = 'done'\" onload=\"document.title = 'read'\""

FRAME = """<iframe id=f src='{}' onload="try {{ f.contentWindow.location.href; document.title = 'read' }}
catch (e) {{ document.title = 'done' }}"></iframe>"""

SOCKET = """<script>s = new WebSocket('{}', 'graphql-ws'); s.onopen = () => document.title = 'read';
s.onerror = () => document.title = 'done'</script>"""


def pages(ui):
    """What a page of another origin could try; each tells in its title how it ended."""
    graphql, asked = f"{ui}/graphql", json.dumps({"query": LAUNCH % REPOSITORY})
    as_json = f"{{method: 'POST', headers: {{'Content-Type': 'application/json'}}, body: {json.dumps(asked)}}}"
    blind = f"{{method: 'POST', mode: 'no-cors', body: {json.dumps(asked)}}}"
    field = html.escape(asked.removesuffix("}") + ', "x": "')
    return {
        "/form": FORM.format(by_address(ui), "application/x-www-form-urlencoded", ""),
        "/text": FORM.format(graphql, "text/plain", f"<input name='{field}' value='\"}}'>"),
        "/report": FORM.format(f"{ui}/report_asset_materialization/facts/deals", "text/plain", ""),
        "/json": FETCH.format(graphql, as_json),
        "/blind": FETCH.format(graphql, blind),
        "/address": FETCH.format(by_address(ui), "{mode: 'no-cors'}"),
        "/read": FETCH.format(ui, "{}"),
        "/image": f"<img src='{by_address(ui)}' {LOADED}>",
        "/script": f"<script src='{by_address(ui)}' {LOADED}></script>",
        "/frame": FRAME.format(ui),
        "/socket": SOCKET.format(graphql.replace("http:", "ws:")),
    }


def test_no_other_page_and_no_row_of_the_seeds_acts_through_the_ui(server, elsewhere):
    from selenium.webdriver.support.ui import WebDriverWait

    server.until(lambda: server.ask("query { version }"), "answer of GraphQL")
    (first, *_) = server.until(lambda: server.runs(**SENSOR), "run of the sensor")
    assert server.until(lambda: server.ended(first["runId"]), "end of the run") == "SUCCESS"
    known = len(server.events(first["runId"], "MaterializationEvent"))
    elsewhere.pages = pages(server.address)
    with browser.opened() as driver:
        waiting = WebDriverWait(driver, 60)
        for path in elsewhere.pages:
            driver.get(f"{elsewhere.address}{path}")
            waiting.until(lambda d: d.title, f"{path} came to no end")
            assert driver.title == "done", path

        # The user opens the assets that hold hostile rows, and a gate that refused one.
        asked = len(elsewhere.asked)
        seed_files.change(server.seeds, "commitments", LEG, amount_usd=f"![]({elsewhere.address}/amount)")
        refused = server.launch("raw.commitments", "staging.commitments")
        assert server.until(lambda: server.ended(refused), "end of the refused run") == "FAILURE"
        for page, text in (
            *ROWS,
            ("assets/staging/commitments?view=checks", "amount_usd"),
            (f"runs/{refused}", "amount_usd"),
        ):
            driver.get(f"{server.address}/{page}")
            waiting.until(says(text), f"{page} does not say {text}")
            shown = [image.get_attribute("src") or "" for image in driver.find_elements("tag name", "img")]
            assert not [address for address in shown if f":{elsewhere.port}" in address], page
            for link in driver.find_elements("css selector", f"a[href*=':{elsewhere.port}'], a[href*='b.example']"):
                leads = urllib.parse.unquote(link.get_attribute("href")).rstrip("/")
                assert link.text == leads, "a link shows where it leads"
        assert elsewhere.asked[asked:] == [], "something was fetched for a cell"

    assert {run["runId"] for run in server.runs()} == {first["runId"], refused}, "somebody else has started a run"
    assert len(server.events(first["runId"], "MaterializationEvent")) == known


def says(text):
    """Whether the page says something."""
    return lambda driver: text in driver.find_element("tag name", "body").text


LEG = {"leg_id": "l_aws_38b"}

ROWS = [
    ("assets/raw/sources", "![](http"),
    ("assets/staging/sources", "![](http"),
    ("assets/facts/sources", "![](http"),
    ("assets/facts/entities", "![](http"),
    ("assets/facts/deals", "<img src"),
]
