"""Large problems from a part of their columns: solve those that are likely to be used, then let all others in.

The basis of the part, with all other columns at their lower bound, is a feasible basis of the whole; the primal
simplex goes on from there. The answer is an optimal basis of the whole problem, whatever the guess was; the guess
decides only how long it takes. (Sifting: Bixby et al. 1992, Operations Research 40.)
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from kelisim.lp.highs import Session, Solution
from kelisim.lp.problem import Problem


def sift(problem: Problem, likely: npt.NDArray[np.bool_], method: str) -> tuple[Session, Solution] | None:
    """Solve by way of the likely columns; None where they alone have no solution.

    likely  mask of columns, (columns); columns whose lower bound is not 0 are taken in any case
    method  solver of the part
    returns session that holds the whole problem with its optimal basis, and the solution
    """
    chosen = np.flatnonzero(likely | (problem.lower != 0.0))
    vectors = {name: getattr(problem, name)[chosen] for name in ("cost", "tilt", "lower", "upper")}
    part = replace(problem, **vectors, matrix=problem.matrix[:, chosen])
    small = Session(part)
    first = small.start(method)
    if first.status != "optimal":
        return None
    columns, rows = small.basis()
    del small
    whole = np.zeros(problem.shape[1], dtype=np.int8)
    whole[chosen] = columns
    session = Session(problem)
    session.set_basis(whole, rows)
    second = session.start("primal", presolve=False)
    if second.status != "optimal":
        return None
    seconds = first.seconds + second.seconds
    return session, replace(
        second, seconds=seconds, iterations=first.iterations + second.iterations, method=f"{method}, sifted"
    )
