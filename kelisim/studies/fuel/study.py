"""How long fuels last in each region, who goes short if wagons or train paths are lacking, and what more of them bring."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.schema import nearest
from kelisim.case.settings import PLACE_RULES, TIME_RULES
from kelisim.engine import Engine, Rules, WindowAnswer
from kelisim.engine.estimates.cut import SampledCut
from kelisim.engine.marginal import Stressed
from kelisim.errors import StudyError
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.facts import Fact, said
from kelisim.results.names import element_names, track_names
from kelisim.results.regions import Regions
from kelisim.results.results import Results
from kelisim.results.shut_in import displaced
from kelisim.results.tables import Tables
from kelisim.studies import helping
from kelisim.studies.first_three import first_three
from kelisim.studies.fuel.cover import Fuels, cover_fact, fuels_of
from kelisim.studies.fuel.relief import WAGONS, Days, Increases, Reliefs, relief_fact
from kelisim.studies.fuel.routes import RAIL, FuelRoutes, lost_table
from kelisim.studies.interval import IntervalFields, interval_of
from kelisim.studies.outage_fields import help_rule, peak_day, place_rule
from kelisim.studies.study import Study, param
from kelisim.tolerances import SMALL_ENERGY

# reliefs are asked under the limits of the stress; own_first would set others for each
NAMED = 3  # tracks and limits that a sentence names
RULES = tuple(rule for rule in PLACE_RULES if rule != "own_first")


@dataclass(frozen=True)
class Fuel(IntervalFields, Study):
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
    place_rule: str = place_rule(RULES)
    time_rule: str = param("when the cut falls", choices=TIME_RULES, default="late")
    help_rule: str = help_rule()

    def run(self, engine: Engine) -> Results:
        case = engine.case
        fuels = self._fuels(case)
        ways = FuelRoutes(case, fuels, self._countries(case))
        limits, links = self._stressed(case, ways)
        start = self.start or peak_day(engine)
        last = start + timedelta(days=self.days - 1)
        rules = Rules(
            self.place_rule, self.time_rule, engine.rules.span, engine.rules.tranches, self.help_rule
        )
        window = engine.window(start, self.days, rules)
        weights = case.horizon.share_within(start, last) * case.horizon.hours
        regional = Fuels(Tables(case, engine.base), Regions(case), weights, fuels, self._countries(case))
        days, left = Days(case, start, last), 1.0 - self.share
        stress = days.limits(dict.fromkeys(limits, left)) + days.links(dict.fromkeys(links, left))
        stressed = Stressed(window, stress)
        asked, within = stressed.asked, days.within(window)

        def beside_plan(one: WindowAnswer) -> AgainstPlan:
            return AgainstPlan(case, window.steps, within > 0, one.answer, one.base, within)

        seen = beside_plan(asked)
        increases = Increases(self.train, self.trucks, self.wagons, self.reliefs)
        reliefs = Reliefs(increases, ways, window, stressed, days, limits, links, left, regional.rows_here)
        weights = within * window.hours
        frames = {
            "cover": regional.cover(),
            "short": regional.short(seen),
            "stress": lost_table(ways, asked.base, asked.answer, weights, limits, links, self.share),
            **reliefs.tables(),
            "levels": regional.levels(seen),
            "unserved": _unserved(seen, fuels),
        }
        others: dict[str, AgainstPlan] = {}

        def other(rule: str) -> AgainstPlan:
            others[rule] = beside_plan(Stressed(window, stress, rule).asked)
            return others[rule]

        told, help_facts = helping.told(window, seen, self.help_rule, other)
        said_first, _ = first_three(window, seen, self.help_rule, [*limits, *links], others, told["help"])
        beside, let_go_facts = displaced(seen)
        frames |= told | beside
        sure: list[Fact] = []
        if self.samples:
            here = np.flatnonzero(regional.rows_here & case.table("demand")["carrier"].isin(fuels).to_numpy())
            cut = SampledCut(tuple(stress), (), start, self.days, rules)
            interval = interval_of(self, engine, cut, seen, self.name, here)
            frames |= interval.frames
            sure = [Fact("interval_of", say="fuel.interval_of"), *interval.facts]
        fuel = frames["short"][frames["short"]["is_fuel"]]
        facts = [
            *said_first,
            self._stress_fact(frames["stress"], fuel, start),
            *sure,
            relief_fact(frames, case.currency, len(fuel) > 0),
            _others_fact(frames["short"], regional.elsewhere(seen)),
            *help_facts,
            *let_go_facts,
            *(cover_fact(frames["cover"], name, start) for name in fuels),
            Fact("extra_cost", asked.extra_cost, case.currency),
        ]
        found = {"start": start, "fuels": fuels, "of": tuple(dict.fromkeys(self.of or limits))}
        return self.results(engine, frames, facts, window, found)

    def _stress_fact(self, lost: pd.DataFrame, short: pd.DataFrame, start: date) -> Fact:
        """What is gone for how long, and which fuels are short by how much, where, and first when.

        lost, short  tables `stress`, and `short` of fuels alone
        """
        elements = self.of or (tuple(lost["element"]) if len(lost) <= NAMED else ())
        more = len(elements) - NAMED if len(elements) > NAMED + 1 else 0
        kind = "lost_more" if more else "lost" if elements else "lost_many"
        named = elements[:NAMED] if more else elements
        what = said(f"fuel.{kind}", elements=named, more=more, count=len(lost))
        parts = []
        total = short.groupby("carrier")["unserved"].sum().sort_values(ascending=False, kind="stable")
        for carrier, energy in total.items():
            own = short[short["carrier"] == carrier]
            row, count = own.loc[own["first_short"].idxmin()], own["region"].nunique()
            where = {"region": row["region"], "first": row["first_short"], "count": count}
            say = "fuel.lacking_one" if count == 1 else "fuel.lacking"
            parts.append(said(say, energy=energy, carrier=carrier, **where))
        say = "fuel.lacks" if parts else "fuel.nobody_lacks"
        asked = {"share": self.share, "what": what, "days": self.days, "start": start}
        return Fact("stress", short["unserved"].sum(), "MWh", say, **asked, parts=parts)

    # ---- what is asked
    def _fuels(self, case: Case) -> tuple[str, ...]:
        known = list(case.table("carriers")["carrier"])
        wrong = [
            f'fuels: no carrier "{fuel}".{_hint(fuel, known)}' for fuel in self.fuels if fuel not in known
        ]
        wrong += self.wrong_samples()
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
        home = str(case.setting("defaults", "home"))
        return self.countries or ((home,) if home else ())

    def _stressed(self, case: Case, ways: FuelRoutes) -> tuple[list[str], list[str]]:
        """Shared limits and links that lose the share."""
        resources = case.table("resources")
        known = set(resources["resource"])
        if not self.of:
            fleets = list(resources["resource"][resources["unit"].astype(str).str.contains(WAGONS)])
            return fleets, [] if fleets else ways.of_kind(RAIL)
        limits, links, wrong = [], [], []
        for element in dict.fromkeys(self.of):
            found = ways.named(element)
            if element in known:
                limits.append(element)
            elif found:
                links += [link for link in found if link not in links]
            else:
                hint = _hint(element, track_names(case) | element_names(case))
                what = "no shared limit, link or track, and no place where a rail link ends"
                wrong.append(f'of: "{element}" is {what}.{hint}')
        if wrong:
            raise StudyError("\n".join(wrong))
        return limits, links


def _hint(word: str, known: Iterable[str]) -> str:
    near = nearest(word, list(known))
    return f' Did you mean "{near}"?' if near else ""


def _others_fact(short: pd.DataFrame, elsewhere: float) -> Fact:
    """What goes short with fuels: other carriers here, and anything in other countries (MWh)."""
    here = float(short["unserved"][~short["is_fuel"]].sum())
    told = (("fuel.others_here", here), ("fuel.others_elsewhere", elsewhere))
    parts = [said(say, energy=energy) for say, energy in told if energy > SMALL_ENERGY]
    return Fact("others", here, "MWh", "fuel.others" if parts else "", parts=parts)


def _unserved(seen: AgainstPlan, fuels: tuple[str, ...]) -> pd.DataFrame:
    """MW of each fuel unserved beyond the plan per step, all countries, where any is."""
    carriers = seen.case.table("demand")["carrier"].to_numpy()
    parts = []
    for fuel in fuels:
        short = seen.more[carriers == fuel].sum(axis=0)
        at = np.flatnonzero(short > 0)
        parts.append(pd.DataFrame({"carrier": fuel, "step": seen.starts[at], "unserved": short[at]}))
    return pd.concat(parts, ignore_index=True)
