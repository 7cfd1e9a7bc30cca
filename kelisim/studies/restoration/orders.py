"""Orders of repair beside each other: the best with its bound, those that people take, and chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from math import ceil, factorial

import numpy as np
import pandas as pd

from kelisim.case.change import Outage
from kelisim.engine import Engine, Rules, WindowAnswer
from kelisim.results.against_plan import AgainstPlan
from kelisim.studies.restoration import schedules
from kelisim.studies.restoration.losses import SetLosses
from kelisim.studies.restoration.schedules import Crews, FoundSchedule, Order, Schedule
from kelisim.tolerances import ROUNDING, SAME_COST

EACH = 7  # elements up to which each order is looked at where crews have trades
GROUP = 8  # elements of the group that bounds orders of many
FIGURES = ["total", "cost", "unserved", "length"]
Schedules = Mapping[str, Schedule]


@dataclass(frozen=True)
class Repairs:
    """The question: what is out, how long each repair takes, and how many crews there are.

    losses  of each set that may be out
    days    of each repair, (elements)
    crews   how many, or those of each trade
    most    elements up to which all sets are asked and the order is exact
    sets    sets that are asked where there are more elements, before the search ends with what is known
    """

    losses: SetLosses
    days: tuple[float, ...]
    crews: Crews
    most: int = 10
    sets: int = 4000
    orders: tuple[Order, ...] = field(default_factory=tuple)

    @cached_property
    def best(self) -> FoundSchedule:
        """The best order: proven where all sets are asked, else the best found with a bound."""
        count = len(self.days)
        if isinstance(self.crews, int) and count <= self.most:
            return schedules.exact(schedules.table(self.losses, count), self.days, self.crews)
        if count <= min(self.most, EACH):
            return schedules.of_all(schedules.table(self.losses, count), self.days, self.crews)
        found = schedules.searched(self.losses, self.days, self.crews, self.orders, self._enough)
        bound = min(self._bound(found.schedule), found.total)
        exact = found.total - bound <= ROUNDING * max(1.0, found.total)
        return FoundSchedule(found.schedule, found.total, bound, exact)

    def _enough(self) -> bool:
        return self.losses.asked >= self.sets

    def _bound(self, best: Schedule) -> float:
        """The better of two bounds: of cuts of all sets on the way of some orders, and of the group that matters most. The
        second one, and cuts of unserved energy, hold where losses are monotone on all sets that were asked; 0 if none holds."""
        count, crews = len(self.days), schedules.counted(self.crews)
        ways = [best, *(schedules.follow(order, self.days, self.crews) for order in self.orders)]
        sets = {out for way in ways for _, _, out in way.stretches()} | {1 << e for e in range(count)}
        cuts = [self.losses.cut(out) for out in sorted(sets)]
        # what must be lost to be felt: the elements whose return in the best order, or whose loss alone, weighs most per day
        alone = [(max(self._gain(best, e), self.losses(1 << e)) / self.days[e], -e) for e in range(count)]
        group = [-e for _, e in sorted(alone, reverse=True)[:GROUP]]
        of_group = schedules.bound_of_group(self.losses, group, self.days, crews)
        is_monotone = self.losses.is_monotone
        by_cuts = (
            schedules.bound_of_cuts(cuts, self.days, crews)
            if is_monotone or self.losses.measure == "cost"
            else 0.0
        )
        return max(by_cuts, of_group) if is_monotone else by_cuts

    def _gain(self, best: Schedule, element: int) -> float:
        """What the repair brings a day when its turn comes in the best order known."""
        for _, end, out in best.stretches():
            if abs(end - best.ends[element]) <= ROUNDING:
                return self.losses(out) - self.losses(out & ~(1 << element))
        return 0.0

    def schedule(self, order: Order) -> Schedule:
        """The crews follow this order."""
        return schedules.follow(order, self.days, self.crews)

    def total(self, schedule: Schedule) -> float:
        """Loss until all is repaired."""
        return schedules.summed(schedule, self.losses)


# ---- run through the days
# what is told of an order that was run through the days: MWh beyond the plan, currency beyond it
Lost = tuple[float, float]


@dataclass
class InDays:
    """Orders as dated outages in one window: an element is out until the last day of its repair, and back on the day after.

    elements  table and element of each, (elements)
    days      of each repair, (elements)
    measure   what is kept least: "cost", currency beyond the plan; "unserved", MWh beyond it
    most      orders that are run at most in the search for the best one
    """

    engine: Engine
    start: date
    rules: Rules
    elements: Sequence[tuple[str, str]]
    days: tuple[float, ...]
    crews: Crews
    measure: str
    most: int
    _known: dict[tuple[date, ...], Lost] = field(default_factory=dict)

    # ---- what is asked
    @cached_property
    def is_whole(self) -> bool:
        """Whether there are so few orders that each is run."""
        return factorial(len(self.days)) <= self.most

    @cached_property
    def candidates(self) -> list[Schedule]:
        """Every schedule there is, where each is run."""
        return schedules.distinct(self.days, self.crews) if self.is_whole else []

    def open(self, shown: Schedules) -> None:
        """Open the window: as long as the longest of the schedules that are run."""
        length = max(one.length for one in (*shown.values(), *self.candidates))
        self.window = self.engine.window(self.start, max(ceil(length - ROUNDING), 1), self.rules)
        self._length = length

    def ask(self, schedule: Schedule) -> WindowAnswer:
        """The answer to a schedule."""
        return self._asked(schedule.ends)

    def seen(self, schedule: Schedule, asked: WindowAnswer) -> AgainstPlan:
        """An answer beside the plan."""
        return self._beside(asked, last_day(self.start, schedule.length))

    def lost(self, schedule: Schedule) -> Lost:
        """MWh and currency beyond the plan."""
        return self._lost(schedule.ends)

    def total(self, schedule: Schedule) -> float:
        """What is kept least."""
        return self._kept(self.lost(schedule))

    @property
    def asked(self) -> int:
        """Orders that were run; the repairs side by side that give the bound are none."""
        side_by_side = () if self.is_whole else (self._key(self.days),)
        return len(self._known.keys() - side_by_side)

    # ---- the best one
    def best(self, shown: Schedules) -> FoundSchedule:
        """The best order: of all where there are few, else the best found from those shown, with a bound.

        The bound is what is lost if each element is out for its own repair only, as if it had a crew of its own; it holds
        where a loss makes nothing cheaper, which is the caller's to know.
        """
        found = [*shown.values(), *self.candidates]
        best, least = found[0], self.total(found[0])
        for one in found[1:]:
            if self._is_less(self.total(one), least):
                best, least = one, self.total(one)
        if self.is_whole:
            return FoundSchedule(best, least, least, True)
        best, least = self._improved(best, least)
        bound = min(self._kept(self._lost(self.days)), least)
        return FoundSchedule(best, least, bound, least - bound <= SAME_COST * max(1.0, abs(least)))

    def _improved(self, best: Schedule, least: float) -> tuple[Schedule, float]:
        """An order made better by exchanging two repairs or moving one, until no step helps or enough were run."""
        better = True
        while better:
            better = False
            for near in schedules.neighbours(best.order):
                if self.asked >= self.most:
                    return best, least
                one = schedules.follow(near, self.days, self.crews)
                if one.length <= self._length + ROUNDING and self._is_less(self.total(one), least):
                    best, least, better = one, self.total(one), True
                    break
        return best, least

    # ---- inside
    def _kept(self, lost: Lost) -> float:
        return lost[self.measure == "cost"]

    def _is_less(self, one: float, other: float) -> bool:
        return one < other - SAME_COST * max(1.0, abs(other))

    def _key(self, ends: Sequence[float]) -> tuple[date, ...]:
        return tuple(last_day(self.start, end) for end in ends)

    def _lost(self, ends: Sequence[float]) -> Lost:
        key = self._key(ends)
        if key not in self._known:
            asked = self._asked(ends)
            more = self._beside(asked, last_day(self.start, max(ends))).more
            self._known[key] = (float((more @ self.window.hours).sum()), asked.extra_cost)
        return self._known[key]

    def _beside(self, asked: WindowAnswer, last: date) -> AgainstPlan:
        window = self.window
        out = self.engine.case.horizon.share_within(self.start, last)[window.first : window.last] > 0
        return AgainstPlan(self.engine.case, window.steps, np.asarray(out), asked.answer, asked.base)

    def _asked(self, ends: Sequence[float]) -> WindowAnswer:
        outages = [
            Outage(element, self.start, last_day(self.start, end), 1.0, table)
            for (table, element), end in zip(self.elements, ends, strict=True)
        ]
        return self.engine.ask(self.window, outages)


# ---- the orders that people take, and chance
def obvious(losses: SetLosses, days: Sequence[float], sizes: Sequence[float]) -> dict[str, Order]:
    """The orders that people take; equal elements by identifier.

    sizes  MW that each element can carry or make
    """
    count = range(len(days))
    alone = [losses(1 << e) for e in count]
    return {
        "capacity": tuple(sorted(count, key=lambda e: (-sizes[e], e))),
        "own_loss": tuple(sorted(count, key=lambda e: (-alone[e], e))),
        "shortest": tuple(sorted(count, key=lambda e: (days[e], e))),
    }


def by_chance(repairs: Repairs, draws: int, seed: int) -> tuple[pd.DataFrame, Schedule | None]:
    """Totals of orders drawn at random, and the one whose total is nearest to their mean."""
    generator = np.random.default_rng(seed)
    count = len(repairs.days)
    chosen = [repairs.schedule(tuple(generator.permutation(count).tolist())) for _ in range(draws)]
    frame = pd.DataFrame([_figures(repairs, one) for one in chosen], columns=FIGURES)
    if not draws:
        return frame, None
    return frame, chosen[int((frame["total"] - frame["total"].mean()).abs().to_numpy().argmin())]


def _figures(repairs: Repairs, schedule: Schedule) -> tuple[float, float, float, float]:
    """What is kept least, currency, MWh and days until all is back."""
    cost, unserved = 0.0, 0.0
    for begin, end, out in schedule.stretches():
        cost += (end - begin) * repairs.losses.cost(out)
        unserved += (end - begin) * 24.0 * float(repairs.losses.unserved(out).sum())
    return repairs.total(schedule), cost, unserved, schedule.length


# ---- tables
def orders_table(repairs: Repairs, found: Schedules, drawn: pd.DataFrame) -> pd.DataFrame:
    """One row per order; of the random ones the mean, and where 95 % of them lie."""
    frame = pd.DataFrame([_figures(repairs, one) for one in found.values()], columns=FIGURES)
    frame = frame.assign(order=list(found), low=np.nan, high=np.nan, unit=repairs.losses.unit)
    if len(drawn):
        random = frame["order"] == "random"
        for column in FIGURES:
            frame.loc[random, column] = float(drawn[column].mean())
        frame.loc[random, ["low", "high"]] = drawn["total"].quantile([0.025, 0.975]).to_numpy()
    best = frame["total"].min()
    frame["above_best"] = frame["total"] / best - 1.0 if best > 0 else 0.0
    columns = ["order", "total", "low", "high", "unit", "cost", "unserved", "length", "above_best"]
    # what the days with stocks say comes later, if they are run
    return frame[columns].assign(window_unserved=np.nan, window_cost=np.nan)


def schedule_table(elements: pd.DataFrame, found: Schedules, start: date) -> pd.DataFrame:
    """Who repairs what and when, in the order of each list."""
    parts = []
    for key, one in found.items():
        rows = elements[["table", "element", "days"]].assign(
            crew=[crew + 1 for crew in one.crew], begins=one.starts, ends=one.ends
        )
        rows = rows.iloc[list(one.order)]
        parts.append(rows.assign(order=key, place=range(1, len(rows) + 1)))
    frame = pd.concat(parts, ignore_index=True)
    first = [start + timedelta(days=int(begin + ROUNDING)) for begin in frame["begins"]]
    last = [last_day(start, end) for end in frame["ends"]]
    frame = frame.assign(**{"from": pd.to_datetime(first), "to": pd.to_datetime(last)})
    return frame[["order", "place", "table", "element", "crew", "begins", "ends", "days", "from", "to"]]


def last_day(start: date, end: float) -> date:
    """The last day of which a repair that ends so many days after the start takes anything: an element is back the day after."""
    return start + timedelta(days=max(ceil(end - ROUNDING), 1) - 1)


def curve_table(losses: SetLosses, found: Schedules) -> pd.DataFrame:
    """Stretches of time of each order: what is out, MW unserved, cost a day; the last one with nothing out."""
    rows = [
        (key, begin, end, out.bit_count(), float(losses.unserved(out).sum()), losses.cost(out))
        for key, one in found.items()
        for begin, end, out in (*one.stretches(), (one.length, one.length, 0))
    ]
    return pd.DataFrame(rows, columns=["order", "begins", "ends", "out", "unserved", "cost"])
