"""In which language a visitor reads: as the address says, else as was chosen before, else as the browser asks."""

from __future__ import annotations

from collections.abc import Iterator
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from nicegui import ui

from kelisim import catalog
from kelisim.web.asgi import App, Message, Receive, Scope, Send

KEY = "lang"  # in the address
COOKIE = "kelisim_language"
LASTS = 365 * 86_400  # seconds
SCOPE = "kelisim.language"
QUASAR = {"en": "en-GB"}  # what the library of controls calls a language, where not by its code
SOCKETS = "/_nicegui"  # what comes from there belongs to a page, and speaks its language


class Tongue:
    """Around the application: each request speaks the language of its visitor; one that the address names is remembered."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or str(scope["path"]).startswith(SOCKETS):
            await self.app(scope, receive, send)
            return
        headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
        named = named_in(parse_qs(scope["query_string"].decode("latin-1")).get(KEY, [""])[-1])
        language = named or named_in(_remembered(headers.get("cookie", "")))
        language = scope[SCOPE] = language or wished(headers.get("accept-language", ""))

        async def remember(message: Message) -> None:
            if named and message["type"] == "http.response.start":
                cookie = f"{COOKIE}={named}; SameSite=Lax; Path=/; Max-Age={LASTS}"
                message = {**message, "headers": [*message["headers"], (b"set-cookie", cookie.encode())]}
            await send(message)

        with catalog.speaking(language):
            await self.app(scope, receive, remember)


def named_in(word: str) -> str:
    """A language that is spoken here; empty for any other word."""
    return word if word in catalog.languages() else ""


def _remembered(cookies: str) -> str:
    try:
        found = SimpleCookie(cookies).get(COOKIE)
    except CookieError:
        return ""
    return "" if found is None else found.value


def wished(header: str) -> str:
    """The language that a browser wishes most of those spoken here; English if it wishes none of them."""
    for _, _, tag in sorted(_wishes(header)):
        found = named_in(tag.partition("-")[0])
        if found:
            return found
    return catalog.LANGUAGE


def _wishes(header: str) -> Iterator[tuple[float, int, str]]:
    """What an Accept-Language header names, by rank: less its weight, its place, the tag."""
    for at, part in enumerate(header.lower().split(",")[:20]):
        tag, _, weight = part.partition(";")
        try:
            yield -float(weight.strip().removeprefix("q=") or 1.0), at, tag.strip()
        except ValueError:
            continue


def of_visitor() -> str:
    """The language of the page from which an event comes; empty where there is no page."""
    try:
        scope = ui.context.client.request.scope
    except RuntimeError:
        return ""
    return str(scope.get(SCOPE, ""))


class SpokenPage(ui.page):
    """A page in the language of its visitor.

    title  key of the catalogue
    """

    def resolve_language(self) -> Any:
        """The language of the html element and of the library of controls."""
        return QUASAR.get(catalog.spoken(), catalog.spoken())

    def resolve_title(self) -> str:
        """The title, from its key."""
        return catalog.text(str(self.title))
