"""Another server on this machine, whose pages try the attacks of another origin; and rows that link to it."""

import html
import http.server
import json
import threading
import urllib.parse

from tests.ledgers import seed_files
from tests.system.live_server import REPOSITORY

LAUNCH = """mutation { launchRun(executionParams: { mode: "default", runConfigData: {}, selector: {
    repositoryLocationName: "%(repositoryLocationName)s", repositoryName: "%(repositoryName)s",
    jobName: "build_warehouse" } }) { __typename } }"""

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


class Elsewhere:
    """Serves pages and records requests."""

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

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def by_address(ui):
    """A GraphQL mutation in an address."""
    return f"{ui}/graphql?query={urllib.parse.quote(LAUNCH % REPOSITORY)}"


def pages(ui):
    """The attacks of a page of another origin; each page shows its outcome in its title."""
    graphql, asked = f"{ui}/graphql", json.dumps({"query": LAUNCH % REPOSITORY})
    as_json = f"{{method: 'POST', headers: {{'Content-Type': 'application/json'}}, body: {json.dumps(asked)}}}"
    blind = f"{{method: 'POST', mode: 'no-cors', body: {json.dumps(asked)}}}"
    field = html.escape(asked.removesuffix("}") + ', "x": "')
    return {
        "/form": FORM.format(by_address(ui), "application/x-www-form-urlencoded", ""),
        "/text": FORM.format(graphql, "text/plain", f"<input name='{field}' value='\"}}'>"),
        "/report": FETCH.format(f"{ui}/report_asset_materialization/facts/deals", "{method: 'POST', mode: 'no-cors'}"),
        "/json": FETCH.format(graphql, as_json),
        "/blind": FETCH.format(graphql, blind),
        "/address": FETCH.format(by_address(ui), "{mode: 'no-cors'}"),
        "/read": FETCH.format(ui, "{}"),
        "/image": f"<img src='{by_address(ui)}' {LOADED}>",
        "/script": f"<script src='{by_address(ui)}' {LOADED}></script>",
        "/frame": FRAME.format(ui),
        "/socket": SOCKET.format(graphql.replace("http:", "ws:")),
    }


def plant(seeds, own, ui):
    """Rows that link to the other server, or request a run from the UI, in every free text."""
    seed_files.change(seeds, "sources", {}, title=f"![]({own}/title) [to A](http://b.example)")
    seed_files.change(seeds, "deals", {}, description=f"<img src={own}/deal>")
    entities = seed_files.read(seeds / "entities.csv")
    named = [row | {"name": f"![]({own}/{number})"} for number, row in enumerate(entities)]
    seed_files.save(seeds / "entities.csv", named)
    seed_files.change(seeds, "claims", {}, statement=f"![]({by_address(ui)})")
