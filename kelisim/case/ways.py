"""Ways from one place to another: the cheapest ones without a place twice, what they cost in each country, and what is left at the entry.

Cost and loss of a way add up as follows. Of one MWh handed over at the entry a link with tariff t and loss l carries what arrives at
its start, so that with q_1 = 1 and q_(i+1) = q_i (1 - l_i)

    tariffs = sum of t_i q_i        delivered = q_(n+1)        netback at the entry = price at the exit * delivered - tariffs

Ways come in the order of sum of (t_i + price * l_i), which needs no knowledge of what was lost before; with equal cost in the order of
their places (Yen, Finding the K shortest loopless paths in a network, Management Science 17(11), 1971).
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import groupby, islice

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.transit import transit_days
from kelisim.tolerances import ROUNDING

TIED = 200  # ways of one cost that are put in order


@dataclass(frozen=True)
class Step:
    """One link of a way in its direction; tariff currency/MWh, loss a share, size MW, length km, days."""

    link: str
    start: str
    end: str
    tariff: float
    loss: float
    size: float
    days: float
    length: float
    kind: str


@dataclass(frozen=True)
class Way:
    """A way from the entry to the exit, in the order of its links."""

    steps: tuple[Step, ...]

    @property
    def places(self) -> tuple[str, ...]:
        return (self.steps[0].start, *(step.end for step in self.steps))

    @property
    def carried(self) -> np.ndarray:
        """Of one MWh at the entry what enters each link, and what is delivered, (links + 1,)."""
        return np.cumprod([1.0, *(1.0 - step.loss for step in self.steps)])

    @property
    def delivered(self) -> float:
        return float(self.carried[-1])

    @property
    def tariffs(self) -> float:
        """currency per MWh at the entry."""
        return float(np.array([step.tariff for step in self.steps]) @ self.carried[:-1])

    def netback(self, price: float) -> float:
        """What is left at the entry of a price at the exit, currency/MWh each."""
        return price * self.delivered - self.tariffs

    @property
    def narrowest(self) -> tuple[str, float]:
        """The link that lets least through, and what can be handed over at the entry because of it, MW."""
        sizes = np.array([step.size for step in self.steps]) / self.carried[:-1]
        at = int(np.argmin(sizes))
        return self.steps[at].link, float(sizes[at])

    def by_country(self, country: dict[str, str]) -> dict[str, float]:
        """Tariffs by country, currency per MWh at the entry; of a link over a border half to either side."""
        found: dict[str, float] = {}
        for step, carried in zip(self.steps, self.carried[:-1], strict=True):
            for place in (step.start, step.end):
                found[country[place]] = found.get(country[place], 0.0) + 0.5 * step.tariff * float(carried)
        return found


Leaving = dict[str, list[tuple[float, Step]]]  # place -> cost and link of each step that leaves it


def links_within(
    case: Case, carrier: str, countries: Collection[str], avoid: Collection[str] = ()
) -> list[str]:
    """Links of a carrier that lie in some countries, all if none is named, in the order of the case; without some links."""
    links = case.table("links")
    country = dict(case.table("places")[["place", "country"]].itertuples(index=False))
    rows = links[links["carrier"] == carrier]
    ends = zip(rows["link"], rows["from_place"], rows["to_place"], strict=True)
    inside = set(countries) or set(country.values())
    return [str(link) for link, *both in ends if {country[p] for p in both} <= inside and link not in avoid]


def cheapest(case: Case, names: Collection[str], start: str, end: str, price: float, count: int) -> list[Way]:
    """The cheapest ways over some links, none through a place twice; links side by side are ways of their own.

    price  at the exit, currency/MWh, at which losses count; not below 0
    """
    if count < 1 or start == end:
        return []
    return list(islice(_in_order(_leaving(case, names, price), start, end), count))


def _in_order(leaving: Leaving, start: str, end: str) -> Iterator[Way]:
    """Ways by cost, those of one cost by their names."""
    for _, same in groupby(_by_cost(leaving, start, end), key=lambda found: round(found[0], 9)):
        yield from sorted((way for _, way in islice(same, TIED)), key=_names)


def _names(way: Way) -> list[str]:
    """Places and links of a way, in their order."""
    found = [way.steps[0].start]
    for step in way.steps:
        found += [str((step.link, step.start)), step.end]
    return found


def _by_cost(leaving: Leaving, start: str, end: str) -> Iterator[tuple[float, Way]]:
    """All ways without a place twice by cost, each way but the first leaving one before it at some place.

    Yen's method in the order of Lawler (A procedure for computing the K best solutions, Management Science 18(7), 1972): a way is left
    only behind the place at which it left another one itself, so that none is found twice.
    """
    ahead = _distances(leaving, end)
    first = _shortest(leaving, ahead, start, end, set(), set())
    waiting = [(first[0], 0, first[1], 0)] if first else []
    taken: dict[tuple[Step, ...], set[Step]] = {}
    number = 0
    while waiting:
        cost, _, steps, left = heapq.heappop(waiting)
        yield cost, Way(steps)
        for at, step in enumerate(steps):
            taken.setdefault(steps[:at], set()).add(step)
        paid, passed = 0.0, set[str]()
        costs = [_cost_of(leaving, step) for step in steps]
        for at, step in enumerate(steps):
            if at >= left:
                more = _shortest(leaving, ahead, step.start, end, passed, taken[steps[:at]])
                if more:
                    number += 1
                    heapq.heappush(waiting, (paid + more[0], number, steps[:at] + more[1], at))
            passed.add(step.start)
            paid += costs[at]


def _cost_of(leaving: Leaving, step: Step) -> float:
    return next(cost for cost, one in leaving[step.start] if one is step)


def _distances(leaving: Leaving, end: str) -> dict[str, float]:
    """Least cost from each place to the end (Dijkstra 1959, backwards); places from which no way leads there are left out."""
    arriving: dict[str, list[tuple[float, str]]] = {}
    for steps in leaving.values():
        for cost, step in steps:
            arriving.setdefault(step.end, []).append((cost, step.start))
    found: dict[str, float] = {}
    waiting = [(0.0, end)]
    while waiting:
        cost, place = heapq.heappop(waiting)
        if place in found:
            continue
        found[place] = cost
        for more, before in arriving.get(place, ()):
            if before not in found:
                heapq.heappush(waiting, (cost + more, before))
    return found


def _shortest(
    leaving: Leaving, ahead: Mapping[str, float], start: str, end: str, passed: Set[str], cut: Set[Step]
) -> tuple[float, tuple[Step, ...]] | None:
    """The cheapest way from a place that goes through none of those passed and does not begin with what is cut.

    ahead  least cost from each place to the end with nothing cut: what is left costs at least so much (Hart, Nilsson and Raphael 1968)
    """
    number, done = 0, set(passed)
    by: dict[str, tuple[Step, str]] = {}
    best = {start: 0.0}
    waiting = [(ahead.get(start, 0.0), 0, start)]
    while waiting:
        _, _, place = heapq.heappop(waiting)
        if place in done:
            continue
        if place == end:
            return best[end], _back(by, start, end)
        done.add(place)
        for cost, step in leaving.get(place, ()):
            if step.end in done or step.end not in ahead or (place == start and step in cut):
                continue
            paid = best[place] + cost
            if paid < best.get(step.end, float("inf")):
                number += 1
                best[step.end], by[step.end] = paid, (step, place)
                heapq.heappush(waiting, (paid + ahead[step.end], number, step.end))
    return None


def _back(by: Mapping[str, tuple[Step, str]], start: str, end: str) -> tuple[Step, ...]:
    """The steps of a way that was found, from its start."""
    steps, place = list[Step](), end
    while place != start:
        step, place = by[place]
        steps.append(step)
    return tuple(reversed(steps))


def _leaving(case: Case, names: Collection[str], price: float) -> Leaving:
    """What leaves each place: cost, currency/MWh, and the link in its direction."""
    links = case.quantities("links")
    links = links.assign(days=transit_days(case, links).to_numpy())
    links = links[links["link"].isin(set(names))]
    found: Leaving = {}
    for row in links.itertuples(index=False):
        back = row.tariff if pd.isna(row.tariff_back) else row.tariff_back
        ways = [
            (row.from_place, row.to_place, row.capacity, row.tariff),
            (row.to_place, row.from_place, row.capacity_back, back),
        ]
        for start, end, size, tariff in ways:
            if not size > ROUNDING or start == end:
                continue
            step = Step(
                row.link, start, end, float(tariff), float(row.loss), float(size), float(row.days),
                float(np.nan_to_num(row.length_km)), str(row.kind),
            )  # fmt: skip
            found.setdefault(start, []).append((step.tariff + price * step.loss, step))
    return found
