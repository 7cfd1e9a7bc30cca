"""Where long work is done: by processes of this machine or by a cluster, its pieces kept by who goes on with it later."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from kelisim.lp.work import Cluster, Keeper, Work
from kelisim.lp.workers import processes

T = TypeVar("T")
PAUSE = 0.1  # seconds between two words on how far a loop is


@dataclass(frozen=True)
class Place:
    """Where the pieces of a long work are done, and who keeps them.

    keeper   nobody if None
    cluster  processes of this machine, as many as the study says, if None
    """

    keeper: Keeper | None = None
    cluster: Cluster | None = None

    @contextmanager
    def working(self, workers: int, say: Callable[..., None]) -> Iterator[Work]:
        """How it is done.

        workers  processes of this machine, where there is no cluster
        say      told `pieces.LOOP`, and how many of how many pieces are done
        """
        last = 0.0

        def told(loop: str, done: int, of: int) -> None:
            nonlocal last
            now = time.monotonic()
            if done == of or now - last >= PAUSE:
                last = now
                say(f"pieces.{loop}", done=done, of=of)

        if self.cluster is not None:
            if self.cluster.threads > self.cluster.size:
                say("notice.threads", workers=self.cluster.size, threads=self.cluster.threads)
            yield Work(self.cluster.executor, self.keeper, told, self.cluster)
            return
        with processes(workers) as pool:
            yield Work(pool, self.keeper, told)


def counted(say: Callable[..., None], loop: str, items: Sequence[T]) -> Iterator[T]:
    """Items one after the other; `pieces.LOOP` is told how many of how many are done."""
    for done, one in enumerate(items, 1):
        yield one
        say(f"pieces.{loop}", done=done, of=len(items))
