"""A fast part of the room `security`; `make faults` has every text, outlet, page and request, and a real server."""

import asyncio
import shutil
import threading

import pytest
import uvicorn

from assets.orchestration.guard import Guard
from tests.ledgers import hostile
from tests.system.faults import cross_origin, harness, outlets
from tests.system.faults.said import Findings
from tests.system.faults.terminal import on_a_terminal, raw_characters

EVIL = "http://127.0.0.1:8199"

SOME = ("picture", "picture in Markdown", "a cleared screen", "bidi override", "call", "very long")


async def leaky(scope, receive, send):
    """Replaces Dagster: answers every request with data, to every origin."""
    if scope["type"] == "http":
        allowed = [(b"access-control-allow-origin", b"*")]
        await send({"type": "http.response.start", "status": 200, "headers": allowed})
        await send({"type": "http.response.body", "body": b'{"data": {}}'})


async def page(scope, receive, send):
    """Replaces Dagster: answers every request with a page."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"<html>"})


@pytest.fixture
def served():
    """Serves an application on a free port until the end of the test."""
    running = []

    def serve(application):
        server = uvicorn.Server(uvicorn.Config(application, port=0, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
        thread.start()
        running.append((server, thread))
        harness.until(lambda: server.started, "server", 20)
        return server.servers[0].sockets[0].getsockname()[1]

    yield serve
    for server, thread in running:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def poisoned(small_built, tmp_path):
    """A copy of a published file that holds the texts."""
    copy = shutil.copy(small_built.published, tmp_path / "closedloop.duckdb")
    hostile.poison(copy, list(hostile.texts().values()), 55)
    return copy


def test_the_guard_refuses_every_request_of_another_origin(served):
    findings = Findings("security", "requests to a guarded application")
    cross_origin.by_bytes(findings, served(Guard(page)), EVIL)
    assert findings.broken == []
    assert findings.outcomes["byte by byte"] > 90


def test_an_unguarded_server_is_detected(served):
    findings = Findings("security", "requests to an open application")
    cross_origin.by_bytes(findings, served(leaky), EVIL)
    assert len(findings.broken) > 150


def test_the_gate_names_what_it_refuses_and_lets_in_the_rest(tmp_path):
    texts = {name: hostile.texts()[name] for name in SOME}
    result, let_in = outlets.gate(tmp_path, texts)
    assert result.is_kept, result.outcome
    assert set(let_in) == {"picture", "picture in Markdown"}


def test_a_published_file_from_elsewhere_is_read_as_text(poisoned):
    where = ("--warehouse", poisoned)
    for arguments in (
        ("query", outlets.error_query(poisoned)),
        ("diff",),
        ("explain", "metrics.headline.net_commitment_usd", "--key", "entity_id=openai"),
    ):
        said = on_a_terminal(*arguments, *where)
        assert "evil" in said.text
        assert raw_characters(said.text) == []
    assert outlets.csv_of_query(poisoned) == []


def test_a_change_of_a_file_or_of_the_history_is_detected(small_built, tmp_path):
    place = harness.Place(shutil.copytree(small_built.folder, tmp_path / "copy"))
    before = cross_origin.state(place)
    assert cross_origin.changes(before, cross_origin.state(place)) == []
    (place.seeds / "deals.csv").write_text("other")
    (changed,) = cross_origin.changes(before, cross_origin.state(place))
    assert changed.endswith("deals.csv")


@pytest.mark.parametrize("text", ["\x1b[2Jx", "\x9bx", "\u202ex", "a\u200bb", "a\rb", "\x07", "\u2028"])
def test_a_text_that_steers_a_terminal_is_detected(text):
    assert raw_characters(text)


@pytest.mark.parametrize("text", ["=1", "\t=1", " +a", "@x", "\uff1d1", "-a", "\u200b=1"])
def test_a_cell_that_a_spreadsheet_runs_is_detected(text):
    assert outlets.runs(text)
    assert not outlets.runs(f"'{text}")


@pytest.mark.parametrize(
    "harm",
    ["<img src=x>", "<p onclick=x>", "<script>x</script>", "<a href='javascript:x'>y</a>"],
    ids=["an element", "an attribute", "a script", "a link"],
)
def test_a_page_with_markup_from_a_cell_is_detected(harm, tmp_path):
    clean, forged = tmp_path / "clean.html", tmp_path / "forged.html"
    clean.write_text("<p>x</p><script>y</script><a href='#x'>z</a>")
    forged.write_text(clean.read_text() + harm)
    assert outlets.forged(clean, clean) == []
    assert outlets.forged(forged, clean) != []


def test_every_text_is_another_and_can_be_found():
    texts = list(hostile.texts().values())
    assert len(set(texts)) == len(texts) > 90
    assert all("evil" in text for text in texts)
