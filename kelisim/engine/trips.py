"""What stops in the hour in which power fails: plants, pumps and compressors that run on it, until they are restarted.

An island is what hangs together on lines that are left. One that a loss has split off and that sheds anything, and one that sheds
more than a share of its use (`island_trips`), stops all that must have power; in the second case it goes dark as a whole, and its
power plants stop too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from kelisim.case.case import Case
from kelisim.case.change import Change, Outage
from kelisim.engine.engine import Engine
from kelisim.engine.event import whole_step
from kelisim.engine.first_hour import POWER
from kelisim.engine.window import WindowAnswer
from kelisim.model.rules import Rules
from kelisim.results.answer import Answer
from kelisim.tolerances import NO_FLOW, NO_POWER

WHY = ("split", "dark")


@dataclass(frozen=True)
class Trip:
    """An element that stops: where its power comes from, for how many hours, and why (split, dark)."""

    table: str
    element: str
    place: str
    hours: float
    why: str

    def outages(self, start: date) -> list[Outage]:
        """Whole days of the restart, and what is left as a share of the next one."""
        days, rest = divmod(self.hours, 24.0)
        found = (
            [Outage(self.element, start, start + timedelta(days=int(days) - 1), 1.0, self.table)]
            if days
            else []
        )
        after = start + timedelta(days=int(days))
        return [*found, Outage(self.element, after, after, rest / 24.0, self.table)] if rest else found


@dataclass(frozen=True)
class Islands:
    """Islands of a power system in the hour of a loss.

    places   all places of the case
    is_split whether the loss has made the island, (places)
    is_dark  whether it goes dark as a whole, (places)
    sheds    whether anything is shed in it, (places)
    """

    places: tuple[str, ...]
    is_split: np.ndarray
    is_dark: np.ndarray
    sheds: np.ndarray


@dataclass(frozen=True)
class FirstHour:
    """The hour of a loss, and what stops in it."""

    asked: WindowAnswer
    islands: Islands
    trips: tuple[Trip, ...]

    def outages(self, start: date) -> list[Outage]:
        """Of all that stops."""
        return [outage for trip in self.trips for outage in trip.outages(start)]


def in_the_hour(
    engine: Engine,
    start: date,
    causes: Sequence[Change],
    rules: Rules,
    reserve: float,
    context: Sequence[Change] = (),
    part: str = "",
) -> FirstHour | None:
    """What is shed in the hour of a loss and what stops with it; None if no power is lost at once.

    part  of the day; that of the highest use of power if empty
    In that hour all of a share is gone, however short the outage is beside the step.
    """
    place = "cooperative" if rules.place == "own_first" else rules.place
    whole, before = (whole_step(engine, start, some) for some in (causes, context))
    asked = engine.first_hour(start, whole, replace(rules, place=place, time="none"), reserve, before, part)
    if asked is None or asked.answer.status != "optimal":
        return None
    found = islands(engine.case, asked.answer, asked.base)
    lost = [change.element for change in causes if isinstance(change, Outage)]
    return FirstHour(asked, found, tuple(trips(engine.case, found, lost)))


def islands(case: Case, answer: Answer, base: Answer) -> Islands:
    """The islands of a first hour, beside the undisturbed one."""
    places = list(case.table("places")["place"])
    before, after = (_components(case, places, one) for one in (base, answer))
    demand = case.table("demand")
    at = pd.Index(places).get_indexer(demand["place"])
    is_power = (demand["carrier"] == POWER).to_numpy()
    use, shed = np.zeros(len(places)), np.zeros(len(places))
    rows = len(demand)
    more = np.maximum(answer.by_demand(rows) - base.by_demand(rows), 0.0)[:, 0]
    np.add.at(use, at[is_power], base.by_demand(rows, "upper")[is_power, 0])
    np.add.at(shed, at[is_power], more[is_power])
    size = int(after.max(initial=-1)) + 1
    total, missing = np.bincount(after, use, size), np.bincount(after, shed, size)
    most = float(case.setting("crisis", "island_trips"))
    share = np.divide(missing, total, out=np.zeros(size), where=total > 0)
    was, now = np.bincount(before)[before], np.bincount(after)[after]
    return Islands(tuple(places), now < was, (share > most)[after], (missing > NO_POWER)[after])


def _components(case: Case, places: Sequence[str], answer: Answer) -> np.ndarray:
    """Number of the island of each place, over lines that can carry anything."""
    links = case.table("links")
    lines = links[links["carrier"] == POWER]
    ids = list(lines["link"])
    most = answer.upper("links.flow", ids)[:, 0] + answer.upper("links.flow_back", ids)[:, 0]
    open_ = lines[most > NO_FLOW]
    index = pd.Index(places)
    ends = (index.get_indexer(open_["from_place"]), index.get_indexer(open_["to_place"]))
    graph = coo_array((np.ones(len(open_)), ends), shape=(len(places), len(places)))
    return np.asarray(connected_components(graph, directed=False)[1])


def trips(case: Case, found: Islands, lost: Sequence[str] = ()) -> list[Trip]:
    """What stops in these islands; lost elements are out anyway.

    lost  elements
    """
    position = {place: at for at, place in enumerate(found.places)}
    stopped = []
    for table, element, place, hours, draws in needs_power(case):
        at = position[place]
        is_stopped = found.is_dark[at] or (draws and found.is_split[at] and found.sheds[at])
        if is_stopped and element not in lost:
            stopped.append(Trip(table, element, place, hours, WHY[int(found.is_dark[at])]))
    return stopped


def needs_power(case: Case) -> Iterator[tuple[str, str, str, float, bool]]:
    """Table, element, place of its power, hours of a restart, and whether it draws power, of what stops without it."""
    ports = case.ports
    power = ports[ports["carrier"] == POWER].groupby("asset")["ratio"].min()
    assets = case.table("assets")
    for row in assets[assets["restart_hours"].notna() & assets["asset"].isin(power.index)].itertuples(
        index=False
    ):
        yield "assets", row.asset, row.place, float(row.restart_hours), bool(power[row.asset] < 0)
    links = case.table("links")
    for row in links[links["restart_hours"].notna() & (links["power_place"] != "")].itertuples(index=False):
        yield "links", row.link, row.power_place, float(row.restart_hours), True
