"""The page on which people log in, and the way out."""

from __future__ import annotations

import asyncio
import html
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, quote

from kelisim import catalog
from kelisim.errors import UserError
from kelisim.report.html import hash_of
from kelisim.web.asgi import Receive, Scope, Send, answered, body_of
from kelisim.web.people.audit import Audit
from kelisim.web.people.pauses import Pauses
from kelisim.web.people.register import Register
from kelisim.web.people.sessions import LASTS, Sessions
from kelisim.web.texts import text

COOKIE = "kelisim_session"
MOST_AT_ONCE = 4  # passwords that are checked at the same time: each takes memory


class Login:
    """Answers /login and /logout."""

    def __init__(self, register: Register, sessions: Sessions, pauses: Pauses, audit: Audit) -> None:
        self.register, self.sessions, self.pauses, self.audit = register, sessions, pauses, audit
        self._checking = asyncio.Semaphore(MOST_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send, cookie: str) -> None:
        if scope["path"] == "/logout":
            await self._out(scope, send, cookie)
        else:
            await self._in(scope, receive, send)

    async def _in(self, scope: Scope, receive: Receive, send: Send) -> None:
        following = _local(parse_qs(scope["query_string"].decode("latin-1")).get("next", ["/"])[0])
        if scope["method"] != "POST":
            await _login_page(send, 200, following)
            return
        fields = parse_qs((await body_of(receive)).decode("utf-8", "replace"))
        address = str((scope.get("client") or ("",))[0])
        left = self.pauses.waits(address)
        if left:
            wait = text("login.wait", seconds=left)
            await _login_page(send, 429, following, wait, [(b"retry-after", str(left).encode())])
            return
        name, password = (fields.get(key, [""])[0] for key in ("user", "password"))
        try:
            async with self._checking:
                person = await asyncio.to_thread(self.register.with_password, name, password)
        except UserError:
            await _login_page(send, 503, following, text("login.no_file"))
            return
        if person is None:
            self.pauses.wrong(address)
            self.audit.write(name[:64], "login", ended="refused", address=address)
            await _login_page(send, 401, following, text("login.wrong"))
            return
        self.pauses.right(address)
        self.audit.write(person.name, "login", address=address)
        await _to(scope, send, following, self.sessions.begin(person.name), int(LASTS))

    async def _out(self, scope: Scope, send: Send, cookie: str) -> None:
        try:
            found = SimpleCookie(cookie).get(COOKIE)
        except CookieError:
            found = None
        if found is not None and scope["method"] == "POST":
            self.audit.write(self.sessions.name(found.value), "logout")
            self.sessions.end(found.value)
        await _to(scope, send, "/login", "", 0)


async def _to(scope: Scope, send: Send, address: str, key: str, lasts: int) -> None:
    """Lead on, with a session or with none."""
    cookie = f"{COOKIE}={key}; HttpOnly; SameSite=Strict; Path=/; Max-Age={lasts}"
    cookie += "; Secure" if scope.get("scheme") == "https" else ""
    await answered(send, 303, b"", [(b"location", address.encode()), (b"set-cookie", cookie.encode())])


def _local(path: str) -> str:
    """A path on this server, quoted; the first page for anything else."""
    is_local = path.startswith("/") and not path.startswith(("//", "/\\"))
    return quote(path, safe="/?&=,:%") if is_local else "/"


async def _login_page(
    send: Send, status: int, following: str, wrong: str = "", headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    kind = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", _LOGIN_POLICY.encode()),
    ]
    await answered(send, status, _form(following, wrong), [*kind, *(headers or [])])


def _form(following: str, wrong: str) -> bytes:
    words = {key: html.escape(text(f"login.{key}")) for key in ("title", "name", "password", "enter")}
    note = f'<p role="alert">{html.escape(wrong)}</p>' if wrong else ""
    return f"""<!doctype html><html lang="{catalog.spoken()}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><title>kelisim: {words["title"]}</title><style>{_STYLE}</style>
<h1>kelisim</h1>{note}<form method="post" action="/login?next={html.escape(quote(following), quote=True)}">
<label>{words["name"]}<input name="user" autocomplete="username" required autofocus></label>
<label>{words["password"]}<input name="password" type="password" autocomplete="current-password" required></label>
<button>{words["enter"]}</button></form></html>""".encode()


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
