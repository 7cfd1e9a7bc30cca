"""Ways of fuels: tracks, crossings and shared limits, and how much of those that lost a share is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case
from kelisim.results.answer import Answer
from kelisim.results.regions import DOOR

Floats = npt.NDArray[np.float64]
RAIL, ROAD = "rail", "road"


@dataclass(frozen=True)
class FuelRoutes:
    """Links of a case by track and by crossing.

    fuels, countries  carriers of links, and countries in which they begin or end, where nothing is named; all if empty
    """

    case: Case
    fuels: tuple[str, ...]
    countries: tuple[str, ...] = ()

    @cached_property
    def _links(self) -> pd.DataFrame:
        links = self.case.table("links")
        links = links[links["status"] == "base"] if "status" in links else links
        track = links["shared_with"].where(links["shared_with"] != "", links["link"])
        return links.assign(track=track)

    def of_kind(self, kind: str) -> list[str]:
        """Links of a kind whose track carries one of the fuels and begins or ends in the countries, border points included."""
        links = self._links
        some = links["carrier"].isin(self.fuels) & (links["kind"] == kind)
        if self.countries:
            here = {place for place, country in self._country.items() if country in self.countries}
            # a border point on the other side belongs to what goes through it
            through = links[links["from_place"].isin(here) | links["to_place"].isin(here)]
            doors = (set(through["from_place"]) | set(through["to_place"])) & self._doors
            some &= links["from_place"].isin(here | doors) | links["to_place"].isin(here | doors)
        tracks = set(links["track"][some])
        return list(links["link"][links["track"].isin(tracks) & (links["kind"] == kind)])

    @cached_property
    def _country(self) -> dict[str, str]:
        places = self.case.table("places")
        return dict(zip(places["place"], places["country"], strict=True))

    @cached_property
    def _doors(self) -> set[str]:
        places = self.case.table("places")
        return set(places["place"][places["kind"] == DOOR])

    def named(self, element: str) -> list[str]:
        """Links that a name means: the link with all of its track, the track, or the rail links that end at a place."""
        links = self._links
        own = links[links["link"] == element]
        if len(own):
            return list(links["link"][links["track"].isin(own["track"])])
        if (links["track"] == element).any():
            return list(links["link"][links["track"] == element])
        ends = (links["from_place"] == element) | (links["to_place"] == element)
        return list(links["link"][ends & (links["kind"] == RAIL)])

    def tracks(self, links: Sequence[str]) -> dict[str, list[str]]:
        """Track -> its links among some."""
        rows = self._links[self._links["link"].isin(links)]
        return {str(track): list(own["link"]) for track, own in rows.groupby("track", sort=False)}

    def groups(self, links: Sequence[str]) -> dict[str, list[str]]:
        """What a train more goes over: a border point with all links that end there, or a track elsewhere -> its links."""
        rows = self._links[self._links["link"].isin(links)]
        door = [
            next((str(p) for p in (a, b) if p in self._doors), "")
            for a, b in zip(rows["from_place"], rows["to_place"], strict=True)
        ]
        name = pd.Series(door, index=rows.index).where(pd.Series(door, index=rows.index) != "", rows["track"])
        return {str(group): list(own["link"]) for group, own in rows.groupby(name, sort=True)}


# ---- what lost its share
def lost_table(
    ways: FuelRoutes,
    base: Answer,
    answer: Answer,
    weights: Floats,
    limits: Sequence[str],
    links: Sequence[str],
    share: float,
) -> pd.DataFrame:
    """Each track and shared limit that lost a share: before, left, and how much of it the plan and the answer use, mean of
    the days, in the unit of its row; what lost most use first.

    weights  hours of each step of the answers that lie in the days, (steps)
    """
    case, hours = ways.case, float(weights.sum())
    rows = []
    table = case.table("links").set_index("link")
    for track, members in ways.tracks(links).items():
        head = table.loc[members[0]]
        unit = str(head["unit"]) or "MW"
        size = np.array(
            [case.units.factor(unit, "power", str(table.at[link, "carrier"])) for link in members]
        )
        used = []
        for one in (base, answer):
            power = one.power("links.flow", members) + one.power("links.flow_back", members)
            used.append(float((power @ weights / hours / size).sum()))
        before = float(head["capacity"])
        rows.append(("links", track, before, before * (1.0 - share), *used, unit))
    amounts = case.table("resources").set_index("resource")
    for resource in limits:
        before, unit = float(amounts.at[resource, "amount"]), str(amounts.at[resource, "unit"])
        used = [before * _drawn(base, one, resource, weights / hours) for one in (base, answer)]
        rows.append(("resources", resource, before, before * (1.0 - share), *used, unit))
    columns = ["table", "element", "before", "left", "used_plan", "used", "unit"]
    frame = pd.DataFrame(rows, columns=columns)
    lost = frame.assign(
        _lost=(frame["used_plan"] - frame["used"]) / frame["before"].where(frame["before"] > 0, 1.0)
    )
    ordered = lost.sort_values(["_lost", "element"], ascending=[False, True], ignore_index=True)
    return ordered.drop(columns="_lost")


def _drawn(base: Answer, answer: Answer, resource: str, weights: Floats) -> float:
    """Share of a shared limit of the plan that an answer draws, mean of the days."""
    for name in ("resources.step", "resources.year"):
        block, plan = answer.rows.get(name), base.rows.get(name)
        if block is not None and plan is not None and resource in block.elements:
            at = block.elements.index(resource)
            most = plan.upper[at]
            drawn = np.divide(block.values[at], most, out=np.zeros_like(most), where=most > 0)
            return float(drawn @ weights) if len(drawn) == len(weights) else float(drawn[0])
    return 0.0
