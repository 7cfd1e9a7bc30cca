"""Bare HiGHS: the arrays of the same problem, made before the clock starts; its loop of cuts keeps the last basis."""

from __future__ import annotations

import time
from typing import Any

import highspy
import numpy as np

from bench.peers.kelisim import columns_of
from bench.settings import Settings
from kelisim.lp.problem import Problem


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


def whole(problem: Problem, settings: Settings) -> dict[str, float]:
    """From arrays to arrays."""
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


def _solved(problem: Problem, settings: Settings) -> tuple[Any, np.ndarray]:
    highs = _loaded(problem, settings)
    highs.run()
    return highs, np.array(highs.getSolution().col_value)


def _cut(highs: Any, problem: Problem, element: str) -> float:
    at = columns_of(problem, element)
    short, nothing = at.astype(np.int32), np.zeros(len(at))
    highs.changeColsBounds(len(at), short, nothing, nothing)
    highs.run()
    objective = (highs.getObjectiveValue()) * problem.scale
    highs.changeColsBounds(len(at), short, problem.lower[at], problem.upper[at])
    return objective


def sweep(problem: Problem, settings: Settings, cuts: list[str]) -> dict[str, Any]:
    """Bounds to 0, dual simplex from wherever the last cut ended, bounds back; the solution is read each time."""
    highs, _ = _solved(problem, settings)
    seconds, objectives = [], []
    for cut in cuts:
        began = time.perf_counter()
        objectives.append(_cut(highs, problem, cut))
        np.array(highs.getSolution().col_value)
        seconds.append(time.perf_counter() - began)
    return {"cuts": seconds, "objectives": objectives}


def all_cuts(problem: Problem, settings: Settings, cuts: list[str]) -> dict[str, Any]:
    """Every element once, none left out."""
    highs, _ = _solved(problem, settings)
    began = time.perf_counter()
    objectives = []
    for cut in cuts:
        objectives.append(_cut(highs, problem, cut))
        np.array(highs.getSolution().col_value)
    return {"all": time.perf_counter() - began, "pruned": 0, "objectives": objectives}
