"""Requests of other origins to a live `closedloop ui`: from pages in a browser, and byte by byte.

None may change anything, or give an answer to the other origin.
"""

from __future__ import annotations

import hashlib
import html
import json
import socket
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path

from selenium.common.exceptions import NoAlertPresentException, TimeoutException
from selenium.webdriver.support.ui import WebDriverWait

from tests.system.faults import harness
from tests.system.faults.said import Findings
from tests.system.ui import elsewhere as other
from tests.system.ui.window import Window

WAIT_S = 20

NO_END = b"HTTP/1.1 599 no end"
"""Instead of an answer that does not come, which is no refusal."""

REFUSED = range(400, 500)

ALLOWS = b"access-control-allow"

LEFT_OUT = {"daemon_heartbeats", "job_ticks", "secondary_indexes"}
"""Tables in which Dagster's daemon writes by itself that it is alive, and when its sensor looked."""

NOTES = {"nux.yaml"}
"""Dagster's note that somebody has seen its welcome; a read-only server writes it, too."""

REPORTS = ("report_asset_materialization", "report_asset_observation", "report_asset_check")

FILES = (
    "logs/../../dagster.yaml", "logs/..%2f..%2fdagster.yaml", "logs/%2e%2e/%2e%2e/history/runs.db", "logs/x/out",
    "logs//etc/passwd", "download_debug/x", "notebook?path=/etc/passwd&repoLocName=closedloop",
    "dagit/notebook?path=x.ipynb&repoLocName=closedloop", "..%2f..%2f..%2fetc/passwd", "static/../../../etc/passwd",
)  # fmt: skip

FORMS = (
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain",
    "application/graphql",
    "",
)

PATHS = (
    "//graphql",
    "/graphql/",
    "/GRAPHQL",
    "/%67raphql",
    "/%2fgraphql",
    "/x/../graphql",
    "/graphql%00",
    "/./graphql",
)

ACCEPTS = ("text/html", "application/json", "*/*", "image/png", "text/html, application/json;q=0", "")

SANDBOX = """<iframe sandbox='allow-scripts allow-forms' srcdoc="{}"></iframe>
<script>setTimeout(() => document.title = 'done', 1500)</script>"""

LINK = "<link rel='{}' href='{}' as=script onload=\"document.title = 'read'\" onerror=\"document.title = 'done'\">"

PASSIVE = "<{0} {1}='{2}'></{0}><script>setTimeout(() => document.title = document.title || 'done', 1000)</script>"

WORKER = """<script>try {{ new Worker('{0}'); }} catch (e) {{ }}
import('{0}').then(() => document.title = 'read').catch(e => document.title = 'done')</script>"""

BEACON = """<script>navigator.sendBeacon('{0}', new Blob([{1}], {{type: '{2}'}}));
setTimeout(() => document.title = 'done', 1000)</script>"""

STREAM = """<script>s = new EventSource('{}'); s.onmessage = () => document.title = 'read';
s.onerror = () => document.title = 'done'</script>"""

SOCKET = """<script>s = new WebSocket('{}', '{}'); s.onerror = () => document.title = 'done';
s.onopen = () => {{ document.title = 'read'; s.send(JSON.stringify({{type: 'connection_init'}})) }}</script>"""


# --- what must stay -------------------------------------------------------------------------------------------------


def state(place: harness.Place) -> dict[str, str]:
    """Hashes of every file of the warehouse and the seeds; of Dagster's databases their rows."""
    found = {}
    for path in sorted(place.folder.rglob("*")):
        if path.suffix == ".db":
            found |= _rows(path)
        elif path.is_file() and path.name not in NOTES and not path.name.endswith(("-wal", "-shm", ".log", ".lock")):
            found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def _rows(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=WAIT_S)) as connection:
        tables = [t for (t,) in connection.execute("select name from sqlite_master where type = 'table'")]
        return {
            f"{path}:{table}": repr(connection.execute(f'select count(*), max(rowid) from "{table}"').fetchone())
            + hashlib.sha256(repr(connection.execute(f'select * from "{table}"').fetchall()).encode()).hexdigest()
            for table in tables
            if table not in LEFT_OUT
        }


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Names of what is different."""
    return sorted(k for k in before.keys() | after.keys() if before.get(k) != after.get(k))


# --- pages of another origin ----------------------------------------------------------------------------------------


def pages(ui: str) -> dict[str, str]:
    """The attacks of a page; each shows its outcome in its title."""
    graphql, by_address = f"{ui}/graphql", other.by_address(ui)
    asked = json.dumps({"query": other.LAUNCH % other.REPOSITORY})
    quoted = json.dumps(asked)
    blind = f"{{keepalive: true, mode: 'no-cors', method: 'POST', body: {quoted}}}"
    deals = f"{ui}/report_asset_materialization/facts/deals"
    as_json = f"method: 'POST', headers: {{'Content-Type': 'application/json'}}, body: {quoted}"
    form = f"<form id=f method=POST enctype='text/plain' action='{deals}'></form><script>f.submit()</script>"
    own = f"fetch('{graphql}', {{{as_json}}}); fetch('{deals}', {{method: 'POST', mode: 'no-cors'}})"
    script = f"<script>{own}</script>"
    found = {
        "form in parts": other.FORM.format(by_address, "multipart/form-data", "<input name=query value=x>"),
        "form of a report": other.FORM.format(deals, "text/plain", ""),
        "form by GET": other.FORM.replace("POST", "GET").format(
            graphql, "", f"<input name=query value='{html.escape(other.LAUNCH % other.REPOSITORY)}'>"
        ),
        "fetch with credentials": other.FETCH.format(graphql, f"{{credentials: 'include', {as_json}}}"),
        "fetch that stays": other.FETCH.format(graphql, blind),
        "fetch of the logs": other.FETCH.format(f"{ui}/logs/x/out", "{credentials: 'include'}"),
        "fetch of a debug file": other.FETCH.format(f"{ui}/download_debug/x", "{mode: 'no-cors'}"),
        "fetch of the version": other.FETCH.format(f"{ui}/server_info", "{}"),
        "form of a sandbox": SANDBOX.format(html.escape(form)),
        "fetch of a sandbox": SANDBOX.format(html.escape(script)),
        "style sheet": LINK.format("stylesheet", by_address),
        "prefetch": PASSIVE.format("p", "class", "x") + f"<link rel=prefetch href='{by_address}'>",
        "object": PASSIVE.format("object", "data", by_address),
        "embed": PASSIVE.format("embed", "src", by_address),
        "video": PASSIVE.format("video", "src", by_address),
        "worker": WORKER.format(by_address),
        "beacon of JSON": BEACON.format(graphql, quoted, "application/json"),
        "beacon of text": BEACON.format(graphql, quoted, "text/plain"),
        "stream of events": STREAM.format(by_address),
        "socket of another protocol": SOCKET.format(graphql.replace("http:", "ws:"), "graphql-transport-ws"),
    }  # fmt: skip
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS"):
        found[f"fetch by {method}"] = other.FETCH.format(graphql, f"{{method: '{method}'}}")
    return {f"/{name.replace(' ', '_')}": page for name, page in found.items()} | other.pages(ui)


def by_pages(findings: Findings, window: Window, elsewhere: other.Elsewhere, ui: str) -> None:
    """Open every attack, and read its outcome."""
    elsewhere.pages = pages(ui)
    for path in elsewhere.pages:
        window.driver.get(f"{elsewhere.address}{path}")
        with suppress(TimeoutException):
            WebDriverWait(window.driver, WAIT_S).until(lambda driver: driver.title)
        title = window.driver.title
        findings.hold(path, title or "no end", is_true=title == "done")
        findings.found("from a page")
    with suppress(NoAlertPresentException):
        findings.hold("dialog", window.driver.switch_to.alert.text, is_true=False)
    window.leave()


# --- requests byte by byte ------------------------------------------------------------------------------------------

MUST_REFUSE, MAY_SHOW_A_PAGE = True, False

Request = tuple[str, bytes, bool]
"""Name, bytes, and whether the answer must be a refusal; another answer may be a page, but no data."""

AS_JSON = {"Content-Type": "application/json"}

MUTATION = json.dumps({"query": other.LAUNCH % other.REPOSITORY})

BY_ADDRESS = other.by_address("")


def request(
    method: str, path: str, host: str | None, headers: Mapping[str, str] | None = None, body: str = ""
) -> bytes:
    """The bytes of a request; without a Host if it is None."""
    lines = [f"{method} {path} HTTP/1.1", *([f"Host: {host}"] if host is not None else [])]
    lines += [f"{name}: {value}" for name, value in ({"Connection": "close"} | dict(headers or {})).items()]
    lines += [f"Content-Length: {len(body)}"] if body else []
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def requests(port: int, evil: str) -> Iterator[Request]:
    """Every request to a server."""
    ours = f"127.0.0.1:{port}"
    yield from _by_other_hosts(port)
    yield from _by_other_origins(port, evil)
    yield from _by_other_paths(ours, evil)
    yield from _by_other_methods(ours, evil)
    yield from _of_reports_and_files(ours, evil)
    yield from _twofold(ours, evil)


def _by_other_hosts(port: int) -> Iterator[Request]:
    """Names under which a page of another origin reaches this machine."""
    ours = f"127.0.0.1:{port}"
    hosts = (
        "evil.example", f"evil.example:{port}", f"127.0.0.1.:{port}", f"localhost.:{port}", f"evil.example@{ours}",
        f"{ours}@evil.example", f"{ours},evil.example", f"[::ffff:127.0.0.1]:{port}", f"0.0.0.0:{port}",
        f"127.1:{port}", f"2130706433:{port}", "", None,
    )  # fmt: skip
    for host in hosts:
        yield f"POST to Host {host}", request("POST", "/graphql", host, AS_JSON, MUTATION), MUST_REFUSE
        yield f"page of Host {host}", request("GET", "/", host, {"Accept": "text/html"}), MUST_REFUSE


def _by_other_origins(port: int, evil: str) -> Iterator[Request]:
    ours = f"127.0.0.1:{port}"
    socket_headers = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Version": "13", "Sec-WebSocket-Protocol": "graphql-ws",
    }  # fmt: skip
    own = f"http://{ours}"
    for origin in (evil, "null", f"http://localhost:{port}", "file://", f"{own}.evil.example", f"{evil}, {own}"):
        told = {"Origin": origin}
        yield f"POST of {origin}", request("POST", "/graphql", ours, AS_JSON | told, MUTATION), MUST_REFUSE
        yield f"socket of {origin}", request("GET", "/graphql", ours, socket_headers | told), MUST_REFUSE


def _by_other_paths(ours: str, evil: str) -> Iterator[Request]:
    """GraphQL under other spellings of its path, and in an address."""
    foreign = {"Origin": evil}
    for path in PATHS:
        yield f"POST to {path}", request("POST", path, ours, AS_JSON | foreign, MUTATION), MUST_REFUSE
        address = path + BY_ADDRESS.removeprefix("/graphql")
        yield f"mutation in {path}", request("GET", address, ours, {"Accept": "*/*"}), MAY_SHOW_A_PAGE
    for accept in ACCEPTS:
        yield f"mutation for {accept}", request("GET", BY_ADDRESS, ours, {"Accept": accept}), MUST_REFUSE
    whole = "http://evil.example/graphql"
    yield "whole address", request("POST", whole, "evil.example", AS_JSON, MUTATION), MUST_REFUSE
    yield "whole address, own Host", request("POST", whole, ours, AS_JSON | foreign, MUTATION), MUST_REFUSE


def _by_other_methods(ours: str, evil: str) -> Iterator[Request]:
    foreign = {"Origin": evil}
    for kind in FORMS:
        yield f"form as {kind}", request("POST", "/graphql", ours, {"Content-Type": kind}, MUTATION), MUST_REFUSE
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY", "post"):
        yield method, request(method, "/graphql", ours, AS_JSON | foreign, MUTATION), MUST_REFUSE
    asks = foreign | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    yield "preflight", request("OPTIONS", "/graphql", ours, asks), MUST_REFUSE
    named = AS_JSON | {"X-HTTP-Method-Override": "POST"}
    yield "method in a header", request("GET", "/graphql", ours, named, MUTATION), MUST_REFUSE


def _of_reports_and_files(ours: str, evil: str) -> Iterator[Request]:
    """Dagster's other addresses: reports change something, and the others show files."""
    foreign = {"Origin": evil}
    for report in REPORTS:
        address = f"/{report}/facts/deals?check_name=gate&passed=true"
        yield report, request("POST", address, ours, foreign), MUST_REFUSE
        yield f"{report} of a sandbox", request("POST", address, ours, {"Origin": "null"}), MUST_REFUSE
        yield f"{report}, cross-site", request("POST", address, ours, {"Sec-Fetch-Site": "cross-site"}), MUST_REFUSE
        yield f"{report} by GET", request("GET", address, ours, foreign), MAY_SHOW_A_PAGE
    for path in FILES:
        yield f"file {path}", request("GET", f"/{path}", ours, foreign), MAY_SHOW_A_PAGE


def _twofold(ours: str, evil: str) -> Iterator[Request]:
    """Headers that are there twice, of which a server may read the other one."""
    whole = request("POST", "/graphql", ours, AS_JSON, MUTATION)
    for name, more in (
        ("Host", "Host: evil.example"),
        ("Origin", f"Origin: http://{ours}\r\nOrigin: {evil}"),
        ("Content-Type", "Content-Type: text/plain"),
        ("length", "Transfer-Encoding: chunked"),
    ):
        yield f"two of {name}", whole.replace(b"\r\n", f"\r\n{more}\r\n".encode(), 1), MUST_REFUSE


def answer(port: int, sent: bytes) -> bytes:
    """The bytes of the answer; empty if the server hangs up."""
    read = b""
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT_S) as connection:
        connection.sendall(sent)
        try:
            while piece := connection.recv(65536):
                read += piece
        except TimeoutError:
            return read or NO_END
        except ConnectionError:
            return read
    return read


def status(read: bytes) -> int:
    """The status of an answer; 0 if there is none."""
    first = read.partition(b"\r\n")[0].split()
    return int(first[1]) if len(first) > 1 else 0


def by_bytes(findings: Findings, port: int, evil: str) -> None:
    """Send every request, and judge its answer."""
    for name, sent, must_refuse in requests(port, evil):
        read = answer(port, sent)
        code = status(read)
        is_refused = code in REFUSED or code in {0, 501}
        findings.hold(name, f"status {code}: {read[-200:]!r}", is_true=is_refused or not must_refuse)
        findings.hold(name, "an answer for the other origin", is_true=ALLOWS not in read.lower())
        is_data = b'"data"' in read or b"root:" in read or b"SQLite format" in read or b"max_concurrent_runs" in read
        findings.hold(name, f"data: {read[-200:]!r}", is_true=not is_data)
        findings.found("byte by byte")


def attacked(label: str, place: harness.Place, window: Window, elsewhere: other.Elsewhere) -> harness.Result:
    """Every attack on a server; nothing may change."""
    findings = Findings("security", f"requests of another origin to {label}")
    server = window.server
    before = state(place)
    by_bytes(findings, server.port, elsewhere.address)
    by_pages(findings, window, elsewhere, server.address)
    changed = changes(before, state(place))
    findings.hold("afterwards", f"changed: {', '.join(changed)}", is_true=not changed)
    return findings.result()
