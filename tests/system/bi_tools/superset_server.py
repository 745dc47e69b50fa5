"""A real Superset in a separate folder: set up, filled and started by its commands, queried over its REST API."""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.request
import zipfile
from http.cookiejar import CookieJar
from pathlib import Path

from tests.places import PROJECT

BUNDLE = PROJECT / "sql" / "superset"

COMMAND = PROJECT / ".venv-bi" / "bin" / "superset"

CONFIG = Path(__file__).with_name("superset_config.py")

USER = "tester"

PATIENCE = 240


class Answer(dict):
    """A response of the API, with its status."""

    def __init__(self, status, body):
        super().__init__(body if isinstance(body, dict) else {"body": body})
        self.status = status


def bundle(target):
    """The dashboard of the repository as the zip file that Superset imports: everything below one folder."""
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(BUNDLE.rglob("*.yaml")):
            archive.write(path, Path("superset") / path.relative_to(BUNDLE))
    return target


class Superset:
    """Superset, started in a folder that contains warehouse/closedloop.duckdb."""

    def __init__(self, folder):
        self.folder = folder
        self.password = secrets.token_urlsafe(16)
        self.log = folder / "server.log"
        self.process = None
        (folder / "home").mkdir()
        foreign = ("SUPERSET", "FLASK", "PYTHON", "VIRTUAL_ENV")
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(foreign)} | {
            "SUPERSET_HOME": str(folder / "home"),
            "SUPERSET_CONFIG_PATH": str(CONFIG),
            "SUPERSET_SECRET_KEY": secrets.token_urlsafe(42),
            "FLASK_APP": "superset.app:create_app()",
            "HOME": str(folder / "home"),
        }
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.headers = {}

    def command(self, *arguments):
        """Run the command of Superset in its folder; its output is kept for failure messages."""
        done = subprocess.run(
            [COMMAND, *map(str, arguments)],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, f"superset {arguments[0]} failed: {done.stdout[-2000:]}{done.stderr[-4000:]}"
        return done.stdout + done.stderr

    def set_up(self):
        """Create its database and one user, as in Superset's documentation."""
        self.command("db", "upgrade")
        named = ("--username", USER, "--firstname", "T", "--lastname", "T", "--email", "tester@example.org")
        self.command("fab", "create-admin", *named, "--password", self.password)
        self.command("init")

    def start(self):
        """Start the server on a free port of this machine and log in."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [COMMAND, "run", "--host", "127.0.0.1", "--port", str(self.port), "--with-threads"],
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        end = time.monotonic() + PATIENCE
        while not self.is_up():
            assert self.process.poll() is None, f"Superset ended: {self.said()}"
            assert time.monotonic() < end, f"Superset is not up after {PATIENCE} s: {self.said()}"
            time.sleep(0.5)
        self.log_in()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def said(self):
        """The end of the server's log."""
        return self.log.read_text(errors="replace")[-5000:]

    def is_up(self):
        try:
            with self.opener.open(f"{self.address}/health", timeout=10) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def log_in(self):
        shown = self.post("security/login", username=USER, password=self.password, provider="db", refresh=True)
        assert shown.status == 200, shown
        self.headers["Authorization"] = f"Bearer {shown['access_token']}"
        self.headers["X-CSRFToken"] = self.get("security/csrf_token/")["result"]
        self.headers["Referer"] = self.address

    def ask(self, method, path, body=None, kind="application/json"):
        """Send one request to the REST API; an error of the server is a response too."""
        headers = self.headers | ({} if body is None else {"Content-Type": kind})
        request = urllib.request.Request(  # noqa: S310 - the address of this server
            f"{self.address}/api/v1/{path}", body, headers, method=method
        )
        try:
            with self.opener.open(request, timeout=PATIENCE) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        try:
            return Answer(status, json.loads(text))
        except ValueError:
            return Answer(status, text.decode(errors="replace"))

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, **body):
        return self.ask("POST", path, json.dumps(body).encode())

    def put(self, path, **body):
        return self.ask("PUT", path, json.dumps(body).encode())

    def upload(self, path, name, file):
        """Send a file as a form does."""
        mark = secrets.token_hex(16)
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{file.name}"\r\n\r\n'
        body = head.encode() + file.read_bytes() + f"\r\n--{mark}--\r\n".encode()
        return self.ask("POST", path, body, f"multipart/form-data; boundary={mark}")

    def charts(self):
        """The identifiers of all charts, by title."""
        shown = self.get("chart/?q=(page_size:100)")
        return {chart["slice_name"]: chart["id"] for chart in shown["result"]}

    def chart_data(self, title):
        """The result of the saved query of a chart."""
        return self.get(f"chart/{self.charts()[title]}/data/?force=true")

    def chart(self, title):
        """The rows of a chart."""
        shown = self.chart_data(title)
        assert shown.status == 200, f"{title}: {shown} {self.said()}"
        (result,) = shown["result"]
        assert not result["error"], f"{title}: {result['error']}"
        return result["data"]

    def database(self):
        (found,) = [d["id"] for d in self.get("database/")["result"] if d["database_name"] == "Closed loop"]
        return found

    def sql(self, sql):
        """Run SQL in SQL Lab, as its page does."""
        return self.post(
            "sqllab/execute/", database_id=self.database(), sql=sql, schema="bi", runAsync=False, queryLimit=1000
        )

    def stop(self):
        """Stop the server and all its child processes."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(15)
                return
