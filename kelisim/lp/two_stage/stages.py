"""First stage, outlooks, and what a choice moves in each of them.

    minimise    cost @ x + sum over outlooks s of probability_s * Q_s(x),     x within its bounds and limits, whole where it says so
    Q_s(x)      least cost of the problem with the delta of the outlook, with bounds and limits moved by x, + cost_s @ x

Bounds and limits move by so much a unit of each choice, so that Q_s is convex and its slopes are prices of the moved bounds
(Birge and Louveaux, Introduction to Stochastic Programming, 2nd edition 2011, chapters 3 and 5). Each Q_s must have an optimum for every x.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import scipy.sparse as sp

from kelisim.errors import InternalError
from kelisim.lp.delta import Delta
from kelisim.lp.problem import Floats, Ints, Problem
from kelisim.tolerances import ROUNDING


@dataclass(frozen=True)
class Choices:
    """What is decided first.

    cost            currency a unit, (choices,)
    lower, upper    finite, (choices,)
    whole           whole numbers only, (choices,)
    matrix, least, most   limits such as a budget, an order of building or one of several, (limits, choices) and (limits,)
    """

    names: tuple[str, ...]
    cost: Floats
    lower: Floats
    upper: Floats
    whole: np.ndarray
    matrix: sp.csr_array
    least: Floats
    most: Floats

    @classmethod
    def yes_or_no(
        cls, names: Sequence[str], cost: Floats, limits: Sequence[tuple[Floats, float, float]] = ()
    ) -> Choices:
        """Choices that are taken or not; limits are weights of the choices, least and most."""
        count = len(names)
        rows = np.array([weights for weights, _, _ in limits]).reshape(len(limits), count)
        least, most = (np.array([limit[at] for limit in limits], dtype=float) for at in (1, 2))
        ends = np.zeros(count), np.ones(count)
        return cls(tuple(names), cost, *ends, np.ones(count, dtype=bool), sp.csr_array(rows), least, most)


@dataclass(frozen=True)
class Reach:
    """What a unit of each choice moves.

    columns, lower, upper       positions (C,), and by how much their bounds move, (C, choices), in units of the problem
    rows, row_lower, row_upper  positions (R,), and by how much their limits move, (R, choices)
    """

    columns: Ints
    lower: sp.csr_array
    upper: sp.csr_array
    rows: Ints
    row_lower: sp.csr_array
    row_upper: sp.csr_array

    def at(self, problem: Problem, delta: Delta, x: Floats) -> Delta:
        """The delta with the choices x."""
        _, lower, upper, row_lower, row_upper = delta.applied(problem)
        c, r = self.columns, self.rows
        moved = Delta(
            c,
            lower[c] + self.lower @ x,
            upper[c] + self.upper @ x,
            r,
            row_lower[r] + self.row_lower @ x,
            row_upper[r] + self.row_upper @ x,
        )
        return delta.then(moved)

    def of(self, parts: sp.csr_array) -> Reach:
        """What choices move that each bring parts of what is moved here, (choices here, choices there)."""
        moved = (self.lower @ parts, self.upper @ parts, self.row_lower @ parts, self.row_upper @ parts)
        lower, upper, row_lower, row_upper = map(sp.csr_array, moved)
        return Reach(self.columns, lower, upper, self.rows, row_lower, row_upper)

    def like(self, problem: Problem, none: Delta, every: Delta) -> Reach | None:
        """The same choices in another outlook, from the deltas with none and with all of them: where all together move a bound by another
        amount, each does by as much more or less. None where that does not follow: a bound that did not move, or one that several move.
        """
        before, after = none.applied(problem)[1:], every.applied(problem)[1:]
        found = []
        for side, (name, at) in enumerate(
            [
                ("lower", self.columns),
                ("upper", self.columns),
                ("row_lower", self.rows),
                ("row_upper", self.rows),
            ]
        ):
            matrix: sp.csr_array = getattr(self, name)
            old = np.asarray(matrix.sum(axis=1)).ravel()
            rest = np.ones(len(before[side]), dtype=bool)
            rest[at] = False
            if (before[side] != after[side])[rest].any():
                return None
            new = _step(before[side][at], after[side][at])
            still = np.abs(new - old) <= ROUNDING * np.maximum(1.0, np.abs(old))
            several = np.diff(matrix.indptr) > 1
            if (~still & ((old == 0.0) | several)).any():
                return None
            share = np.where(still, 1.0, np.divide(new, old, out=np.ones_like(old), where=old != 0.0))
            found.append(sp.csr_array(sp.diags_array(share) @ matrix))
        return Reach(self.columns, found[0], found[1], self.rows, found[2], found[3])

    def slopes(self, reduced_costs: Floats, duals: Floats) -> Floats:
        """Change of the least cost a unit of each choice, by prices of the moved columns and rows, (choices,)."""
        up, down = np.maximum, np.minimum
        return np.asarray(
            self.lower.T @ up(reduced_costs, 0.0)
            + self.upper.T @ down(reduced_costs, 0.0)
            + self.row_lower.T @ up(duals, 0.0)
            + self.row_upper.T @ down(duals, 0.0)
        )


@dataclass(frozen=True)
class Outlook:
    """One thing that may come.

    delta  of the problem with no choice taken
    cost   of a unit of each choice in this outlook beside what it costs anyway, currency, (choices,)
    """

    name: str
    probability: float
    delta: Delta
    reach: Reach
    cost: Floats


@dataclass(frozen=True)
class TwoStage:
    """Choices, and what may come after them. The probabilities add up to 1."""

    problem: Problem
    choices: Choices
    outlooks: tuple[Outlook, ...]
    facts: dict[str, object] = field(default_factory=dict)

    @property
    def probabilities(self) -> Floats:
        return np.array([outlook.probability for outlook in self.outlooks])

    def alone(self, outlook: Outlook) -> TwoStage:
        """As if it were known that this outlook comes."""
        return replace(self, outlooks=(replace(outlook, probability=1.0),))

    def mean(self) -> TwoStage:
        """As if the mean of all outlooks came: of every bound, limit and cost."""
        weights = self.probabilities
        columns = _union(
            [one.delta.columns for one in self.outlooks] + [o.reach.columns for o in self.outlooks]
        )
        rows = _union([one.delta.rows for one in self.outlooks] + [one.reach.rows for one in self.outlooks])
        costs = _union([one.delta.costs for one in self.outlooks])
        wanted = (costs, columns, columns, rows, rows)
        sums = [np.zeros(len(at)) for at in wanted]
        for outlook in self.outlooks:
            applied = outlook.delta.applied(self.problem)
            for total, values, at in zip(sums, applied, wanted, strict=True):
                total += outlook.probability * values[at]
        cost, lower, upper, row_lower, row_upper = sums
        delta = Delta(columns, lower, upper, rows, row_lower, row_upper, costs, cost)
        own = sum(weight * one.cost for weight, one in zip(weights, self.outlooks, strict=True))
        parts = [(one.reach, weight) for one, weight in zip(self.outlooks, weights, strict=True)]
        count = len(self.choices.names)
        moved = [
            sum(
                (weight * _placed(getattr(reach, name), at, getattr(reach, where), count))
                for reach, weight in parts
            )
            for name, at, where in (
                ("lower", columns, "columns"),
                ("upper", columns, "columns"),
                ("row_lower", rows, "rows"),
                ("row_upper", rows, "rows"),
            )
        ]
        reach = Reach(columns, moved[0], moved[1], rows, moved[2], moved[3])
        return replace(self, outlooks=(Outlook("mean", 1.0, delta, reach, np.asarray(own)),))


def reach_between(problem: Problem, none: Delta, each: Sequence[Delta], every: Delta) -> Reach:
    """What choices move, from the deltas with none of them, with each alone, and with all.

    Raises InternalError where all together do not move what each moves alone, or where a bound moves to or from infinity.
    """
    columns = _union([one.columns for one in (none, *each, every)])
    rows = _union([one.rows for one in (none, *each, every)])

    def values(delta: Delta) -> list[Floats]:
        _, lower, upper, row_lower, row_upper = delta.applied(problem)
        return [lower[columns], upper[columns], row_lower[rows], row_upper[rows]]

    first, last, alone = values(none), values(every), [values(one) for one in each]
    moved = []
    for side in range(4):
        steps = [_step(first[side], one[side]) for one in alone]
        apart = np.abs(np.sum(steps, axis=0) - _step(first[side], last[side]))
        if (
            apart > ROUNDING * np.maximum(1.0, np.abs(np.where(np.isfinite(last[side]), last[side], 0.0)))
        ).any():
            raise InternalError("choices move one bound together otherwise than each alone")
        moved.append(sp.csr_array(np.array(steps).T))
    return Reach(columns, moved[0], moved[1], rows, moved[2], moved[3])


def _step(before: Floats, after: Floats) -> Floats:
    same = before == after
    step = np.where(same, 0.0, after - np.where(same, 0.0, before))
    if not np.isfinite(step).all():
        raise InternalError("a choice moves a bound to or from infinity")
    return step


def _union(positions: Sequence[Ints]) -> Ints:
    return np.unique(np.concatenate([*positions, np.zeros(0, dtype=np.int64)])).astype(np.int64)


def _placed(matrix: sp.csr_array, at: Ints, own: Ints, count: int) -> sp.csr_array:
    """Rows of a matrix at their places among more positions, (positions, choices)."""
    entries = sp.coo_array(matrix)
    where = np.searchsorted(at, own)
    return sp.csr_array((entries.data, (where[entries.row], entries.col)), shape=(len(at), count))
