"""A step of the plan that lasts as long as a repair: stocks have to serve for its hours, not for the month or day of the step."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import numpy as np

from kelisim.case.case import Case
from kelisim.engine.window import Window
from kelisim.lp.highs import Session
from kelisim.lp.problem import INF, Floats, Problem
from kelisim.lp.slice import MARK_UP, SHORT
from kelisim.model.norms import NORM

BALANCE, LEVEL, DRAW = "storages.balance", "storages.level", "storages.withdrawal"
PASSED_ON = ("storages.level_end", "storages.target")  # rows that ask for a level


def for_repair(window: Window, hours: float) -> Window:
    """The step of a snapshot with the stocks as they are for a failure of some hours; its cost is that of the whole step.

    hours  of the repair

    With T the hours of the step, r those of the repair, k = T / r and s the content before the step, a level moves by r times
    what goes in and out: L = s + r x. Divided by r / T it is k L = k s + T x, which is the row of the step with the level k L - (k - 1) s:
    so it may fall to -(k - 1) s, and rise to c + (k - 1) (c - s), c being what the storage holds. Costs of the step times r / T
    are then those of the repair. Norms are open, as a stock is there to be drawn on while a failure is repaired; what is taken is
    filled up again at the price of the plan or more, so that the plan without a failure stays the plan.
    """
    problem = window.problem
    if LEVEL not in problem.columns:
        return window
    k = float(window.hours.sum()) / hours
    start = window.start
    lower, upper, cost = problem.lower.copy(), problem.upper.copy(), problem.cost.copy()
    low = problem.row_lower.copy()
    level, balance = problem.columns[LEVEL], problem.rows[BALANCE]
    before = _before(window.case, window, problem)
    room = _capacity(window.case, level.elements) / window.case.horizon.hours.mean()
    at = level.positions  # (storages, cells)
    planned = start.values[at]
    lower[at] = np.minimum(-(k - 1.0) * before, np.maximum(planned, 0.0))
    upper[at] = np.maximum(room + (k - 1.0) * np.maximum(room - before, 0.0), planned)
    if NORM in problem.rows:
        low[problem.rows[NORM].positions] = -INF
    for name in (one for one in PASSED_ON if one in problem.rows):
        block = problem.rows[name]
        of = [level.elements.index(element.partition("@")[0]) for element in block.elements]
        low[block.positions[:, 0]] -= max(k - 1.0, 0.0) * before[of, 0]
    draw = problem.columns[DRAW].positions
    upper[draw] = upper[draw] * _faster(window.case, window, k)
    if SHORT in problem.columns:
        short = problem.columns[SHORT]
        worth = dict(zip(balance.elements, np.abs(start.duals[balance.positions]).max(axis=1), strict=True))
        for at_short, label in zip(range(short.span.start, short.span.stop), short.elements, strict=True):
            block_name, element, *_ = label.split("|")
            if block_name == BALANCE:
                cost[at_short] = max(cost[at_short], MARK_UP * float(worth.get(element, 0.0)))
    found = copy(window)
    found.problem = replace(problem, lower=lower, upper=upper, cost=cost, row_lower=low)
    for name in ("deltas", "norms"):
        found.__dict__.pop(name, None)
    basis = window.session.base_basis()
    found.session = Session(found.problem, threads=1, repeatable=False)
    found.start = found._started(*basis)
    return found


def _capacity(case: Case, storages: tuple[str, ...]) -> Floats:
    rows = case.quantities("storages").set_index("storage")
    return rows.loc[list(storages), ["working_capacity"]].to_numpy(dtype=float)


def _before(case: Case, window: Window, problem: Problem) -> Floats:
    """What each storage holds when the step begins, less what it loses in it, in units of levels, (storages, 1)."""
    balance = problem.rows[BALANCE]
    first = problem.row_lower[balance.positions[:, :1]]
    rows = case.quantities("storages").set_index("storage").loc[list(balance.elements)]
    shape = case.profiles.matrix(rows["inflow_profile"], "shape")[:, window.first : window.last]
    weight = window.hours / case.horizon.hours.mean()
    inflow = rows["inflow"].to_numpy()[:, None] * shape * weight
    whole = (
        balance.is_coarse[:, None] if balance.is_coarse is not None else np.zeros((len(rows), 1), dtype=bool)
    )
    comes = np.where(whole, inflow.sum(axis=1, keepdims=True), inflow[:, :1])
    return np.maximum(first - comes, 0.0)


def _faster(case: Case, window: Window, k: float) -> Floats:
    """How much faster a storage without a rate can be emptied in a repair than in the step, (storages, 1)."""
    rows = case.quantities("storages")
    rows = rows.set_index("storage").loc[list(window.problem.columns[DRAW].elements)]
    rate = rows["withdrawal"].fillna(INF).to_numpy(dtype=float)[:, None]
    emptied = (rows["working_capacity"] / float(window.hours.sum())).to_numpy()[:, None]
    most, usual = np.minimum(rate, np.maximum(k, 1.0) * emptied), np.minimum(rate, emptied)
    return np.divide(most, usual, out=np.ones_like(most), where=usual > 0)
