"""Who goes short, from when, and by how much, if elements are lost on a day that nobody foresaw."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.case import PLACE_RULES, TIME_RULES
from kelisim.case.change import Outage
from kelisim.case.events import Event
from kelisim.engine import Engine, Rules, Window, WindowAnswer
from kelisim.engine.event import in_days, in_first_hour, whole_step
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.event_words import changes_in_words, happened, members, of_event
from kelisim.results.names import element_names
from kelisim.results.propagation import chain
from kelisim.results.results import Results
from kelisim.results.sentences import amount, answered, changed, day, moment, percent, rounded
from kelisim.studies.outage_fields import DAYS, happening
from kelisim.studies.study import Study, Told, param, provenance

LIMITS = (
    "The base plan is held outside the days shown: before the outage nobody knows of it, after them the plan of the year goes on.",
    "Gas answers count capacities only and no pressures: they are an upper bound of what the network can deliver.",
    "Who goes short, and when, follows the place rule and the time rule that are named; another rule shares the cut otherwise.",
    "Steps of a day or a month do not see what happens within them.",
)
TOLD = 12  # rows that the command line prints
UNITS = {
    "summary": {"value": "unit of the row"},
    "demand.total": {
        "demand": "MWh", "unserved": "MWh", "unserved_base": "MWh", "unserved_rate": "share", "peak": "MW", "days_served": "day"
    },
    "demand.unserved": {"unserved": "MW", "unserved_base": "MW"},
    "links.flow": {"flow": "MW", "flow_base": "MW", "loading": "share"},
    "assets.activity": {"activity": "MW", "activity_base": "MW"},
    "storages.level": {"level": "MWh", "level_base": "MWh"},
    "performance": {"demand": "MW", "unserved": "MW", "served_share": "share", "served_share_base": "share"},
    "chain": {"base": "MWh", "change": "MWh"},
    "first_hour": {"demand": "MW", "unserved": "MW"},
}  # fmt: skip


@dataclass(frozen=True)
class Disruption(Study):
    """Who goes short, from when, and what takes over, if these elements are lost.

    The plan of the year is held until the day of the outage; from then on the cheapest answer is found that keeps the
    order of protection, with stocks, other routes and other plants as they stand on that day.
    """

    name = "disruption"
    lost: tuple[str, ...] = param(
        "elements lost, separated by commas; not asked with an event",
        refers_to=("links", "assets", "storages", "places", "markets"),
        default=(),
    )
    event: str = param(
        "an event of the case, in the place of what is lost and when", refers_to=("events",), default=""
    )
    start: date | None = param(
        "first day of the outage; the day of the highest use if not given", default=None
    )
    days: int = param("length of the outage", unit="day", default=DAYS)
    share: float = param("share of the capacity that is lost", unit="share", default=1.0)
    place_rule: str = param("who goes short first", choices=PLACE_RULES, default="cooperative")
    time_rule: str = param("when the cut falls", choices=TIME_RULES, default="late")
    in_transit: str = param(
        "goods on a cut link: held until it is back, or lost", choices=("held", "lost"), default="held"
    )
    knows_duration: bool = param("the length of the outage is known from its first day", default=True)
    belief: int = param(
        "days the outage is believed to last on, where its length is not known", unit="day", default=7
    )
    reserve: float = param(
        "share of its output by which a power plant can go up within the hour", unit="share", default=0.05
    )

    def run(self, engine: Engine) -> Results:
        began = time.perf_counter()
        case = engine.case
        happens = happening(self, engine, self._wrong())
        event, start, days, last = happens.event, happens.start, happens.days, happens.last
        rules = Rules(self.place_rule, self.time_rule, engine.rules.span, engine.rules.tranches)
        opened = engine.window(start, days, rules)
        outages = [change for change in happens.causes if isinstance(change, Outage)]
        if event is not None:
            asked = in_days(engine, event, rules, self.in_transit).asked
        elif self.knows_duration:
            asked = engine.ask(opened, outages, self.in_transit)
        else:
            asked = _surprised(engine, opened, outages, self.belief, self.in_transit)
        out = case.horizon.share_within(start, last)[opened.first : opened.last] > 0
        disrupted = AgainstPlan(case, opened.steps, out, asked.answer, asked.base)
        touched = [member for outage in outages for _, member in opened.deltas.members(outage)]
        touched += members(case, event.causes) if event is not None else []
        frames = {
            "summary": _summary(case, disrupted, self, start, days, event),
            "demand.total": disrupted.demand_total(),
            "demand.unserved": disrupted.demand_unserved(),
            "performance": disrupted.performance(),
            "chain": _named(case, chain(disrupted, touched)),
            "links.flow": disrupted.links_flow(),
            "assets.activity": disrupted.assets_activity(),
            "storages.level": disrupted.storages_level(),
        }
        hour = _first_hour(engine, self, start, outages, rules, event)
        if hour is not None:
            frames["first_hour"] = hour
        meta = provenance(engine, began, LIMITS) | {
            "rules": {"place": self.place_rule, "time": self.time_rule},
            "window": [str(opened.steps["step"].iloc[0].date()), str((opened.steps["end"].iloc[-1] - pd.Timedelta(hours=1)).date())],
            "solves": dict(opened.counts), "seconds": asked.seconds, "pruned": asked.pruned,
            "rebuilt": asked.rebuilt.what if asked.rebuilt else "",
        }  # fmt: skip
        values = self.values() | {"start": start, "days": days}
        return Results("disruption", values, case, frames, UNITS, meta)

    @classmethod
    def told(cls, results: Results) -> Told:
        """The answer, who goes short, and the chain that leads there."""
        case = results.case
        rules = results.meta["rules"]
        place = case.table("places").set_index("place")["name"]
        carrier = case.table("carriers").set_index("carrier")["name"]
        summary = results["summary"].set_index("key")
        short = results["demand.total"]
        short = short[short["first_short"].notna()].head(TOLD)
        cut = pd.DataFrame(
            {
                "place": short["place"].map(place), "carrier": short["carrier"].map(carrier),
                "class": short["customer_class"].str.replace("_", " "),
                "unserved": [
                    amount(case, c, u - b)
                    for c, u, b in zip(short["carrier"], short["unserved"], short["unserved_base"], strict=True)
                ],
                "of its use": [percent(v) for v in (short["unserved"] - short["unserved_base"]) / short["demand"]],
                "first short": [moment(case, v) for v in short["first_short"]],
            }
        )  # fmt: skip
        links = results["chain"].head(TOLD)
        steps = pd.DataFrame(
            {
                "": links["order"].astype(str),
                "because of": links["because_name"],
                "what changes while the outage lasts": links["text"],
            }
        )
        sentences = [
            str(summary.loc["answer", "text"]),
            *of_event(results["summary"]),
            f"Place rule: {rules['place']}; time rule: {rules['time']}. Days shown: {' to '.join(day(d) for d in results.meta['window'])}.",
        ]
        if case.horizon.step == "1mo":
            sentences.append(
                "Steps of a month: an outage takes its share of the month's capacity. Days are seen with --step 1d."
            )
        hour = results.tables.get("first_hour")
        if hour is not None:
            total = float(hour["unserved"].sum())
            worst = f", most in {place[hour['place'].iloc[0]]}" if len(hour) else ""
            sentences.append(
                f"In the first hour, before anything can be redispatched, {rounded(total)} MW of power are shed{worst}."
                if total > 0
                else "In the first hour no power is shed."
            )
        if {"natural_gas", "raw_gas"} & set(results["chain"]["carrier"]):
            sentences.append("Gas counts capacities and no pressures: what is delivered is an upper bound.")
        tables = [("Who goes short", cut)] if len(cut) else []
        return Told(tuple(sentences), (*tables, ("What follows from it, nearest first", steps)))

    def _wrong(self) -> list[str]:
        """What is wrong with the fields that only this study has."""
        wrong: list[str] = []
        if self.belief < 1:
            wrong.append(f"belief: {self.belief} is less than a day.")
        if not 0.0 <= self.reserve <= 1.0:
            wrong.append(f"reserve: {self.reserve:g} is not between 0 and 1.")
        if self.place_rule == "own_first" and not self.knows_duration:
            wrong.append(
                "place_rule: own_first looks at the whole outage; where its length is not known take cooperative."
            )
        if self.event and not self.knows_duration:
            wrong.append("knows_duration: the length of an event is known; leave it out.")
        return wrong


def _first_hour(
    engine: Engine, study: Disruption, start: date, outages: list[Outage], rules: Rules, event: Event | None
) -> pd.DataFrame | None:
    """Power shed in the hour of the loss, by place and class, most first; None if no power is lost at once."""
    if event is not None:
        asked = in_first_hour(engine, event, rules, study.reserve)
    else:
        place = "cooperative" if rules.place == "own_first" else rules.place
        # in that hour all of the share is gone, however short the outage is beside the step
        whole = whole_step(engine, start, outages)
        asked = engine.first_hour(start, whole, replace(rules, place=place, time="none"), study.reserve)
    if asked is None or asked.answer.status != "optimal":
        return None
    case = engine.case
    steps = case.horizon.steps.iloc[[case.horizon.index_of(pd.Timestamp(start))]]
    disrupted = AgainstPlan(case, steps, np.ones(1, dtype=bool), asked.answer, asked.base)
    demand = case.table("demand")
    more = disrupted.more[:, 0]
    rows = np.flatnonzero((more > 0) & (demand["carrier"] == "electricity").to_numpy())
    frame = demand[["place", "carrier", "customer_class"]].iloc[rows].reset_index(drop=True)
    frame = frame.assign(demand=disrupted.demand[rows, 0], unserved=more[rows])
    return frame.sort_values("unserved", ascending=False, ignore_index=True)


def _surprised(
    engine: Engine, opened: Window, outages: list[Outage], belief: int, in_transit: str
) -> WindowAnswer:
    """Step by step: what was done stays done, and the outage is believed to last some days on."""
    last = max(outage.end for outage in outages if outage.end is not None)
    starts = pd.DatetimeIndex(opened.steps["step"])
    done = 0
    asked = engine.ask(opened, outages, in_transit)
    values = None
    for step, began in enumerate(starts):
        if began.date() > last:
            break
        believed = min(last, began.date() + timedelta(days=belief - 1))
        # the day after it should have ended, it is seen to go on
        seen = [Outage(o.element, o.start, max(believed, began.date()), o.share, o.table) for o in outages]
        values = opened.roll(seen, in_transit, values, done)
        done = step + 1
    return opened.rolled(outages, in_transit, values, done) if values is not None else asked


def _summary(
    case: Any, disrupted: AgainstPlan, study: Disruption, start: date, days: int, event: Event | None
) -> pd.DataFrame:
    figures = disrupted.figures()
    label = element_names(case)
    lost = ", ".join(label.get(element, element) for element in study.lost)
    text = answered(case, disrupted, lost, start, days, study.share, event.what if event else "")
    rows: list[tuple[str, Any, str, str]] = [
        ("answer", np.nan, "", text),
        ("unserved_energy", figures["unserved_energy"], "MWh", "energy that the outage leaves unserved, all carriers"),
        ("unserved_protected", figures["unserved_protected"], "MWh", "of it, of protected customers"),
        ("peak", figures["peak"], "MW", "highest unserved in a step"),
        ("rows_short", float(figures["rows_short"]), "rows of demand", "place, carrier and class that are cut"),
        ("first_short", np.nan, "", moment(case, figures["first_short"])),
        ("first_protected_short", np.nan, "", moment(case, figures["first_protected_short"])),
        ("coverage_days", figures["coverage_days"], "day", "until the first protected customer is cut; empty if none is"),
        ("days_to_recover", figures["days_to_recover"], "day", "after the outage, until all are served as planned"),
        ("extra_cost", figures["extra_cost"], case.currency, "beyond the plan, unserved energy at its value of lost load included"),
        ("resilience_loss", figures["resilience_loss"], "per cent hours", "area above the curve of performance (Bruneau et al. 2003)"),
        ("robustness", figures["robustness"], "share", "least share of demand served in a step"),
    ]  # fmt: skip
    if event is not None:
        rows += [
            ("event", np.nan, "", event.what),
            ("happened", np.nan, "", happened(event)),
            ("changes", np.nan, "", "; ".join(changes_in_words(case, event.causes))),
            ("context", np.nan, "", "; ".join(changes_in_words(case, event.context))),
            ("sources", np.nan, "", event.sources),
        ]
    return pd.DataFrame(rows, columns=["key", "value", "unit", "text"])


def _named(case: Any, frame: pd.DataFrame) -> pd.DataFrame:
    label = element_names(case)
    place = case.table("places").set_index("place")["name"]
    carrier = case.table("carriers").set_index("carrier")["name"]
    names = []
    for table, element in zip(frame["table"], frame["element"], strict=True):
        if table != "demand":
            names.append(label.get(element, element))
            continue
        at, form, who = element.split(":")
        names.append(
            f"{place.get(at, at)}, {str(carrier.get(form, form)).lower()} of {who.replace('_', ' ')}"
        )
    texts = [
        f"{name}: {changed(case, c, base, change)}"
        for name, c, base, change in zip(names, frame["carrier"], frame["base"], frame["change"], strict=True)
    ]
    because = [label.get(b, b) for b in frame["because"]]
    return frame.assign(name=names, because_name=because, text=texts)
