"""The guard in front of the web UI refuses requests of pages of other sites before they reach Dagster."""

import asyncio
import json

import pytest

from assets.orchestration.guard import Guard

UI = "127.0.0.1:3000"

JSON = {"content-type": "application/json"}

OWN = {"origin": f"http://{UI}"}

PAGE = {"accept": "text/html,application/xhtml+xml"}


async def application(scope, receive, send):
    """Replaces Dagster: answers every request."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-security-policy", b"own")]})
    await send({"type": "http.response.body", "body": b"answered"})


def asked(method="GET", path="/", query="", host=UI, kind="http", names=(), headers=None, more=()):
    """The messages that the guarded application sends in reply."""
    lines = {"host": host, **(headers or {})}
    scope = {
        "type": kind,
        "path": path,
        "query_string": query.encode(),
        "headers": [(k.encode(), v.encode("latin-1")) for k, v in lines.items() if v is not None] + list(more),
        **({"method": method} if kind == "http" else {}),
    }
    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(Guard(application, names)(scope, None, send))
    return sent


def is_answered(*messages):
    return messages[0].get("status") == 200 or messages[0]["type"] == "websocket.accept"


ALLOWED = {
    "a page": {"headers": PAGE},
    "a page by its other name": {"host": "localhost:3000", "headers": PAGE},
    "a page through a tunnel to another port": {"host": "localhost:9999", "headers": PAGE},
    "a page by IPv6": {"host": "[::1]:3000", "headers": PAGE},
    "a page that another site links to": {"headers": {**PAGE, "sec-fetch-site": "cross-site"}},
    "a script of the UI": {"path": "/main.js", "headers": {"sec-fetch-site": "same-origin"}},
    "GraphQL's own page": {"path": "/graphql", "headers": PAGE},
    "a question of the UI": {"method": "POST", "path": "/graphql", "headers": {**JSON, **OWN}},
    "a question in JSON with its letters named": {
        "method": "POST", "path": "/graphql", "headers": {"content-type": "application/json; charset=utf-8", **OWN},
    },
    "a question of a program": {"method": "POST", "path": "/graphql", "headers": JSON},
    "a report of a program": {"method": "POST", "path": "/report_asset_check/facts/deals"},
    "the websocket of the UI": {"kind": "websocket", "path": "/graphql", "headers": OWN},
    "the websocket of a program": {"kind": "websocket", "path": "/graphql"},
    "a page through a proxy": {"host": "ledger.example", "names": ["ledger.example"], "headers": PAGE},
    "a question through a proxy": {
        "method": "POST", "path": "/graphql", "host": "ledger.example", "names": ["ledger.example"],
        "headers": {**JSON, "origin": "https://ledger.example"},
    },
    "a question through a proxy that names us as we are": {
        "method": "POST", "path": "/graphql", "names": ["ledger.example"],
        "headers": {**JSON, "origin": "https://ledger.example"},
    },
}  # fmt: skip

REFUSED = {
    # another Host: a page whose name resolves to this machine (DNS rebinding)
    "a page under a foreign name": {"host": "evil.example", "headers": PAGE},
    "a page under a foreign name with our port": {"host": "evil.example:3000", "headers": PAGE},
    "a name that begins like ours": {"host": "127.0.0.1.evil.example", "headers": PAGE},
    "a name that ends like ours": {"host": "evil.localhost.example:3000", "headers": PAGE},
    "a name with a user before it": {"host": "127.0.0.1@evil.example", "headers": PAGE},
    "an address of the machine in the network": {"host": "192.168.0.7:3000", "headers": PAGE},
    "no name": {"host": None, "headers": PAGE},
    "an empty name": {"host": "", "headers": PAGE},
    "two names": {"headers": PAGE, "more": [(b"host", b"evil.example")]},
    "a proxy that nobody named": {"host": "ledger.example", "headers": PAGE},
    "a foreign name asks": {"method": "POST", "path": "/graphql", "host": "evil.example", "headers": JSON},
    "a foreign name by websocket": {"kind": "websocket", "path": "/graphql", "host": "evil.example"},
    # GraphQL in the address
    "a mutation by GET": {"path": "/graphql", "query": "query=mutation{launchRun}"},
    "a mutation by GET that wants a page": {"path": "/graphql", "query": "query=mutation{x}", "headers": PAGE},
    "a mutation by an image": {"path": "/graphql", "query": "query=x", "headers": {"accept": "image/*"}},
    "a mutation by GET with a slash": {"path": "/graphql/", "query": "query=x"},
    "a mutation by GET below a prefix": {"path": "/dagster/graphql", "query": "query=x"},
    "an empty mutation by GET": {"path": "/graphql", "query": "query=", "headers": PAGE},
    "a mutation by HEAD": {"method": "HEAD", "path": "/graphql", "query": "query=x"},
    # forms and scripts of other pages
    "a form of another page": {
        "method": "POST", "path": "/graphql", "query": "query=mutation{launchRun}",
        "headers": {"content-type": "application/x-www-form-urlencoded", "origin": "http://evil.example"},
    },
    "a form that hides its page": {
        "method": "POST", "path": "/graphql", "headers": {"content-type": "text/plain", "origin": "null"},
    },
    "a form without an origin": {"method": "POST", "path": "/graphql", "headers": {"content-type": "text/plain"}},
    "a form that looks like JSON": {
        "method": "POST", "path": "/graphql", "headers": {"content-type": "text/plain; application/json"},
    },
    "a form in parts": {"method": "POST", "path": "/graphql", "headers": {"content-type": "multipart/form-data"}},
    "no kind of content": {"method": "POST", "path": "/graphql"},
    "JSON of another page": {
        "method": "POST", "path": "/graphql", "headers": {**JSON, "origin": "http://evil.example"},
    },
    "JSON of another server on this machine": {
        "method": "POST", "path": "/graphql", "headers": {**JSON, "origin": "http://127.0.0.1:8199"},
    },
    "JSON of our other name": {
        "method": "POST", "path": "/graphql", "headers": {**JSON, "origin": "http://localhost:3000"},
    },
    "JSON of no page": {"method": "POST", "path": "/graphql", "headers": {**JSON, "origin": "null"}},
    "JSON of a file": {"method": "POST", "path": "/graphql", "headers": {**JSON, "origin": "file://"}},
    "JSON of an extension": {
        "method": "POST", "path": "/graphql", "headers": {**JSON, "origin": f"chrome-extension://{UI}"},
    },
    "JSON of another site that sends no origin": {
        "method": "POST", "path": "/graphql", "headers": {**JSON, "sec-fetch-site": "cross-site"},
    },
    "JSON of a neighbour that sends no origin": {
        "method": "POST", "path": "/graphql", "headers": {**JSON, "sec-fetch-site": "same-site"},
    },
    "two origins": {
        "method": "POST", "path": "/graphql", "headers": {**JSON, **OWN}, "more": [(b"origin", b"http://evil.example")],
    },
    "GraphQL in its own kind of content": {
        "method": "POST", "path": "/graphql", "headers": {"content-type": "application/graphql"},
    },
    # other requests that change data
    "a report of another page": {
        "method": "POST", "path": "/report_asset_materialization/facts/deals", "headers": {"origin": "http://e.example"},
    },
    "a check of another page": {
        "method": "POST", "path": "/report_asset_check/facts/deals", "headers": {"sec-fetch-site": "cross-site"},
    },
    "a question whether it may ask": {
        "method": "OPTIONS", "path": "/graphql", "headers": {"origin": "http://evil.example"},
    },
    "PUT": {"method": "PUT", "path": "/graphql", "headers": {**JSON, **OWN}},
    "DELETE": {"method": "DELETE", "headers": OWN},
    "TRACE": {"method": "TRACE"},
    # websockets
    "a websocket of another page": {
        "kind": "websocket", "path": "/graphql", "headers": {"origin": "http://evil.example"},
    },
    "a websocket of another server on this machine": {
        "kind": "websocket", "path": "/graphql", "headers": {"origin": "http://127.0.0.1:8199"},
    },
    "a websocket of no page": {"kind": "websocket", "path": "/graphql", "headers": {"origin": "null"}},
}  # fmt: skip


@pytest.mark.parametrize("what", ALLOWED)
def test_the_ui_and_programs_are_answered(what):
    assert is_answered(*asked(**ALLOWED[what]))


@pytest.mark.parametrize("what", REFUSED)
def test_requests_of_another_page_are_refused(what):
    (first, *rest) = asked(**REFUSED[what])

    if REFUSED[what].get("kind") == "websocket":
        assert (first["type"], first["code"]) == ("websocket.close", 1008)
    else:
        assert first["status"] == 403
        assert rest[0]["body"].startswith(b"closedloop ui refuses this request: ")
        assert "answered" not in json.dumps(str(rest))


def test_a_refusal_repeats_nothing_that_a_terminal_or_a_page_would_run():
    body = asked(host="\x1b[2J<script>é" + "x" * 500)[1]["body"]

    assert b"\x1b" not in body
    assert body.isascii()
    assert len(body) < 400


def test_response_headers_forbid_frames_foreign_pictures_and_other_readers_and_keep_those_of_dagster():
    for answer in (asked(headers=PAGE), asked(host="evil.example")):
        headers = [(k.decode(), v.decode()) for k, v in answer[0]["headers"]]
        policies = " | ".join(v for k, v in headers if k == "content-security-policy")
        assert "frame-ancestors 'none'" in policies
        assert "img-src 'self' data: blob:" in policies
        assert ("x-frame-options", "DENY") in headers
        assert ("cross-origin-resource-policy", "same-origin") in headers
        assert not any(k.startswith("access-control-") for k, _ in headers)
    assert ("content-security-policy", "own") in [
        (k.decode(), v.decode()) for k, v in asked(headers=PAGE)[0]["headers"]
    ]


def test_the_start_and_the_end_of_the_server_are_handed_on():
    heard = []

    async def lifespan(scope, _receive, _send):
        heard.append(scope["type"])

    asyncio.run(Guard(lifespan)({"type": "lifespan"}, None, None))
    assert heard == ["lifespan"]
