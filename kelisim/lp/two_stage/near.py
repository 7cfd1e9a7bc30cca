"""Other choices that are nearly as good: the best that differs from all found before, again and again.

A choice of yes or no that was found is cut off by one limit: at least one of the choices has to be otherwise (Balas and Jeroslow,
SIAM Journal on Applied Mathematics 23, 1972). What is known of the outlooks stays, so that each takes few solves.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from kelisim.errors import SolverError
from kelisim.lp.highs import Session
from kelisim.lp.problem import INF, Floats, Ints
from kelisim.lp.two_stage.benders import StageDecision, Tangents, benders
from kelisim.lp.two_stage.stages import TwoStage
from kelisim.lp.work import Work
from kelisim.tolerances import BOUNDS_MEET


def nearly_as_good(
    two: TwoStage,
    session: Session,
    best: StageDecision,
    which: Ints,
    most_cost: float,
    count: int,
    tangents: Tangents,
    work: Work | None = None,
    gap: float = BOUNDS_MEET,
) -> tuple[StageDecision, ...]:
    """Up to `count` choices beside the best, each the cheapest that differs from all before it, while they cost no more than `most_cost`.

    which     positions of the choices that have to differ, each yes or no
    tangents  what is known of the outlooks
    """
    found: list[StageDecision] = []
    without = _otherwise(two, which, best.x)
    while len(found) < count:
        try:
            other = benders(without, session, work, gap, tangents=tangents, enough=most_cost)
        except SolverError as error:
            if error.status == "Infeasible":
                break  # there is no other
            raise
        if other.cost > most_cost:
            break
        found.append(other)
        without = _otherwise(without, which, other.x)
    return tuple(found)


def _otherwise(two: TwoStage, which: Ints, x: Floats) -> TwoStage:
    """At least one of the choices is not as in x: those taken count down, the others up."""
    own = two.choices
    row = np.zeros(len(own.names))
    row[which] = np.where(x[which] > 0.5, -1.0, 1.0)
    least = 1.0 - float((x[which] > 0.5).sum())
    matrix = sp.csr_array(sp.vstack([own.matrix, sp.csr_array(row[None, :])]))
    choices = replace(own, matrix=matrix, least=np.append(own.least, least), most=np.append(own.most, INF))
    return replace(two, choices=choices)
