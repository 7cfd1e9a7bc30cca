"""Orders of repair beside each other: the best with its bound, those that people take, and chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from math import ceil

import numpy as np
import pandas as pd

from kelisim.studies.restoration import schedules
from kelisim.studies.restoration.losses import SetLosses
from kelisim.studies.restoration.schedules import FoundSchedule, Order, Schedule
from kelisim.tolerances import ROUNDING

GROUP = 8  # elements of the group that bounds orders of many
FIGURES = ["total", "cost", "unserved", "length"]
Schedules = Mapping[str, Schedule]


@dataclass(frozen=True)
class Repairs:
    """The question: what is out, how long each repair takes, and how many crews there are.

    losses  of each set that may be out
    days    of each repair, (elements)
    most    elements up to which all sets are asked and the order is exact
    sets    sets that are asked where there are more elements, before the search ends with what is known
    """

    losses: SetLosses
    days: tuple[float, ...]
    crews: int
    most: int = 10
    sets: int = 4000
    orders: tuple[Order, ...] = field(default_factory=tuple)

    @cached_property
    def best(self) -> FoundSchedule:
        """The best order: proven where all sets are asked, else the best found with a bound."""
        if len(self.days) <= self.most:
            losses = schedules.table(self.losses, len(self.days))
            return schedules.exact(losses, self.days, self.crews)
        found = schedules.searched(self.losses, self.days, self.crews, self.orders, self._enough)
        bound = min(self._bound(found.schedule), found.total)
        exact = found.total - bound <= ROUNDING * max(1.0, found.total)
        return FoundSchedule(found.schedule, found.total, bound, exact)

    def _enough(self) -> bool:
        return self.losses.asked >= self.sets

    def _bound(self, best: Schedule) -> float:
        """The better of two bounds: of cuts of all sets on the way of some orders, and of the group that matters most. The
        second one, and cuts of unserved energy, hold where losses are monotone on all sets that were asked; 0 if none holds."""
        count = len(self.days)
        ways = [best, *(schedules.follow(order, self.days, self.crews) for order in self.orders)]
        sets = {out for way in ways for _, _, out in way.stretches()} | {1 << e for e in range(count)}
        cuts = [self.losses.cut(out) for out in sorted(sets)]
        # what must be lost to be felt: the elements whose return in the best order, or whose loss alone, weighs most per day
        alone = [(max(self._gain(best, e), self.losses(1 << e)) / self.days[e], -e) for e in range(count)]
        group = [-e for _, e in sorted(alone, reverse=True)[:GROUP]]
        of_group = schedules.bound_of_group(self.losses, group, self.days, self.crews)
        is_monotone = self.losses.is_monotone
        by_cuts = (
            schedules.bound_of_cuts(cuts, self.days, self.crews)
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
    best = frame["total"].iloc[0]
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
