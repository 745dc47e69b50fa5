"""A guard in front of the web UI: any page in the user's browser can send requests to a server on loopback.

Dagster's UI has no login, accepts GraphQL mutations in GET requests, and answers to any Host name. The guard is an ASGI
application around it. It allows:

- only requests whose Host is a name of this machine (any port, for tunnels) or a name given by the operator;
- only GET and HEAD of pages, and POST from the same origin. A GraphQL POST must be JSON: a form of another page cannot
  send JSON, and a script needs a preflight request, which is refused;
- no GraphQL by GET except its page; websockets from the same origin only.

A program other than a browser sends no Origin and is allowed, since no page controls it. Response headers forbid
framing, reading by other sites, and loading pictures from other sites.
Not here: users. For more than one user, put a proxy with a login in front.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
GRAPHQL = "/graphql"
SAME_SITE = frozenset({"same-origin", "none"})
"""Values of Sec-Fetch-Site for requests by the UI's own page or by the user."""
HEADERS = (
    (b"content-security-policy", b"frame-ancestors 'none'; img-src 'self' data: blob:; form-action 'self'"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
POLICY_VIOLATION = 1008


class Guard:
    """An ASGI application that forwards only requests from its own page, or from no page, to another one."""

    def __init__(self, application: Application, names: Collection[str] = ()) -> None:
        """`names`: further Host names, for a proxy; with the port unless it is the default."""
        self._application = application
        self._names = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request with one sentence, or forward it."""
        if scope["type"] not in {"http", "websocket"}:  # startup and shutdown of the server
            await self._application(scope, receive, send)
            return
        reason = self.refusal(scope)
        if scope["type"] == "websocket":
            await (_close(send, reason) if reason else self._application(scope, receive, send))
        elif reason:
            await _refuse(send, reason)
        else:
            await self._application(scope, receive, _guarded(send))

    def refusal(self, scope: Scope) -> str:
        """Why a request is refused; empty if it is allowed."""
        try:
            host, origin, fetched_by, content_type = (
                _header(scope, name) for name in (b"host", b"origin", b"sec-fetch-site", b"content-type")
            )
        except ValueError as error:
            return str(error)
        if not self._is_known(host):
            return (
                f"the Host {_shown(host)} is not known here: open it as 127.0.0.1 or localhost, or name the host of "
                "a proxy with `closedloop ui --host-name NAME`"
            )
        is_foreign = origin is not None and not self._is_own(origin, host or "")
        if scope["type"] == "websocket":
            return f"websocket of another origin ({_shown(origin)})" if is_foreign else ""
        return self._of_method(scope, is_foreign or _is_cross_site(fetched_by), origin, content_type)

    def _of_method(self, scope: Scope, is_foreign: bool, origin: str | None, content_type: str | None) -> str:  # noqa: FBT001
        method, is_graphql = scope["method"], scope["path"].rstrip("/").endswith(GRAPHQL)
        if method in {"GET", "HEAD"}:
            query = parse_qs(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
            wants_page = "text/html" in (_header(scope, b"accept") or "")
            return "GraphQL is asked by POST" if is_graphql and ("query" in query or not wants_page) else ""
        if method != "POST":
            return f"the method {_shown(method)} is not served"
        if is_foreign:
            return f"a request that changes things must come from the UI itself, not from {_shown(origin)}"
        if is_graphql and (content_type or "").partition(";")[0].strip().lower() != "application/json":
            return "GraphQL is asked in JSON (Content-Type: application/json)"
        return ""

    def _is_known(self, host: str | None) -> bool:
        if not host:
            return False
        return host.lower() in self._names or _name(host) in LOOPBACK | self._names

    def _is_own(self, origin: str, host: str) -> bool:
        """Whether an Origin is that of the UI: the requested Host, or a name of the proxy in front."""
        parts = urlsplit(origin)
        place = parts.netloc.lower()
        return parts.scheme in {"http", "https"} and (place == host.lower() or place in self._names)


def _is_cross_site(fetched_by: str | None) -> bool:
    return fetched_by is not None and fetched_by.lower() not in SAME_SITE


def _name(host: str) -> str:
    """The name of a Host without its port."""
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdigit() else host.lower()


def _header(scope: Scope, name: bytes) -> str | None:
    """The value of a header.

    Errors: ValueError if there are several, since the application might use another one than the guard.
    """
    found = [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]
    if len(found) > 1 and name != b"accept":
        raise ValueError(f"several headers {name.decode()}")
    return ", ".join(found) if found else None


def _shown(text: str | None) -> str:
    """A text of a request, safe to show in a response."""
    return "nobody" if text is None else ascii(text[:80])


def _guarded(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *HEADERS]}
        await send(message)

    return sent


async def _refuse(send: Send, reason: str) -> None:
    body = f"closedloop ui refuses this request: {reason}.\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
        *HEADERS,
    ]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _close(send: Send, reason: str) -> None:
    await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": reason})
