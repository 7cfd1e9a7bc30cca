"""Ways of booked transit: which links a stream goes over, in which direction, from the seller's point to the buyer's.

A contract with `stream` books the links of `over`. Its way ends at `delivery_place`, the buyer's point; each link leads towards it, and
where the way begins is the seller's point. Links side by side between the same places are one stretch of it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import pandas as pd

from kelisim.case.case import Case

ROW = "row"  # effect of the kinds of contract that book links


@dataclass(frozen=True)
class Leg:
    """One link of a way.

    is_back     whether the stream goes over it backwards
    start, end  places, in the direction of the stream
    """

    link: str
    is_back: bool
    start: str
    end: str


@dataclass(frozen=True)
class Stream:
    """Energy under one transit contract, kept apart from what it flows beside.

    start, end  the seller's point and the buyer's point
    legs        links of its way, in the order of `over`
    country     of each place of the way
    """

    contract: str
    seller: str
    buyer: str
    carrier: str
    start: str
    end: str
    legs: tuple[Leg, ...]
    country: dict[str, str]

    @property
    def first(self) -> tuple[Leg, ...]:
        """Links by which it leaves the seller's point."""
        return tuple(leg for leg in self.legs if leg.start == self.start)

    @property
    def last(self) -> tuple[Leg, ...]:
        """Links by which it reaches the buyer's point."""
        return tuple(leg for leg in self.legs if leg.end == self.end)

    @property
    def between(self) -> tuple[str, ...]:
        """Places on the way between the two points, in the order in which they are reached."""
        return tuple(dict.fromkeys(leg.end for leg in self.legs if leg.end != self.end))

    @property
    def crossed(self) -> tuple[str, ...]:
        """Countries on the way that are neither the seller's point's nor the buyer's point's, by name."""
        ends = {self.country[self.start], self.country[self.end]}
        return tuple(sorted(set(self.country.values()) - ends))

    def label(self, leg: Leg) -> str:
        """Name of the element of `streams.flow` of one leg."""
        return f"{self.contract}|{leg.link}"


class Broken(ValueError):
    """A way that does not lead from one place to the buyer's point: what is wrong, and a link or place that shows it."""


def streams(case: Case) -> tuple[Stream, ...]:
    """All streams of a case whose way leads from one place to another, in the order of the contracts; found once."""
    if "_streams" not in vars(case):
        vars(case)["_streams"] = _streams(case)
    found: tuple[Stream, ...] = vars(case)["_streams"]
    return found


def _streams(case: Case) -> tuple[Stream, ...]:
    contracts = case.table("contracts")
    contracts = contracts[contracts["stream"].astype(bool)]
    if contracts.empty:
        return ()
    effects = case.table("contract_kinds").set_index("kind")["effect"]
    links = case.table("links").drop_duplicates("link").set_index("link")
    country = dict(case.table("places")[["place", "country"]].itertuples(index=False))
    found = []
    for row in contracts.itertuples(index=False):
        names = words(row.over)
        if effects.get(row.kind, "") != ROW or not row.delivery_place or not set(names) <= set(links.index):
            continue
        try:
            legs = way(links.loc[names], row.delivery_place)
        except Broken:
            continue
        here = {place: str(country[place]) for leg in legs for place in (leg.start, leg.end)}
        ends = {leg.end for leg in legs}
        start = next(leg.start for leg in legs if leg.start not in ends)
        own = (row.contract, str(row.seller), str(row.buyer), str(row.carrier))
        found.append(Stream(*own, start, str(row.delivery_place), legs, here))
    return tuple(found)


def booked_most(case: Case) -> dict[str, float]:
    """Contract with a stream -> most that it books, MW: its daily maximum, or else annual quantity / days x (1 + swing_up)."""
    contracts = case.quantities("contracts")
    year = contracts["annual_quantity"] / case.horizon.year_hours * (1.0 + contracts["swing_up"])
    most = contracts["daily_max"].fillna(year).fillna(0.0)
    known = dict(zip(contracts["contract"], most.astype(float), strict=True))
    return {one.contract: known[one.contract] for one in streams(case)}


def words(over: object) -> list[str]:
    """Links of a cell of `over`."""
    return [word.strip() for word in str(over).split(";") if word.strip()]


def way(links: pd.DataFrame, end: str) -> tuple[Leg, ...]:
    """The legs that some links make on their way to a place.

    links  index: their names; from_place, to_place
    Raises Broken where they do not lead there from one place.
    """
    pairs = {
        str(link): (str(a), str(b))
        for link, a, b in zip(links.index, links["from_place"], links["to_place"], strict=True)
    }
    far = _distances(pairs.values(), end)
    if len(far) == 1:
        raise Broken("end", end)
    legs = []
    for link, (a, b) in pairs.items():
        if a not in far or b not in far:
            raise Broken("gap", link)
        if far[a] == far[b]:
            raise Broken("side", link)
        is_back = far[a] < far[b]
        legs.append(Leg(link, is_back, *((b, a) if is_back else (a, b))))
    ends = {leg.end for leg in legs}
    starts = sorted({leg.start for leg in legs} - ends)
    if len(starts) > 1:
        raise Broken("starts", ", ".join(starts))
    return tuple(legs)


def loose_ends(links: pd.DataFrame) -> list[str]:
    """Places that only one of some links, or several side by side, touch: where a way may begin or end."""
    near: dict[str, set[str]] = {}
    for a, b in zip(links["from_place"], links["to_place"], strict=True):
        near.setdefault(str(a), set()).add(str(b))
        near.setdefault(str(b), set()).add(str(a))
    return sorted(place for place, others in near.items() if len(others) == 1)


def _distances(pairs: Iterable[tuple[str, str]], end: str) -> dict[Hashable, int]:
    """Number of links between a place and others."""
    near: dict[str, list[str]] = {}
    for a, b in pairs:
        near.setdefault(a, []).append(b)
        near.setdefault(b, []).append(a)
    far: dict[Hashable, int] = {end: 0}
    queue = [end]
    while queue:
        here = queue.pop(0)
        for there in near.get(here, []):
            if there not in far:
                far[there] = far[here] + 1
                queue.append(there)
    return far
