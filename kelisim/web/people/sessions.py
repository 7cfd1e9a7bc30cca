"""Sessions of people in a browser: a random name in a cookie, for twelve hours."""

from __future__ import annotations

import secrets
import threading
import time

LASTS = 12 * 3600.0  # seconds
MOST = 10_000  # at once; the oldest go first


class Sessions:
    """Who is logged in. All methods may be called from any thread."""

    def __init__(self) -> None:
        self._until: dict[str, tuple[str, float]] = {}  # key -> name of the person, end
        self._lock = threading.Lock()

    def begin(self, name: str) -> str:
        """A new session of a person; its key."""
        key, now = secrets.token_urlsafe(32), time.monotonic()
        with self._lock:
            self._until = {one: found for one, found in self._until.items() if found[1] > now}
            while len(self._until) >= MOST:
                self._until.pop(next(iter(self._until)))
            self._until[key] = (name, now + LASTS)
        return key

    def name(self, key: str) -> str:
        """Whose session it is; empty if it is none, or has ended."""
        name, until = self._until.get(key, ("", 0.0))
        return name if until > time.monotonic() else ""

    def end(self, key: str) -> None:
        with self._lock:
            self._until.pop(key, None)
