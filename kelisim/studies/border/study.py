"""The regions on a border: who lives on what comes over it, for how long without it, and what takes its place."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.case import PLACE_RULES, TIME_RULES, Case
from kelisim.case.change import Change, Outage
from kelisim.engine import Engine, Rules, Window
from kelisim.errors import StudyError
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.names import element_names
from kelisim.results.regions import KINDS, Regions
from kelisim.results.results import Results
from kelisim.results.tables import Tables
from kelisim.studies.border.losses import price_rise, replaced_by, short_in
from kelisim.studies.border.supply import Border
from kelisim.studies.border.words import WHOLE, shown, summary
from kelisim.studies.outage_fields import peak_day
from kelisim.studies.study import Study, Told, param, provenance
from kelisim.tolerances import NO_ENERGY as _LEAST
from kelisim.tolerances import NO_SHARE as LITTLE_SHORT

GAS = "Gas answers count capacities only and no pressures: they are an upper bound of what the network can deliver."
LIMITS = (
    GAS,
    "The share from across shares flows in proportion, in the country where the energy was made; nobody can see the owner of a "
    "commingled flow. What comes out of a store counts as made where the store is.",
    "The largest supply is lost alone, all at once and foreseen by nobody; its repair is certain after the days named.",
    "Who goes short, and when, follows the place rule and the time rule that are named; another rule shares the cut otherwise. Under "
    "cooperative and even a cut is spread from the first day on, so that days of cover are fewer.",
    "Steps of a month cannot tell days of cover below a month: run the case with steps of a day for those.",
)
SIDES = ("both", "first", "second")


@dataclass(frozen=True)
class BorderStudy(Study):
    """Is every region on the border supplied, on which neighbour does it live, and what if its largest supply is lost?

    For each region and carrier on both sides: use, the share from across the border, the largest single supply and who goes
    short without it, days of cover if the border is closed, the cheapest alternative, and the agreement behind it.
    """

    name = "border"
    serves = "regions"
    countries: tuple[str, ...] = param(
        "the two countries, separated by a comma; the home country of the case and the neighbour with most links if not given",
        default=(),
    )
    side: str = param(
        "whose regions: both, or those of the first or the second country", choices=SIDES, default="both"
    )
    start: date | None = param("first day looked at; the day of the highest use if not given", default=None)
    days: int = param(
        "days looked at: how long a supply is lost, or the border closed", unit="day", default=30
    )
    kinds: tuple[str, ...] = param(
        "kinds of links whose end makes a region lie on the border; rail and sea reach far beyond it",
        default=KINDS,
    )
    place_rule: str = param("who goes short first", choices=PLACE_RULES, default="own_first")
    time_rule: str = param("when the cut falls", choices=TIME_RULES, default="late")

    def run(self, engine: Engine) -> Results:
        began = time.perf_counter()
        case = engine.case
        self._check(case)
        regions = Regions(case, self.kinds)
        pair = regions.pair(self.countries)
        if engine.base.status != "optimal":
            return self.unanswered(engine)
        start = self.start or peak_day(engine)
        rules = Rules(self.place_rule, self.time_rule, engine.rules.span, engine.rules.tranches)
        opened = engine.window(start, self.days, rules)
        last = start + timedelta(days=self.days - 1)
        weights = case.horizon.share_within(start, last) * case.horizon.hours
        sides = {"both": pair, "first": pair[:1], "second": pair[1:]}[self.side]
        border = Border(Tables(case, engine.base), regions, pair, sides, weights)
        questions = _Questions(engine, border, opened, start, last)
        table = border.table()
        table = table.merge(questions.losses(), on=["region", "carrier"]).merge(
            questions.closed(), on=["region", "carrier"]
        )
        provisions = border.provisions(pd.Timestamp(start))
        table = table.assign(provision=_behind(table, provisions))
        said = summary(
            case,
            border,
            table,
            questions.n1,
            questions.shut,
            start,
            self.days,
            (self.place_rule, self.time_rule),
        )
        frames = {
            "border.summary": said, "border": table, "border.n1": questions.n1, "border.closed": questions.shut, "border.provisions": provisions,
            "border.links": border.links(), "names": _names(case),
        }  # fmt: skip
        meta = provenance(engine, began, LIMITS) | {
            "rules": {"place": self.place_rule, "time": self.time_rule},
            "window": [str(opened.steps["step"].iloc[0].date()), str((opened.steps["end"].iloc[-1] - pd.Timedelta(hours=1)).date())],
            "solves": {**opened.counts, "questions": questions.asked},
            "question": "Is every region on the border supplied, today and this winter, and what is the weakest point?",
        }  # fmt: skip
        values = self.values() | {"start": start, "countries": pair}
        return Results("border", values, case, frames, units_of(case.currency), meta)

    @classmethod
    def told(cls, results: Results) -> Told:
        """The sentences, and the table of what comes from across."""
        if "border.summary" not in results:
            return Told()
        title = "What comes from across, and what if it does not (carriers of which less than 1 % does are left out)"
        return Told(
            tuple(results["border.summary"]["text"]), ((title, shown(results.case, results["border"])),)
        )

    def _check(self, case: Case) -> None:
        wrong = []
        if self.days < 1:
            wrong.append(f"days: {self.days} is less than a day.")
        known = list(case.table("link_kinds")["kind"])
        wrong += [
            f'kinds: "{kind}" is no kind of link. Known: {", ".join(known)}.'
            for kind in self.kinds
            if kind not in known
        ]
        if wrong:
            raise StudyError("\n".join(wrong))


class _Questions:
    """What is asked of the window: each largest supply lost, and the border closed for each carrier; each once."""

    def __init__(self, engine: Engine, border: Border, opened: Window, start: date, last: date) -> None:
        self.engine, self.border, self.opened = engine, border, opened
        self.case = engine.case
        self.start, self.last = start, last
        self.names = element_names(self.case)
        self.asked = 0
        self._out = self.case.horizon.share_within(start, last)[opened.first : opened.last]
        self.n1 = pd.DataFrame(columns=_N1)
        self.shut = self.n1.drop(columns=["table", "element", "name"])

    def _answer(self, outages: list[Change]) -> tuple[AgainstPlan, float]:
        self.asked += 1
        asked = self.engine.ask(self.opened, outages)
        return AgainstPlan(
            self.case, self.opened.steps, self._out > 0, asked.answer, asked.base
        ), asked.extra_cost

    # ---- the largest supply is lost
    def losses(self) -> pd.DataFrame:
        """A row for each region and carrier; `n1` holds who goes short, once it is done."""
        chosen: dict[str, list[tuple[str, str, pd.Series]]] = {}
        rows = []
        for region, carrier in self.border.rows:
            supply = self.border.supply(region, carrier)
            supply = supply[supply["energy"] > _LEAST]
            if supply.empty:
                rows.append({"region": region, "carrier": carrier, **_NO_SUPPLY})
                continue
            chosen.setdefault(self._together(supply.iloc[0]), []).append((region, carrier, supply.iloc[0]))
        details: list[pd.DataFrame] = []
        for element, members in chosen.items():
            outage = Outage(element, self.start, self.last)
            disrupted, extra = self._answer([outage])
            lost = [e for _, e in self.opened.deltas.members(outage)]
            for region, carrier, row in members:
                short = short_in(disrupted, self.border, region)
                rows.append(self._lost(disrupted, extra, region, carrier, row, element, lost, short))
                details.append(
                    _detail(region, carrier, row["table"], element, self._called(row, element), short)
                )
        frame = pd.concat(details, ignore_index=True) if details else self.n1
        order = {key: at for at, key in enumerate(self.border.rows)}
        at = [order[key] for key in zip(frame["region"], frame["carrier"], strict=True)]
        self.n1 = frame.assign(at=at).sort_values("at", kind="stable", ignore_index=True).drop(columns="at")
        return pd.DataFrame(rows, columns=["region", "carrier", *_NO_SUPPLY])

    def _together(self, supply: pd.Series) -> str:
        """The element, or the track that several carriers share: a track is lost for all of them."""
        if supply["table"] != "links":
            return str(supply["element"])
        links = self.case.table("links")
        group = links["shared_with"][links["link"] == supply["element"]].iloc[0]
        return str(group) if group and (links["shared_with"] == group).sum() > 1 else str(supply["element"])

    def _called(self, supply: pd.Series, element: str) -> str:
        name = self.names.get(supply["element"], supply["element"])
        return name if element == supply["element"] else f"{name}{WHOLE}"

    def _lost(
        self,
        disrupted: AgainstPlan,
        extra: float,
        region: str,
        carrier: str,
        row: pd.Series,
        element: str,
        lost: list[str],
        short: pd.DataFrame,
    ) -> dict[str, Any]:
        energy = float(row["energy"])
        supply = self.border.supply(region, carrier)["energy"].clip(lower=0.0)
        table, instead, share = replaced_by(disrupted, self.border, region, carrier, lost, energy)
        shield = short[short["protected"]]
        served = (disrupted.more @ disrupted.hours).sum() <= LITTLE_SHORT * energy and float(
            short["less_taken"].sum()
        ) <= LITTLE_SHORT * energy
        return {
            "region": region, "carrier": carrier, "largest": element, "largest_name": self._called(row, element), "largest_table": row["table"],
            "largest_share": energy / float(supply.sum()), "n1_unserved": float(short["unserved"].sum()),
            "n1_protected": float(shield["unserved"].sum()), "n1_less_taken": float(short["less_taken"].sum()),
            "n1_rate": float(short["rate"].max()) if len(short) else 0.0,
            "n1_short": "; ".join(f"{c}: {k}" for c, k in zip(short["carrier"], short["customer_class"], strict=True)),
            "n1_first_short": short["first_short"].min() if len(short) else pd.NaT,
            "n1_days": float(short["days_served"].min()) if len(short) else np.inf,
            "alternative_table": table, "alternative": instead, "alternative_name": self.names.get(instead, instead), "alternative_share": share,
            "alternative_cost": extra / energy if served else np.nan,
            "price_rise": price_rise(disrupted, self._node(region, carrier), carrier),
        }  # fmt: skip

    def _node(self, region: str, carrier: str) -> str:
        """The place of a region that uses most of a carrier."""
        frame = self.border.tables.places_balance
        mine = frame[(frame["carrier"] == carrier) & (frame["place"].map(self.border.regions.of) == region)]
        return str(
            mine["place"].iloc[int((mine["used"] + mine["taken_in"] + mine["sold"]).to_numpy().argmax())]
        )

    # ---- the border is closed for a carrier
    def closed(self) -> pd.DataFrame:
        """A row for each region and carrier: who is cut, and when, if nothing of the carrier crosses the border."""
        crossing = self.border.regions.crossing(self.border.pair)
        rows: dict[tuple[str, str], dict[str, Any]] = {}
        details: dict[tuple[str, str], pd.DataFrame] = {}
        for carrier in dict.fromkeys(carrier for _, carrier in self.border.rows):
            links = crossing.get(carrier, ())
            disrupted = (
                self._answer([Outage(link, self.start, self.last) for link in links])[0] if links else None
            )
            for region in [r for r, c in self.border.rows if c == carrier]:
                short = short_in(disrupted, self.border, region) if disrupted else pd.DataFrame()
                rows[region, carrier] = {"region": region, "carrier": carrier, **self._cover(short, region)}
                if len(short):
                    details[region, carrier] = _detail(region, carrier, "links", "", "", short).drop(
                        columns=["table", "element", "name"]
                    )
        found = [details[key] for key in self.border.rows if key in details]
        self.shut = pd.concat(found, ignore_index=True) if found else self.shut
        return pd.DataFrame([rows[key] for key in self.border.rows], columns=["region", "carrier", *_COVER])

    def _cover(self, short: pd.DataFrame, region: str) -> dict[str, Any]:
        """Days until the first protected customer of a region is cut in any carrier, and what is lost; none is infinite."""
        demand = self.border.demand
        has_protected = bool(demand["protected"][demand["region"] == region].any())
        none = {
            "cover_days": np.inf if has_protected else np.nan,
            "cover_of": "",
            "closed_unserved": 0.0,
            "closed_less_taken": 0.0,
            "closed_days": np.inf,
        }
        if short.empty:
            return none
        shield = short[short["protected"]]
        first = shield[shield["days_served"] == shield["days_served"].min()] if len(shield) else shield
        return {
            "cover_days": float(shield["days_served"].min()) if len(shield) else none["cover_days"],
            "cover_of": "; ".join(f"{c}: {k}" for c, k in zip(first["carrier"], first["customer_class"], strict=True)),
            "closed_unserved": float(short["unserved"].sum()), "closed_less_taken": float(short["less_taken"].sum()),
            "closed_days": float(short["days_served"].min()),
        }  # fmt: skip


_NO_SUPPLY: dict[str, Any] = {
    "largest": "", "largest_name": "", "largest_table": "", "largest_share": 0.0, "n1_unserved": 0.0, "n1_protected": 0.0,
    "n1_less_taken": 0.0, "n1_rate": 0.0, "n1_short": "", "n1_first_short": pd.NaT, "n1_days": np.inf, "alternative_table": "",
    "alternative": "", "alternative_name": "", "alternative_share": 0.0, "alternative_cost": np.nan, "price_rise": np.nan,
}  # fmt: skip
_COVER = ("cover_days", "cover_of", "closed_unserved", "closed_less_taken", "closed_days")
_N1 = [
    "region", "carrier", "table", "element", "name", "short_carrier", "customer_class", "protected", "unserved", "less_taken", "rate",
    "first_short", "days_served",
]  # fmt: skip


def _detail(
    region: str, carrier: str, table: str, element: str, name: str, short: pd.DataFrame
) -> pd.DataFrame:
    """Rows of border.n1; one row without a class where nobody goes short."""
    if short.empty:
        row = [region, carrier, table, element, name, "", "", False, 0.0, 0.0, 0.0, pd.NaT, np.inf]
        return pd.DataFrame([row], columns=_N1).assign(first_short=pd.to_datetime([pd.NaT]))
    frame = short.rename(columns={"carrier": "short_carrier"})
    return frame.assign(region=region, carrier=carrier, table=table, element=element, name=name)[_N1]


def _behind(table: pd.DataFrame, provisions: pd.DataFrame) -> list[str]:
    """The agreements behind each row, those in force first: name and until when."""
    found = []
    for region, carrier in zip(table["region"], table["carrier"], strict=True):
        mine = provisions[(provisions["region"] == region) & (provisions["carrier"] == carrier)]
        mine = mine.sort_values("is_in_force", ascending=False, kind="stable").drop_duplicates("agreement")
        found.append("; ".join(_deal(row) for row in mine.itertuples(index=False)))
    return found


def _deal(row: Any) -> str:
    parts = (
        [] if row.is_in_force else [f"signed {row.signed.date()}" if pd.notna(row.signed) else "not signed"]
    )
    parts += [f"until {row.in_force_until.date()}"] if pd.notna(row.in_force_until) else []
    return f"{row.name} ({', '.join(parts)})" if parts else str(row.name)


def _names(case: Case) -> pd.DataFrame:
    found = element_names(case)
    return pd.DataFrame({"element": list(found), "name": list(found.values())})


def units_of(currency: str) -> dict[str, dict[str, str]]:
    """Unit of each number column of the tables of this study."""
    price = f"{currency}/MWh"
    return {
        "border.summary": {"value": "unit of the row"},
        "border": {
            **dict.fromkeys(("use", "demand", "unserved", "unserved_now", "stock", "n1_unserved", "n1_protected", "n1_less_taken",
                             "closed_unserved", "closed_less_taken"), "MWh"),
            **dict.fromkeys(("share_across", "share_across_now", "share_with_fuel", "protected_share", "heat_share", "largest_share", "n1_rate",
                             "alternative_share", "n1_formula", "n1_formula_full"), "share"),
            **dict.fromkeys(("stock_days", "n1_days", "cover_days", "closed_days"), "day"),
            "use_day": "MWh/day", "peak": "MW", "heat_places": "places", "alternative_cost": price, "price_rise": price,
        },
        "border.n1": {"unserved": "MWh", "less_taken": "MWh", "rate": "share", "days_served": "day"},
        "border.closed": {"unserved": "MWh", "less_taken": "MWh", "rate": "share", "days_served": "day"},
        "border.links": {"flow": "MWh", "capacity": "MW", "loading": "share"},
    }  # fmt: skip
