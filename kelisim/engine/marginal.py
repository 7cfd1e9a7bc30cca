"""What more of something would bring while something else is short: by its price, and solved again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from kelisim.case.change import Change
from kelisim.engine.reading import answer_of, facts_of
from kelisim.engine.window import Window, WindowAnswer
from kelisim.errors import SolverError
from kelisim.lp.delta import Delta
from kelisim.lp.highs import Session
from kelisim.lp.problem import Floats
from kelisim.model.rules import UNSERVED
from kelisim.results.answer import Answer


@dataclass(frozen=True)
class Relief:
    """What one change brings beside a stress.

    by_price  currency that it saves by the prices of the stress; no less than it saves when solved
    saved     currency that it saves, solved again
    unserved  MWh of each row of demand that it serves more, (rows); below 0 where another goes shorter
    """

    by_price: float
    saved: float
    unserved: Floats


class Stressed:
    """A window under a stress, of which reliefs are asked, each from the basis of the stress.

    changes  what is short; a relief that changes the same thing again stands in its place
    help     rule of help from abroad; that of the window if empty
    """

    def __init__(self, opened: Window, changes: Sequence[Change], help: str = "") -> None:
        began = time.perf_counter()
        self._opened = opened
        self._delta = opened.helped(opened.delta(changes), changes, help=help)
        answer = self._solved()
        if opened.norms.is_needed:
            answer = opened.norms.opened(answer, opened.base, {}, self._solved)
        self._basis = opened.session.basis()
        self._cost = self._minimised(self._solution.values, self._solution.objective)
        self.asked = WindowAnswer(answer, opened.base, time.perf_counter() - began)

    def _solved(self, more: Delta | None = None) -> Answer:
        """The answer to the stress, with what else is changed from then on: the price of drawing on norms that are open."""
        opened = self._opened
        self._delta = self._delta.then(more or Delta())
        self._solution = opened.session.solve(self._delta)
        if self._solution.status != "optimal":
            raise SolverError(self._solution.status, "the stress has no answer")
        facts = facts_of(self._solution, opened.rules)
        return answer_of(opened.problem, self._solution, opened.hours, facts, self._delta)

    @cached_property
    def _session(self) -> Session:
        """The window with the stress in its limits, started where the stress ended."""
        cost, lower, upper, low, high = self._delta.applied(self._opened.problem)
        stressed = replace(
            self._opened.problem, cost=cost, lower=lower, upper=upper, row_lower=low, row_upper=high
        )
        session = Session(stressed, threads=1)
        session.adopt(*self._basis)
        return session

    def relief(self, changes: Sequence[Change]) -> Relief:
        """The changes after the stress. By its prices y, V(new) >= V(stress) + y (new - old limits): weak duality."""
        more = self._opened.delta(changes)
        solution = self._session.solve(more)
        if solution.status != "optimal":
            raise SolverError(solution.status, "the stress and its relief have no answer")
        saved = self._cost - self._minimised(solution.values, solution.objective)
        served = self._unserved(self._solution.values) - self._unserved(solution.values)
        return Relief(self._by_price(self._delta.then(more)), saved, served)

    def _minimised(self, values: Floats, objective: float) -> float:
        """The objective with what breaks ties."""
        problem = self._opened.problem
        return objective + float(problem.tilt @ values) * problem.scale

    def _by_price(self, both: Delta) -> float:
        problem = self._opened.problem
        _, lower, upper, low, high = self._delta.applied(problem)
        _, new_lower, new_upper, new_low, new_high = both.applied(problem)
        cost = _priced(self._solution.reduced_costs, _moved(new_lower, lower), _moved(new_upper, upper))
        cost += _priced(self._solution.duals, _moved(new_low, low), _moved(new_high, high))
        return -cost * problem.scale

    def _unserved(self, values: Floats) -> Floats:
        block = self._opened.problem.columns.get(UNSERVED)
        rows, hours = len(self._opened.case.table("demand")), self._opened.hours
        if block is None:
            return np.zeros(rows)
        return block.by_row(values, rows) @ hours


def _moved(new: Floats, old: Floats) -> Floats:
    """By how much limits moved; those without an end stand still."""
    found = np.zeros(len(new))
    some = new != old
    found[some] = new[some] - old[some]
    return found


def _priced(price: Floats, lower: Floats, upper: Floats) -> float:
    """Cost of moved limits at prices: a positive price is that of the lower, a negative one that of the upper limit."""
    some = (lower != 0) | (upper != 0)
    at = price[some]
    return float(np.where(at > 0, at * lower[some], at * upper[some]).sum())
