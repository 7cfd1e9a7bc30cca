"""A linear problem inside HiGHS: solve, basis, duals, and the limits that conflict.

HiGHS keeps the basis of the last solve and skips presolve when it has one (HiGHS issues 617, 3138).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import highspy
import numpy as np

from kelisim.errors import InternalError, SolverError
from kelisim.lp.delta import Delta
from kelisim.lp.problem import INF, Floats, Ints, Problem, Statuses

METHODS = ("simplex", "primal", "hipo", "choose")
_HOLDS_LOWER = (
    int(highspy.IisBoundStatus.kIisBoundStatusLower),
    int(highspy.IisBoundStatus.kIisBoundStatusBoxed),
)
_HOLDS_UPPER = (
    int(highspy.IisBoundStatus.kIisBoundStatusUpper),
    int(highspy.IisBoundStatus.kIisBoundStatusBoxed),
)
_STATUS = {int(status): status for status in highspy.HighsBasisStatus.__members__.values()}
_FEASIBLE = (
    highspy.HighsModelStatus.kOptimal,
    highspy.HighsModelStatus.kModelEmpty,
)  # of nothing the plan is nothing
_INFEASIBLE = (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible)


class LimitReached(SolverError):
    """An answer that was given up because it takes more pivots than it may."""

    def __init__(self, most: int) -> None:
        super().__init__("limit", f"no answer within {most}")


@dataclass(frozen=True)
class Solution:
    """An optimal basic solution, or the status that says why there is none.

    status     "optimal", "infeasible" or "unbounded"
    objective  currency, without the tilt
    values, reduced_costs  per column; activities, duals per row (objective per unit, not scaled)
    """

    status: str
    objective: float
    values: Floats
    seconds: float = 0.0
    iterations: int = 0
    method: str = ""
    read: Any = field(default=None, repr=False)  # what the solver found, until it is asked for

    @cached_property
    def reduced_costs(self) -> Floats:
        return self._vector("col_dual")

    @cached_property
    def activities(self) -> Floats:
        return self._vector("row_value")

    @cached_property
    def duals(self) -> Floats:
        return self._vector("row_dual")

    def _vector(self, name: str) -> Floats:
        return np.array(getattr(self.read, name) if self.read is not None else [], dtype=float)

    def __getstate__(self) -> dict[str, Any]:
        """All that was found as arrays: what the solver holds does not travel between processes."""
        vectors = {name: getattr(self, name) for name in ("reduced_costs", "activities", "duals")}
        return {**self.__dict__, **vectors, "read": None}


@dataclass(frozen=True)
class Conflict:
    """One limit of a set that cannot hold together; the side that plays no part is infinite."""

    kind: str
    label: tuple[str, str, str]
    lower: float
    upper: float


@dataclass
class Counts:
    """How answers were found: from the base basis, cold because the warm solve stopped, or cold as an audit."""

    warm: int = 0
    cold: int = 0
    fallback: int = 0
    audits: int = 0
    iterations: int = 0
    seconds: float = 0.0


class Session:
    """One problem loaded into the solver, with the basis of its base solution.

    `start` solves the base; `solve(delta)` puts base bounds and base basis back, applies the delta and goes on from
    there, so that an answer depends neither on the order of questions nor on who asked before.

    repeatable  forget all that the solver keeps of earlier questions, its random numbers included: of answers of equal cost it
                then finds the same one each time; it takes longer by what the solver sets up anew
    """

    def __init__(
        self,
        problem: Problem,
        threads: int = 0,
        log: Callable[[str], None] | None = None,
        repeatable: bool = False,
    ) -> None:
        self.problem = problem
        self._repeatable = repeatable
        self._most = 0
        self.counts = Counts()
        self._log = log
        self._changed = Delta()
        self._base: Any = None
        self._marks: dict[str, Any] = {}
        self.highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        self._set("output_flag", False)
        self._set("threads", threads)
        self._load()

    def limit(self, pivots: int) -> None:
        """Give up an answer that takes more pivots: `solve` then raises LimitReached, the same on every machine."""
        self._most = pivots
        self._set("simplex_iteration_limit", pivots)

    def _set(self, option: str, value: Any) -> None:
        status = self.highs.setOptionValue(option, value)
        if status != highspy.HighsStatus.kOk:
            raise SolverError("option", f'the solver does not take {option} = "{value}"')

    def _load(self) -> None:
        p = self.problem
        rows, columns = p.shape
        starts, indices = p.matrix.indptr.astype(np.int32), p.matrix.indices.astype(np.int32)
        size, limits = (
            (columns, rows, p.matrix.nnz, 1, 1, p.offset),
            (p.lower, p.upper, p.row_lower, p.row_upper),
        )
        matrix = (starts, indices, p.matrix.data, np.zeros(columns, np.int32))
        status = self.highs.passModel(*size, p.cost + p.tilt, *limits, *matrix)
        if status == highspy.HighsStatus.kError:
            raise SolverError("load", "the solver refused the problem")

    # ---- the base
    def start(self, method: str = "choose", presolve: bool = True) -> Solution:
        """Solve the problem as it stands to a basic optimum and keep its basis.

        method  "simplex" (dual), "primal" (simplex), "hipo" (interior point with crossover), "choose" (HiGHS decides)
        """
        self._restore()
        solution = self._run(method, presolve)
        self.counts.cold += 1
        if solution.status == "optimal":
            self._base = self.highs.getBasis()
        return solution

    def resume(self, columns: Statuses, rows: Statuses, method: str = "simplex") -> Solution:
        """As start, from a basis that need not fit exactly (of a cached base, or cut out of a larger one).

        method  "simplex" (dual) if its prices fit, "primal" if its values do

        Where the solver gives up from there, such as from a basis that is nearly singular, it begins anew without one.
        """
        self.set_basis(columns, rows)
        try:
            return self.start(method, presolve=False)
        except LimitReached:
            raise
        except SolverError:
            self.highs.clearSolver()
            self.counts.fallback += 1
            return self.start("simplex")

    def base_basis(self) -> tuple[Statuses, Statuses]:
        """Basis of the base solution, to `adopt` elsewhere. Raises InternalError before `start`."""
        if self._base is None:
            raise InternalError("a session has no base basis before its base is solved")
        return _codes(self._base.col_status), _codes(self._base.row_status)

    def adopt(self, columns: Statuses, rows: Statuses) -> None:
        """Take a basis found elsewhere as the base basis, so that all workers start from the same one."""
        self.set_basis(columns, rows, alien=False)
        self._base = self.highs.getBasis()

    def mark(self) -> Any:
        """The basis of the last answer, to `begin_at` later."""
        return self.highs.getBasis()

    def solve_again(self, delta: Delta, name: str) -> Solution:
        """As solve, from where the last answer of this name ended: of two questions with much in common the second is quick.

        Answers of equal cost may then depend on what was asked before.
        """
        base = self._base
        self._base = self._marks.get(name, base)
        try:
            solution = self.solve(delta)
            if solution.status == "optimal":
                self._marks[name] = self.mark()
        finally:
            self._base = base
        return solution

    def begin_at(self, mark: Any) -> None:
        """Answer what follows from another basis of this session than that of its base: quicker where it is nearer."""
        self._base = mark

    # ---- questions
    def solve(self, delta: Delta | None = None, anew: bool = False) -> Solution:
        """The optimum with a delta, from the base basis: dual simplex, or primal after costs alone.

        anew  forget what the solver keeps of earlier questions, as with `repeatable`: each digit is then the same whoever asks

        Raises InternalError before `start`, LimitReached where there is a limit.
        """
        if self._base is None:
            raise InternalError("a session is asked before its base is solved")
        began = time.perf_counter()
        delta = delta or Delta()
        self._restore()
        self._apply(delta)
        if self._repeatable or anew:
            self.highs.clearSolver()
        self.highs.setBasis(self._base)
        try:
            solution = self._run("primal" if delta.only_costs else "simplex", presolve=False)
            self.counts.warm += 1
        except LimitReached:
            raise
        except SolverError:
            self.highs.clearSolver()
            solution = self._run("simplex", presolve=True)
            self.counts.fallback += 1
        self.counts.iterations += solution.iterations
        self.counts.seconds += time.perf_counter() - began
        return self._priced(solution, delta)

    def near(self, delta: Delta, others: Iterable[Delta]) -> Iterator[float]:
        """What is minimised with each of some deltas, ties included, from the basis with one that is near to all of them.

        Quicker than `solve`, and as exact; only the cost is looked at. Infinite where nothing is feasible, minus infinity where
        nothing limits the cost.
        """
        if not delta.is_same(self._changed):
            self.solve(delta)
        basis = self.highs.getBasis()
        for other in others:
            began = time.perf_counter()
            self._restore()
            self._apply(other)
            self.highs.setBasis(basis)
            self.highs.run()
            status = self.highs.getModelStatus()
            if status not in _FEASIBLE:
                solution = self.solve(other)
                none = INF if solution.status == "infeasible" else -INF
                yield none if solution.status != "optimal" else self._minimised()
                continue
            self.counts.warm += 1
            self.counts.seconds += time.perf_counter() - began
            yield self._minimised()

    def _minimised(self) -> float:
        return float(self.highs.getInfo().objective_function_value) * self.problem.scale

    def audit(self, delta: Delta | None = None) -> float:
        """Relative difference between the warm objective and one solved cold, without any basis."""
        warm = self.solve(delta)
        self.highs.clearSolver()
        cold = self._priced(self._run("simplex", presolve=True), delta or Delta())
        self.counts.audits += 1
        if warm.status != cold.status:
            return INF
        if warm.status != "optimal":
            return 0.0
        return abs(warm.objective - cold.objective) / max(1.0, abs(cold.objective))

    def _priced(self, solution: Solution, delta: Delta) -> Solution:
        """With the costs of the delta in the objective."""
        if not len(delta.costs) or solution.status != "optimal":
            return solution
        more = (delta.cost - self.problem.cost[delta.costs]) @ solution.values[delta.costs]
        return replace(solution, objective=solution.objective + float(more) * self.problem.scale)

    def _apply(self, delta: Delta) -> None:
        if len(delta.columns):
            at = delta.columns.astype(np.int32)
            self.highs.changeColsBounds(len(at), at, delta.lower, delta.upper)
        if len(delta.rows):
            at = delta.rows.astype(np.int32)
            self.highs.changeRowsBounds(len(at), at, delta.row_lower, delta.row_upper)
        if len(delta.costs):
            at = delta.costs.astype(np.int32)
            self.highs.changeColsCost(len(at), at, delta.cost + self.problem.tilt[delta.costs])
        self._changed = delta

    def _restore(self) -> None:
        c, r, k, p = self._changed.columns, self._changed.rows, self._changed.costs, self.problem
        self._apply(Delta(c, p.lower[c], p.upper[c], r, p.row_lower[r], p.row_upper[r], k, p.cost[k]))
        self._changed = Delta()

    def _run(self, method: str, presolve: bool) -> Solution:
        began = time.perf_counter()
        self._set("presolve", "choose" if presolve else "off")
        self._set("solver", "simplex" if method == "primal" else method)
        self._set("simplex_strategy", 4 if method == "primal" else 1)
        if method == "hipo":
            self._set("run_crossover", "on")
        self.highs.run()
        status = self.highs.getModelStatus()
        if status in _INFEASIBLE and presolve:
            # presolve cannot tell infeasible from unbounded
            self._set("presolve", "off")
            self._set("solver", "simplex")
            self.highs.run()
            status = self.highs.getModelStatus()
        seconds = time.perf_counter() - began
        if status in _INFEASIBLE or status == highspy.HighsModelStatus.kUnbounded:
            return self._without_answer(
                "infeasible" if status in _INFEASIBLE else "unbounded", seconds, method
            )
        if status == highspy.HighsModelStatus.kIterationLimit and self._most:
            raise LimitReached(self._most)
        if status not in _FEASIBLE:
            raise SolverError(self.highs.modelStatusToString(status), "the solver stopped without an optimum")
        return self._answer(seconds, method)

    def _without_answer(self, status: str, seconds: float, method: str) -> Solution:
        empty = np.zeros(0)
        return Solution(status, float("nan"), empty, seconds, 0, method)

    def _answer(self, seconds: float, method: str) -> Solution:
        found = self.highs.getSolution()
        info = self.highs.getInfo()
        values = np.array(found.col_value)
        cost, count = self.problem.objective(values), int(info.simplex_iteration_count)
        return Solution("optimal", cost, values, seconds, count, method, found)

    # ---- the basis
    def basis(self) -> tuple[Statuses, Statuses]:
        """Status of each column and each row in the basis now, as numbers of HighsBasisStatus."""
        found = self.highs.getBasis()
        columns, rows = found.col_status, found.row_status
        return _codes(columns), _codes(rows)

    def set_basis(self, columns: Statuses, rows: Statuses, alien: bool = True) -> None:
        """Start the next solve from this basis; the solver completes one that does not fit."""
        basis = highspy.HighsBasis()
        basis.col_status = [_STATUS[code] for code in columns.tolist()]
        basis.row_status = [_STATUS[code] for code in rows.tolist()]
        basis.valid, basis.alien = True, alien
        if self.highs.setBasis(basis) != highspy.HighsStatus.kOk:
            raise SolverError("basis", "the solver did not take the basis")

    def basic_variables(self) -> Ints:
        """What is basic now, in the order of the basis: a column, or row i as -1 - i, (rows,)."""
        status, found = self.highs.getBasicVariables()
        if status != highspy.HighsStatus.kOk:
            raise SolverError("basis", "the solver does not tell its basis")
        return np.asarray(found, dtype=np.int64)

    def inverse_grows(self) -> float:
        """Largest entry of x where B x = 1, B the basis now; infinite where the solver has no factors of it."""
        self._set("simplex_iteration_limit", 0)
        self._set("presolve", "off")
        self.highs.run()
        self._set("simplex_iteration_limit", self._most or 2**31 - 1)
        status, found = self.highs.getBasisSolve(np.ones(self.problem.shape[0]))
        return float(np.abs(found).max()) if status == highspy.HighsStatus.kOk else INF

    def transposed_solve(self, weights: Floats) -> Floats:
        """Row multipliers y with y B = weights, B the basis now and weights in its order, (rows,) each."""
        status, found = self.highs.getBasisTransposeSolve(weights)
        if status != highspy.HighsStatus.kOk:
            raise SolverError("basis", "the solver does not solve with its basis")
        return np.asarray(found, dtype=float)

    def conflicts(self, seconds: float = 60.0) -> list[Conflict]:
        """A smallest set of limits that cannot hold together (irreducible infeasible subset); asked after an infeasible solve.

        A set that could not be made smallest within the time is given as far as it was found.
        """
        # the solver's default looks at single rows only
        self._set("iis_strategy", int(highspy.IisStrategy.kIisStrategyIrreducible))
        self._set("iis_time_limit", seconds)
        status, iis = self.highs.getIis()
        if status == highspy.HighsStatus.kError:
            return []
        p = self.problem
        found = [
            Conflict("row", p.row_label(i), *_held(p.row_lower[i], p.row_upper[i], side))
            for i, side in zip(iis.row_index_, iis.row_bound_, strict=True)
        ]
        found += [
            Conflict("column", p.column_label(j), *_held(p.lower[j], p.upper[j], side))
            for j, side in zip(iis.col_index_, iis.col_bound_, strict=True)
            if side in _HOLDS_LOWER or side in _HOLDS_UPPER
        ]
        return found


def _codes(statuses: Any) -> Statuses:
    return np.fromiter((int(status) for status in statuses), np.int8, len(statuses))


def _held(lower: float, upper: float, side: int) -> tuple[float, float]:
    """The sides of a limit that take part in a conflict."""
    return float(lower) if side in _HOLDS_LOWER else -INF, float(upper) if side in _HOLDS_UPPER else INF
