"""Bare HiGHS: the arrays of the same problem and of its cuts, made before the clock starts; its loop keeps the last basis."""

from __future__ import annotations

import time
from typing import Any

import highspy
import numpy as np

from bench.settings import Settings
from kelisim.lp.delta import Delta
from kelisim.lp.problem import Problem

Given = tuple[Problem, dict[str, Delta]]


def _loaded(problem: Problem, settings: Settings) -> Any:
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    for option, value in settings.options().items():
        highs.setOptionValue(option, value)
    rows, columns = problem.shape
    highs.passModel(
        columns, rows, problem.matrix.nnz, 1, 1, problem.offset, problem.cost + problem.tilt, problem.lower, problem.upper,
        problem.row_lower, problem.row_upper, problem.matrix.indptr.astype(np.int32), problem.matrix.indices.astype(np.int32),
        problem.matrix.data, np.zeros(columns, np.int32),
    )  # fmt: skip
    return highs


def whole(given: Given, settings: Settings) -> dict[str, float]:
    """From arrays to arrays."""
    problem, _ = given
    began = time.perf_counter()
    highs = _loaded(problem, settings)
    before = time.perf_counter()
    highs.run()
    solved = time.perf_counter()
    solution = highs.getSolution()
    values = np.array(solution.col_value)
    _ = np.array(solution.row_dual), np.array(solution.col_dual), np.array(solution.row_value)
    done = time.perf_counter()
    return {"whole": done - began, "solver": solved - before, "objective": problem.objective(values)}


def _cut(highs: Any, problem: Problem, delta: Delta) -> float:
    at, row = delta.columns.astype(np.int32), delta.rows.astype(np.int32)
    highs.changeColsBounds(len(at), at, delta.lower, delta.upper)
    highs.changeRowsBounds(len(row), row, delta.row_lower, delta.row_upper)
    highs.run()
    objective: float = problem.objective(np.array(highs.getSolution().col_value))
    highs.changeColsBounds(len(at), at, problem.lower[at], problem.upper[at])
    highs.changeRowsBounds(len(row), row, problem.row_lower[row], problem.row_upper[row])
    return objective


def sweep(given: Given, settings: Settings, cuts: list[str]) -> dict[str, Any]:
    """Bounds changed, dual simplex from wherever the last cut ended, bounds back; the solution is read each time."""
    problem, deltas = given
    highs = _loaded(problem, settings)
    highs.run()
    seconds, objectives = [], []
    for cut in cuts:
        began = time.perf_counter()
        objectives.append(_cut(highs, problem, deltas[cut]))
        seconds.append(time.perf_counter() - began)
    return {"cuts": seconds, "objectives": objectives}


def all_cuts(given: Given, settings: Settings, cuts: list[str]) -> dict[str, Any]:
    """Every element once, none left out."""
    found = sweep(given, settings, cuts)
    return {"all": sum(found["cuts"]), "pruned": 0, "objectives": found["objectives"]}
