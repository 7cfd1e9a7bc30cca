"""The L-shaped method: cuts of each outlook, a first stage of whole numbers, bounds that close.

In round k each outlook is solved at x_k and gives a cut, which holds for every x:

    Q_s(x) >= Q_s(x_k) + slope_s @ (x - x_k)

The first stage with all cuts gives a lower bound and the next x; the cheapest x so far is an upper bound (Van Slyke and Wets,
SIAM Journal on Applied Mathematics 17, 1969; one cut for each outlook: Birge and Louveaux, European Journal of Operational Research
34, 1988).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import scipy.sparse as sp

from kelisim.errors import SolverError
from kelisim.lp.highs import Session
from kelisim.lp.integer import least
from kelisim.lp.problem import INF, Floats
from kelisim.lp.sweep import sweep
from kelisim.lp.two_stage.stages import Outlook, TwoStage
from kelisim.lp.work import Work
from kelisim.tolerances import BOUNDS_MEET, MASTER_SOLVED, SAME_CHOICE, SAME_CUT

MASTER_SIZE = 1e3  # costs in the first stage are brought to about this size


@dataclass(frozen=True)
class BoundStep:
    """Bounds after a round, with what breaks ties, currency, and how many cuts there are."""

    lower: float
    upper: float
    cuts: int


@dataclass(frozen=True)
class StageDecision:
    """The choices, what they cost with each outlook, and the bounds on the way.

    x       (choices,)
    cost    expected, currency
    costs   with each outlook, first stage included, (outlooks,)
    """

    x: Floats
    cost: float
    costs: Floats
    steps: tuple[BoundStep, ...] = ()

    @property
    def gap(self) -> float:
        """Share by which the bounds lie apart."""
        if not self.steps:
            return 0.0
        last = self.steps[-1]
        return (last.upper - last.lower) / max(1.0, abs(last.upper))


@dataclass(frozen=True)
class PricedChoice:
    """What some choices cost with each outlook, beside the cost of the first stage.

    costs   currency, (outlooks,); ties what breaks ties adds to them
    slopes  currency a unit of each choice, (outlooks, choices)
    """

    costs: Floats
    ties: Floats
    slopes: Floats


@dataclass(frozen=True)
class _Tangent:
    """What an outlook costs with some choices, what breaks ties adds, and the slope there."""

    x: Floats
    cost: float
    ties: float
    slope: Floats


@dataclass
class Tangents:
    """All that was ever found of each outlook, by its name: other limits, weights or fewer outlooks begin with it.

    It belongs to one problem and its outlooks: those of one name have to be the same.
    """

    of: dict[str, dict[bytes, _Tangent]] = field(default_factory=dict)
    solves: int = 0

    def at(self, outlook: Outlook, x: Floats) -> _Tangent | None:
        return self.of.get(outlook.name, {}).get(_key(x))

    def keep(self, outlook: Outlook, one: _Tangent) -> None:
        self.of.setdefault(outlook.name, {})[_key(one.x)] = one
        self.solves += 1

    def every(self, outlook: Outlook) -> list[_Tangent]:
        return list(self.of.get(outlook.name, {}).values())


def priced(
    two: TwoStage, session: Session, x: Floats, work: Work | None = None, tangents: Tangents | None = None
) -> PricedChoice:
    """Solve every outlook with the choices x; raises SolverError where one has no optimum.

    session   of the problem, its base solved
    work      how outlooks are solved; here, one after another, if not given; each worker keeps one session
    tangents  what is known already, and will be
    """
    known = tangents if tangents is not None else Tangents()
    new = [one for one in two.outlooks if known.at(one, x) is None]
    if new:
        _solve(two, session, x, new, work, known)
    found = [known.at(one, x) for one in two.outlooks]
    rows = [one for one in found if one is not None]
    return PricedChoice(
        np.array([one.cost for one in rows]),
        np.array([one.ties for one in rows]),
        np.array([one.slope for one in rows]),
    )


def _solve(
    two: TwoStage, session: Session, x: Floats, outlooks: list[Outlook], work: Work | None, known: Tangents
) -> None:
    columns = np.unique(np.concatenate([one.reach.columns for one in outlooks]))
    rows = np.unique(np.concatenate([one.reach.rows for one in outlooks]))
    deltas = [one.reach.at(two.problem, one.delta, x) for one in outlooks]
    names, chunk = [one.name for one in outlooks], 1 if work and work.executor else None
    round_ = None
    if work is not None:  # one outlook alone says nothing of how far the plan is
        round_ = replace(work, keeper=None, told=work.told if len(outlooks) > 1 else None)
    swept = sweep(
        session, deltas, columns, round_, rows=rows, prices=True, chunk=chunk, names=names, loop="outlooks"
    )
    for outlook, found in zip(outlooks, swept.found, strict=True):
        if found is None or found.status != "optimal":
            raise SolverError(found.status if found else "stopped", f"{outlook.name} has no solution")
        own = outlook.reach
        reduced = found.reduced_costs[np.searchsorted(columns, own.columns)]
        duals = found.duals[np.searchsorted(rows, own.rows)]
        slope = own.slopes(reduced, duals) * two.problem.scale + outlook.cost
        known.keep(outlook, _Tangent(x, found.objective + float(outlook.cost @ x), float(found.ties), slope))


@dataclass
class _Master:
    """The first stage with all tangents that are needed: columns are the choices, then what each outlook costs at least."""

    two: TwoStage
    size: float = 1.0
    rows: list[Floats] = field(default_factory=list)
    least: list[float] = field(default_factory=list)
    _written: dict[int, list[Floats]] = field(default_factory=dict)

    def cut(self, outlook: int, one: _Tangent) -> None:
        """Cost of the outlook - slope @ x >= value - slope @ x_k."""
        row = np.zeros(len(one.x) + len(self.two.outlooks))
        row[: len(one.x)], row[len(one.x) + outlook] = -one.slope / self.size, 1.0
        at_least = (one.cost + one.ties - float(one.slope @ one.x)) / self.size
        written = np.append(row, at_least)
        near = SAME_CUT * np.maximum(1.0, np.abs(written))
        own = self._written.setdefault(outlook, [])
        # the solver takes two rows that differ by rounding for a contradiction
        if not any((np.abs(other - written) <= near).all() for other in own):
            own.append(written)
            self.rows.append(row)
            self.least.append(at_least)

    def next(self) -> tuple[Floats, Floats, float]:
        """The next choices, what each outlook costs at least with them, and the lower bound."""
        own, outlooks = self.two.choices, len(self.two.outlooks)
        without = sp.csr_array((own.matrix.shape[0], outlooks))
        matrix = sp.vstack(
            [sp.hstack([own.matrix, without]), sp.csr_array(np.array(self.rows))], format="csr"
        )
        cost = np.concatenate([own.cost / self.size, self.two.probabilities])
        free = np.full(outlooks, INF)
        found = least(
            cost,
            (np.concatenate([own.lower, -free]), np.concatenate([own.upper, free])),
            matrix,
            (
                np.concatenate([own.least, self.least]),
                np.concatenate([own.most, np.full(len(self.least), INF)]),
            ),
            np.concatenate([own.whole, np.zeros(outlooks, dtype=bool)]),
        )
        count = len(own.names)
        return found.values[:count], found.values[count:] * self.size, found.bound * self.size


def cheapest(two: TwoStage) -> Floats:
    """The choices that cost least in the first stage alone; raises SolverError where none meets its limits."""
    own = two.choices
    return least(own.cost, (own.lower, own.upper), own.matrix, (own.least, own.most), own.whole).values


def benders(
    two: TwoStage,
    session: Session,
    work: Work | None = None,
    gap: float = BOUNDS_MEET,
    most: int = 200,
    start: Floats | None = None,
    tangents: Tangents | None = None,
    progress: Callable[[BoundStep], None] | None = None,
    enough: float = INF,
) -> StageDecision:
    """The choices of least expected cost.

    session   of the problem, its base solved
    gap       share of the cost at which the bounds have met
    most      rounds
    start     choices of the first round; if not given the best by what is known, or the cheapest in the first stage
    tangents  what is known of the outlooks already, and will be
    progress  told of the bounds after each round
    enough    cost above which no answer is wanted: the search ends as soon as none can cost less
    """
    known = tangents if tangents is not None else Tangents()
    weights, master = two.probabilities, _Master(two)
    floor, steps, seen = np.full(len(weights), -INF), list[BoundStep](), set[bytes]()
    lower, x = -INF, start if start is not None else cheapest(two)
    if _earlier(master, known) and start is None:
        x, floor, lower = master.next()
    best = (INF, INF, x, np.zeros(0))
    for _ in range(most):
        found = priced(two, session, x, work, known)
        first = float(two.choices.cost @ x)
        with_ties = found.costs + found.ties
        total = first + float(weights @ with_ties)
        if not master.rows:
            master.size = max(1.0, float(np.abs(with_ties).max())) / MASTER_SIZE
        if total < best[0]:
            best = (total, first + float(weights @ found.costs), x, first + found.costs)
        for at in np.flatnonzero(with_ties - floor > MASTER_SOLVED * np.maximum(1.0, np.abs(with_ties))):
            one = known.at(two.outlooks[at], x)
            assert one is not None
            master.cut(int(at), one)
        seen.add(_key(x))
        x, floor, bound = master.next()
        lower = max(lower, bound)
        steps.append(BoundStep(lower, best[0], len(master.rows)))
        if progress is not None:
            progress(steps[-1])
        if best[0] - lower <= gap * max(1.0, abs(best[0])) or _key(x) in seen or lower > enough:
            break
    return StageDecision(best[2], best[1], best[3], tuple(steps))


def _earlier(master: _Master, known: Tangents) -> bool:
    """Begin with the tangents found before; False where there are none of some outlook."""
    every = [known.every(outlook) for outlook in master.two.outlooks]
    if not all(every):
        return False
    largest = max(abs(one.cost + one.ties) for own in every for one in own)
    master.size = max(1.0, largest) / MASTER_SIZE
    for at, own in enumerate(every):
        for one in own:
            master.cut(at, one)
    return True


def _key(x: Floats) -> bytes:
    return (np.round(x / SAME_CHOICE) + 0.0).tobytes()
