"""Those who wait: one question is answered at a time, in the order in which they came, and not more wait than may."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from kelisim import catalog
from kelisim.errors import BusyError
from kelisim.web.texts import Words, read

T = TypeVar("T")


@dataclass(eq=False)
class Turn:
    """One question in the line, in words of what is done."""

    what: Words

    @property
    def words(self) -> str:
        """What is done, in the language of who reads it."""
        return read(self.what)


class Line:
    """A thread, and the questions that wait for it. Only the event loop asks; a question that is cancelled waits no longer.

    most  questions that may wait
    """

    def __init__(self, name: str, most: int) -> None:
        self.most = most
        self._doing: Words = ""
        self._since = 0.0
        self._waiting: list[Turn] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def is_full(self) -> bool:
        return len(self._waiting) >= self.most

    @property
    def doing(self) -> str:
        """What the thread does, in the language of who reads it; empty where it rests."""
        return read(self._doing)

    @property
    def seconds(self) -> float:
        """For how long the thread has been at what it does."""
        return time.monotonic() - self._since if self._doing else 0.0

    def say(self, what: Words) -> None:
        """What the thread does, for the pages."""
        self._doing = what

    def before(self, turn: Turn) -> int:
        """Questions that are answered before this one, the one that is being answered among them; 0 once it has begun."""
        with suppress(ValueError):
            return self._waiting.index(turn) + bool(self._doing)
        return 0

    async def take(self, turn: Turn, function: Callable[[], T], is_asked: bool = True) -> T:
        """Run a function on the thread when its turn comes. Raises BusyError where too many wait.

        is_asked  by a visitor; what all need, such as opening the year, is not counted against the room
        """
        if is_asked and self.is_full:
            raise BusyError(len(self))

        language = catalog.spoken()

        def work() -> T:
            self._since, self._doing = time.monotonic(), turn.what
            self._leave(turn)
            try:
                with catalog.speaking(language):
                    return function()
            finally:
                self._doing = ""

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
