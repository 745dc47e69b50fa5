"""`closedloop ui --read-only`: viewers see everything and change nothing."""

from pathlib import Path

import pytest

from assets.cli import options
from assets.orchestration import instance
from tests.conftest import COMMAND
from tests.system.faults import forbidden
from tests.system.faults.said import complaints
from tests.system.live_server import LAUNCH, REPOSITORY, Server

RELOAD = """mutation { reloadRepositoryLocation(repositoryLocationName: "closedloop") { __typename } }"""


@pytest.fixture
def viewers(pipeline, tmp_path):
    server = Server(tmp_path, pipeline.seeds, pipeline.published, options=["--read-only"])
    try:
        server.until(lambda: server.ask("query { version }"), "answer of GraphQL")
        yield server
    finally:
        server.stop()


def listening(port):
    """The addresses with a listener on a port, in the kernel's notation."""
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path("/proc/net", table).read_text(encoding="ascii").splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            address, _, at = local.partition(":")
            if state == "0A" and int(at, 16) == port:
                found.add(address)
    return found


def test_viewers_on_this_machine_see_the_assets_and_can_start_nothing(viewers, pipeline):
    mark = pipeline.mark()
    assert listening(viewers.port) == {"0100007F"}, "the loopback address only"
    assets = viewers.ask("query { assetNodes { assetKey { path } } }")["assetNodes"]
    assert ["metrics", "headline"] in [a["assetKey"]["path"] for a in assets]
    selector = {**REPOSITORY, "jobName": "build_warehouse"}
    params = {"selector": selector, "runConfigData": {}, "mode": "default"}
    assert viewers.ask(LAUNCH, params=params)["launchRun"]["__typename"] == "UnauthorizedError"
    assert viewers.ask(RELOAD)["reloadRepositoryLocation"]["__typename"] == "UnauthorizedError"
    assert viewers.runs() == []
    assert pipeline.mark() == mark
    assert "read-only" in viewers.log.read_text()


def test_viewers_who_may_not_write_the_history_read_what_is_needed(pipeline):
    home = instance.prepare(options.home(pipeline.published, is_own=True))
    with instance.opened(home):
        pass
    places = ["--port", "65500", "--seeds", str(pipeline.seeds), "--warehouse", str(pipeline.published)]

    with forbidden.bits(home / instance.OPENING, forbidden.READ):
        done = forbidden.ordinary([str(COMMAND), "ui", "--read-only", *places])

    assert complaints(done.returncode, done.stderr, str(home)) == []
    assert "give yourself the right to write it" in done.stderr
