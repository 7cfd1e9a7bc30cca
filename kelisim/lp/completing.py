"""A basis made whole: the rows that its columns do not span get their slack, and columns that depend on each other lose one of them."""

from __future__ import annotations

import warnings

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from kelisim.lp.highs import Session
from kelisim.lp.problem import AT_LOWER, AT_UPPER, BASIC, Floats, Ints, Problem, Statuses
from kelisim.tolerances import MOVES, NEARLY_SINGULAR, VANISHING

TRIES = 20
GROWTH = 1e10  # of a right-hand side of ones in the inverse of a basis: less is no reason to look closer


def completed(
    problem: Problem, columns: Statuses, rows: Statuses, values: Floats
) -> tuple[Statuses, Statuses]:
    """A basis that is whole, as near as can be to one that need not be.

    The solver completes it, but with its threshold of pivots it can miss that columns depend on each other: values from such a
    basis are off by orders of magnitude, and the simplex gives up or begins anew. So where the inverse is that large, the basis is
    factorised once more with full partial pivoting.

    values  of the columns. Where columns depend on each other, all move along the way that changes no row and no cost, to the nearest limit,
            and what is there leaves the basis
    """
    session = Session(problem, threads=1)
    values = values.copy()
    session.set_basis(columns, rows)
    columns, rows = session.basis()
    for _ in range(TRIES):
        if not problem.shape[0] or session.inverse_grows() < GROWTH:
            break
        of_columns, of_rows = np.flatnonzero(columns == BASIC), np.flatnonzero(rows == BASIC)
        slacks = -sp.eye_array(problem.shape[0], format="csc")[:, of_rows]
        dependent = _dependent(sp.csc_array(sp.hstack([problem.matrix[:, of_columns], slacks])))
        if dependent is None:
            break
        right, left = dependent
        fixed = np.where(rows == BASIC, 0.0, np.abs(left))
        leaves, at = _blocking(problem, values, of_columns, of_rows, right)
        if leaves < 0 or not fixed.any():
            break
        if leaves < len(of_columns):
            columns[of_columns[leaves]] = at
        else:
            rows[of_rows[leaves - len(of_columns)]] = at
        rows[int(np.argmax(fixed))] = BASIC
        session.set_basis(columns, rows)
    return columns, rows


def _dependent(matrix: sp.csc_array) -> tuple[Floats, Floats] | None:
    """Vectors that a square matrix takes to nearly nothing, from the right and from the left, largest entry 1; None if there are none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            factors = splu(matrix)
        except RuntimeError:  # a pivot of exactly nothing
            factors = splu(sp.csc_array(matrix + VANISHING * sp.eye_array(matrix.shape[0])))
    start = np.random.default_rng(0).uniform(0.5, 1.5, matrix.shape[0])
    right, left = (_largest_one(factors.solve(start, trans)) for trans in ("N", "T"))
    return (right, left) if np.abs(matrix @ right).max() < NEARLY_SINGULAR else None


def _largest_one(vector: Floats) -> Floats:
    found: Floats = vector / np.abs(vector).max()
    return found


def _blocking(
    problem: Problem, values: Floats, of_columns: Ints, of_rows: Ints, along: Floats
) -> tuple[int, int]:
    """Of what is basic the one that is first at a limit when all move along a vector that changes nothing else, and that limit; -1 if none is.

    values  of the columns, moved in place
    """
    limits = [
        np.concatenate([column[of_columns], row[of_rows]])
        for column, row in ((problem.lower, problem.row_lower), (problem.upper, problem.row_upper))
    ]
    now = np.concatenate([values[of_columns], (problem.matrix @ values)[of_rows]])
    best, found = np.inf, (-1, AT_LOWER)
    for sign in (1.0, -1.0):
        step = sign * along
        for limit, at, moves in ((limits[0], AT_LOWER, step < -MOVES), (limits[1], AT_UPPER, step > MOVES)):
            room = np.full(len(now), np.inf)
            room[moves] = np.maximum(np.abs(limit[moves] - now[moves]), 0.0) / np.abs(step[moves])
            nearest = int(np.argmin(room)) if len(room) else -1
            if nearest >= 0 and room[nearest] < best:
                best, found, moved = float(room[nearest]), (nearest, at), step
    if found[0] >= 0:
        values[of_columns] += best * moved[: len(of_columns)]
    return found
