"""In which language a page is: what the address says, else the choice that is remembered, else what the browser wishes."""

from __future__ import annotations

import urllib.request
from contextlib import suppress
from typing import Any

import pytest

from kelisim import catalog
from kelisim.web.address import parse
from kelisim.web.tongue import COOKIE, SOCKETS, Tongue, wished


def ask(path: str = "/", query: str = "", **headers: str) -> tuple[str, list[str]]:
    """The language that is spoken within a request, and the cookies that its answer sets."""
    spoken, sent = [], []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        spoken.append(catalog.spoken())
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Any) -> None:
        sent.append(message)

    found = [(key.replace("_", "-").encode(), text.encode()) for key, text in headers.items()]
    scope = {"type": "http", "path": path, "query_string": query.encode(), "headers": found}
    with suppress(StopIteration):
        Tongue(inner)(scope, send, send).__await__().send(None)
    return spoken[0], [text.decode() for key, text in sent[0]["headers"] if key == b"set-cookie"]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("ru", "ru"),
        ("ru-KZ,ru;q=0.9,en;q=0.8", "ru"),
        ("kk-KZ;q=0.7, ru;q=0.9", "ru"),
        ("de,fr;q=0.8,kk;q=0.2", "kk"),
        ("de-DE, *;q=0.1", "en"),
        ("ru;q=nonsense,kk", "kk"),
    ],
)
def test_what_a_browser_wishes(header: str, language: str) -> None:
    """A browser set to Russian or Kazakh is answered so without a click."""
    assert wished(header) == language


def test_order_of_what_counts() -> None:
    """An address that is sent on is read as it was; a choice stays; a word that is no language changes nothing."""
    assert ask(query="lang=kk", cookie=f"{COOKIE}=ru", accept_language="en")[0] == "kk"
    assert ask(cookie=f"other=1; {COOKIE}=ru", accept_language="kk")[0] == "ru"
    assert ask(query="lang=xx", cookie=f"{COOKIE}=zz", accept_language="kk")[0] == "kk"
    assert ask(path=f"{SOCKETS}_ws/x", query="lang=kk")[0] == "en"
    assert catalog.spoken() == "en"


def test_a_choice_is_remembered() -> None:
    """Only what an address names is kept, and only if it is a language."""
    [cookie] = ask(query="lang=ru")[1]
    assert cookie.startswith(f"{COOKIE}=ru; SameSite=Lax; Path=/;")
    assert ask(query="lang=xx")[1] == [] and ask(accept_language="ru")[1] == []


def test_address_keeps_the_language() -> None:
    """Copying the address is sharing the answer, in the same language; a word that is none is named with the nearest."""
    assert parse("map", {"lang": "ru", "step": "1d"}).link() == "/?step=1d&lang=ru"
    assert parse("map", {"lang": "kz"}).wrong == (
        'lang: "kz" is not a language that is spoken here. Did you mean "kk"?',
    )
    assert "Known: en, kk, ru." in parse("map", {"lang": "de"}).wrong[0]


@pytest.mark.parametrize("language", catalog.languages()[1:])
def test_pages_of_the_server(server: str, language: str) -> None:
    """A page says its language to browsers and screen readers, and has the switch of languages."""
    request = urllib.request.Request(f"{server}/studies", headers={"accept-language": language})
    page = urllib.request.urlopen(request, timeout=30).read().decode()
    assert f'<html lang="{language}">' in page
    assert all(f'data-lang=\\"{one}\\"' in page for one in catalog.languages())
