"""Stocks that must be there: norms in days of use, which only a crisis opens, and levels by a date.

A norm is a least level in each step. What it lacks is counted twice: what is drawn from it once, at a price above every
customer, and what stays missing by the day, at a small price for which it is filled again. So a stock that begins below its
norm is filled as far as that pays, and no customer is cut for it; a norm that is there is not touched by the plan.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.lp.blocks import Bools, Floats, Ints
from kelisim.lp.delta import Delta
from kelisim.lp.problem import Problem
from kelisim.model import hanging, norm_prices
from kelisim.model.assembly import Assembly

NORM, OPENED = "storages.norm", "storages.norm_opened"
LACKS, DRAWN = "storages.norm_shortfall", "storages.norm_drawn"


def add(frame: Assembly, storages: pd.DataFrame, level: Ints, coarse: Bools) -> None:
    """Columns `storages.norm_shortfall`, `.norm_drawn`, `.target_shortfall`; rows `.norm`, `.norm_opened`, `.target`.

    level_t + lacks_t >= norm_t            lacks_t <= lacks_(t-1) + drawn_t

    storages  in internal units, in the order of `level`
    coarse    those with one level a step, (storages,)
    """
    if storages["norm_days"].notna().any():
        _norms(frame, storages, level, coarse)
    _targets(frame, storages, level)


def _norms(frame: Assembly, storages: pd.DataFrame, level: Ints, coarse: Bools) -> None:
    has = storages["norm_days"].notna().to_numpy()
    coarse = coarse[has]
    rows_of = storages[has]
    ids = list(rows_of["storage"])
    norm = amounts(frame)[has] / frame.mean_hours
    prices = norm_prices.of_storages(frame, rows_of)
    add = frame.build
    days = frame.hours[None, :] / 24.0
    missing, kept = (np.array([getattr(p, name) for p in prices])[:, None] for name in ("missing", "kept"))
    lacks = add.add_columns(LACKS, ids, frame.steps, cost=missing * days, coarse=coarse)
    drawn = add.add_columns(DRAWN, ids, frame.steps, cost=kept * frame.once(coarse), coarse=coarse)
    rows = add.add_rows(NORM, ids, frame.steps, norm, coarse=coarse)
    add.add_entries(rows, level[has], 1.0)
    add.add_entries(rows, lacks, 1.0)
    cyclic = rows_of["is_cyclic"].to_numpy()
    start = (rows_of["level_start"] * rows_of["working_capacity"]).to_numpy() / frame.mean_hours
    before = frame.before(coarse)
    begins = (before < 0) & ~cyclic[:, None]
    from_start = np.where(begins, np.maximum(norm - start[:, None], 0.0), 0.0)
    opened = add.add_rows(OPENED, ids, frame.steps, upper=from_start, coarse=coarse)
    add.add_entries(opened, lacks, 1.0)
    held = np.take_along_axis(lacks, np.where(before < 0, frame.steps - 1, before), axis=1)
    add.add_entries(opened, held, np.where(begins, 0.0, -1.0))
    add.add_entries(opened, drawn, -1.0)


def amounts(frame: Assembly) -> Floats:
    """Norm of each storage and step, MWh, (storages, steps); 0 where there is none.

    norm_days x use of a day x share of the season, at most the working capacity; the use of a day is `norm_use`, or else the mean
    of the month of what those want who hang on it, see `hanging.uses`.
    """
    storages = frame.case.quantities("storages")
    days = storages["norm_days"].fillna(0.0).to_numpy()[:, None]
    if not days.any():
        return np.zeros((len(storages), frame.steps))
    use = hanging.uses(frame, storages)
    own = storages["norm_use"].to_numpy()[:, None]
    use = np.where(np.isnan(own), use, own)
    season = frame.case.profiles.matrix(storages["norm_season"], "availability")
    found: Floats = np.minimum(days * 24.0 * use * season, storages["working_capacity"].to_numpy()[:, None])
    return found


# ---- levels by a date
def points(text: str) -> list[tuple[str, float]]:
    """Days (month-day) and shares of a target such as "11-01:0.9;04-01:0.3"."""
    pairs = (point.partition(":") for point in text.split(";"))
    return [(day.strip(), float(share)) for day, _, share in pairs]


def _targets(frame: Assembly, storages: pd.DataFrame, level: Ints) -> None:
    due = targets(frame.case, storages)
    if not due:
        return
    at, steps = np.array([row for row, *_ in due]), np.array([step for _, step, *_ in due])
    ids = [f"{storages['storage'].iloc[row]}@{day}" for row, _, day, _ in due]
    least = np.array([energy for *_, energy in due])[:, None] / frame.mean_hours
    price = storages["level_price"].to_numpy()[at][:, None]
    short = frame.build.add_columns("storages.target_shortfall", ids, 1, 0.0, least, price)
    rows = frame.build.add_rows("storages.target", ids, 1, least)
    frame.build.add_entries(rows[:, 0], level[at, steps], 1.0)
    frame.build.add_entries(rows, short, 1.0)


def targets(case: Case, storages: pd.DataFrame) -> list[tuple[int, int, str, float]]:
    """Row of the storage, cell whose end counts, day and MWh of each target that lies in the horizon.

    The cell is the last one of the last step that has ended when the day begins.
    """
    if case.horizon.listed:
        return []
    last = np.flatnonzero(np.diff(case.horizon.step_of, append=case.horizon.whole))
    starts = pd.DatetimeIndex(case.horizon.steps["step"])[np.append(0, last[:-1] + 1)]
    ends = pd.DatetimeIndex([*starts[1:], case.horizon.end])
    years = range(case.horizon.start.year, case.horizon.end.year + 1)
    found = []
    for row, (text, room) in enumerate(zip(storages["target"], storages["working_capacity"], strict=True)):
        for day, share in points(text) if text else ():
            for year in years:
                month, _, number = day.partition("-")
                moment = pd.Timestamp(year, int(month), int(number))
                step = int(ends.searchsorted(moment, side="right")) - 1
                if step >= 0 and moment <= case.horizon.end:
                    found.append((row, int(last[step]), f"{moment:%Y-%m-%d}", share * room))
    return found


# ---- in an outage
def kept(delta: Delta, whole: Problem) -> Delta:
    """A delta of a changed case without what it does to norms: use that changes for some days changes no norm."""
    stays = np.ones(whole.shape[0], dtype=bool)
    for name in (NORM, OPENED):
        if name in whole.rows:
            stays[whole.rows[name].positions] = False
    rows = stays[delta.rows]
    of_rows = (delta.rows[rows], delta.row_lower[rows], delta.row_upper[rows])
    return Delta(delta.columns, delta.lower, delta.upper, *of_rows, delta.costs, delta.cost)


def missing(
    problem: Problem, storage: str, step: int, plan: float, level: float, low: Floats, high: Floats
) -> list[Ints]:
    """Let a norm lack what a store has lost below it: nobody is cut to make up for that at once. Rows whose limits move.

    step         of the problem
    plan, level  content before the step by the plan, and as it is, in units of levels
    low, high    limits of all rows, which are changed
    """
    block = problem.rows.get(OPENED)
    if block is None or storage not in block.elements:
        return []
    at = block.elements.index(storage)
    norm = low[problem.rows[NORM].positions[at, step]]
    row = block.positions[at, step]
    high[row] += max(0.0, min(plan, norm) - level)
    return [np.array([row])]
