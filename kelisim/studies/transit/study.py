"""How much can cross from one place to another without harm to anybody on the way, at what cost, by which way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from kelisim.case.building import Building
from kelisim.case.case import Case
from kelisim.case.schema import nearest
from kelisim.case.ways import cheapest, links_within
from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.results.results import Results
from kelisim.results.trade_units import TradeUnit
from kelisim.studies.study import Study, param
from kelisim.studies.transit import sentences, told
from kelisim.studies.transit.spans import SPANS, Route, Spanned, of_day, of_each_day, of_year
from kelisim.tolerances import NO_FLOW, STRAIGHT_SHOWN

MOST_LOSSES = 40
MOST_WAYS = 200
HOURS = "1h"


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
    span: str = param(
        "over what time it must hold: all of it at once, one day by itself, or each day by itself",
        choices=SPANS,
        default="year",
    )
    day: date | None = param(
        "the day of the daily volume; that of the highest use if not given", default=None
    )
    built: tuple[str, ...] = param(
        "projects that are in service on the day beside the plan as it stands, separated by commas; of a day alone",
        refers_to=("projects",),
        default=(),
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
        built = Building(engine.case, self.built).in_service if self.built else None
        case, start, end = built or engine.case, self.from_place, self.to_place
        names = links_within(case, self.carrier, self.through, self.avoid)
        unit = TradeUnit.of(case, self.carrier, by_day=self.span != "year")
        route = Route(self.carrier, start, end, names, self.taken == "there", built)
        spanned = self._spanned(engine, route, unit)
        main = spanned.firms[spanned.main]
        price = told.price_at(case, self.carrier, end, self.price)
        found = {
            "firm": told.firm(spanned.firms, unit),
            "limits": told.limits(case, spanned.firms, unit),
            "ways": told.ways(
                case, ways := cheapest(case, names, start, end, price.value or 0.0, self.ways), price, unit
            ),
            "tariffs": told.tariffs(case, ways, unit),
            "stack": told.stack(ways, unit),
        }
        if len(spanned.days):
            found["days"] = spanned.days
        if np.isfinite(main.largest) and main.largest > NO_FLOW:
            found["curve"] = told.curve(main.curve(self.room), main, unit)
            found["links"] = told.links(case, main, unit)
            found["displaced"] = told.displaced(case, main)
            if self.losses:
                found["losses"] = told.losses(case, main, unit, MOST_LOSSES, engine.say)
            if self.volumes:
                by_year = TradeUnit.of(case, self.carrier)
                asked = [_number(one) for one in self.volumes]
                found["volumes"] = told.volumes(main, asked, by_year)
                found["volumes.displaced"] = told.displaced_at(case, main, found["volumes"])
        told_day = {} if len(spanned.days) else {"day": spanned.day}
        facts = sentences.facts(case, found, price, spanned, route)
        return self.results(engine, found, facts, None, told_day)

    def _spanned(self, engine: Engine, route: Route, unit: TradeUnit) -> Spanned:
        if self.span == "each_day":
            return of_each_day(engine, route, unit)
        return (of_day if self.span == "day" else of_year)(engine, route, self.day)

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
        if self.price < 0:
            wrong.append(f"price: {self.price:g} is less than 0.")
        if self.ways < 0 or self.ways > MOST_WAYS:
            wrong.append(f"ways: {self.ways} is not between 0 and {MOST_WAYS}.")
        if self.span == "each_day" and case.horizon.step == HOURS:
            wrong.append("span: each day is asked of a case by days or months, such as with --step 1d.")
        if self.built and self.span == "year":
            wrong.append(
                "built: the year is planned with what is built; ask with --scenario, or of a day with --span day."
            )
        if self.span == "each_day" and self.day is not None:
            wrong.append("day: each day is asked about; leave it out, or ask for one with --span day.")
        if not 0.0 <= self.room <= 1.0:
            wrong.append(f"room: {self.room:g} is not between 0 and 1.")
        wrong += [
            f'volumes: "{one}" is not a number above 0.' for one in self.volumes if not _number(one) > 0
        ]
        if wrong:
            raise StudyError("\n".join(wrong))


def _number(text: str) -> float:
    """A number of a field; 0 where it is none."""
    try:
        return float(text)
    except ValueError:
        return 0.0
