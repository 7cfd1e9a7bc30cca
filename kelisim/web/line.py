"""Those who wait: as many questions are answered at once as there are threads, in the order in which they came, and not more wait than may."""

from __future__ import annotations

import asyncio
import threading
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
    """A few threads, and the questions that wait for them. Only the event loop asks; a question that is cancelled waits no longer.

    most     questions that may wait
    threads  questions that are answered at once
    """

    def __init__(self, name: str, most: int, threads: int = 1) -> None:
        self.most, self.threads = most, threads
        self._busy: dict[int, tuple[float, Words]] = {}  # thread -> since when it does what
        self._waiting: list[Turn] = []
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def is_full(self) -> bool:
        return len(self._waiting) >= self.most

    @property
    def is_busy(self) -> bool:
        return bool(self._busy)

    def _longest(self) -> tuple[float, Words]:
        return min(list(self._busy.values()), key=lambda one: one[0], default=(0.0, ""))

    @property
    def doing(self) -> str:
        """What is being done, in the language of who reads it: of several what was begun first; empty where all rest."""
        return read(self._longest()[1])

    @property
    def seconds(self) -> float:
        """For how long that has been so."""
        since, what = self._longest()
        return time.monotonic() - since if what else 0.0

    def say(self, what: Words) -> None:
        """What this thread does, for the pages."""
        mine = threading.get_ident()
        if mine in self._busy:
            self._busy[mine] = self._busy[mine][0], what

    def before(self, turn: Turn) -> int:
        """Questions that are answered before this one, the one that is being answered among them; 0 once it has begun."""
        with suppress(ValueError):
            return max(self._waiting.index(turn) + len(self._busy) - self.threads + 1, 0)
        return 0

    async def take(self, turn: Turn, function: Callable[[], T], is_asked: bool = True) -> T:
        """Run a function on the thread when its turn comes. Raises BusyError where too many wait.

        is_asked  by a visitor; what all need, such as opening the year, is not counted against the room
        """
        if is_asked and self.is_full:
            raise BusyError(len(self))

        language = catalog.spoken()

        def work() -> T:
            mine = threading.get_ident()
            self._busy[mine] = time.monotonic(), turn.what
            self._leave(turn)
            try:
                with catalog.speaking(language):
                    return function()
            finally:
                self._busy.pop(mine, None)

        self._waiting.append(turn)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._leave(turn)

    def _leave(self, turn: Turn) -> None:
        with suppress(ValueError):  # it has left already
            self._waiting.remove(turn)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
