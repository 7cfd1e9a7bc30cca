"""A long work in pieces: done here or by workers, kept as they are done, and not done again where they were kept.

Any `concurrent.futures.Executor` serves: processes of this machine, or a cluster that offers the same interface. A worker gets
what all pieces share once, and keeps what it made of it. A process solves one piece at a time, also where it has several threads.
"""

from __future__ import annotations

import hashlib
import pickle
import threading
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Generic, Protocol, TypeVar

P = TypeVar("P")
A = TypeVar("A")
Row = tuple[str, Mapping[str, float]]  # what a piece is called, and what it says: figure -> value
Progress = Callable[[int, int], None]
FAST = 1  # level of zlib: what travels is mostly zeros, and small after a fifth of a millisecond for 100 kB
_KEPT = 4  # shared things that a worker keeps
_LOOK = 5.0  # seconds without an answer after which it is looked whether a cluster is still there
_TURNS = 4  # chunks for each worker of a cluster, at least, so that all end at about the same time


class Keeper(Protocol):
    """Who keeps pieces that are done, and gives them back to the same question."""

    def begin(self, loop: str, count: int) -> None:
        """So many pieces are asked for."""

    def known(self, loop: str, keys: Sequence[str]) -> dict[int, Any]:
        """Answers that are kept, by position; only those that were kept for the same key."""

    def keep(self, loop: str, at: int, key: str, answer: Any, row: Row) -> None:
        """Keep an answer, with what a reader sees of it before all is done."""

    def flush(self) -> None:
        """Let all that is kept reach the disk."""


class Cluster(Protocol):
    """Workers elsewhere.

    threads  of all of them; where there are more than workers, those of a worker wait for each other
    """

    executor: Executor
    threads: int

    @property
    def size(self) -> int:
        """How many workers there are."""

    def share(self, key: str, packed: bytes) -> Any:
        """Bring bytes to all workers, once for each key; what stands for them in what is submitted."""

    def look(self) -> None:
        """Raises an error of its own where the workers have been gone for too long."""

    def read(self, result: Any) -> Any:
        """What a task gave, from the form in which it travels."""

    def why(self, error: BaseException) -> BaseException:
        """What an error of a piece means: the same one, unless it comes from the cluster."""


@dataclass(frozen=True)
class Task(Generic[P, A]):
    """What is done with each piece of a loop.

    loop    name; also the text that says how many are done, as a key of the catalogue
    do      (shared, piece) -> answer; the same wherever and in whatever order it is done
    shared  what all pieces need, as it is here
    packed  the same as bytes, for a worker; pickled if not given
    unpack  what a worker makes of these bytes, once
    key     what tells a piece from another one in the same place
    row     name and figures of an answer, for who reads before all is done
    """

    loop: str
    do: Callable[[Any, P], A]
    shared: Any
    packed: Callable[[], bytes] | None = None
    unpack: Callable[[bytes], Any] = pickle.loads
    key: Callable[[P], str] = repr
    row: Callable[[int, A], Row] = lambda at, _answer: (str(at + 1), {})


@dataclass
class Done(Generic[A]):
    """Answers by position; None where an interrupt came first."""

    found: list[A | None]
    interrupted: bool = False

    @property
    def all(self) -> list[A]:
        """All answers. Raises KeyboardInterrupt where some are missing."""
        if self.interrupted:
            raise KeyboardInterrupt
        return [one for one in self.found if one is not None]


@dataclass
class Work:
    """How pieces of a long work are done.

    executor  who does them; here, one after the other, if None
    keeper    who keeps them; nobody if None
    told      (loop, done, all) after each of them
    cluster   of the executor, where its workers are elsewhere: they get what is shared once, others with each chunk of pieces
    """

    executor: Executor | None = None
    keeper: Keeper | None = None
    told: Callable[[str, int, int], object] | None = None
    cluster: Cluster | None = None
    _asked: Counter[str] = field(default_factory=Counter)

    def each(
        self,
        task: Task[P, A],
        pieces: Sequence[P],
        chunk: int = 1,
        shorten: Callable[[int, A], A] | None = None,
        progress: Progress | None = None,
    ) -> Done[A]:
        """Do each piece that is not kept.

        chunk     pieces that a worker gets at a time
        shorten   what is kept and given back of an answer; all of it if not given
        progress  called with (done, all)

        An interrupt leaves what is done; with a keeper it goes on to the caller after all is kept.
        """
        run = _Run(self, task, pieces, shorten, progress)
        try:
            self._elsewhere(run, chunk) if self.executor else run.here()
        except KeyboardInterrupt:
            if self.keeper is not None:
                raise
            return Done(run.found, interrupted=True)
        finally:
            if self.keeper is not None:
                self.keeper.flush()
        return Done(run.found)

    def named(self, loop: str) -> str:
        """Name of a loop that may be asked several times."""
        self._asked[loop] += 1
        return loop if self._asked[loop] == 1 else f"{loop}#{self._asked[loop]}"

    def _elsewhere(self, run: _Run[P, A], chunk: int) -> None:
        if not run.left:
            return
        executor, task = self.executor, run.task
        assert executor is not None
        packed = task.packed() if task.packed else pickle.dumps(task.shared, pickle.HIGHEST_PROTOCOL)
        key = hashlib.sha256(packed).hexdigest()
        packed = zlib.compress(packed, FAST)
        handle: Any = packed
        if self.cluster is not None:
            handle = self.cluster.share(key, packed)
            chunk = max(1, min(chunk, len(run.left) // (_TURNS * max(1, self.cluster.size))))
        come: SimpleQueue[Future[list[A]]] = SimpleQueue()
        futures = {
            executor.submit(_work, task.do, task.unpack, key, handle, [run.pieces[at] for at in some]): some
            for some in (run.left[low : low + chunk] for low in range(0, len(run.left), chunk))
        }
        try:
            for future in list(futures):
                future.add_done_callback(come.put)
            while futures:
                future = self._next(come)
                for at, answer in zip(futures.pop(future), self._answers(future), strict=True):
                    run.take(at, answer)
        except BaseException:
            for future in futures:
                future.cancel()
            raise

    def _next(self, come: SimpleQueue[Future[list[A]]]) -> Future[list[A]]:
        while True:
            try:
                return come.get(timeout=_LOOK)
            except Empty:
                if self.cluster is not None:
                    self.cluster.look()

    def _answers(self, future: Future[list[A]]) -> list[A]:
        if self.cluster is None:
            return future.result()
        try:
            result = future.result()
        except Exception as error:
            raise self.cluster.why(error) from error
        return self.cluster.read(result)


class _Run(Generic[P, A]):
    """One loop: what is found, and what is left."""

    def __init__(
        self,
        work: Work,
        task: Task[P, A],
        pieces: Sequence[P],
        shorten: Callable[[int, A], A] | None,
        progress: Progress | None,
    ) -> None:
        self.task, self.pieces = task, pieces
        self.found: list[A | None] = [None] * len(pieces)
        self._work, self._shorten, self._progress = work, shorten, progress
        self._loop = work.named(task.loop)
        self._keys: list[str] = []
        self._done = 0
        if work.keeper is not None:
            self._keys = [task.key(piece) for piece in pieces]
            work.keeper.begin(self._loop, len(pieces))
            for at, answer in work.keeper.known(self._loop, self._keys).items():
                self.found[at] = answer
                self._done += 1
        self.left = [at for at, answer in enumerate(self.found) if answer is None]
        if self._done:
            self._tell()

    def here(self) -> None:
        for at in self.left:
            self.take(at, self.task.do(self.task.shared, self.pieces[at]))

    def take(self, at: int, answer: A) -> None:
        """An answer that has come."""
        short = self._shorten(at, answer) if self._shorten else answer
        if self._work.keeper is not None:
            self._work.keeper.keep(self._loop, at, self._keys[at], short, self.task.row(at, short))
        self.found[at] = short
        self._done += 1
        self._tell()

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(self._done, len(self.pieces))
        if self._work.told is not None:
            self._work.told(self.task.loop, self._done, len(self.pieces))


_made: dict[str, Any] = {}
_turn = threading.RLock()


def _work(
    do: Callable[[Any, P], A], unpack: Callable[[bytes], Any], key: str, packed: bytes, pieces: list[P]
) -> list[A]:
    """Do some pieces in a worker, which keeps what they share for the next ones."""
    with _turn:
        if key not in _made:
            while len(_made) >= _KEPT:
                _made.pop(next(iter(_made)))
            _made[key] = unpack(zlib.decompress(packed))
        return [do(_made[key], piece) for piece in pieces]
