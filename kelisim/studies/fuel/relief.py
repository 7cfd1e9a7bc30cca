"""More trains, trucks and wagons for some days: changes of shared limits and links, and what each brings under a stress."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim import units
from kelisim.case.case import Case
from kelisim.case.change import Change, Dated
from kelisim.engine.marginal import Stressed
from kelisim.engine.window import Window
from kelisim.results.facts import Fact, said
from kelisim.studies.fuel.routes import RAIL, ROAD, FuelRoutes
from kelisim.tolerances import SMALL_ENERGY, SMALL_MONEY

Floats = npt.NDArray[np.float64]
WAGONS = "wagon"
RELIEF = ["kind", "element", "size", "unit", "saved_by_price", "saved", "unserved_less"]
Increase = tuple[str, str, float, str, list[Change]]  # kind, element, how much more, its unit, changes


@dataclass(frozen=True)
class Days:
    """Changes that hold from a day to a day."""

    case: Case
    start: date
    last: date

    def within(self, opened: Window) -> Floats:
        """Share of each step of a window that lies in the days."""
        return self.case.horizon.share_within(self.start, self.last)[opened.first : opened.last]

    def limits(self, factors: Mapping[str, float]) -> list[Change]:
        """Shared limits times a factor each."""
        return self._scaled("resources", "amount", factors)

    def links(self, factors: Mapping[str, float]) -> list[Change]:
        """Links times a factor each, both ways."""
        rows = self.case.table("links").set_index("link")
        back = {link: factor for link, factor in factors.items() if rows.at[link, "capacity_back"] > 0}
        return self._scaled("links", "capacity", factors) + self._scaled("links", "capacity_back", back)

    def _scaled(self, table: str, column: str, factors: Mapping[str, float]) -> list[Change]:
        groups: dict[float, list[str]] = {}
        for element, factor in factors.items():
            groups.setdefault(round(factor, 12), []).append(element)
        return [
            Dated(table, tuple(elements), column, factor, "", "scale", self.start, self.last)
            for factor, elements in groups.items()
        ]


@dataclass(frozen=True)
class Increases:
    """How much more of each is asked: t a day of one more train, t a day of more trucks on one road, wagons more at work;
    and how many of the most valuable of each kind are solved."""

    train: float
    trucks: float
    wagons: float
    most: int


class Reliefs:
    """One more train a day, more trucks, more wagons: the most valuable of each by price, then solved.

    limits, links  shared limits and links that the stress left a part of
    left           that part, share
    here           rows of demand whose gain is told
    """

    def __init__(
        self,
        increases: Increases,
        ways: FuelRoutes,
        opened: Window,
        stressed: Stressed,
        days: Days,
        limits: Sequence[str],
        links: Sequence[str],
        left: float,
        here: npt.NDArray[np.bool_],
    ) -> None:
        self.increases, self.ways, self.under, self.days = increases, ways, stressed, days
        self.case, self.asked = days.case, stressed.asked
        self.limits, self.stressed, self.left = tuple(limits), set(links), left
        self._weights = days.within(opened) * opened.hours
        self._here = here

    def tables(self) -> dict[str, pd.DataFrame]:
        """`relief`: each increase, what it saves by price and solved, what it serves more here, the most saved first;
        `relief.served`: that by carrier."""
        chosen = [
            *self._of_links("train", RAIL, self.increases.train),
            *self._of_links("trucks", ROAD, self.increases.trucks),
            *self._of_limits(),
        ]
        rows, served_rows = [], []
        for kind, element, size, unit, changes in chosen:
            found = self.under.relief(changes)
            if found.by_price <= SMALL_MONEY:
                continue
            served = np.where(self._here, found.unserved, 0.0)
            rows.append((kind, element, size, unit, found.by_price, found.saved, float(served.sum())))
            served_rows += [(kind, element, carrier, more) for carrier, more in self._by_carrier(served)]
        frame = pd.DataFrame(rows, columns=RELIEF)
        order = ["saved", "kind", "element"]
        return {
            "relief": frame.sort_values(order, ascending=[False, True, True], ignore_index=True),
            "relief.served": pd.DataFrame(served_rows, columns=["kind", "element", "carrier", "served"]),
        }

    def _by_carrier(self, served: Floats) -> list[tuple[str, float]]:
        """What customers get more of each carrier, MWh, the most first."""
        energy = pd.Series(served).groupby(self.case.table("demand")["carrier"].to_numpy()).sum()
        some = energy[energy > SMALL_ENERGY].sort_values(ascending=False, kind="stable")
        return [(str(carrier), float(more)) for carrier, more in some.items()]

    def _of_links(self, kind: str, of_kind: str, load: float) -> list[Increase]:
        links = sorted(self.stressed) if kind == "train" else self.ways.of_kind(of_kind)
        groups = {name: self._more(members, load) for name, members in self.ways.groups(links).items()}
        worth = {name: self._worth(more) for name, more in groups.items()}
        ranked = sorted(
            (name for name in groups if worth[name] > SMALL_MONEY), key=lambda name: (-worth[name], name)
        )
        return [
            (kind, name, load, "t/day", self.days.links(self._factors(groups[name])))
            for name in ranked[: self.increases.most]
        ]

    def _more(self, links: list[str], load: float) -> dict[str, float]:
        """MW that a load a day adds to each link."""
        carrier = self.case.table("links").set_index("link")["carrier"]
        return {link: load * self.case.units.factor("t/day", "power", str(carrier[link])) for link in links}

    def _factors(self, more: dict[str, float]) -> dict[str, float]:
        capacity = self.case.quantities("links").set_index("link")["capacity"]
        some = {link: power / float(capacity[link]) for link, power in more.items() if capacity[link] > 0}
        return {link: (self.left if link in self.stressed else 1.0) + part for link, part in some.items()}

    def _worth(self, more: dict[str, float]) -> float:
        """Currency by the prices of the links' own limits and of their tracks."""
        ids = list(more)
        answer = self.asked.answer
        price = answer.limit_price("links.flow", ids) + answer.limit_price("links.flow_back", ids)
        worth = float(np.array(list(more.values())) @ (price @ self._weights))
        for track, members in self.ways.tracks(ids).items():
            for row in ("links.shared", "links.shared_back"):
                if row in answer.rows:
                    shared = -answer.row_price(row, [track])[0]
                    worth += more[members[0]] * float(np.maximum(shared, 0.0) @ self._weights)
        return worth

    def _of_limits(self) -> list[Increase]:
        rows = self.case.table("resources").set_index("resource")
        found = []
        for limit in self.limits:
            unit = str(rows.at[limit, "unit"])
            size, own, more = self._increase(unit)
            if more <= 0.0 or rows.at[limit, "over"] != "step" or rows.at[limit, "amount"] <= 0:
                continue
            factor = self.left + more / float(rows.at[limit, "amount"])
            kind = "wagons" if WAGONS in unit else "train"
            found.append((kind, limit, size, own, self.days.limits({limit: factor})))
        return found

    def _increase(self, unit: str) -> tuple[float, str, float]:
        """What a shared limit gets more: wagons, trains or tons a day, their unit, and the same in the unit of the limit."""
        size, powers = units.parse(unit)
        for own, load in (
            ("wagon_day/day", self.increases.wagons),
            ("train/day", 1.0),
            ("t/day", self.increases.train),
        ):
            other, others = units.parse(own)
            if powers == others:
                return load, own, load * other / size
        return 0.0, "", 0.0


def increase_of(row: Mapping[str, Any]) -> Fact:
    """What is more in a row of `relief`: a part of a sentence."""
    kind = "path" if row["unit"] == "train/day" else row["kind"]
    return said(f"fuel.increases.{kind}", size=round(row["size"]))


def served_of(tables: Mapping[str, pd.DataFrame], row: Mapping[str, Any]) -> list[Fact]:
    """What a row of `relief` serves more, by carrier: parts of a sentence."""
    served = tables["relief.served"]
    own = served[(served["kind"] == row["kind"]) & (served["element"] == row["element"])]
    return [said("fuel.served", carrier=r.carrier, served=r.served) for r in own.itertuples()]


def relief_fact(tables: Mapping[str, pd.DataFrame], currency: str, is_short: bool) -> Fact:
    """What saves most of all that was looked at.

    is_short  whether any fuel is short under the stress
    """
    if tables["relief"].empty:
        return Fact("relief", 0.0, currency, "fuel.no_relief" if is_short else "")
    best = tables["relief"].iloc[0]
    serves = served_of(tables, best)
    places = {"increase": increase_of(best), "element": best["element"], "by_price": best["saved_by_price"]}
    more = said("fuel.serves" if serves else "fuel.serves_nobody", parts=serves)
    return Fact("relief", best["saved"], currency, "fuel.best", **places, serves=more)
