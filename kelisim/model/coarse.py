"""What the same case in months says about the case in days: which columns are likely to be used."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kelisim.lp.highs import Solution
from kelisim.lp.problem import Problem
from kelisim.tolerances import ROUNDING

TOLERANCE = 0.02  # reduced cost per MWh up to which a column that the months leave empty counts as likely
ALWAYS = ("storages.", "demand.unserved", "rules.")


def likely(
    problem: Problem, coarse: Problem, solution: Solution, month_of_step: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Columns that the coarse solution uses, or would use for little, in a month or its neighbours.

    problem, coarse  the same case in fine and in coarse steps
    month_of_step    coarse step of each fine step
    returns          mask over the columns of `problem`
    """
    mask = np.ones(problem.shape[1], dtype=bool)
    for name, block in problem.columns.items():
        twin = coarse.columns.get(name)
        if (
            twin is None
            or block.steps != len(month_of_step)
            or name.startswith(ALWAYS)
            or twin.elements != block.elements
        ):
            continue
        cheap = (twin.take(solution.values) > ROUNDING) | (twin.take(solution.reduced_costs) <= TOLERANCE)
        near = cheap | np.roll(cheap, 1, axis=1) | np.roll(cheap, -1, axis=1)
        mask[block.span] = block.total(near[:, month_of_step].astype(float)) > 0
    return mask & ((problem.upper > 0.0) | (problem.lower != 0.0))
