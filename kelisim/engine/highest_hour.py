"""The highest hour of a day on the power system: whether lines and plants carry what the mean of a part hides.

A snapshot of its own: demand by the highest hour of its profile, plants and lines free to be dispatched anew, fuels and their
stocks as the plan holds them. One hour draws on no limit of the year and on no fuel that a yard or a pipe does not hold; a plant
whose fuel is short that day stays where it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from kelisim.case.change import Change
from kelisim.case.customers import voll_of
from kelisim.engine.engine import Engine
from kelisim.engine.event import whole_step
from kelisim.engine.first_hour import POWER, within
from kelisim.engine.outage_states import scaled_demand
from kelisim.engine.reading import answer_of
from kelisim.engine.window import Window
from kelisim.lp.delta import Delta
from kelisim.lp.problem import INF, Floats, Ints
from kelisim.model.help import BORDER, GIVER, LEAVING
from kelisim.model.rules import Rules
from kelisim.results.answer import Answer
from kelisim.tolerances import ROUNDING

LIMITS = ("links.kirchhoff", "links.shared", "links.shared_back", "resources.step", "resources.section")
BORDERS = (BORDER, LEAVING, GIVER)
KEPT = (*LIMITS, *BORDERS)
BALANCE = "places.balance"
SCARCE = 0.9  # of the lowest value of lost load of a carrier: at such a price a fuel is short


@dataclass(frozen=True)
class HighestHour:
    """The highest hour of a day with a loss, beside that of the plan.

    cell     position of the cell in which it lies
    demand   MW of each row of demand, (rows,)
    short    MW not served of each with the loss; planned: without it
    """

    cell: int
    demand: Floats
    short: Floats
    planned: Floats


def highest_hour(
    engine: Engine,
    day: date,
    changes: Sequence[Change],
    rules: Rules,
    part: str = "",
    seen: Answer | None = None,
    first: int = 0,
) -> HighestHour | None:
    """What is not served in the highest hour of a day; None where the case has no demand for power or there is no answer.

    part   of the day; that of the highest use of power if empty
    seen   answer of a window with the changes, for plants whose fuel is short; first is its first cell
    """
    rows = engine.case.table("demand")
    is_power = (rows["carrier"] == POWER).to_numpy()
    if not is_power.any():
        return None
    place = "cooperative" if rules.place == "own_first" else rules.place
    opened = engine.snapshot(day, replace(rules, place=place, time="none"))
    cell = engine.hour_of(day, part)
    at = cell - opened.first
    factor = np.ones((len(rows), len(opened.hours)))
    factor[is_power, at] = [_factor(engine, str(name), cell) for name in rows["profile"][is_power]]
    hour = scaled_demand(opened.problem, len(rows), factor).then(_of_an_hour(opened))
    hour = hour.then(_from_stock(opened)).then(_over_borders(opened, float(factor.max())))
    lost = opened.delta(whole_step(engine, day, changes))
    answers = []
    for delta in (
        hour,
        hour.then(within(opened.problem, lost, hour)).then(_without_fuel(opened, seen, cell, first, at)),
    ):
        solution = opened.session.solve(delta)
        if solution.status != "optimal":
            return None
        answers.append(answer_of(opened.problem, solution, opened.hours, {}, delta).at(at))
    planned, short = (one.by_demand(len(rows))[:, 0] * is_power for one in answers)
    return HighestHour(cell, answers[0].by_demand(len(rows), "upper")[:, 0], short, planned)


def _factor(engine: Engine, profile: str, cell: int) -> float:
    return float(engine.case.profiles.highest(profile)[cell])


def _of_an_hour(opened: Window) -> Delta:
    """Rows that hold in an hour stay; others are free, and columns that touch no power stay where the plan has them."""
    problem = opened.problem
    block = problem.rows[BALANCE]
    stays = np.zeros(problem.shape[0], dtype=bool)
    for at, node in enumerate(block.elements):
        if node.endswith(f":{POWER}"):
            stays[block.own(at)] = True
    for name in KEPT:
        if name in problem.rows:
            stays[problem.rows[name].span] = True
    free = np.flatnonzero(~stays)
    fixed = np.flatnonzero(np.asarray(abs(problem.matrix).T @ stays.astype(float)) == 0)
    value = opened.start.values[fixed]
    return Delta(
        columns=fixed,
        lower=value,
        upper=value,
        rows=free,
        row_lower=np.full(len(free), -INF),
        row_upper=np.full(len(free), INF),
    )


def _from_stock(opened: Window) -> Delta:
    """Stores of power give within the hour no more than they hold."""
    problem = opened.problem
    block, level = (problem.columns.get(f"storages.{name}") for name in ("withdrawal", "level"))
    if block is None or level is None:
        return Delta()
    carriers = dict(opened.case.table("storages")[["storage", "carrier"]].itertuples(index=False))
    rows = [at for at, storage in enumerate(block.elements) if carriers[storage] == POWER]
    if not rows:
        return Delta()
    columns = block.positions[rows].ravel()
    held = level.take(opened.start.values)[rows] * opened.base.mean_hours
    most = np.maximum(held, 0.0) + block.take(opened.start.values)[rows]
    return Delta(
        columns=columns, lower=np.zeros(len(columns)), upper=np.minimum(problem.upper[columns], most.ravel())
    )


def _over_borders(opened: Window, factor: float) -> Delta:
    """What comes over borders by a rule of help may rise as use does."""
    problem = opened.problem
    blocks = [problem.rows[name] for name in BORDERS if name in problem.rows]
    at = np.concatenate([np.zeros(0, dtype=np.int64), *(np.unique(block.positions) for block in blocks)])
    upper = problem.row_upper[at]
    raised = np.where(np.isfinite(upper) & (upper > 0), upper * factor, upper)
    return Delta(rows=at, row_lower=problem.row_lower[at], row_upper=raised)


def _without_fuel(opened: Window, seen: Answer | None, cell: int, first: int, at: int) -> Delta:
    """Plants whose fuel is short in the answer of the window go up no further than they do there."""
    block = opened.problem.columns.get("assets.activity")
    if seen is None or block is None or not first <= cell < first + len(seen.hours):
        return Delta()
    case = opened.case
    price = seen.row_price(BALANCE)[:, cell - first]
    demand = case.quantities("demand")
    least = pd.Series(voll_of(case, demand)).groupby(demand["carrier"].to_numpy()).min()
    scarce = {
        node
        for node, worth in zip(seen.rows[BALANCE].elements, price, strict=True)
        if worth >= SCARCE * least.get(node.partition(":")[2], INF)
    }
    ports = case.ports.merge(case.table("assets")[["asset", "place"]], on="asset")
    fuel = ports[ports["ratio"] < 0]
    nodes = fuel["place"] + ":" + fuel["carrier"]
    makes_power = set(ports["asset"][(ports["carrier"] == POWER) & (ports["ratio"] > 0)])
    held = set(fuel["asset"][nodes.isin(scarce).to_numpy()]) & makes_power
    rows = [k for k, asset in enumerate(block.elements) if asset in held]
    columns: Ints = block.positions[rows, at] if rows else np.zeros(0, dtype=np.int64)
    made = seen.power("assets.activity", [block.elements[k] for k in rows])[:, cell - first]
    most = np.minimum(opened.problem.upper[columns], np.maximum(made, 0.0) + ROUNDING)
    return Delta(columns=columns, lower=np.zeros(len(columns)), upper=most)
