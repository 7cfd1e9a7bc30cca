"""How much can cross from one place to another without harm to anybody on the way, at what cost, by which way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.schema import nearest
from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.results.facts import Fact, said
from kelisim.results.results import Results
from kelisim.results.trade_units import TradeUnit
from kelisim.studies.outage_fields import peak_day
from kelisim.studies.study import Study, param
from kelisim.studies.transit import told
from kelisim.studies.transit.firm import Firm, opened
from kelisim.studies.transit.ways import cheapest, links_within
from kelisim.tolerances import NO_FLOW, STRAIGHT_SHOWN

WINTER, SUMMER = (10, 11, 12, 1, 2, 3), (4, 5, 6, 7, 8, 9)
MOST_LOSSES = 40


@dataclass(frozen=True)
class Transit(Study):
    """How much firm transit crosses from one place to another without harm to anybody, at what cost, and by which way.

    The largest volume for the year, its seasons and the day of the highest use; its whole line of cost; what is left of it without
    each link of its way; the cheapest ways with their tariffs by country; what one more unit of a bottleneck brings.
    """

    name = "transit"
    lets_go = False
    carrier: str = param("what crosses", refers_to=("carriers",))
    from_place: str = param("where it is handed over", refers_to=("places",))
    to_place: str = param("where it is taken", refers_to=("places",))
    through: tuple[str, ...] = param(
        "countries that it may cross, those of both ends included, separated by commas; all if empty",
        default=(),
    )
    avoid: tuple[str, ...] = param(
        "links that it does not use, separated by commas", refers_to=("links",), default=()
    )
    taken: str = param(
        "whether it goes on beyond the last place, or is used there instead of other supply",
        choices=("beyond", "there"),
        default="beyond",
    )
    volumes: tuple[str, ...] = param(
        "volumes that are asked for, in the unit of the links by year, separated by commas", default=()
    )
    price: float = param(
        "price at the last place, in the money of the case per unit of the market there; that of its market if not given",
        default=float("nan"),
    )
    day: date | None = param(
        "the day of the daily volume; that of the highest use if not given", default=None
    )
    ways: int = param("how many of the cheapest ways to list", default=5)
    losses: bool = param("ask what is left without each link of the way", default=True)
    room: float = param(
        "share of the largest cost by which the line of cost may miss; smaller, and it has more bends",
        unit="share",
        default=STRAIGHT_SHOWN,
    )

    def run(self, engine: Engine) -> Results:
        self._check(engine.case)
        case, start, end = engine.case, self.from_place, self.to_place
        names = links_within(case, self.carrier, self.through, self.avoid)
        unit = TradeUnit.of(case, self.carrier)
        feeds = self.taken == "there"
        window = opened(engine, None)
        year = Firm(window, self.carrier, start, end, names, None, feeds)
        firms = {"year": year}
        months = window.steps["step"].dt.month
        for season, of in (("winter", WINTER), ("summer", SUMMER)):
            share = months.isin(of).to_numpy(dtype=float)
            if 0 < share.sum() < len(share):
                firms[season] = Firm(window, self.carrier, start, end, names, share, feeds)
        day = self.day or peak_day(engine)
        snapshot = opened(engine, day)
        firms["day"] = Firm(snapshot, self.carrier, start, end, names, None, feeds)
        part = engine.hour_of(day) - snapshot.first
        if len(snapshot.hours) > 1 and firms["day"].has_parts:
            share = np.zeros(len(snapshot.hours))
            share[part] = 1.0
            firms["part"] = Firm(snapshot, self.carrier, start, end, names, share, feeds)
        price = told.price_at(case, self.carrier, end, self.price)
        found = {
            "firm": told.firm(firms, unit),
            "limits": told.limits(case, firms, unit),
            "ways": told.ways(
                case, ways := cheapest(case, names, start, end, price.value or 0.0, self.ways), price, unit
            ),
            "tariffs": told.tariffs(case, ways, unit),
            "stack": told.stack(ways, unit),
        }
        if np.isfinite(year.largest) and year.largest > NO_FLOW:
            line = year.curve(self.room)
            found["curve"] = told.curve(line, year, unit)
            found["links"] = told.links(case, year, unit)
            found["displaced"] = told.displaced(case, year, unit)
            if self.losses:
                found["losses"] = told.losses(case, year, unit, MOST_LOSSES)
            if self.volumes:
                found["volumes"] = told.volumes(year, [_number(one) for one in self.volumes], unit)
        facts = self._facts(case, found, price, day)
        return self.results(engine, found, facts, None, {"day": day})

    def _check(self, case: Case) -> None:
        wrong = []
        countries = sorted(set(case.table("places")["country"]))
        for country in self.through:
            if country not in countries:
                near = nearest(country, countries)
                hint = f' Did you mean "{near}"?' if near else f" Known: {', '.join(countries)}."
                wrong.append(f'through: no place of the case lies in "{country}".{hint}')
        if self.from_place == self.to_place:
            wrong.append("to_place: it is the place where the transit begins.")
        if self.ways < 0 or self.ways > 200:
            wrong.append(f"ways: {self.ways} is not between 0 and 200.")
        if not 0.0 <= self.room <= 1.0:
            wrong.append(f"room: {self.room:g} is not between 0 and 1.")
        wrong += [
            f'volumes: "{one}" is not a number above 0.' for one in self.volumes if not _number(one) > 0
        ]
        if wrong:
            raise StudyError("\n".join(wrong))

    def _facts(
        self, case: Case, found: dict[str, pd.DataFrame], price: told.ExitPrice, day: date
    ) -> list[Fact]:
        firm = found["firm"].set_index("period")
        ends = {"carrier": self.carrier, "start": self.from_place, "end": self.to_place}
        facts = []
        year = firm.loc["year"]
        largest = float(year["volume"])
        say = (
            "transit.unlimited"
            if not np.isfinite(largest)
            else "transit.none"
            if largest <= NO_FLOW
            else "transit.year"
        )
        facts.append(
            Fact(
                "largest",
                largest if np.isfinite(largest) else None,
                "MW",
                say,
                native=year["native"],
                unit_name=year["unit"],
                **ends,
            )
        )
        for period in ("winter", "summer", "day", "part"):
            if period in firm.index and np.isfinite(firm.loc[period, "volume"]):
                row = firm.loc[period]
                kind = "month" if period == "day" and case.horizon.step == "1mo" else period
                facts.append(
                    Fact(
                        f"largest_{period}",
                        row["volume"],
                        "MW",
                        f"transit.{kind}",
                        native=row["native"],
                        unit_name=row["unit"],
                        day=day,
                    )
                )
        limits = found["limits"]
        mine = limits[limits["period"] == "year"].head(1)
        for row in mine.itertuples(index=False):
            facts.append(
                Fact("bottleneck", row.gain, "share", "transit.bottleneck", limit=row.element, of=row.block)
            )
        if "losses" in found and len(found["losses"]):
            worst = found["losses"].iloc[0]
            say = "transit.after_loss" if worst["volume"] > NO_FLOW else "transit.after_loss_none"
            facts.append(
                Fact(
                    "firm_after_loss",
                    worst["volume"],
                    "MW",
                    say,
                    native=worst["native"],
                    unit_name=worst["unit"],
                    lost=worst["link"],
                )
            )
        facts += self._told(found, price)
        if self.carrier in ("natural_gas", "raw_gas"):
            facts.append(Fact("gas", say="transit.gas"))
        return facts

    def _told(self, found: dict[str, pd.DataFrame], price: told.ExitPrice) -> list[Fact]:
        """What each asked volume costs, what gives way, and the cheapest way."""
        facts: list[Fact] = []
        for at, row in enumerate(found.get("volumes", pd.DataFrame()).itertuples(index=False)):
            places: dict[str, Any] = {"native": row.native, "unit_name": row.unit, "cost": abs(row.cost)}
            say = f"transit.volume{'_not' if not row.fits else '_saves' if row.cost < 0 else ''}"
            facts.append(Fact(f"volume_{at + 1}", row.cost if row.fits else None, "", say, **places))
        gone = found.get("displaced", pd.DataFrame({"change": []}))
        gone = gone[gone["change"] < 0].head(1)
        for row in gone.itertuples(index=False):
            facts.append(
                Fact(
                    "displaced",
                    row.native,
                    "",
                    "transit.gives_way",
                    element=row.element,
                    native=-row.native,
                    unit_name=row.unit,
                )
            )
        for row in found["ways"].head(1).itertuples(index=False):
            way = [said("transit.at", place=place) for place in row.way.split(" > ")]
            say = "transit.cheapest_netback" if price.value is not None else "transit.cheapest"
            places = {
                "way": way,
                "tariff": row.tariff_native,
                "unit_name": row.price_unit,
                "netback": row.netback_native,
            }
            facts.append(Fact("cheapest", row.tariff, "", say, **places))
        return facts


def _number(text: str) -> float:
    """A number of a field; 0 where it is none."""
    try:
        return float(text)
    except ValueError:
        return 0.0
