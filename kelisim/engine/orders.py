"""An exercise of two sides in a window: orders with their hours, levels and lead times; each side alone; the harm of an answer.

An order is in force from its hour and the measure's lead time on, until another order of the same side replaces it; a lower
share holds at once. A measure that needs two sides acts as far as both have ordered it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kelisim.case.change import Change
from kelisim.engine.response import LevelOf
from kelisim.engine.window import Window, WindowAnswer
from kelisim.lp.problem import Floats, by_row
from kelisim.results.answer import Answer
from kelisim.results.crisis import LEVELS
from kelisim.results.facts import Fact, said

Profile = list[tuple[float, float]]  # from this hour on, this share


@dataclass(frozen=True)
class Order:
    """A side orders a share of a measure, hours after the start of the window."""

    hour: float
    side: str
    measure: str
    share: float


@dataclass(frozen=True)
class Ruled:
    """An order, and why it is refused, if it is. `waits` names the sides whose order it still needs."""

    order: Order
    refused: Fact | None = None
    waits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decided:
    """Orders as they were ruled, what they allow, and the answer."""

    ruled: tuple[Ruled, ...]
    allowed: Mapping[str, Floats]
    asked: WindowAnswer


def judged(opened: Window, answer: Answer) -> float:
    """What an answer costs with what breaks ties: the number that the solver made least, currency.

    It holds what a measure would earn by trade against it, so that no measure is worth more than it helps.
    """
    extra = sum(
        float((block.spread(opened.problem.tilt) * answer.columns[name].values).sum())
        for name, block in opened.problem.columns.items()
        if name in answer.columns
    )
    return answer.objective + extra * opened.problem.scale


def unserved_cost(opened: Window, answer: Answer, rows: int) -> Floats:
    """Value of lost load of what each row of demand does not get, currency (rows,)."""
    block = opened.problem.columns.get("demand.unserved")
    if block is None or "demand.unserved" not in answer.columns:
        return np.zeros(rows)
    spent = block.spread(opened.problem.cost) * answer.columns["demand.unserved"].values
    return by_row(spent, rows, block.steps).sum(axis=1) * opened.problem.scale


def profile(orders: Sequence[Order], lead: float) -> Profile:
    """Share in force over time of one side's orders of one measure, by hour; 0 before the first."""
    found: Profile = []
    for order in sorted(orders, key=lambda o: o.hour):
        now = next((share for at, share in reversed(found) if at <= order.hour), 0.0)
        at = order.hour + lead if order.share > now else order.hour
        # what was ordered before and is not yet in force is replaced
        found = [(then, share) for then, share in found if then < at]
        found.append((at, order.share))
    return found


def averaged(hours: Floats, profiles: Sequence[Profile]) -> Floats:
    """Mean over each step of the least share of several profiles, (steps,)."""
    ends = np.concatenate([[0.0], np.cumsum(hours)])
    times = sorted({float(t) for t in ends} | {at for one in profiles for at, _ in one if at < ends[-1]})
    found = np.zeros(len(hours))
    for begin, end in zip(times[:-1], times[1:], strict=True):
        least = min(next((s for at, s in reversed(one) if at <= begin), 0.0) for one in profiles)
        found[int(np.searchsorted(ends, begin, side="right")) - 1] += least * (end - begin)
    mean: Floats = found / hours
    return mean


def decide(
    opened: Window, changes: Sequence[Change], orders: Sequence[Order], needs: Mapping[str, Sequence[str]],
    reached: LevelOf, lead: Mapping[str, float], level: Mapping[str, str],
    in_transit: str = "held", refused: Mapping[Order, Fact] | None = None,
) -> Decided:  # fmt: skip
    """The orders one after another, each seen with the level that those before it leave.

    needs    measure -> sides whose order it takes
    reached  measure -> level per step (0-3) that counts for it, of an answer
    refused  orders that are refused whatever the level is
    """
    begins = np.concatenate([[0.0], np.cumsum(opened.hours)[:-1]])
    asked = nothing = opened.ask(changes, in_transit)
    stands: list[Order] = []
    ruled: list[Ruled] = []
    allowed: dict[str, Floats] = {}
    fresh = True
    levels = reached(asked.answer)
    known = list(refused or {})
    for order in sorted(orders, key=lambda o: (o.hour, LEVELS.index(level.get(o.measure, LEVELS[1])))):
        if order in known:
            ruled.append(Ruled(order, (refused or {})[order]))
            continue
        if not fresh:
            asked = opened.ask(changes, in_transit, allowed, nothing.answer)
            levels, fresh = reached(asked.answer), True
        name = level[order.measure]
        steps = np.flatnonzero(levels[order.measure] >= LEVELS.index(name))
        first = float(begins[steps[0]]) if len(steps) else np.inf
        if first > order.hour and not _running(stands, order):
            when = "too_early" if np.isfinite(first) else "not_reached"
            ruled.append(Ruled(order, said(f"orders.{when}", level=name, hour=first)))
            continue
        stands.append(order)
        sides = needs[order.measure]
        mine = {side: [o for o in stands if o.measure == order.measure and o.side == side] for side in sides}
        ruled.append(Ruled(order, waits=tuple(side for side in sides if not mine[side])))
        allowed[order.measure] = averaged(
            opened.hours, [profile(some, lead[order.measure]) for some in mine.values()]
        )
        fresh = False
    if not fresh:
        asked = opened.ask(changes, in_transit, allowed, nothing.answer)
    return Decided(tuple(ruled), allowed, asked)


def _running(stands: Sequence[Order], order: Order) -> bool:
    """Whether the same side has ordered the measure before: a change of its share needs no new level."""
    return any(o.side == order.side and o.measure == order.measure for o in stands)
