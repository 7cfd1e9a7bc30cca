"""What each country can serve alone: a window with all links between countries closed, asked by the rule own_first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kelisim.case.case import Case
from kelisim.engine.warm_start import fitted
from kelisim.errors import SolverError
from kelisim.lp.delta import Delta
from kelisim.lp.highs import Session
from kelisim.lp.problem import Floats, Problem
from kelisim.lp.slice import Slice, Solved
from kelisim.model import rules as model_rules
from kelisim.model.rules import Rules


class Autarky:
    """The session of a window with closed borders; its ties are broken as those of the rules.

    problem  the window with closed borders
    """

    def __init__(
        self, case: Case, window: Slice, solved: Solved, rules: Rules, hours: Floats, days: float
    ) -> None:
        self._case = case
        self._crossing = crossing_columns(case, window.problem)
        own = replace(rules, place="alone")
        laid = model_rules.lay(case, window.problem, own, hours, days)
        problem, columns, rows = fitted(laid, window, solved, own)
        upper = problem.upper.copy()
        upper[self._crossing] = 0.0
        self.problem = replace(problem, upper=upper)
        self._session = Session(self.problem, threads=1)
        if self._session.resume(columns, rows).status != "optimal":
            raise SolverError("alone", "no country can be looked at alone: the window has no solution then")

    def floors(self, delta: Delta) -> Floats:
        """Unserved MW of each country, carrier and class under a delta of `problem`, (floor_names, steps)."""
        stay = ~np.isin(delta.columns, self._crossing)
        closed = replace(delta, columns=delta.columns[stay], lower=delta.lower[stay], upper=delta.upper[stay])
        solution = self._session.solve(closed)
        if solution.status != "optimal":
            raise SolverError(solution.status, "no country can be looked at alone under these changes")
        return model_rules.floors(self._case, self.problem, solution.values)


def crossing_columns(case: Case, problem: Problem) -> np.ndarray:
    """Positions of flows between countries."""
    links = model_rules.crossing_links(case)
    parts = []
    for name in ("links.flow", "links.flow_back"):
        block = problem.columns.get(name)
        if block:
            at = [i for i, link in enumerate(block.elements) if link in links]
            parts.append(np.unique(block.positions[at]))
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def closed_borders(case: Case, problem: Problem) -> Problem:
    """The problem with all links between countries closed."""
    upper = problem.upper.copy()
    upper[crossing_columns(case, problem)] = 0.0
    return replace(problem, upper=upper)
