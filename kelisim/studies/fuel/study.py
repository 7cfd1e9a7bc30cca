"""How long fuels last in each region, who goes short if wagons or train paths are lacking, and what more of them bring."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from kelisim.case.case import PLACE_RULES, TIME_RULES, Case
from kelisim.case.schema import nearest
from kelisim.engine import Engine, Rules
from kelisim.engine.marginal import Stressed
from kelisim.errors import StudyError
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.regions import Regions
from kelisim.results.results import Results
from kelisim.results.sentences import amount, moment, percent, rounded
from kelisim.results.tables import Tables
from kelisim.studies.fuel.cover import Fuels, fuels_of
from kelisim.studies.fuel.relief import WAGONS, Days, Increases, Reliefs
from kelisim.studies.fuel.routes import RAIL, FuelRoutes, lost_table
from kelisim.studies.fuel.words import summary
from kelisim.studies.outage_fields import peak_day
from kelisim.studies.study import Study, Told, param, provenance
from kelisim.tolerances import SMALL_ENERGY as LITTLE

# reliefs are asked under the limits of the stress; own_first would set others for each
RULES = tuple(rule for rule in PLACE_RULES if rule != "own_first")
TOLD = 12
LIMITS = (
    "The base plan is held outside the days shown; the stress is known from its first day, and how long it lasts.",
    "A day of cover is a stock over the use of a day in the plan, as if nothing came in; stocks of filling stations and customers are in it only "
    "where the case has them.",
    "A crossing or a track loses a share of its train paths for all it carries; a queue is a smaller amount of wagon-days, not a longer way.",
    "Winter diesel, or any other grade, is told apart only where the case has it as a carrier of its own.",
    "One more train, more trucks and more wagons are asked one at a time; together they bring no more than the sum of their prices.",
)  # fmt: skip


@dataclass(frozen=True)
class Fuel(Study):
    """How long fuels last in each region, who goes short if trains or wagons are lacking, and what one more train brings.

    For every region and fuel that goes by rail or road: use a day, stocks, days of cover, and how much comes by rail and over
    the border. Then a share of the wagons, or of the train paths at named crossings, is gone for some days.
    """

    name = "fuel"
    fuels: tuple[str, ...] = param(
        "fuels looked at; all that are burnt, wanted by customers and go by rail or road if not given",
        refers_to=("carriers",),
        default=(),
    )
    countries: tuple[str, ...] = param(
        "countries whose regions are shown; the home country of the case if not given", default=()
    )
    start: date | None = param("first day looked at; the day of the highest use if not given", default=None)
    days: int = param("days looked at, and length of the stress", unit="day", default=30)
    of: tuple[str, ...] = param(
        "what loses a share: shared limits such as wagons, links, tracks, border points; if not given the wagons of the case, "
        "else the rail links of the fuels that begin or end in the countries shown",
        refers_to=("resources", "links", "places"),
        default=(),
    )
    share: float = param("share of it that is gone", unit="share", default=0.5)
    train: float = param("load of one more train a day", unit="t/day", default=3000.0)
    trucks: float = param("load of more trucks a day on one road", unit="t/day", default=500.0)
    wagons: float = param("wagons more at work, on a shared limit in wagon-days", unit="wagon", default=100.0)
    reliefs: int = param("how many of the most valuable of each kind are solved", default=4)
    place_rule: str = param("who goes short first", choices=RULES, default="cooperative")
    time_rule: str = param("when the cut falls", choices=TIME_RULES, default="late")

    def run(self, engine: Engine) -> Results:
        began = time.perf_counter()
        case = engine.case
        fuels = self._fuels(case)
        ways = FuelRoutes(case, fuels, self._countries(case))
        limits, links = self._stressed(case, ways)
        start = self.start or peak_day(engine)
        last = start + timedelta(days=self.days - 1)
        rules = Rules(self.place_rule, self.time_rule, engine.rules.span, engine.rules.tranches)
        opened = engine.window(start, self.days, rules)
        weights = case.horizon.share_within(start, last) * case.horizon.hours
        book = Fuels(Tables(case, engine.base), Regions(case), fuels, self._countries(case), weights)
        days = Days(case, start, last)
        left = 1.0 - self.share
        stress = days.limits(dict.fromkeys(limits, left)) + days.links(dict.fromkeys(links, left))
        stressed = Stressed(opened, stress)
        asked = stressed.asked
        out = days.within(opened) > 0
        increases = Increases(self.train, self.trucks, self.wagons, self.reliefs)
        disrupted = AgainstPlan(case, opened.steps, out, asked.answer, asked.base)
        frames = {
            "cover": book.cover(),
            "short": book.short(disrupted),
            "stress": lost_table(
                case,
                ways,
                asked.base,
                asked.answer,
                days.within(opened) * opened.hours,
                limits,
                links,
                self.share,
            ),
            "relief": Reliefs(
                increases, ways, opened, stressed, days, limits, links, left, book.rows_here
            ).table(),
            "levels": book.levels(disrupted),
            "unserved": _unserved(case, disrupted, fuels),
        }
        facts = {
            "elsewhere": book.elsewhere(disrupted),
            "extra_cost": asked.extra_cost,
            "share": self.share,
            "named": self.of,
        }
        words = summary(case, start, self.days, fuels, frames, facts)
        meta = provenance(engine, began, LIMITS) | {
            "rules": {"place": self.place_rule, "time": self.time_rule}, "solves": dict(opened.counts),
            "window": [str(opened.steps["step"].iloc[0].date()), str((opened.steps["end"].iloc[-1] - pd.Timedelta(hours=1)).date())],
        }  # fmt: skip
        values = self.values() | {
            "start": start,
            "fuels": fuels,
            "of": tuple(dict.fromkeys(self.of or limits)),
        }
        return Results("fuel", values, case, {"summary": words} | frames, _units(case), meta)

    # ---- what is asked
    def _fuels(self, case: Case) -> tuple[str, ...]:
        known = list(case.table("carriers")["carrier"])
        wrong = [
            f'fuels: no carrier "{fuel}".{_hint(fuel, known)}' for fuel in self.fuels if fuel not in known
        ]
        if self.days < 1:
            wrong.append(f"days: {self.days} is less than a day.")
        if not 0.0 < self.share <= 1.0:
            wrong.append(f"share: {self.share:g} is not between 0 and 1. All of it is 1.")
        if min(self.train, self.trucks, self.wagons) < 0 or self.reliefs < 0:
            wrong.append("train, trucks, wagons and reliefs: give numbers from 0.")
        home = set(case.table("places")["country"])
        wrong += [f'countries: no place lies in "{code}".' for code in self.countries if code not in home]
        fuels = [c for c in known if c in self.fuels] if self.fuels else fuels_of(case)
        if not fuels and not wrong:
            wrong.append("fuels: customers of this case want no fuel that goes by rail or road.")
        if wrong:
            raise StudyError("\n".join(wrong))
        return tuple(fuels)

    def _countries(self, case: Case) -> tuple[str, ...]:
        home = str(case.setting("defaults", "home", ""))
        return self.countries or ((home,) if home else ())

    def _stressed(self, case: Case, ways: FuelRoutes) -> tuple[list[str], list[str]]:
        """Shared limits and links that lose the share."""
        resources = case.table("resources")
        known = set(resources["resource"])
        if not self.of:
            fleets = [
                r
                for r, unit in zip(resources["resource"], resources["unit"], strict=True)
                if WAGONS in str(unit)
            ]
            return fleets, [] if fleets else ways.of_kind(RAIL)
        limits, links, wrong = [], [], []
        for element in dict.fromkeys(self.of):
            found = ways.named(element)
            if element in known:
                limits.append(element)
            elif found:
                links += [link for link in found if link not in links]
            else:
                wrong.append(
                    f'of: "{element}" is no shared limit, link or track, and no place where a rail link ends.{_hint(element, ways.names)}'
                )
        if wrong:
            raise StudyError("\n".join(wrong))
        return limits, links

    @classmethod
    def told(cls, results: Results) -> Told:
        """The answer, where cover is least, who goes short, what more trains, trucks and wagons bring."""
        case = results.case
        carrier = case.table("carriers").set_index("carrier")["name"]
        cover = results["cover"]
        low = cover[cover["stock"] > LITTLE].sort_values("cover_days", kind="stable").head(TOLD)
        short, relief = results["short"].head(TOLD), results["relief"].head(TOLD)
        tables = [
            ("Least days of cover, of regions with stocks", pd.DataFrame({
                "region": low["name"], "fuel": low["carrier"].map(carrier),
                "use a day": [amount(case, c, v) for c, v in zip(low["carrier"], low["use_day"], strict=True)],
                "stock": [amount(case, c, v) for c, v in zip(low["carrier"], low["stock"], strict=True)],
                "days": [rounded(v, 2) for v in low["cover_days"]],
                "by rail": [percent(v) for v in low["rail_share"]], "over the border": [percent(v) for v in low["across_share"]],
            })),
            ("Who goes short under the stress", pd.DataFrame({
                "region": short["name"], "carrier": short["carrier"].map(carrier), "class": short["customer_class"].str.replace("_", " "),
                "unserved": [amount(case, c, v) for c, v in zip(short["carrier"], short["unserved"], strict=True)],
                "of its use": [percent(v) for v in short["unserved_rate"]], "first short": [moment(case, v) for v in short["first_short"]],
            })),
            ("What more of one thing brings", pd.DataFrame({
                "more": relief["increase"], "on": relief["name"],
                f"saves, million {case.currency}": [rounded(v / 1e6) for v in relief["saved"]],
                "by shadow price": [rounded(v / 1e6) for v in relief["saved_by_price"]], "serves more": relief["serves"],
            })),
        ]  # fmt: skip
        return Told(
            tuple(t for t in results["summary"]["text"] if t), tuple((t, f) for t, f in tables if len(f))
        )


def _hint(word: str, known: Iterable[str]) -> str:
    near = nearest(word, list(known))
    return f' Did you mean "{near}"?' if near else ""


def _unserved(case: Case, disrupted: AgainstPlan, fuels: tuple[str, ...]) -> pd.DataFrame:
    """MW of each fuel unserved beyond the plan per step, all countries, where any is."""
    carriers = case.table("demand")["carrier"].to_numpy()
    parts = []
    for fuel in fuels:
        short = disrupted.more[carriers == fuel].sum(axis=0)
        at = np.flatnonzero(short > 0)
        parts.append(pd.DataFrame({"carrier": fuel, "step": disrupted.starts[at], "unserved": short[at]}))
    return pd.concat(parts, ignore_index=True)


def _units(case: Case) -> dict[str, dict[str, str]]:
    return {
        "summary": {"value": "unit of the row"},
        "cover": {
            "use_day": "MWh/day", "cover_days": "day", "rail_cover_days": "day",
            **dict.fromkeys(("stock", "reserve", "room"), "MWh"), **dict.fromkeys(("protected_share", "rail_share", "road_share", "across_share"), "share"),
        },
        "short": {"demand": "MWh", "unserved": "MWh", "unserved_rate": "share", "days_served": "day"},
        "stress": dict.fromkeys(("before", "left", "used_plan", "used"), "unit of the row"),
        "relief": {"saved_by_price": case.currency, "saved": case.currency, "unserved_less": "MWh"},
        "levels": {"level": "MWh", "level_base": "MWh"},
        "unserved": {"unserved": "MW"},
    }  # fmt: skip
