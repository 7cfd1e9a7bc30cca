"""Those who wait: one question is answered at a time, in the order in which they came, and not more wait than may."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from kelisim.errors import BusyError

T = TypeVar("T")


@dataclass(eq=False)
class Turn:
    """One question in the line, in words of what is done."""

    words: str


class Line:
    """A thread, and the questions that wait for it. Only the event loop asks; a question that is cancelled waits no longer.

    most  questions that may wait
    """

    def __init__(self, name: str, most: int) -> None:
        self.most = most
        self.doing, self._since = "", 0.0
        self._waiting: list[Turn] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def is_full(self) -> bool:
        return len(self._waiting) >= self.most

    @property
    def seconds(self) -> float:
        """For how long the thread has been at what it does."""
        return time.monotonic() - self._since if self.doing else 0.0

    def say(self, text: str) -> None:
        """What the thread does, for the pages."""
        self.doing = text

    def before(self, turn: Turn) -> int:
        """Questions that are answered before this one, the one that is being answered among them; 0 once it has begun."""
        with suppress(ValueError):
            return self._waiting.index(turn) + bool(self.doing)
        return 0

    async def take(self, turn: Turn, function: Callable[[], T], is_asked: bool = True) -> T:
        """Run a function on the thread when its turn comes. Raises BusyError where too many wait.

        is_asked  by a visitor; what all need, such as opening the year, is not counted against the room
        """
        if is_asked and self.is_full:
            raise BusyError(len(self))

        def work() -> T:
            self._since, self.doing = time.monotonic(), turn.words
            self._leave(turn)
            try:
                return function()
            finally:
                self.doing = ""

        self._waiting.append(turn)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        finally:
            self._leave(turn)

    def _leave(self, turn: Turn) -> None:
        with suppress(ValueError):  # it has left already
            self._waiting.remove(turn)

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)
