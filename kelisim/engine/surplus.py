"""What each neighbour can give beyond its plan: its own solve under the same outage, borders as planned, its customers served first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from kelisim.case.case import Case
from kelisim.engine.warm_start import fitted
from kelisim.errors import SolverError
from kelisim.lp.delta import Delta
from kelisim.lp.highs import Session
from kelisim.lp.problem import AT_LOWER, Block, Floats, Ints, Problem
from kelisim.lp.slice import SHORT, Slice, Solved
from kelisim.model.borders import WAYS, crossings, label
from kelisim.model.help import Help
from kelisim.model.rules import Rules, voll

GIVEN = "help.given"
BELOW = 0.8  # of the lowest value of lost load: nobody is cut so that somebody abroad may be served
KEPT = (
    3.0  # times the highest value of lost load: what crosses the borders by the plan, and what is handed over
)

LARGE = 50_000  # rows from which on an interior point with crossover is quicker than the primal simplex from the plan


class Surplus:
    """The session of a window in which borders are as planned and givers have a place to put what they could spare.

    problem  the window, with a column `help.given` for each giver, carrier and place of a way out, (columns, steps)
    """

    def __init__(self, case: Case, window: Slice, solved: Solved, help_: Help, rules: Rules) -> None:
        plain = replace(rules, place="none", time="none")
        problem, columns, rows = fitted(window.problem, window, solved, plain)
        self._givers = help_.givers
        self._most = {
            giver: sum(
                help_.most[at] for at, aid in enumerate(help_.aids) if (aid.giver, aid.carrier) == giver
            )
            for giver in self._givers
        }
        lowest, highest = _values(case, self._givers)
        closed = _as_planned(case, problem, window, solved, KEPT * highest)
        self.problem, self._block, self._of = _with_sinks(case, closed, self._most, lowest)
        self._session = Session(self.problem, threads=1)
        # the plan keeps all limits, but the prices are new: from its values, or, of many days, without them
        if self.problem.shape[0] > LARGE:
            found = self._session.start("hipo")
        else:
            added = np.full(self._block.size, AT_LOWER, dtype=np.int8)
            found = self._session.resume(np.concatenate([columns, added]), rows, "primal")
        if found.status != "optimal":
            raise SolverError(
                "surplus", "no neighbour can be looked at on its own: the window has no solution then"
            )

    def of(self, delta: Delta) -> Floats:
        """MW that each giver can spare in each step under a delta of `problem`, (givers, steps).

        Nothing where these changes leave no answer with the borders as planned: who cannot keep what is planned has nothing to spare.
        """
        found = np.zeros((len(self._givers), self._block.steps))
        solution = self._session.solve(delta)
        if solution.status != "optimal":
            return found
        np.add.at(found, self._of, np.maximum(self._block.take(solution.values), 0.0))
        return found


def _values(case: Case, givers: tuple[tuple[str, str], ...]) -> tuple[dict[str, float], float]:
    """Lowest value of lost load of each carrier that is given, and the highest of all, currency/MWh."""
    rows, worth = case.table("demand")["carrier"].to_numpy(), voll(case)
    if not len(worth):
        return {carrier: 1.0 for _, carrier in givers}, 1.0
    lowest = {carrier: float(worth[rows == carrier].min(initial=worth.max())) for _, carrier in givers}
    return lowest, float(worth.max())


def _as_planned(case: Case, problem: Problem, window: Slice, solved: Solved, price: float) -> Problem:
    """Whatever crosses a border does so as planned, and levels are handed over as planned, before anything is given."""
    weights = np.asarray(problem.facts["weights"], dtype=float)
    upper, cost = problem.upper.copy(), problem.cost.copy()
    inside = solved.values[window.columns]
    for one in crossings(case, problem):
        at = problem.columns[one.block].positions[one.at]
        plan = np.maximum(inside[window.problem.columns[one.block].positions[one.at]], 0.0)
        upper[at] = plan
        np.subtract.at(cost, at, price * weights)
    if SHORT in problem.columns:
        cost[problem.columns[SHORT].positions.ravel()] += price * float(weights.max())
    return replace(problem, upper=upper, cost=cost)


def _with_sinks(
    case: Case, problem: Problem, most: dict[tuple[str, str], Floats], worth: dict[str, float]
) -> tuple[Problem, Block, Ints]:
    """The problem with columns that take what a giver can spare at the places from which ways lead out; and the giver of each."""
    links = case.table("links").set_index("link")
    ends: dict[tuple[str, str, str], None] = {}
    for one in crossings(case, problem):
        if one.block in WAYS and (one.leaves, one.carrier) in most:
            side = "from_place" if one.block == WAYS[0] else "to_place"
            ends[one.leaves, one.carrier, str(links[side][one.element])] = None
    names, steps = sorted(ends), len(problem.step_names)
    givers = list(most)
    balance = problem.rows["places.balance"]
    at = [balance.elements.index(f"{place}:{carrier}") for _, carrier, place in names]
    few = tuple(bool(once) for once in balance.is_coarse[at])
    held = (balance.grid, few) if any(few) else (None, ())
    block = Block(GIVEN, problem.shape[1], tuple(label(*name) for name in names), steps, *held)
    into = np.concatenate([np.zeros(0, dtype=np.int64), *(balance.own(row) for row in at)])
    entries = sp.csc_array(
        (-np.ones(block.size), (into, np.arange(block.size))), shape=(problem.shape[0], block.size)
    )
    weights = np.asarray(problem.facts["weights"], dtype=float)
    reward = np.array([-BELOW * worth[carrier] * weights for _, carrier, _ in names]).reshape(-1, steps)
    limit = np.array([most[giver, carrier] for giver, carrier, _ in names]).reshape(-1, steps)
    nothing = np.zeros(block.size)
    grown = replace(
        problem,
        cost=np.concatenate([problem.cost, block.total(reward)]),
        tilt=np.concatenate([problem.tilt, nothing]),
        lower=np.concatenate([problem.lower, nothing]),
        upper=np.concatenate([problem.upper, block.mean(limit)]),
        matrix=sp.csc_array(sp.hstack([problem.matrix, entries], format="csc")),
        columns=problem.columns | {GIVEN: block},
    )
    return (
        grown,
        block,
        np.array([givers.index((giver, carrier)) for giver, carrier, _ in names], dtype=np.int64),
    )
