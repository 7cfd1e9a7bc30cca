"""One base and many deltas: each solved from the base basis, here or by workers, in any order with the same answers.

Any `concurrent.futures.Executor` serves: threads, processes, or a cluster that offers the same interface. A worker
gets the problem and its base basis once and keeps them; an interrupt leaves what is finished.
"""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass, field

import numpy as np

from kelisim.errors import InternalError
from kelisim.lp.delta import Delta
from kelisim.lp.highs import Session
from kelisim.lp.problem import Floats, Ints, Problem, Statuses

Progress = Callable[[int, int], None]
CHUNK = 16  # deltas that a worker gets at a time, at least
PARTS = 200  # of a long sweep; each carries the problem
_KEPT = 4  # problems that a worker keeps
Wanted = tuple[Ints, Ints, bool]  # positions of columns and of rows, and whether their prices too
_none: Ints = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class SweepAnswer:
    """What one delta gives.

    status      "optimal", "infeasible", "unbounded"
    objective   currency
    ties        what breaks ties adds to it in the solver, currency
    values      of the columns that were asked for
    activities  of the rows that were asked for
    reduced_costs, duals  of both, where prices were asked for; objective per unit, not scaled
    """

    status: str
    objective: float
    values: Floats
    iterations: int = 0
    ties: float = 0.0
    activities: Floats = field(default_factory=lambda: np.zeros(0))
    reduced_costs: Floats = field(default_factory=lambda: np.zeros(0))
    duals: Floats = field(default_factory=lambda: np.zeros(0))


@dataclass
class Swept:
    """Answers by position of their delta; None where an interrupt came first."""

    found: list[SweepAnswer | None]
    interrupted: bool = False
    warm: int = 0
    fallback: int = 0
    seconds: float = 0.0
    failed: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return not any(one is None for one in self.found)


def sweep(
    session: Session,
    deltas: Sequence[Delta],
    columns: Ints | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    chunk: int | None = None,
    rows: Ints | None = None,
    prices: bool = False,
    names: Sequence[str] = (),
) -> Swept:
    """Solve each delta on its own.

    session   whose base is solved
    columns   positions whose values are wanted; none if not given
    executor  solves chunks of deltas elsewhere; here, one after another, if not given
    progress  called with (done, all)
    chunk     deltas that a worker gets at a time; more in a long sweep if not given
    rows      positions whose activities are wanted; none if not given
    prices    reduced costs and duals of these columns and rows are wanted too
    names     of each delta: it begins where the last one of its name ended (Session.solve_again), and not at the base
    """
    names = names or [""] * len(deltas)
    wanted = (_none if columns is None else columns, _none if rows is None else rows, prices)
    swept = Swept([None] * len(deltas))
    say = progress or (lambda _done, _all: None)
    if executor is None:
        before = vars(session.counts).copy()
        try:
            for at, (delta, name) in enumerate(zip(deltas, names, strict=True)):
                swept.found[at] = _found(session, delta, wanted, name)
                say(at + 1, len(deltas))
        except KeyboardInterrupt:
            swept.interrupted = True
        swept.warm = session.counts.warm - before["warm"]
        swept.fallback = session.counts.fallback - before["fallback"]
        swept.seconds = session.counts.seconds - before["seconds"]
        return swept
    return _elsewhere(
        session, deltas, names, wanted, executor, say, chunk or max(CHUNK, len(deltas) // PARTS), swept
    )


def _elsewhere(
    session: Session,
    deltas: Sequence[Delta],
    names: Sequence[str],
    wanted: Wanted,
    executor: Executor,
    say: Progress,
    chunk: int,
    swept: Swept,
) -> Swept:
    packed = pickle.dumps((session.problem, *session.base_basis()), protocol=pickle.HIGHEST_PROTOCOL)
    key = zlib.crc32(packed)
    futures = {
        executor.submit(
            _work,
            key,
            packed,
            list(zip(deltas[start : start + chunk], names[start : start + chunk], strict=True)),
            wanted,
        ): start
        for start in range(0, len(deltas), chunk)
    }
    done = 0
    try:
        for future in as_completed(futures):
            found, warm, fallback, seconds = future.result()
            start = futures[future]
            swept.found[start : start + len(found)] = found
            swept.warm, swept.fallback = swept.warm + warm, swept.fallback + fallback
            swept.seconds += seconds
            done += len(found)
            say(done, len(deltas))
    except KeyboardInterrupt:
        swept.interrupted = True
        for future in futures:
            future.cancel()
    return swept


_sessions: dict[int, Session] = {}


def _work(
    key: int, packed: bytes, deltas: list[tuple[Delta, str]], wanted: Wanted
) -> tuple[list[SweepAnswer | None], int, int, float]:
    """Solve some deltas in a worker, which keeps the session for the next ones."""
    session = _sessions.get(key)
    if session is None:
        session = _unpacked(packed)
        while len(_sessions) >= _KEPT:
            _sessions.pop(next(iter(_sessions)))
        _sessions[key] = session
    before = vars(session.counts).copy()
    found: list[SweepAnswer | None] = [_found(session, delta, wanted, name) for delta, name in deltas]
    since = vars(session.counts)
    warm, fallback = (since[name] - before[name] for name in ("warm", "fallback"))
    return found, warm, fallback, since["seconds"] - before["seconds"]


def _unpacked(packed: bytes) -> Session:
    content: tuple[Problem, Statuses, Statuses] = pickle.loads(packed)
    problem, columns, rows = content
    session = Session(problem, threads=1)
    if session.resume(columns, rows).status != "optimal":
        raise InternalError("a worker did not find the base solution again")
    session.adopt(columns, rows)
    return session


def _found(session: Session, delta: Delta, wanted: Wanted, name: str) -> SweepAnswer:
    solution = session.solve_again(delta, name) if name else session.solve(delta)
    columns, rows, prices = wanted
    if solution.status != "optimal":
        return SweepAnswer(solution.status, float("nan"), np.zeros(0), solution.iterations)
    ties = float(session.problem.tilt @ solution.values) * session.problem.scale
    activities = solution.activities[rows] if len(rows) else np.zeros(0)
    values = solution.values[columns]
    found = (solution.reduced_costs[columns], solution.duals[rows]) if prices else ()
    return SweepAnswer("optimal", solution.objective, values, solution.iterations, ties, activities, *found)
