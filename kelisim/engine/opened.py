"""A window that is open: its problem under the rules, its undisturbed solution, and answers to changes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from kelisim.case.case import Case
from kelisim.case.change import Change
from kelisim.engine.kept import Basis
from kelisim.errors import SolverError
from kelisim.lp.delta import Delta
from kelisim.lp.highs import Session, Solution
from kelisim.lp.problem import INF, Block, Floats, Problem
from kelisim.lp.window import Solved, Window, cut_out
from kelisim.model import rules as model_rules
from kelisim.model.build import compile_case
from kelisim.model.delta import Base, Deltas, RebuildNeeded, RebuildReason
from kelisim.model.rules import UNSERVED, Rules
from kelisim.results.answer import Answer, BlockValues

# rows whose handover counts even where the base gives it no price: less on its way is worse, so is a lower level
SIDES = {"places.balance": 1, "storages.balance": -1}
LEAST_PRICE = 1.0  # currency/MWh of handover and borrowing that the base gives no price
AT_LOWER, BASIC = 0, 1


@dataclass(frozen=True)
class Asked:
    """The answer to some changes in a window, beside the undisturbed one.

    answer, base  by block; hours of the steps of the window
    seconds       from the question to the answer
    rebuilt       why a new matrix was needed; None if a delta was enough
    """

    answer: Answer
    base: Answer
    seconds: float
    rebuilt: RebuildReason | None = None

    @property
    def extra_cost(self) -> float:
        """Cost beyond the undisturbed window, currency, unserved energy included."""
        return self.answer.objective - self.base.objective


class Opened:
    """One window of a solved case under rules; `ask` it what changes do.

    first, last  steps of the horizon it holds, [first, last)
    steps        their starts
    """

    def __init__(
        self, case: Case, solved: Solved, basis: Basis, first: int, last: int, rules: Rules, days: float
    ) -> None:
        self.case = case
        self.rules = rules
        self.first, self.last, self.days = first, last, days
        self.steps = case.horizon.steps.iloc[first:last]
        self.hours: Floats = case.horizon.hours[first:last]
        self._solved = solved
        self._basis = basis
        self._window = self._cut(solved)
        self.problem = model_rules.lay(case, self._window.problem, rules, self.hours, days)
        if self._needs_floors:
            self.problem = model_rules.with_floors(self.problem, self._floors(None))
        self._session = Session(self.problem, threads=1)
        start = self._started(self._session, self.problem)
        if start.status != "optimal":
            raise SolverError(start.status, "the undisturbed window has no solution")
        self.base = self._answer(start)
        self.start = start

    # ---- opening
    def _cut(self, solved: Solved) -> Window:
        mean = self.case.horizon.hours.mean()
        classes = self.case.quantities("customer_classes")
        protected = classes["voll"][classes["protected"]]
        most = float(protected.min()) * self.hours.min() / mean if len(protected) else INF
        return cut_out(solved, self.first, self.last, SIDES, LEAST_PRICE, most)

    def _started(self, session: Session, problem: Problem) -> Solution:
        columns, rows = self._basis_for(problem)
        solution = session.resume(columns, rows)
        if solution.status != "optimal":
            session.highs.clearSolver()
            solution = session.start("simplex")
        return solution

    def _basis_for(self, problem: Problem) -> Basis:
        """The base's statuses where a block is as it was cut out; new columns at their bound, new rows slack."""
        cut = self._window.problem
        columns = np.full(problem.shape[1], AT_LOWER, dtype=np.int8)
        rows = np.full(problem.shape[0], BASIC, dtype=np.int8)
        _fill(columns, problem.columns, cut.columns, self._basis[0][self._window.columns])
        _fill(rows, problem.rows, cut.rows, self._basis[1][self._window.rows])
        return columns, rows

    # ---- own_first: what each country can serve alone under the same changes
    @property
    def _needs_floors(self) -> bool:
        return self.rules.place == "own_first" and UNSERVED in self._window.problem.columns

    @cached_property
    def _crossing(self) -> np.ndarray:
        links = model_rules.crossing_links(self.case)
        parts = []
        for name in ("links.flow", "links.flow_back"):
            block = self._window.problem.columns.get(name)
            if block:
                at = [i for i, link in enumerate(block.elements) if link in links]
                parts.append(block.positions[at].ravel())
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)

    @cached_property
    def _alone(self) -> Session:
        """The window with all links between countries closed."""
        upper = self._window.problem.upper.copy()
        upper[self._crossing] = 0.0
        closed = replace(self._window.problem, upper=upper)
        alone = replace(self.rules, place="alone", time="late" if self.rules.time == "late" else "none")
        session = Session(model_rules.lay(self.case, closed, alone, self.hours, self.days), threads=1)
        if self._started(session, session.problem).status != "optimal":
            raise SolverError("alone", "no country can be looked at alone: the window has no solution then")
        return session

    def _floors(self, delta: Delta | None) -> Floats:
        closed = delta or Delta()
        stay = ~np.isin(closed.columns, self._crossing)
        closed = replace(
            closed, columns=closed.columns[stay], lower=closed.lower[stay], upper=closed.upper[stay]
        )
        solution = self._alone.solve(closed)
        if solution.status != "optimal":
            raise SolverError(solution.status, "no country can be looked at alone under these changes")
        return model_rules.floors(self.case, self._window.problem, solution.values)

    # ---- asking
    @cached_property
    def deltas(self) -> Deltas:
        """Makes deltas of the problem of this window."""
        base = Base(self._solved.values, self._solved.problem)
        return Deltas(self.case, self.problem, self._window, base, self._solved.problem)

    @cached_property
    def _plain_deltas(self) -> Deltas:
        base = Base(self._solved.values, self._solved.problem)
        return Deltas(self.case, self._window.problem, self._window, base, self._solved.problem)

    def delta(self, changes: Sequence[Change], in_transit: str = "held") -> Delta:
        """The delta of some changes, floors of own_first included. Raises RebuildNeeded."""
        found = self.deltas.of(changes, in_transit)
        if not self._needs_floors:
            return found
        floor = self._floors(self._plain_deltas.of(changes, in_transit)).ravel()
        block = self.problem.rows["rules.own_first"]
        rows = block.positions.ravel()
        return found.then(Delta(rows=rows, row_lower=np.full(len(rows), -INF), row_upper=floor))

    def ask(self, changes: Sequence[Change], in_transit: str = "held") -> Asked:
        """What the changes do; a change that no delta can make is asked of a window with a new matrix."""
        began = time.perf_counter()
        try:
            delta = self.delta(changes, in_transit)
        except RebuildNeeded as needed:
            return self._rebuilt(changes, in_transit, needed.reason, began)
        solution = self._session.solve(delta)
        return Asked(self._answer(solution, delta), self.base, time.perf_counter() - began)

    def solve(self, delta: Delta) -> Solution:
        """The solution with a delta of this window's problem."""
        return self._session.solve(delta)

    def audit(self, changes: Sequence[Change], in_transit: str = "held") -> float:
        """Relative difference between the warm objective of some changes and one solved cold."""
        return self._session.audit(self.delta(changes, in_transit))

    @property
    def counts(self) -> Mapping[str, float]:
        """Warm, cold and fallback solves, audits, iterations and seconds of this window's session."""
        return vars(self._session.counts)

    @property
    def session(self) -> Session:
        return self._session

    def _rebuilt(
        self, changes: Sequence[Change], in_transit: str, reason: RebuildReason, began: float
    ) -> Asked:
        other = compile_case(self.case.with_(reason.change))
        if other.columns != self._solved.problem.columns or other.rows != self._solved.problem.rows:
            raise SolverError("rebuild", f"the change adds or takes away parts of the problem: {reason.what}")
        solved = replace(self._solved, problem=other, activities=other.matrix @ self._solved.values)
        again = Opened(
            self.case.with_(reason.change), solved, self._basis, self.first, self.last, self.rules, self.days
        )
        rest = [change for change in changes if change is not reason.change]
        asked = again.ask(rest, in_transit)
        return Asked(asked.answer, self.base, time.perf_counter() - began, reason)

    def _answer(self, solution: Solution, delta: Delta | None = None) -> Answer:
        facts = {
            "method": solution.method, "iterations": solution.iterations, "place_rule": self.rules.place,
            "time_rule": self.rules.time,
        }  # fmt: skip
        return answer_of(self.problem, solution, self.hours, facts, delta)


def answer_of(
    problem: Problem, solution: Solution, hours: Floats, facts: Mapping[str, Any], delta: Delta | None = None
) -> Answer:
    """A solution by block; bounds and limits as the delta set them."""
    if solution.status != "optimal":
        return Answer(solution.status, float("nan"), hours, {}, {}, facts, problem.scale)
    lower, upper, low, high = problem.lower, problem.upper, problem.row_lower, problem.row_upper
    if delta is not None:
        _, lower, upper, low, high = delta.applied(problem)
    columns = {
        name: _values(block, solution.values, solution.reduced_costs, lower, upper)
        for name, block in problem.columns.items()
    }
    rows = {
        name: _values(block, solution.activities, solution.duals, low, high)
        for name, block in problem.rows.items()
    }
    return Answer("optimal", solution.objective, hours, columns, rows, facts, problem.scale)


def _values(block: Block, values: Floats, duals: Floats, lower: Floats, upper: Floats) -> BlockValues:
    return BlockValues(
        block.elements, block.take(values), block.take(duals), block.take(lower), block.take(upper)
    )


def _fill(
    into: np.ndarray, blocks: Mapping[str, Block], cut: Mapping[str, Block], statuses: np.ndarray
) -> None:
    for name, block in blocks.items():
        other = cut.get(name)
        if other is not None and other.size == block.size and other.start + other.size <= len(statuses):
            into[block.start : block.start + block.size] = statuses[other.start : other.start + other.size]
