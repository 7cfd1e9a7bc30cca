"""A linear problem with whole numbers in it, solved to the end by HiGHS."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
import scipy.sparse as sp

from kelisim.errors import SolverError
from kelisim.lp.problem import Floats
from kelisim.tolerances import MASTER_SOLVED


@dataclass(frozen=True)
class WholeAnswer:
    """The least found, and a number that no solution goes below.

    values  of the columns, whole ones rounded
    """

    values: Floats
    objective: float
    bound: float


def least(
    cost: Floats,
    bounds: tuple[Floats, Floats],
    matrix: sp.csr_array,
    limits: tuple[Floats, Floats],
    whole: np.ndarray,
    gap: float = 0.0,
    seconds: float = np.inf,
) -> WholeAnswer:
    """Minimise cost @ x with limits on matrix @ x and bounds on x; raises SolverError where there is no optimum.

    whole    which columns take whole numbers only, (columns,)
    gap      share of the cost by which the answer may lie above the least
    seconds  after which the best that is found stands, see its bound
    """
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.setOptionValue("output_flag", False)
    for name in ("primal_feasibility_tolerance", "dual_feasibility_tolerance", "mip_feasibility_tolerance"):
        highs.setOptionValue(name, MASTER_SOLVED)
    highs.setOptionValue("mip_rel_gap", gap)
    if np.isfinite(seconds):
        highs.setOptionValue("time_limit", seconds)
    highs.setOptionValue("mip_abs_gap", 0.0)
    by_column = sp.csc_array(matrix)
    rows, columns = by_column.shape
    starts, indices = by_column.indptr.astype(np.int32), by_column.indices.astype(np.int32)
    size = (columns, rows, by_column.nnz, 1, 1, 0.0)
    kinds = np.where(whole, int(highspy.HighsVarType.kInteger), int(highspy.HighsVarType.kContinuous))
    status = highs.passModel(
        *size, cost, *bounds, *limits, starts, indices, by_column.data, kinds.astype(np.int32)
    )
    if status == highspy.HighsStatus.kError:
        raise SolverError("load", "the solver refused the problem with whole numbers")
    highs.run()
    state = highs.getModelStatus()
    solved = {highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty}
    if state == highspy.HighsModelStatus.kTimeLimit and np.isfinite(highs.getInfo().objective_function_value):
        solved.add(state)
    if state not in solved:
        # presolve may take rows that differ by rounding for a contradiction
        highs.clearSolver()
        highs.setOptionValue("presolve", "off")
        highs.run()
        state = highs.getModelStatus()
    if state not in solved:
        raise SolverError(highs.modelStatusToString(state), "no choice meets all limits")
    values = np.array(highs.getSolution().col_value)
    values[whole] = np.round(values[whole])
    info = highs.getInfo()
    objective = float(info.objective_function_value)
    return WholeAnswer(values, objective, float(info.mip_dual_bound) if whole.any() else objective)
