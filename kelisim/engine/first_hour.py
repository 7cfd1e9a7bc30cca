"""The first hour after a loss on the power system: plants stay where they were, lines may carry their emergency rating.

Stage 0 of a disruption: injections of the base plan are fixed, up to a reserve; what is missing in an island is shed, in
the order of protection. Redispatch, other fuels and other carriers come later and are the answer of the window. A loss on
another carrier does nothing in the first hour: pipes and yards hold enough for that long.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kelisim.case.change import Change, Dated, Outage
from kelisim.engine.window import Window, WindowAnswer
from kelisim.lp.delta import Delta
from kelisim.lp.problem import Floats, Ints, Problem

POWER = "electricity"
RESERVE = 0.05  # share of its output by which a plant can go up at once, where nothing else is said


def first_hour(
    opened: Window, changes: Sequence[Change], reserve: float, context: Sequence[Change] = ()
) -> WindowAnswer | None:
    """What is shed in the hour of a loss; None if nothing that is lost carries, makes or takes power.

    opened   a snapshot of the day
    changes  losses, and limits with another value, such as one over several plants
    reserve  share of its output by which a plant can go up at once
    context  what else was so at the time, before the loss as well
    """
    electric = [change for change in changes if _of_power_system(opened, change)]
    if not electric:
        return None
    before = opened.delta(context)
    values = opened.session.solve(before).values if context else opened.start.values
    held = before.then(_held(opened, reserve, values))
    lost = opened.delta([*context, *electric])
    undisturbed = opened.session.solve(held)
    return opened.read(held.then(within(opened.problem, lost, held)), undisturbed, held)


def within(problem: Problem, lost: Delta, held: Delta) -> Delta:
    """What is lost, with what is held in the hour: of both bounds of a column the narrower one; rows only where they still limit.

    A bound that a loss widens, such as the slack of a line's voltage law, stays as wide.
    """
    _, lower, upper, low, high = held.applied(problem)
    at, r = lost.columns, lost.rows
    most = np.where(lost.upper > problem.upper[at], lost.upper, np.minimum(lost.upper, upper[at]))
    least = np.where(lost.lower < problem.lower[at], lost.lower, np.maximum(lost.lower, lower[at]))
    limits = np.isfinite(low[r]) | np.isfinite(high[r])
    return Delta(at, np.minimum(least, most), most, r[limits], lost.row_lower[limits], lost.row_upper[limits])


def _of_power_system(opened: Window, change: Change) -> bool:
    """Whether a change bears on power at once: an outage of what is electric, or another limit over such elements."""
    if isinstance(change, Outage):
        return any(_is_electric(opened, *member) for member in opened.deltas.members(change))
    if not isinstance(change, Dated):
        return False
    if change.table == "resources":
        uses = opened.case.table("resource_uses")
        drawn = uses[uses["resource"].isin(change.elements)]
        pairs = zip(drawn["table"], drawn["element"], strict=True)
        return any(
            _is_electric(opened, str(table).split("_", maxsplit=1)[0], element) for table, element in pairs
        )
    if change.table == "demand":
        return any(element.split(":")[1] == POWER for element in change.elements)
    return any(_is_electric(opened, change.table, element) for element in change.elements)


def _is_electric(opened: Window, table: str, element: str) -> bool:
    case = opened.case
    if table == "assets":
        ports = case.ports
        return bool(((ports["asset"] == element) & (ports["carrier"] == POWER)).any())
    rows = case.table(table)
    return bool((rows["carrier"][rows.iloc[:, 0] == element] == POWER).any()) if "carrier" in rows else False


def _held(opened: Window, reserve: float, base: Floats) -> Delta:
    """Plants, stores and trade of power at most where they are, with the reserve; lines at their emergency rating."""
    case, problem = opened.case, opened.problem
    ports = case.ports
    power = set(ports["asset"][ports["carrier"] == POWER])
    columns: list[Ints] = []
    upper: list[Floats] = []
    for name, chosen, more in (
        ("assets.activity", power, 1.0 + reserve),
        ("storages.withdrawal", _of_power(case.table("storages"), "storage"), 1.0),
        ("markets.taken", _of_power(case.table("markets"), "market"), 1.0),
        ("contracts.delivery", _of_power(case.table("contracts"), "contract"), 1.0),
    ):
        block = problem.columns.get(name)
        rows = [at for at, element in enumerate(block.elements) if element in chosen] if block else []
        if block and rows:
            at = np.unique(block.positions[rows])
            columns.append(at)
            upper.append(np.minimum(problem.upper[at], np.maximum(base[at], 0.0) * more))
    links = case.quantities("links")
    rated = links[(links["carrier"] == POWER) & links["emergency_capacity"].notna() & (links["capacity"] > 0)]
    for name in ("links.flow", "links.flow_back"):
        block = problem.columns.get(name)
        position = {link: at for at, link in enumerate(block.elements)} if block else {}
        for link, rating, capacity in rated[["link", "emergency_capacity", "capacity"]].itertuples(
            index=False
        ):
            if block and link in position:
                at = block.own(position[link])
                columns.append(at)
                upper.append(problem.upper[at] * max(1.0, rating / capacity))
    if not columns:
        return Delta()
    where, limit = np.concatenate(columns), np.concatenate(upper)
    return Delta(columns=where, lower=problem.lower[where], upper=limit)


def _of_power(rows: pd.DataFrame, key: str) -> set[str]:
    return set(rows[key][rows["carrier"] == POWER])
