"""Who may ask: this machine only, or people who know the password."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from kelisim.errors import UserError
from kelisim.web.app import check_host
from kelisim.web.guard import SOCKETS, Guard, is_loopback
from kelisim.web.people import pauses as pausing
from kelisim.web.people.pauses import Pauses
from kelisim.web.people.register import Register
from tests.web.conftest import free_port
from tests.web.some_people import PASSWORD, TOKEN, some_people

RIGHT = f"user=ana&password={PASSWORD}".encode()
THREAD = ThreadPoolExecutor(1)  # the browser tests have a loop in the main one


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Register:
    return Register(some_people(tmp_path_factory.mktemp("people")))


async def inner(scope: Any, receive: Any, send: Any) -> None:
    """The application behind the guard."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"inside"})


def ask(
    guard: Guard,
    path: str = "/",
    kind: str = "http",
    method: str = "GET",
    body: bytes = b"",
    client: str = "192.0.2.1",
    scheme: str = "http",
    **headers: str,
) -> tuple[Any, dict[str, str]]:
    """Status, or what a socket was told, and the headers of the answer to a client."""
    host = {"host": "127.0.0.1:8080"} | headers
    scope = {
        "type": kind, "scheme": scheme, "client": (client, 50000), "path": path.partition("?")[0], "method": method, "query_string": path.partition("?")[2].encode(),
        "headers": [(key.replace("_", "-").encode(), value.encode()) for key, value in host.items()],
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    THREAD.submit(asyncio.run, guard(scope, receive, send)).result()
    first = sent[0]
    if kind == "websocket":
        return first["type"], {}
    return first["status"], {key.decode(): value.decode() for key, value in first["headers"]}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "[::1]", "127.8.0.1"])
def test_loopback(host: str) -> None:
    """This machine under any of its names needs no password."""
    assert is_loopback(host)
    check_host(host, free_port(), False)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "::", "example.org"])
def test_open_host_needs_a_login(host: str) -> None:
    """A server that others can reach must not be open by mistake."""
    assert not is_loopback(host)
    with pytest.raises(UserError) as caught:
        check_host(host, free_port(), False)
    assert (
        str(caught.value)
        == f"--host {host}: others could reach this server. Say who may: kelisim users add NAME, then --users FILE."
    )


def test_other_names_are_refused() -> None:
    """A page elsewhere must not reach this machine by a name that it points here."""
    guard = Guard(inner)
    assert ask(guard)[0] == 200
    assert ask(guard, host="localhost:8080")[0] == 200
    assert ask(guard, host="[::1]:8080")[0] == 200
    assert ask(guard, host="evil.example:8080")[0] == 421
    assert ask(guard, SOCKETS, kind="websocket", host="evil.example:8080")[0] == "websocket.close"


def test_sockets_have_one_address() -> None:
    """A socket anywhere else left a traceback in the log, as often as somebody liked."""
    assert ask(Guard(inner), SOCKETS, kind="websocket")[0] == "websocket.accept"
    assert ask(Guard(inner), "/", kind="websocket")[0] == "websocket.close"
    assert ask(Guard(inner), "/_nicegui_ws/nonsense", kind="websocket")[0] == "websocket.close"


def test_other_pages_are_refused() -> None:
    """A page elsewhere must not open a socket to the map and read what is on it."""
    guard = Guard(inner)
    assert ask(guard, SOCKETS, kind="websocket", origin="http://127.0.0.1:8080")[0] == "websocket.accept"
    assert ask(guard, SOCKETS, kind="websocket", origin="http://evil.example")[0] == "websocket.close"
    assert ask(guard, origin="http://127.0.0.1:9999")[0] == 403


def test_login(register: Register) -> None:
    """Without the password nothing is seen, with it everything, and a forged session is none."""
    guard = Guard(inner, register)
    assert ask(guard, host="map.example")[0] == 401
    assert ask(guard, kind="websocket", host="map.example")[0] == "websocket.close"
    status, headers = ask(guard, "/border?day=2024-01-05", host="map.example", accept="text/html")
    assert (status, headers["location"]) == (303, "/login?next=/border%3Fday%3D2024-01-05")
    assert ask(guard, headers["location"], host="map.example")[0] == 200
    assert ask(guard, "/login", method="POST", body=b"user=ana&password=wrong", host="map.example")[0] == 401
    assert ask(guard, "/login", method="POST", body=RIGHT, host="map.example")[0] == 429
    guard.pauses._wrong.clear()
    status, headers = ask(guard, headers["location"], method="POST", body=RIGHT, host="map.example")
    assert (status, headers["location"]) == (303, "/border?day=2024-01-05")
    cookie = headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    session = cookie.split(";")[0]
    assert ask(guard, host="map.example", cookie=session)[0] == 200
    assert ask(guard, SOCKETS, kind="websocket", host="map.example", cookie=session)[0] == "websocket.accept"
    assert ask(guard, host="map.example", cookie=session + "x")[0] == 401
    change = {"method": "POST", "host": "map.example", "cookie": session}
    assert ask(guard, "/api/v1/cuts", **change)[0] == 403  # from no page of this server
    assert ask(guard, "/api/v1/cuts", origin="http://map.example", **change)[0] == 200
    assert ask(guard, "/logout", origin="http://map.example", **change)[0] == 303
    assert ask(guard, host="map.example", cookie=session)[0] == 401


def test_token(register: Register) -> None:
    """A program comes in by its token, to the interface for programs only; who guesses waits."""
    guard, mine = Guard(inner, register), {"host": "map.example", "authorization": f"Bearer {TOKEN}"}
    assert ask(guard, "/api/v1/me", **mine)[0] == 200
    assert ask(guard, "/", **mine)[0] == 401
    assert ask(guard, "/api/v1/health", host="map.example")[0] == 200
    assert ask(guard, "/api/v1/me", host="map.example")[0] == 401
    assert ask(guard, "/api/v1/me", **mine | {"authorization": "Bearer guess"})[0] == 401
    assert ask(guard, "/api/v1/me", **mine)[0] == 429


def test_who_is_taken_out_is_out_at_once(tmp_path: Path) -> None:
    """A session must not outlive the person, and a spoilt file lets nobody in."""
    path = some_people(tmp_path)
    guard = Guard(inner, Register(path))
    session = ask(guard, "/login", method="POST", body=RIGHT)[1]["set-cookie"].split(";")[0]
    assert ask(guard, cookie=session)[0] == 200
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("people.ana", "people.anna"), encoding="utf-8")
    assert ask(guard, cookie=session)[0] == 401
    path.write_text("people = 1", encoding="utf-8")
    assert ask(guard, cookie=session)[0] == 503


@pytest.mark.parametrize("following", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_login_leads_nowhere_else(following: str, register: Register) -> None:
    """A link to the login page must not send people to another site."""
    guard = Guard(inner, register)
    _, headers = ask(guard, f"/login?next={following}", method="POST", body=RIGHT)
    assert headers["location"] == "/"


def test_pause_is_of_one_address(register: Register) -> None:
    """Who guesses passwords must not lock out those who know theirs."""
    guard = Guard(inner, register)

    def login(password: str, client: str) -> tuple[Any, dict[str, str]]:
        body = f"user=ana&password={password}".encode()
        return ask(guard, "/login", method="POST", body=body, client=client)

    found = [login(f"guess{at}", "203.0.113.9")[0] for at in range(10)]
    assert found == [401, *[429] * 9]
    assert login(PASSWORD, "203.0.113.9")[1]["retry-after"] == "2"
    assert login(PASSWORD, "203.0.113.10")[0] == 303
    assert login(PASSWORD, "2001:db8::1")[0] == 303


def test_pauses_grow_and_end() -> None:
    """At two seconds a guess a machine tries a word list in a night; who mistypes once waits a moment."""
    pauses, now, waited = Pauses(), 1000.0, []
    for _ in range(8):
        pauses.wrong("2001:db8:1:2::1", now)
        waited.append(pauses.left("2001:db8:1:2:ffff::9", now))  # another address of the same network
        now += waited[-1]
    assert waited == [2, 4, 8, 16, 32, 60, 60, 60]
    assert pauses.left("2001:db8:1:3::1", now) == pauses.left("2001:db8:1:2::1", now) == 0
    pauses.right("2001:db8:1:2::1")
    assert len(pauses) == 0


def test_pauses_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong passwords from very many addresses must not fill the memory of the server."""
    monkeypatch.setattr(pausing, "MOST_ADDRESSES", 50)
    pauses = Pauses()
    for at in range(200):
        pauses.wrong(f"10.0.{at // 100}.{at % 100}", 1.0)
    assert len(pauses) == 50 and pauses.left("10.0.1.99", 1.0) == 2
    pauses.wrong("x" * 5000, 1.0 + pausing.FORGOTTEN + 1)
    assert len(pauses) == 1


def test_cookie_keeps_to_tls(register: Register) -> None:
    """Behind a proxy with TLS the session must not travel in the clear."""
    guard = Guard(inner, register)
    body = RIGHT
    assert "Secure" not in ask(guard, "/login", method="POST", body=body)[1]["set-cookie"]
    assert "Secure" in ask(guard, "/login", method="POST", body=body, scheme="https")[1]["set-cookie"]
