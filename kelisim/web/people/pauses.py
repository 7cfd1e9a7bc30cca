"""How long each address waits after a wrong password or token."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict

PAUSE, LONGEST_PAUSE = 2.0, 60.0  # seconds after a wrong password, twice as many after each further one
FORGOTTEN = 900.0  # seconds after which a wrong password no longer counts
MOST_ADDRESSES = 10_000  # that are remembered


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

    def waits(self, address: str) -> int:
        """Whole seconds that an address has still to wait now."""
        return math.ceil(self.left(address, time.monotonic()))

    def wrong(self, address: str, now: float | None = None) -> None:
        """Count a wrong password."""
        now = time.monotonic() if now is None else now
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
