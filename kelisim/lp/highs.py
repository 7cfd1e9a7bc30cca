"""A linear problem inside HiGHS: solve, basis, duals, and the limits that conflict.

HiGHS keeps the basis of the last solve and skips presolve when it has one (HiGHS issues 617, 3138).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt

from kelisim.errors import SolverError
from kelisim.lp.problem import INF, Floats, Problem

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
Statuses = npt.NDArray[np.int8]
_FEASIBLE = highspy.HighsModelStatus.kOptimal
_INFEASIBLE = (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible)


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
    reduced_costs: Floats
    activities: Floats
    duals: Floats
    seconds: float = 0.0
    iterations: int = 0
    method: str = ""


@dataclass(frozen=True)
class Conflict:
    """One limit of a set that cannot hold together; the side that plays no part is infinite."""

    kind: str
    label: tuple[str, str, str]
    lower: float
    upper: float


class Session:
    """One problem loaded into the solver."""

    def __init__(self, problem: Problem, threads: int = 0, log: Callable[[str], None] | None = None) -> None:
        self.problem = problem
        self._log = log
        self.highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        self._set("output_flag", False)
        self._set("threads", threads)
        self._load()

    def _set(self, option: str, value: Any) -> None:
        status = self.highs.setOptionValue(option, value)
        if status != highspy.HighsStatus.kOk:
            raise SolverError("option", f'the solver does not take {option} = "{value}"')

    def _load(self) -> None:
        p = self.problem
        rows, columns = p.shape
        status = self.highs.passModel(
            columns, rows, p.matrix.nnz, 1, 1, p.offset, p.cost + p.tilt, p.lower, p.upper, p.row_lower, p.row_upper,
            p.matrix.indptr.astype(np.int32), p.matrix.indices.astype(np.int32), p.matrix.data, np.zeros(columns, np.int32),
        )  # fmt: skip
        if status == highspy.HighsStatus.kError:
            raise SolverError("load", "the solver refused the problem")

    def solve(self, method: str = "choose", presolve: bool = True) -> Solution:
        """Solve to a basic optimum.

        method  "simplex" (dual), "primal" (simplex), "hipo" (interior point with crossover), "choose" (HiGHS decides)
        """
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
        if status != _FEASIBLE:
            raise SolverError(self.highs.modelStatusToString(status), "the solver stopped without an optimum")
        return self._answer(seconds, method)

    def _without_answer(self, status: str, seconds: float, method: str) -> Solution:
        empty = np.zeros(0)
        return Solution(status, float("nan"), empty, empty, empty, empty, seconds, 0, method)

    def _answer(self, seconds: float, method: str) -> Solution:
        found = self.highs.getSolution()
        info = self.highs.getInfo()
        values = np.array(found.col_value)
        return Solution(
            "optimal", self.problem.objective(values), values, np.array(found.col_dual), np.array(found.row_value),
            np.array(found.row_dual), seconds, int(info.simplex_iteration_count), method,
        )  # fmt: skip

    def basis(self) -> tuple[Statuses, Statuses]:
        """Status of each column and each row in the basis now, as numbers of HighsBasisStatus."""
        found = self.highs.getBasis()
        columns, rows = found.col_status, found.row_status
        return _codes(columns), _codes(rows)

    def set_basis(self, columns: Statuses, rows: Statuses) -> None:
        """Start the next solve from this basis."""
        basis = highspy.HighsBasis()
        basis.col_status = [_STATUS[code] for code in columns.tolist()]
        basis.row_status = [_STATUS[code] for code in rows.tolist()]
        basis.valid, basis.alien = True, False
        if self.highs.setBasis(basis) != highspy.HighsStatus.kOk:
            raise SolverError("basis", "the solver did not take the basis")

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
