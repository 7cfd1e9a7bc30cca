"""Who may ask: this machine only, or people who have logged in, or whose program has a token."""

from __future__ import annotations

import ipaddress
import json
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, urlsplit

from kelisim.errors import UserError
from kelisim.web.asgi import App, Receive, Scope, Send, answered, plain
from kelisim.web.people.audit import Audit
from kelisim.web.people.login import COOKIE, Login
from kelisim.web.people.pauses import Pauses
from kelisim.web.people.register import Person, Register
from kelisim.web.people.sessions import Sessions
from kelisim.web.people.visitor import AT_HOME, Visitor, answering
from kelisim.web.texts import text

SOCKETS = "/_nicegui_ws/socket.io"  # the only address of sockets
API, HEALTH = "/api/", "/api/v1/health"  # which answers anybody
SAFE = ("GET", "HEAD", "OPTIONS")
BEARER = "Bearer "


def is_loopback(host: str) -> bool:
    """Whether a host name means this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Guard:
    """Around the whole application, pages, sockets and the interface for programs alike.

    Without people only requests that name this machine pass: a page elsewhere cannot reach it under another name. A
    socket must come from a page of this server, and so must what changes something with a session. With people nothing
    passes without a session or a token but the login page and whether the server is well.
    """

    def __init__(self, app: App, register: Register | None = None, audit: Audit | None = None) -> None:
        self.app, self.register = app, register
        self.audit, self.sessions, self.pauses = audit or Audit(), Sessions(), Pauses()
        self.login = Login(register, self.sessions, self.pauses, self.audit) if register is not None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
        host, origin = headers.get("host", ""), headers.get("origin", "")
        is_http, path = scope["type"] == "http", scope["path"]
        if self.register is None and not is_loopback(_name(host)):
            await _refuse(scope, send, 421, text("login.only_here"))
        elif origin and urlsplit(origin).netloc != host:
            await _refuse(scope, send, 403, text("login.other_server"))
        elif not is_http and not path.startswith(SOCKETS):
            await _refuse(scope, send, 404, text("login.no_socket"))
        elif self.login is None or self.register is None or (is_http and path == HEALTH):
            answering(AT_HOME)
            await self.app(scope, receive, send)
        elif is_http and path in ("/login", "/logout"):
            await self.login(scope, receive, send, headers.get("cookie", ""))
        else:
            await self._known(self.register, scope, receive, send, headers)

    async def _known(
        self, register: Register, scope: Scope, receive: Receive, send: Send, headers: dict[str, str]
    ) -> None:
        """Let somebody in who has a session or a token."""
        is_http, path = scope["type"] == "http", scope["path"]
        token = headers.get("authorization", "")
        if token and path.startswith(API):
            await self._by_token(register, token.removeprefix(BEARER).strip(), scope, receive, send)
            return
        key = _key(headers.get("cookie", ""))
        visitor = Visitor(lambda: register.get(self.sessions.name(key)))
        try:
            person = visitor.person()
        except UserError:  # the file of people was taken away, or spoilt
            await _refuse(scope, send, 503, text("login.no_file"))
            return
        if person is not None:
            if is_http and scope["method"] not in SAFE and not headers.get("origin"):
                await _refuse(scope, send, 403, text("login.no_page"))
                return
            answering(visitor)
            await self.app(scope, receive, send)
        elif is_http and scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
            asked = path + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
            await answered(send, 303, b"", [(b"location", f"/login?next={quote(asked)}".encode())])
        else:
            await _refuse(scope, send, 401, text("login.first"))

    async def _by_token(
        self, register: Register, token: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        address = str((scope.get("client") or ("",))[0])
        left = self.pauses.waits(address)
        if left:
            await _refuse(
                scope, send, 429, text("login.wait", seconds=left), (b"retry-after", str(left).encode())
            )
            return

        def person() -> Person | None:
            return register.with_token(token)

        if person() is None:
            self.pauses.wrong(address)
            self.audit.write("", "token", ended="refused", address=address)
            await _refuse(scope, send, 401, text("login.no_token"), (b"www-authenticate", b"Bearer"))
            return
        answering(Visitor(person))
        await self.app(scope, receive, send)


def _key(cookie: str) -> str:
    try:
        found = SimpleCookie(cookie).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found is not None else ""


def _name(host: str) -> str:
    """The host of a Host header without its port."""
    return host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.rsplit(":", 1)[0]


async def _refuse(scope: Scope, send: Send, status: int, words: str, *headers: tuple[bytes, bytes]) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    elif scope["path"].startswith(API):
        kind = (b"content-type", b"application/json")
        await answered(send, status, json.dumps({"detail": words}).encode(), [kind, *headers])
    else:
        await plain(send, status, words, *headers)
