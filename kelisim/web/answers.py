"""Answers of the map that are kept: the latest used, as many as there is room for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock

from kelisim.web.session import Reply

MOST, ROOM = 64, 200e6  # answers, and bytes of their tables


class Answers:
    """Question -> its answer; asked by the pages, filled by the thread that solves."""

    def __init__(self) -> None:
        self._found: OrderedDict[Hashable, tuple[Reply, int]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._found)

    def get(self, question: Hashable) -> Reply | None:
        """The answer, which is then the latest used."""
        with self._lock:
            if question not in self._found:
                return None
            self._found.move_to_end(question)
            return self._found[question][0]

    def keep(self, question: Hashable, reply: Reply) -> None:
        """Keep an answer; those that were not used for longest give way."""
        size = sum(int(frame.memory_usage().sum()) for frame in reply.results.tables.values())
        with self._lock:
            self._found[question] = reply, size
            while len(self._found) > 1 and not self._has_room():
                self._found.popitem(last=False)

    def _has_room(self) -> bool:
        return len(self._found) <= MOST and sum(size for _, size in self._found.values()) <= ROOM
