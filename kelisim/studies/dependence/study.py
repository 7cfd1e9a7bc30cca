"""On whom a country depends: suppliers, routes, states on the way, partners, and who loses more if a tie is cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from kelisim.case import schema
from kelisim.case.change import Outage
from kelisim.engine import Engine, Rules
from kelisim.errors import StudyError
from kelisim.results.facts import Fact, said
from kelisim.results.fees import borders, fees
from kelisim.results.regions import Regions
from kelisim.results.results import Results
from kelisim.results.schema import framed
from kelisim.results.tables import Tables
from kelisim.studies.dependence import partners as published
from kelisim.studies.dependence.tie import Tie
from kelisim.studies.dependence.trade import Traded
from kelisim.studies.outage_fields import HELP_RULE, PLACE_RULE, peak_day
from kelisim.studies.study import Study, param
from kelisim.tolerances import SMALL_MONEY, SMALL_SHARE

NAMED = 3
PLAN = "plan"
WITHOUT = "without"
FLOWS = ("indicators", "suppliers", "routes", "states")


@dataclass(frozen=True)
class Dependence(Study):
    """On whom a country depends, by which routes and states, how its trade and investment are spread over partners, and who loses more if a tie is cut."""

    name = "dependence"
    countries: tuple[str, ...] = param(
        "countries that are looked at, separated by commas; the two of the tie if not given", default=()
    )
    carriers: tuple[str, ...] = param(
        "forms of energy, separated by commas; all if not given", default=(), refers_to=("carriers",)
    )
    by: str = param(
        "look at whole countries, or at their regions", choices=("country", "region"), default="country"
    )
    counted: str = param(
        "count energy that is exchanged at home as trade statistics do (traded), or as it mixes (mixed)",
        choices=("traded", "mixed"),
        default="traded",
    )
    pair: tuple[str, ...] = param(
        "two countries whose tie is cut, separated by a comma; the home country and the neighbour with most links if not given",
        default=(),
    )
    start: date | None = param("first day of the cut; the day of the highest use if not given", default=None)
    days: int = param("length of the cut", unit="day", default=30)
    lost: tuple[str, ...] = param(
        "elements that are out in those days, separated by commas, for the indicators of a scenario beside the plan",
        refers_to=("links", "assets", "storages", "places", "markets"),
        default=(),
    )
    cournot: str = param(
        "carrier for the check with sellers who reckon with each other; the first that the first country imports if not given",
        refers_to=("carriers",),
        default="",
    )
    elasticity: float = param(
        "of the demand in that check: change of the quantity per change of the price",
        unit="share per share",
        default=-0.3,
    )

    def run(self, engine: Engine) -> Results:
        case = engine.case
        self._checked(engine)
        pair = Regions(case).pair(self.pair)
        if engine.base.status != "optimal":
            return self.unanswered(engine)
        start = self.start or peak_day(engine)
        last = start + timedelta(days=self.days - 1)
        tables = Tables(case, engine.base)
        countries, areas = self._areas(engine, pair)
        carriers = self.carriers or tuple(case.table("carriers")["carrier"])
        exchanged = self._exchanged
        traded = Traded(tables, areas, carriers, self.by, exchanged)
        frames = traded.frames(PLAN)
        rules = Rules(PLACE_RULE, "late", engine.rules.span, engine.rules.tranches, HELP_RULE)
        if self.lost:
            beside = self._scenario(engine, rules, start, last, areas, carriers)
            frames = {name: pd.concat([frames[name], beside[name]], ignore_index=True) for name in FLOWS}
        window = engine.window(start, self.days, rules)
        tie = Tie(engine, window, pair, self.carriers, start, last)
        frames |= tie.tables()
        rows = published.published(case)
        frames["partners"] = published.partners(rows)
        frames["partners.balance"] = published.balance(rows)
        frames["partners.beside"] = published.beside(case, tables, rows, exchanged)
        if self.by == "country":
            for name, found in (("fees", fees), ("borders", borders)):
                frames[name] = framed("dependence", name, found(tables, countries, carriers))
        frames["ownership"] = published.ownership(tables, countries, carriers)
        frames["cournot"] = self._cournot(tables, frames["suppliers"], countries, exchanged)
        facts = [
            *_leans(frames, countries[0] if countries and self.by == "country" else ""),
            *_way_out(frames),
            *_beside(frames),
            *_crossing(frames, case.currency),
            *_tie(frames["tie"], pair, start, self.days, case.currency, self.carriers),
        ]
        fields = {"pair": pair, "start": start, "countries": tuple(countries)}
        return self.results(engine, frames, facts, window, fields)

    @property
    def _exchanged(self) -> bool:
        """Whether exchange is taken out: of countries only, as trade within one is in no statistics."""
        return self.counted == "traded" and self.by == "country"

    def _checked(self, engine: Engine) -> None:
        case, wrong = engine.case, []
        known = list(case.table("carriers")["carrier"])
        for name in (*self.carriers, *([self.cournot] if self.cournot else [])):
            if name not in known:
                near = schema.nearest(name, known)
                wrong.append(f'carriers: no carrier "{name}".' + (f' Did you mean "{near}"?' if near else ""))
        countries = sorted(set(case.table("places")["country"]) - {""})
        for name in self.countries:
            if name not in countries:
                wrong.append(f'countries: no place lies in "{name}". Known: {schema.some(countries)}.')
        if self.days < 1:
            wrong.append(f"days: {self.days} is less than a day.")
        if self.elasticity >= 0:
            wrong.append(f"elasticity: {self.elasticity:g} is not below 0: less is wanted at a higher price.")
        if wrong:
            raise StudyError("\n".join(wrong))
        for element in self.lost:
            case.home_of(element)

    def _areas(self, engine: Engine, pair: tuple[str, str]) -> tuple[list[str], list[str]]:
        """Countries in the order asked, the home country first, and the areas that are looked at: these, or their regions."""
        home = str(engine.case.setting("defaults", "home"))
        countries = list(self.countries) or sorted(pair, key=lambda one: (one != home, one))
        if self.by == "country":
            return countries, countries
        of = Regions(engine.case).country
        return countries, [region for country in countries for region in sorted(of) if of[region] == country]

    def _scenario(
        self,
        engine: Engine,
        rules: Rules,
        start: date,
        last: date,
        areas: Sequence[str],
        carriers: Sequence[str],
    ) -> dict[str, pd.DataFrame]:
        """The tables of flows with some elements out, the year planned again around it."""
        horizon = engine.case.horizon
        days = (horizon.end - horizon.start).days
        whole = engine.window(horizon.start.date(), days, rules, tail=0)
        asked = engine.ask(whole, [Outage(element, start, last) for element in self.lost])
        tables = Tables(engine.case, asked.answer)
        return Traded(tables, areas, carriers, self.by, self._exchanged).frames(WITHOUT)

    def _cournot(
        self, tables: Tables, suppliers: pd.DataFrame, countries: Sequence[str], exchanged: bool
    ) -> pd.DataFrame:
        """The check of one carrier in the first country."""
        if self.by == "region" or not countries:
            return framed("dependence", "cournot")
        area, carrier = countries[0], self.cournot
        if not carrier:
            own = suppliers[(suppliers["area"] == area) & (suppliers["side"] == "supplier")]
            foreign = own[(own["partner"] != area) & (own["share"] > SMALL_SHARE)]
            if foreign.empty:
                return framed("dependence", "cournot")
            carrier = str(foreign.sort_values("energy", ascending=False, kind="stable")["carrier"].iloc[0])
        return published.cournot(tables, area, carrier, self.elasticity, exchanged)


def _leans(frames: dict[str, pd.DataFrame], first: str) -> list[Fact]:
    """The largest shares of use that come from one other country or region.

    first  country of which they are told, as of its neighbours the case has a part; of all areas if it has none
    """
    rows = frames["suppliers"]
    rows = rows[(rows["scenario"] == PLAN) & (rows["side"] == "supplier") & (rows["partner"] != rows["area"])]
    rows = rows[rows["share"] > SMALL_SHARE].sort_values(
        ["energy", "area"], ascending=[False, True], kind="stable"
    )
    if rows.empty:
        return [Fact("imports", 0.0, "MWh", "dependence.no_imports")]
    rows = rows[rows["area"] == first] if first in set(rows["area"]) else rows
    parts = [
        said("dependence.lean", area=r.area, carrier=r.carrier, share=r.share, partner=r.partner)
        for r in rows.head(NAMED).itertuples(index=False)
    ]
    return [Fact("imports", float(rows["share"].iloc[0]), "share", "dependence.leans", parts=parts)]


def _way_out(frames: dict[str, pd.DataFrame]) -> list[Fact]:
    """The largest exports and the state that most of them enter."""
    rows, routes = frames["states"], frames["routes"]
    rows = rows[(rows["scenario"] == PLAN) & (rows["side"] == "export")]
    routes = routes[(routes["scenario"] == PLAN) & (routes["side"] == "export")]
    if rows.empty:
        return [Fact("exports", 0.0, "MWh", "dependence.no_exports")]
    sizes = routes.groupby(["area", "carrier"])["energy"].sum()
    area, carrier = sizes.idxmax()
    top = rows[(rows["area"] == area) & (rows["carrier"] == carrier)].iloc[0]
    own = frames["indicators"].set_index(["scenario", "area", "carrier", "period", "indicator"])["value"]
    hhi = float(own[PLAN, area, carrier, "all", "hhi_export_route"])
    places = {
        "area": area,
        "carrier": carrier,
        "energy": float(sizes.max()),
        "state": top["state"],
        "share": top["share"],
    }
    return [Fact("exports", top["share"], "share", "dependence.way_out", **places, hhi=hhi)]


def _beside(frames: dict[str, pd.DataFrame]) -> list[Fact]:
    """What was published of routes, beside the plan."""
    rows = frames["partners.beside"]
    share, hhi = (rows[rows["indicator"] == name] for name in ("export_transit", "hhi_export_route"))
    if share.empty or hhi.empty:
        return []
    top = share.sort_values("observed", ascending=False, kind="stable").iloc[0]
    same = hhi[
        (hhi["country"] == top["country"])
        & (hhi["carrier"] == top["carrier"])
        & (hhi["period"] == top["period"])
    ].iloc[0]
    places = {
        "country": top["country"],
        "carrier": top["carrier"],
        "period": top["period"],
        "state": top["state"],
        "observed": top["observed"],
        "model": top["model"],
        "hhi_observed": same["observed"],
        "hhi_model": same["model"],
    }
    return [Fact("beside", top["model"] - top["observed"], "share", "dependence.as_published", **places)]


def _crossing(frames: dict[str, pd.DataFrame], currency: str) -> list[Fact]:
    """What transit pays in the first country, and the largest of it."""
    rows = frames.get("fees", pd.DataFrame({"paid": []}))
    rows = rows[rows["paid"] > SMALL_MONEY]
    if rows.empty:
        return []
    mine = rows[rows["area"] == rows["area"].iloc[0]]
    top = mine.iloc[0]
    places = {"area": top["area"], "paid": top["paid"]}
    places |= {key: top[key] for key in ("carrier", "origin", "destination")}
    return [Fact("crossing", float(mine["paid"].sum()), currency, "dependence.crosses", **places)]


def _tie(
    rows: pd.DataFrame, pair: tuple[str, str], start: date, days: int, currency: str, carriers: Sequence[str]
) -> list[Fact]:
    """Who loses more if the tie is cut."""
    both = rows[rows["cut"] == "both"].set_index("country")["loss"]
    first, second = (float(both[name]) for name in pair)
    what = (
        said("dependence.some_crosses", carriers=list(carriers))
        if carriers
        else said("dependence.all_crosses")
    )
    places = {"start": start, "days": days, "first": pair[0], "second": pair[1], "what": what}
    if max(abs(first), abs(second)) <= SMALL_MONEY:
        return [Fact("tie", 0.0, currency, "dependence.tie_nothing", **places)]
    sides = [
        said("dependence.side", country=name, loss=abs(loss), way="loses" if loss >= 0 else "gains")
        for name, loss in zip(pair, (first, second), strict=True)
    ]
    more = (
        "dependence.even"
        if abs(first - second) <= SMALL_SHARE * max(abs(first), abs(second))
        else "dependence.more"
    )
    who = said(more, country=pair[0] if first > second else pair[1])
    return [Fact("tie", first - second, currency, "dependence.tie_costs", **places, sides=sides, who=who)]
