"""One base and many deltas: each solved from the base basis, here or by workers, in any order with the same answers.

A worker gets the problem and its base basis once and keeps them (kelisim.lp.work); an interrupt leaves what is finished.
"""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from kelisim.errors import InternalError
from kelisim.lp.delta import Delta
from kelisim.lp.highs import Session
from kelisim.lp.problem import Floats, Ints, Problem, Statuses
from kelisim.lp.work import Progress, Row, Task, Work

CHUNK = 16  # deltas that a worker gets at a time, at least
PARTS = 200  # of a long sweep; each carries the problem
# positions of columns and of rows, whether their prices too, and whether each digit must be the same wherever it is solved
Wanted = tuple[Ints, Ints, bool, bool]
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
    warm, fallback, seconds  solves from the basis, solves that began anew, and time
    """

    status: str
    objective: float
    values: Floats
    iterations: int = 0
    ties: float = 0.0
    activities: Floats = field(default_factory=lambda: np.zeros(0))
    reduced_costs: Floats = field(default_factory=lambda: np.zeros(0))
    duals: Floats = field(default_factory=lambda: np.zeros(0))
    warm: int = 0
    fallback: int = 0
    seconds: float = 0.0


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
    work: Work | None = None,
    progress: Progress | None = None,
    chunk: int | None = None,
    rows: Ints | None = None,
    prices: bool = False,
    names: Sequence[str] = (),
    loop: str = "sweep",
    shorten: Callable[[int, SweepAnswer], SweepAnswer] | None = None,
    row: Callable[[int, SweepAnswer], Row] | None = None,
) -> Swept:
    """Solve each delta on its own.

    session   whose base is solved
    columns   positions whose values are wanted; none if not given
    work      how they are solved; here, one after another, if not given
    progress  called with (done, all)
    chunk     deltas that a worker gets at a time; more in a long sweep if not given
    rows      positions whose activities are wanted; none if not given
    prices    reduced costs and duals of these columns and rows are wanted too
    names     of each delta: it begins where the last one of its name ended (Session.solve_again), and not at the base; nobody keeps it
    loop, shorten, row  what is kept of an answer, and under which name: see kelisim.lp.work
    """
    work = work or Work()
    if names:
        work = replace(work, keeper=None)
    anew = not names and (work.keeper is not None or work.executor is not None)
    wanted = (_none if columns is None else columns, _none if rows is None else rows, prices, anew)
    task = Task(
        loop,
        _found,
        session,
        lambda: pickle.dumps((session.problem, *session.base_basis()), protocol=pickle.HIGHEST_PROTOCOL),
        _unpacked,
        _key,
        row or (lambda at, answer: (str(at + 1), {"objective": answer.objective})),
    )
    pieces = [(delta, wanted, name) for delta, name in zip(deltas, names or [""] * len(deltas), strict=True)]
    done = work.each(task, pieces, chunk or max(CHUNK, len(deltas) // PARTS), shorten, progress)
    swept = Swept(done.found, done.interrupted)
    for one in done.found:
        if one is not None:
            swept.warm, swept.fallback = swept.warm + one.warm, swept.fallback + one.fallback
            swept.seconds += one.seconds
    return swept


Piece = tuple[Delta, Wanted, str]


def _key(piece: Piece) -> str:
    """Checksum of what is asked, for an answer that was kept."""
    delta, (columns, rows, prices, _), _ = piece
    found = int(prices)
    for part in (*vars(delta).values(), columns, rows):
        found = zlib.crc32(np.ascontiguousarray(part).tobytes(), found)
    return f"{found:08x}"


def _unpacked(packed: bytes) -> Session:
    content: tuple[Problem, Statuses, Statuses] = pickle.loads(packed)
    problem, columns, rows = content
    session = Session(problem, threads=1)
    if session.resume(columns, rows).status != "optimal":
        raise InternalError("a worker did not find the base solution again")
    session.adopt(columns, rows)
    return session


def _found(session: Session, piece: Piece) -> SweepAnswer:
    delta, (columns, rows, prices, anew), name = piece
    before = vars(session.counts).copy()
    solution = session.solve_again(delta, name) if name else session.solve(delta, anew)
    since = vars(session.counts)
    counts = {name: since[name] - before[name] for name in ("warm", "fallback", "seconds")}
    if solution.status != "optimal":
        return SweepAnswer(solution.status, float("nan"), np.zeros(0), solution.iterations, **counts)
    ties = float(session.problem.tilt @ solution.values) * session.problem.scale
    activities = solution.activities[rows] if len(rows) else np.zeros(0)
    values = solution.values[columns]
    found = (solution.reduced_costs[columns], solution.duals[rows]) if prices else ()
    return SweepAnswer(
        "optimal", solution.objective, values, solution.iterations, ties, activities, *found, **counts
    )
