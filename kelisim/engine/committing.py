"""When plants run that stand still or run: found once with whole numbers, before anything else is asked of a case.

The case that comes out says when each plant runs. All else is then a linear problem: prices are those of plants that run as they do, and a
question about an outage leaves starts and stops as they were planned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd
import scipy.sparse as sp

from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.case.series import Series, YearSteps
from kelisim.errors import InternalError, SolverError
from kelisim.lp.integer import least
from kelisim.lp.problem import Floats, Problem
from kelisim.model.build import compile_case
from kelisim.model.commitment import ON
from kelisim.results.missing import BY_STEP, OF_YEAR
from kelisim.tolerances import BOUNDS_MEET, WHOLE_GAP, WHOLE_SECONDS

Say = Callable[..., None]


def is_open(case: Case) -> bool:
    """Whether the case has plants of which nothing says when they run."""
    table = case.tables.get("commitment")
    return table is not None and bool((table["on"] == "").any())


def decided(case: Case, say: Say) -> Case:
    """The case with what says when its plants run; the case itself where nothing is open or no choice meets all limits."""
    if not is_open(case):
        return case
    problem = compile_case(case)
    if ON not in problem.columns:
        return case
    block = problem.columns[ON]
    say("progress.committing", plants=len(block.elements), steps=problem.columns[ON].steps)
    try:
        status, gap = _chosen(problem, str(case.setting("rules", "missing")) == "none")
    except SolverError:
        return case
    if gap > BOUNDS_MEET:
        say("notice.committing_gap", share=gap)
    return _with(case, block.elements, status)


def _chosen(problem: Problem, is_hard: bool) -> tuple[Floats, float]:
    """The choice in which nothing is missing, where nothing may be and there is one: no start is saved by leaving somebody without."""
    if is_hard:
        upper = problem.upper.copy()
        for name in (*BY_STEP, *OF_YEAR):
            if name in problem.columns:
                upper[problem.columns[name].span] = 0.0
        try:
            return _status(replace(problem, upper=upper))
        except SolverError:
            pass
    return _status(problem)


def _status(problem: Problem) -> tuple[Floats, float]:
    """1 or 0 for each plant and step, and the share of the cost by which the choice may be dearer than the least."""
    block = problem.columns[ON]
    whole = np.zeros(problem.shape[1], dtype=bool)
    whole[block.span] = True
    bounds, limits = (problem.lower, problem.upper), (problem.row_lower, problem.row_upper)
    matrix = sp.csr_array(problem.matrix)
    found = least(problem.cost, bounds, matrix, limits, whole, WHOLE_GAP, WHOLE_SECONDS)
    gap = (found.objective - found.bound) / max(abs(found.objective), 1.0)
    return found.values[block.positions], gap


def _with(case: Case, plants: tuple[str, ...], status: Floats) -> Case:
    calendar = YearSteps(case.horizon)
    old = case.table("profiles")
    table, taken, series = case.table("commitment").copy(), set(old["profile"]), dict(case.series)
    for plant, values in zip(plants, status, strict=True):
        name = f"{plant}_on"
        while name in taken:
            name += "_"
        taken.add(name)
        series[name] = Series(np.asarray(values, dtype=float), calendar)
        table.loc[table["asset"] == plant, "on"] = name
    names = list(table["on"][table["asset"].isin(plants)])
    schema_of = schema.tables()["profiles"]
    first = int(max(old.index, default=1)) + 1
    texts = pd.DataFrame("", index=range(first, first + len(names)), columns=list(old.columns), dtype=object)
    texts["profile"], texts["value"], texts["meaning"] = names, "1", "availability"
    typed, problems = schema.parse(schema_of, texts, "profiles")
    if problems:
        raise InternalError(f"profiles of plants that run: {problems[0].message}")
    profiles = pd.concat([old, typed]) if len(old) else typed
    tables = {**case.tables, "commitment": table, "profiles": profiles}
    return replace(case, tables=MappingProxyType(tables), series=MappingProxyType(series))
