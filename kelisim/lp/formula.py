"""What a sum of columns is made of: at a basic optimum it is a sum of the limits that hold there, each times a factor.

With the basis B of an optimum and a weight for each column, y solves y B = weights of the basic columns. The weighted sum is then

    weights @ x = sum over columns at a bound of (weight - y @ column) * bound + sum over rows at a limit of y * limit

since A x - activities = 0 holds for all columns and rows together.
"""

from __future__ import annotations

import numpy as np

from kelisim.errors import InternalError
from kelisim.lp.highs import Session, Solution
from kelisim.lp.problem import Floats
from kelisim.tolerances import SAME_COST


def pieces(session: Session, solution: Solution, weights: Floats) -> tuple[Floats, Floats]:
    """What the bound of each column and the limit of each row add to a sum of columns, (columns,) and (rows,).

    session   at the basis of the solution
    weights   of the columns, (columns,)
    returns   in the unit of weights times columns; together they are weights @ values. Zero for what is not at a limit
    """
    matrix = session.problem.matrix
    basic = session.basic_variables()
    columns = basic >= 0
    rhs = np.zeros(len(basic))
    rhs[columns] = weights[basic[columns]]
    multipliers = session.transposed_solve(rhs)
    factor = weights - matrix.T @ multipliers
    factor[basic[columns]] = 0.0
    from_columns = factor * solution.values
    from_rows = multipliers * solution.activities
    from_rows[-1 - basic[~columns]] = 0.0
    found, wanted = from_columns.sum() + from_rows.sum(), weights @ solution.values
    size = np.abs(from_columns).sum() + np.abs(from_rows).sum()
    if abs(found - wanted) > SAME_COST * max(size, 1.0):
        raise InternalError(f"the pieces of a sum add up to {found:g} and not to {wanted:g}")
    return from_columns, from_rows
