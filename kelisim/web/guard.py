"""Who may ask: this machine only, or people who know the password."""

from __future__ import annotations

import hmac
import html
import ipaddress
import math
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from kelisim import catalog
from kelisim.report.html import hash_of
from kelisim.web.texts import text

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
SOCKETS = "/_nicegui_ws/socket.io"  # the only address of sockets
COOKIE = "kelisim_session"
LASTS = 12 * 3600.0  # seconds
PAUSE, LONGEST_PAUSE = 2.0, 60.0  # seconds after a wrong password, twice as many after each further one
FORGOTTEN = 900.0  # seconds after which a wrong password no longer counts
MOST_ADDRESSES = 10_000  # that are remembered
LARGEST_FORM = 4096  # bytes


def is_loopback(host: str) -> bool:
    """Whether a host name means this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Pauses:
    """How long each address waits for its next password; a bounded number of them is remembered, the latest."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()  # how many, and when the last was

    def __len__(self) -> int:
        return len(self._wrong)

    def left(self, address: str, now: float) -> float:
        """Seconds that an address has still to wait."""
        count, last = self._wrong.get(network(address), (0, now))
        return max(last + min(PAUSE * 2.0 ** min(count - 1, 9), LONGEST_PAUSE) - now, 0.0) if count else 0.0

    def wrong(self, address: str, now: float) -> None:
        """Count a wrong password."""
        while self._wrong and next(iter(self._wrong.values()))[1] < now - FORGOTTEN:
            self._wrong.popitem(last=False)
        count, _ = self._wrong.pop(network(address), (0, now))
        self._wrong[network(address)] = (count + 1, now)
        if len(self._wrong) > MOST_ADDRESSES:
            self._wrong.popitem(last=False)

    def right(self, address: str) -> None:
        self._wrong.pop(network(address), None)


def network(address: str) -> str:
    """What one visitor has: an address; of the newer kind a whole network of them."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv4Address) or found.ipv4_mapped:
        return str(getattr(found, "ipv4_mapped", None) or found)
    return str(ipaddress.ip_network((found, 64), strict=False))


class Guard:
    """Around the whole application, pages and sockets alike.

    Without a login only requests that name this machine pass: a page elsewhere cannot reach it under another name. A
    socket must come from a page of this server. With a login nothing passes without a session but the login page.
    """

    def __init__(self, app: App, user: str = "", password: str = "") -> None:
        self.app = app
        self.user, self.password = user, password
        self._sessions: dict[str, float] = {}
        self._pauses = Pauses()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
        host = headers.get("host", "")
        origin = headers.get("origin", "")
        if not self.user and not is_loopback(_name(host)):
            await _refuse(scope, send, 421, text("login.only_here"))
        elif origin and urlsplit(origin).netloc != host:
            await _refuse(scope, send, 403, text("login.other_server"))
        elif scope["type"] == "websocket" and not scope["path"].startswith(SOCKETS):
            await _refuse(scope, send, 404, text("login.no_socket"))
        elif not self.user or self._known(headers.get("cookie", "")):
            await self.app(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == "/login":
            await self._login(scope, receive, send)
        elif (
            scope["type"] == "http" and scope["method"] == "GET" and "text/html" in headers.get("accept", "")
        ):
            asked = scope["path"] + (
                f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
            )
            await _answer(send, 303, b"", [(b"location", f"/login?next={quote(asked)}".encode())])
        else:
            await _refuse(scope, send, 401, text("login.first"))

    def _known(self, cookie: str) -> bool:
        try:
            found = SimpleCookie(cookie).get(COOKIE)
        except CookieError:
            return False
        return found is not None and self._sessions.get(found.value, 0.0) > time.monotonic()

    async def _login(self, scope: Scope, receive: Receive, send: Send) -> None:
        following = _local(parse_qs(scope["query_string"].decode("latin-1")).get("next", ["/"])[0])
        if scope["method"] != "POST":
            await _login_page(send, 200, following)
            return
        fields = parse_qs((await _body(receive)).decode("utf-8", "replace"))
        address, now = str((scope.get("client") or ("",))[0]), time.monotonic()
        left = math.ceil(self._pauses.left(address, now))
        if left:
            wait = text("login.wait", seconds=left)
            await _login_page(send, 429, following, wait, [(b"retry-after", str(left).encode())])
            return
        user, password = (fields.get(key, [""])[0] for key in ("user", "password"))
        right = hmac.compare_digest(user.encode(), self.user.encode())
        right &= hmac.compare_digest(password.encode(), self.password.encode())
        if not right:
            self._pauses.wrong(address, now)
            await _login_page(send, 401, following, text("login.wrong"))
            return
        self._pauses.right(address)
        self._sessions = {key: until for key, until in self._sessions.items() if until > now}
        token = secrets.token_urlsafe(32)
        self._sessions[token] = now + LASTS
        cookie = f"{COOKIE}={token}; HttpOnly; SameSite=Strict; Path=/; Max-Age={int(LASTS)}"
        cookie += "; Secure" if scope.get("scheme") == "https" else ""
        await _answer(send, 303, b"", [(b"location", following.encode()), (b"set-cookie", cookie.encode())])


def _name(host: str) -> str:
    """The host of a Host header without its port."""
    return host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.rsplit(":", 1)[0]


def _local(path: str) -> str:
    """A path on this server, quoted; the first page for anything else."""
    is_local = path.startswith("/") and not path.startswith(("//", "/\\"))
    return quote(path, safe="/?&=,:%") if is_local else "/"


async def _body(receive: Receive) -> bytes:
    found = b""
    while len(found) <= LARGEST_FORM:
        message = await receive()
        found += message.get("body", b"")
        if not message.get("more_body"):
            break
    return found[:LARGEST_FORM]


async def _refuse(scope: Scope, send: Send, status: int, words: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        await plain(send, status, words)


async def plain(send: Send, status: int, words: str, *headers: tuple[bytes, bytes]) -> None:
    """Answer with one line of text."""
    await _answer(send, status, words.encode(), [(b"content-type", b"text/plain; charset=utf-8"), *headers])


async def _answer(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    start = [*headers, (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})


async def _login_page(
    send: Send, status: int, following: str, wrong: str = "", headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    kind = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", _LOGIN_POLICY.encode()),
    ]
    await _answer(send, status, _form(following, wrong), [*kind, *(headers or [])])


def _form(following: str, wrong: str) -> bytes:
    note = f'<p role="alert">{html.escape(wrong)}</p>' if wrong else ""
    return f"""<!doctype html><html lang="{catalog.spoken()}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><title>kelisim: {text("login.title")}</title><style>{_STYLE}</style>
<h1>kelisim</h1>{note}<form method="post" action="/login?next={html.escape(quote(following), quote=True)}">
<label>{text("login.name")}<input name="user" autocomplete="username" required autofocus></label>
<label>{text("login.password")}<input name="password" type="password" autocomplete="current-password" required></label>
<button>{text("login.enter")}</button></form></html>""".encode()


_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;background:#faf9f6;color:#2b2a26;margin:12vh auto;max-width:320px;padding:0 16px}
h1{font-size:20px}label{display:block;margin:12px 0}
input{display:block;width:100%;box-sizing:border-box;font:inherit;padding:8px;border:1px solid #b9b4a8;border-radius:6px}
[role=alert]{color:#c0271a}
button{font:inherit;padding:8px 18px;border:0;border-radius:6px;background:#2b2a26;color:#fff}
"""
_LOGIN_POLICY = (
    f"default-src 'none'; style-src {hash_of(_STYLE)}; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
