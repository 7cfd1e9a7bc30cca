"""Connections and answers of the server, with a small application behind it: who is slow is dropped, each answer says what it may."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from kelisim.web import listening
from kelisim.web.guard import SOCKETS, Guard
from kelisim.web.headers import ALWAYS, NOTHING, Sealed
from kelisim.web.listening import Punctual

LATE, SOON = 0.15, 5.0  # seconds: when a request is late, and by when it is dropped for certain
HEAD = b"Host: 127.0.0.1\r\n"
SOCKET = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
PAGE = [(b"content-type", b"text/html"), (b"x-nicegui-content", b"page"), (b"content-length", b"27")]


async def application(scope: Any, receive: Any, send: Any) -> None:
    """/page is drawn by scripts, /slow takes its time, /broken fails, and a socket stays open."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        await receive()
        await receive()
        return
    if scope["path"] == "/slow":
        await asyncio.sleep(3 * LATE)
    if scope["path"] == "/broken":
        raise ValueError("what nobody thought of")
    headers = PAGE if scope["path"] == "/page" else [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"<script>inside()</script>..", "more_body": False})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Port of a server in a thread of its own, which waits for LATE seconds."""
    with pytest.MonkeyPatch.context() as patch, socket.socket() as found:
        patch.setattr(listening, "PATIENCE", LATE)
        found.bind(("127.0.0.1", 0))
        found.listen()
        more: dict[str, Any] = {"ws": "wsproto", "http": Punctual, "headers": ALWAYS, "lifespan": "off"}
        server = uvicorn.Server(uvicorn.Config(Sealed(Guard(application)), log_level="critical", **more))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [found]})
        thread.start()
        yield int(found.getsockname()[1])
        server.should_exit = True
        thread.join()


def said(port: int, *parts: bytes) -> tuple[bytes, float]:
    """What the server says to parts that come LATE / 4 after one another, and how long the connection stays open."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as mine:
        for at, part in enumerate(parts):
            time.sleep(LATE / 4 if at else 0)
            mine.sendall(part)
        began, found = time.monotonic(), b""
        while part := mine.recv(65536):
            found += part
        return found, time.monotonic() - began


@pytest.mark.parametrize(
    "parts",
    [
        (b"GET / HTTP/1.1\r\n",),
        (b"GET / HTTP/1.1\r\n", b"X-A: b\r\n", b"X-B: c\r\n"),
        (b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 9\r\n\r\n", b"half"),
    ],
    ids=["head", "head_drop_by_drop", "body"],
)
def test_slow_request_is_dropped(port: int, parts: tuple[bytes, ...]) -> None:
    """A few hundred connections that never ask anything must not keep everybody else out."""
    answer, seconds = said(port, *parts)
    assert b"200 OK" not in answer.partition(b"\r\n")[0] or b"POST" in parts[0]
    assert seconds < SOON


def test_second_request_of_a_connection_is_dropped_too(port: int) -> None:
    """Who has asked once already must not be trusted for ever."""
    answer, seconds = said(port, b"GET / HTTP/1.1\r\n" + HEAD + b"\r\n", b"GET / HTTP/1.1\r\n")
    assert answer.count(b"200 OK") == 1 and seconds < SOON


def test_slow_answer_is_waited_for(port: int) -> None:
    """A question that takes long to answer is no slow request."""
    answer, seconds = said(port, b"GET /slow HTTP/1.1\r\nConnection: close\r\n" + HEAD + b"\r\n")
    assert b"200 OK" in answer and seconds > 2 * LATE


def test_socket_of_a_page_stays_open(port: int) -> None:
    """A page that is looked at for an hour says nothing for an hour."""
    with socket.create_connection(("127.0.0.1", port), timeout=3 * LATE) as mine:
        mine.sendall(f"GET {SOCKETS} HTTP/1.1\r\n".encode() + HEAD + SOCKET + b"\r\n")
        assert b"101 Switching" in mine.recv(65536)
        with pytest.raises(TimeoutError):
            mine.recv(1)


def policy_of(answer: bytes) -> str:
    found = re.search(rb"content-security-policy: (.*)\r\n", answer)
    return found[1].decode() if found else ""


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET / HTTP/1.1", 200),
        (b"GET /page HTTP/1.1", 200),
        (b"GET /broken HTTP/1.1", 500),
        (b"nonsense", 400),
    ],
)
def test_every_answer_is_sealed(port: int, request_line: bytes, status: int) -> None:
    """An answer without these could be shown in a page of somebody else, or be taken for a script."""
    answer, _ = said(port, request_line + b"\r\nConnection: close\r\n" + HEAD + b"\r\n")
    assert int(answer.split()[1]) == status
    assert all(f"{name}: {value}\r\n".encode() in answer for name, value in ALWAYS)
    assert "frame-ancestors 'none'" in policy_of(answer)
    assert b"nobody thought of" not in answer


def test_scripts_of_a_page_carry_its_nonce(port: int) -> None:
    """A script that a text brings along has no nonce, and none can be guessed."""
    nonces = []
    for _ in range(2):
        answer, _ = said(port, b"GET /page HTTP/1.1\r\nConnection: close\r\n" + HEAD + b"\r\n")
        body = answer.partition(b"\r\n\r\n")[2]
        found = re.fullmatch(rb'<script nonce="([\w-]{20,})">inside\(\)</script>\.\.', body)
        assert found and f"content-length: {len(body)}\r\n".encode() in answer
        nonces.append(found[1].decode())
        assert f"script-src 'self' 'nonce-{nonces[-1]}' 'unsafe-eval';" in policy_of(answer)
        assert "unsafe-inline" not in policy_of(answer).partition("style-src")[0]
    assert nonces[0] != nonces[1]
    answer, _ = said(port, b"GET / HTTP/1.1\r\nConnection: close\r\n" + HEAD + b"\r\n")
    assert policy_of(answer) == NOTHING
