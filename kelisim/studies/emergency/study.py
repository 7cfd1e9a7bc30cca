"""What can be done if elements are lost: measures in their order, what each brings, and who is still cut."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.change import Change, Dated
from kelisim.case.dated import keys
from kelisim.engine import Engine, Window
from kelisim.engine.response import Escalation, Response, respond
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.crisis import for_measures
from kelisim.results.results import Results
from kelisim.results.sentences import answered, day
from kelisim.studies.emergency import plan
from kelisim.studies.emergency.words import after_measures, plan_table, ranges_table, remaining_table
from kelisim.studies.outage_fields import OutageFields, happening
from kelisim.studies.study import Study, Told, param, provenance
from kelisim.tolerances import NO_POWER as NONE

LIMITS = (
    "A measure is used as far as it is worth its cost, at once from the moment it is allowed; a person may need longer to decide.",
    "A measure that takes something away, such as a stop of exports, is not chosen: buyers abroad give way by price already.",
    "A measure is set off by the highest level of any carrier in the countries in which it acts; one on the border, of both.",
    "Measures act beside the plan of the year: the plan does not know of them before the outage.",
    "Gas answers count capacities only and no pressures: they are an upper bound of what the network can deliver.",
    "Who goes short, and when, follows the place rule and the time rule that are named; another rule shares the cut otherwise.",
)
UNITS = {
    "summary": {"value": "unit of the row"},
    "plan": {
        "lead_time": "h", "peak": "MW", "energy": "MWh", "worth": "currency", "unserved_avoided": "MWh"
    },
    "measures.use": {"power": "MW", "allowed": "share"},
    "remaining": {"order": "rank", "demand": "MWh", "unserved_without": "MWh", "unserved_with": "MWh", "peak": "MW"},
    "regions": {
        "demand": "MWh", "unserved_without": "MWh", "unserved_with": "MWh", "share_without": "share", "share_with": "share"
    },
    "levels": {"unserved_without": "MW", "unserved_with": "MW"},
    "stages": {"unserved": "MWh", "extra_cost": "currency"},
    "ranges": {"unserved_without": "MWh", "unserved_with": "MWh", "protected_with": "MWh", "extra_cost_with": "currency"},
    "demand.total": {
        "demand": "MWh", "unserved": "MWh", "unserved_base": "MWh", "unserved_rate": "share", "peak": "MW", "days_served": "day"
    },
    "performance": {"demand": "MW", "unserved": "MW", "served_share": "share", "served_share_base": "share"},
    "demand.unserved": {"unserved": "MW", "unserved_base": "MW"},
    "links.flow": {"flow": "MW", "flow_base": "MW", "loading": "share"},
    "assets.activity": {"activity": "MW", "activity_base": "MW"},
    "storages.level": {"level": "MWh", "level_base": "MWh"},
}  # fmt: skip


@dataclass(frozen=True)
class Emergency(OutageFields, Study):
    """What can be done if these elements are lost: which measures, in which order, and what remains.

    Measures are allowed level by level, each from the moment its level of the crisis is reached and its lead time over;
    of those the cheapest mix is found. The plan says what sets a measure off, who orders it, when it bites, how much it
    brings, and when to step down.
    """

    name = "emergency"
    only: tuple[str, ...] = param(
        "measures at hand, separated by commas; all of the case if not given",
        refers_to=("measures",),
        default=(),
    )
    ranges: float = param(
        "share by which what is graded C may be wrong: the answer is asked again with less and with more; 0 asks nothing",
        unit="share", default=0.0,
    )  # fmt: skip

    def run(self, engine: Engine) -> Results:
        began = time.perf_counter()
        case = engine.case
        happens = happening(self, engine, self._wrong(case))
        start, days = happens.start, happens.days
        rules = self.rules(engine)

        def asked(more: Sequence[Change] = (), size: dict[str, float] | None = None) -> Response:
            """What is done, beside the plan of the same context and what is asked beside it."""
            return respond(
                engine,
                happens.causes,
                start,
                days,
                rules,
                self.in_transit,
                self.only or None,
                [*happens.context, *more],
                size,
            )

        found = asked()
        opened, response = found.opened, found.escalation
        without, with_all = found.without, found.with_all
        frames = {
            "plan": plan.plan(
                case, with_all, with_all.figures()["extra_cost"], _used(found), for_measures(case, without)
            ),
            "remaining": plan.remaining(case, without, with_all),
            "regions": plan.regions(case, without, with_all),
            "levels": plan.by_step(case, without, with_all),
            "measures.use": _use(opened, response),
            "stages": _stages(found),
            "demand.total": with_all.demand_total(),
            "performance": with_all.performance(),
            "demand.unserved": with_all.demand_unserved(),
            "links.flow": with_all.links_flow(),
            "assets.activity": with_all.assets_activity(),
            "storages.level": with_all.storages_level(),
        }
        if self.ranges > 0:
            frames["ranges"] = _ranges(case, self.ranges, found, asked)
        frames["summary"] = self._summary(
            case,
            (without, with_all),
            response,
            frames,
            (happens.what, start, days, happens.event is not None),
        )
        meta = provenance(engine, began, LIMITS) | {
            "rules": {"place": self.place_rule, "time": self.time_rule},
            "window": [str(opened.steps["step"].iloc[0].date()), str((opened.steps["end"].iloc[-1] - pd.Timedelta(hours=1)).date())],
            "solves": dict(opened.counts), "not_chosen": dict(response.measures.left_out),
            "rebuilt": response.without.rebuilt.what if response.without.rebuilt else "",
        }  # fmt: skip
        return Results(self.name, self.values() | {"start": start, "days": days}, case, frames, UNITS, meta)

    @classmethod
    def told(cls, results: Results) -> Told:
        """What happens, what is done about it, and who is still cut."""
        rules = results.meta["rules"]
        summary = results["summary"].set_index("key")["text"]
        sentences = (
            str(summary["without"]), str(summary["with"]), str(summary["steps"]),
            f"Place rule: {rules['place']}; time rule: {rules['time']}. Days shown: {' to '.join(day(d) for d in results.meta['window'])}.",
        )  # fmt: skip
        tables = []
        if len(results["plan"]):
            tables.append(("The plan, in the order in which measures bite", plan_table(results)))
        if (results["remaining"]["unserved_with"] > 0).any():
            tables.append(("Who is still cut, first in the order of rationing", remaining_table(results)))
        if "ranges" in results:
            tables.append(("If what is graded C is wrong", ranges_table(results)))
        return Told(tuple(text for text in sentences if text), tuple(tables))

    def _wrong(self, case: Case) -> list[str]:
        """What is wrong with the fields that only this study has."""
        known = set(case.table("measures")["measure"])
        wrong = [
            f'only: no measure "{name}". Known: {", ".join(sorted(known)) or "none"}.'
            for name in self.only
            if name not in known
        ]
        if not 0.0 <= self.ranges < 1.0:
            wrong.append(f"ranges: {self.ranges:g} is not between 0 and 1.")
        return wrong

    def _summary(
        self,
        case: Case,
        seen: tuple[AgainstPlan, AgainstPlan],
        response: Escalation,
        frames: dict[str, pd.DataFrame],
        asked: tuple[str, date, int, bool],
    ) -> pd.DataFrame:
        lost, start, days, is_event = asked
        before, after = (one.figures() for one in seen)
        text = answered(
            case, seen[0], "" if is_event else lost, start, days, self.share, lost if is_event else ""
        )
        steps, done = after_measures(case, frames["plan"], before, after, response.measures.left_out)
        rows: list[tuple[str, float, str, str]] = [
            ("without", np.nan, "", text),
            ("with", np.nan, "", done),
            ("steps", np.nan, "", steps),
            ("unserved_without", before["unserved_energy"], "MWh", "unserved beyond the plan without measures, all carriers"),
            ("unserved_with", after["unserved_energy"], "MWh", "unserved beyond the plan with measures, all carriers"),
            ("protected_without", before["unserved_protected"], "MWh", "of it, of protected customers, without measures"),
            ("protected_with", after["unserved_protected"], "MWh", "of it, of protected customers, with measures"),
            ("coverage_days_without", before["coverage_days"], "day", "until the first protected customer is cut, without measures"),
            ("coverage_days_with", after["coverage_days"], "day", "until the first protected customer is cut, with measures; empty if none is"),
            ("extra_cost_without", before["extra_cost"], case.currency, "beyond the plan, unserved energy at its value of lost load"),
            ("extra_cost_with", after["extra_cost"], case.currency, "the same with measures, what they cost included"),
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["key", "value", "unit", "text"])


def _used(found: Response) -> list[plan.Used]:
    """Measures that are used, each with what would be if it alone were left out."""
    used, response = found.used(), found.escalation
    rows = []
    for measure, other in found.worth().items():
        power, acts = used[measure]
        missing = float((other.more @ other.hours).sum())
        rows.append(
            plan.Used(measure, power, acts, response.since[measure], other.figures()["extra_cost"], missing)
        )
    return rows


def _use(opened: Window, response: Escalation) -> pd.DataFrame:
    """Power of each way of a measure in each step in which it is allowed or used."""
    starts = opened.steps["step"].to_numpy()
    parts = []
    for way, row in zip(response.measures.ways, response.use, strict=True):
        share = response.allowed.get(way.act.measure)
        if share is None:
            continue
        frame = pd.DataFrame(
            {
                "measure": way.act.measure,
                "acts_on": f"{way.act.table}:{way.act.element}",
                "step": starts,
                "power": row,
                "allowed": share,
            }
        )
        parts.append(frame[(frame["power"] > NONE) | (frame["allowed"] > 0)])
    columns = ["measure", "acts_on", "step", "power", "allowed"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _stages(found: Response) -> pd.DataFrame:
    """What is left without measures and with those up to each level."""
    response = found.escalation
    rows = [("none", response.without)]
    rows += [(stage.level, response.in_use(stage.asked)) for stage in response.stages]
    figures = [found.seen(asked).figures() for _, asked in rows]
    return pd.DataFrame(
        {
            "level": [name for name, _ in rows],
            "unserved": [one["unserved_energy"] for one in figures],
            "extra_cost": [one["extra_cost"] for one in figures],
        }
    )


def _ranges(case: Case, share: float, found: Response, asked: Callable[..., Response]) -> pd.DataFrame:
    """The answer with what is graded C lower and higher where somebody is short, and with the measures graded C smaller or
    not at hand."""
    places = set(case.table("demand")["place"][found.without.more.any(axis=1)])
    measures = case.table("measures")
    doubted = list(measures["measure"][measures["confidence"] == "C"])
    cases: list[tuple[str, list[Change], dict[str, float]]] = []
    for word, factor in (("lower", 1.0 - share), ("higher", 1.0 + share)):
        cases.append(
            (f"use graded C {share * 100:.0f} % {word}", _scaled(case, ("demand",), factor, places), {})
        )
        cases.append(
            (
                f"capacities graded C {share * 100:.0f} % {word}",
                _scaled(case, ("links", "assets"), factor, places),
                {},
            )
        )
    if doubted:
        cases.append(("measures graded C half as large", [], dict.fromkeys(doubted, 0.5)))
        cases.append(("measures graded C not at hand", [], dict.fromkeys(doubted, 0.0)))
    answers = [("as it is", found), *((name, asked(more, size)) for name, more, size in cases)]
    rows = []
    for name, one in answers:
        before, after = one.without.figures(), one.with_all.figures()
        rows.append(
            {
                "what": name, "unserved_without": before["unserved_energy"], "unserved_with": after["unserved_energy"],
                "protected_with": after["unserved_protected"], "extra_cost_with": after["extra_cost"],
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _scaled(case: Case, tables: Sequence[str], factor: float, places: set[str]) -> list[Change]:
    """Quantities of rows graded C at some places times a factor, in all the days shown."""
    found: list[Change] = []
    for table in tables:
        rows = case.table(table)
        ends = [rows[end].isin(places) for end in ("place", "from_place", "to_place") if end in rows]
        mine = keys(case, table)[np.logical_or.reduce(ends) & (rows["confidence"] == "C").to_numpy()]
        if len(mine):
            column = "amount" if table == "demand" else "capacity"
            found.append(Dated(table, tuple(mine), column, factor, how="scale"))
    return found
