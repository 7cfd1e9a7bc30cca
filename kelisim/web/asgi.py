"""The types of an application on a server, and short answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
LARGEST_FORM = 4096  # bytes


async def body_of(receive: Receive, most: int = LARGEST_FORM) -> bytes:
    """What a small form brings; what is more is cut off."""
    found = b""
    while len(found) <= most:
        message = await receive()
        found += message.get("body", b"")
        if not message.get("more_body"):
            break
    return found[:most]


async def plain(send: Send, status: int, words: str, *headers: tuple[bytes, bytes]) -> None:
    """Answer with one line of text."""
    await answered(send, status, words.encode(), [(b"content-type", b"text/plain; charset=utf-8"), *headers])


async def answered(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    """Answer, and keep nothing of it."""
    start = [*headers, (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})
