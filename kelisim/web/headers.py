"""What a browser may do with an answer of this server: run its own scripts, show it in no other page, ask nobody else."""

from __future__ import annotations

import logging
import secrets

from kelisim.web.asgi import App, Message, Receive, Scope, Send, plain
from kelisim.web.texts import text

ALWAYS = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-frame-options", "SAMEORIGIN"),
]
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
log = logging.getLogger(__name__)


def page_policy(nonce: str) -> str:
    """The policy of a page that is drawn by its scripts.

    A script must be a file of this server or carry the nonce of this answer; what a text brings along does not. The pages
    need eval: Vue compiles its templates with it, and the server sends calls as text. Style stands in attributes: widths,
    heights and colours that follow numbers.
    """
    parts = {
        "default-src": "'none'",
        "script-src": f"'self' 'nonce-{nonce}' 'unsafe-eval'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "frame-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",  # the way out
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in parts.items())


class Sealed:
    """Around the guard: each answer has a policy; an error that nobody met is written to the log and told in one line."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = _Answer(send, receive)
        try:
            await self.app(scope, answer.receive, answer.send)
        except Exception:
            if answer.is_left:
                return  # nobody is there to be told, and what was asked was stopped halfway
            log.exception("An error of kelisim itself at %s", scope["path"])
            if not answer.began:
                await plain(answer.send, 500, text("own_error"))


class _Answer:
    """One answer on its way out."""

    def __init__(self, send: Send, receive: Receive) -> None:
        self._send, self._receive = send, receive
        self._page: Message | None = None  # the start of a page that is not sent yet
        self._body = b""
        self.began = self.is_left = self._is_done = False

    async def receive(self) -> Message:
        message = await self._receive()
        self.is_left |= message["type"] == "http.disconnect" and not self._is_done
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.began = True
            found = {key.lower(): value for key, value in message["headers"]}
            if found.get(b"x-nicegui-content") == b"page" and b"text/html" in found.get(b"content-type", b""):
                self._page = message
                return
            if b"content-security-policy" not in found:
                message = _with(message, NOTHING, None)
        elif self._page is not None:
            self._body += message.get("body", b"")
            if message.get("more_body"):
                return
            nonce = secrets.token_urlsafe(16)
            # whatever a text holds comes escaped, so each script element here is one of the page itself
            body = self._body.replace(b"<script", f'<script nonce="{nonce}"'.encode())
            await self._send(_with(self._page, page_policy(nonce), len(body)))
            self._page, message = None, {**message, "body": body}
        self._is_done = message["type"] == "http.response.body" and not message.get("more_body")
        await self._send(message)


def _with(start: Message, policy: str, length: int | None) -> Message:
    headers = [*start["headers"], (b"content-security-policy", policy.encode())]
    if length is not None:
        headers = [(key, value) for key, value in headers if key.lower() != b"content-length"]
        headers.append((b"content-length", str(length).encode()))
    return {**start, "headers": headers}
