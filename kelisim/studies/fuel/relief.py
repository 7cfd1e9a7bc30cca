"""More trains, trucks and wagons for some days: changes of shared limits and links, and what each brings under a stress."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim import units
from kelisim.case.case import Case
from kelisim.case.change import Change, Dated
from kelisim.engine.marginal import Stressed
from kelisim.engine.window import Window
from kelisim.studies.fuel.routes import RAIL, ROAD, FuelRoutes
from kelisim.studies.fuel.words import brings
from kelisim.tolerances import SMALL_MONEY as NONE

Floats = npt.NDArray[np.float64]
WAGONS = "wagon"


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
        self, increases: Increases, ways: FuelRoutes, opened: Window, stressed: Stressed, days: Days, limits: Sequence[str],
        links: Sequence[str], left: float, here: npt.NDArray[np.bool_],
    ) -> None:  # fmt: skip
        self.increases, self.ways, self.under, self.days = increases, ways, stressed, days
        self.case, self.asked = days.case, stressed.asked
        self.limits, self.stressed, self.left = tuple(limits), set(links), left
        self._weights = days.within(opened) * opened.hours
        self._here = here

    def table(self) -> pd.DataFrame:
        """Most saved first: kind, element, increase in words, what it saves by price and solved, what it serves more here."""
        chosen = [
            *self._of_links("train", RAIL, self.increases.train),
            *self._of_links("trucks", ROAD, self.increases.trucks),
            *self._of_limits(),
        ]
        rows = []
        for kind, element, words, changes in chosen:
            found = self.under.relief(changes)
            if found.by_price <= NONE:
                continue
            served = np.where(self._here, found.unserved, 0.0)
            rows.append(
                (kind, element, self.ways.names.get(element, element), words, found.by_price, found.saved,
                 float(served.sum()), brings(self.case, served))
            )  # fmt: skip
        columns = [
            "kind",
            "element",
            "name",
            "increase",
            "saved_by_price",
            "saved",
            "unserved_less",
            "serves",
        ]
        frame = pd.DataFrame(rows, columns=columns)
        return frame.sort_values(
            ["saved", "kind", "element"], ascending=[False, True, True], ignore_index=True
        )

    def _of_links(self, kind: str, of_kind: str, load: float) -> list[tuple[str, str, str, list[Change]]]:
        links = sorted(self.stressed) if kind == "train" else self.ways.of_kind(of_kind)
        groups = {name: self._more(members, load) for name, members in self.ways.groups(links).items()}
        worth = {name: self._worth(more) for name, more in groups.items()}
        ranked = sorted(
            (name for name in groups if worth[name] > NONE), key=lambda name: (-worth[name], name)
        )
        words = f"1 train a day of {load:,.0f} t" if kind == "train" else f"trucks with {load:,.0f} t a day"
        return [
            (kind, name, words, self.days.links(self._factors(groups[name]))) for name in ranked[: self.increases.most]
        ]  # fmt: skip

    def _more(self, links: list[str], load: float) -> dict[str, float]:
        """MW that a load a day adds to each link."""
        carrier = self.case.table("links").set_index("link")["carrier"]
        return {link: load * self.case.units.factor("t/day", "power", str(carrier[link])) for link in links}

    def _factors(self, more: dict[str, float]) -> dict[str, float]:
        capacity = self.case.quantities("links").set_index("link")["capacity"]
        return {
            link: (self.left if link in self.stressed else 1.0) + power / float(capacity[link])
            for link, power in more.items() if capacity[link] > 0
        }  # fmt: skip

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

    def _of_limits(self) -> list[tuple[str, str, str, list[Change]]]:
        rows = self.case.table("resources").set_index("resource")
        found = []
        for limit in self.limits:
            unit = str(rows.at[limit, "unit"])
            words, size = self._increase(unit)
            if size <= 0.0 or rows.at[limit, "over"] != "step" or rows.at[limit, "amount"] <= 0:
                continue
            factor = self.left + size / float(rows.at[limit, "amount"])
            found.append(
                ("wagons" if WAGONS in unit else "train", limit, words, self.days.limits({limit: factor}))
            )
        return found

    def _increase(self, unit: str) -> tuple[str, float]:
        """What a shared limit gets more, in words and in its own unit."""
        size, powers = units.parse(unit)
        for own, load, words in (
            ("wagon_day/day", self.increases.wagons, f"{self.increases.wagons:,.0f} wagons"),
            ("train/day", 1.0, "1 train a day"),
            ("t/day", self.increases.train, f"1 train a day of {self.increases.train:,.0f} t"),
        ):
            other, others = units.parse(own)
            if powers == others:
                return words, load * other / size
        return "", 0.0
