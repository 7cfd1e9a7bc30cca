"""Where the server listens, and how long it waits for a request."""

from __future__ import annotations

import asyncio
import errno
import socket
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from kelisim.errors import UserError
from kelisim.web.headers import NOTHING

PATIENCE = 10.0  # seconds for a request to be there whole, head and body
LAST_PORT = 65_535
NEAR = 20  # ports that are tried to name a free one


def listen(host: str, port: int) -> list[socket.socket]:
    """Sockets of each address of a host, bound to a port.

    Raises UserError where nobody can listen: no such port or address, or another program is there.
    """
    if not 1 <= port <= LAST_PORT:
        raise UserError(f"--port {port}: a port is a number from 1 to {LAST_PORT}.")
    try:
        return _bound(host, port)
    except OSError as error:
        why = {
            errno.EADDRINUSE: "another program listens there already",
            errno.EACCES: "this user may not listen there",
        }
        if error.errno not in why:
            raise UserError(f"--host {host}: this machine has no such address.") from error
        first = max(port + 1, 1024)
        free = next(
            (near for near in range(first, min(first + NEAR, LAST_PORT + 1)) if _is_free(host, near)), 0
        )
        hint = f"Free is --port {free}." if free else "Choose another."
        raise UserError(f"--port {port}: {why[error.errno]}. {hint}") from error


def _is_free(host: str, port: int) -> bool:
    try:
        for found in _bound(host, port):
            found.close()
    except OSError:
        return False
    return True


def _bound(host: str, port: int) -> list[socket.socket]:
    """Raises OSError. A kind of address that the machine does not have is left out where another is there."""
    found: list[socket.socket] = []
    missing: OSError | None = None
    names = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    for family, kind, protocol, _, address in names:
        try:
            found.append(_one(family, kind, protocol, address))
        except OSError as error:
            missing = error
            if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                break
    else:
        if found:
            return found
    for one in found:
        one.close()
    raise missing or OSError(errno.EADDRNOTAVAIL, host)


def _one(family: int, kind: int, protocol: int, address: Any) -> socket.socket:
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
    except OSError:
        made.close()
        raise
    return made


class Punctual(H11Protocol):
    """A connection that is dropped when a request takes longer than PATIENCE to arrive."""

    _timer: asyncio.TimerHandle | None = None
    _is_socket = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._still()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: Any) -> None:
        self._is_socket = True
        super().handle_websocket_upgrade(event)

    def send_400_response(self, msg: str) -> None:
        headers = [*self.server_state.default_headers, (b"content-type", b"text/plain; charset=utf-8")]
        headers += [(b"content-security-policy", NOTHING.encode()), (b"connection", b"close")]
        for event in (
            h11.Response(status_code=400, headers=headers),
            h11.Data(msg.encode()),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _watch(self) -> None:
        """Count while a request is on its way; between two requests the server waits for the first byte only."""
        is_whole = self.cycle is not None and not self.cycle.more_body and not self.cycle.response_complete
        if is_whole or self._is_socket:
            self._still()
        elif self._timer is None:
            self._timer = self.loop.call_later(PATIENCE, self.transport.close)

    def _still(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
