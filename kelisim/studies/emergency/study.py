"""What can be done if elements are lost: measures in their order, what each brings, and who is still cut."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.change import Change, Dated, Outage
from kelisim.case.dated import keys
from kelisim.engine import Engine, Rules, Window
from kelisim.engine.estimates.cut import SampledCut
from kelisim.engine.first_hour import RESERVE
from kelisim.engine.response import Escalation, Response, respond
from kelisim.engine.trips import in_the_hour, needs_power
from kelisim.results import notices
from kelisim.results.coverage import norm_facts, of_outage
from kelisim.results.crisis import Levels, for_measures
from kelisim.results.facts import Fact, said
from kelisim.results.headline import asked as asked_fact
from kelisim.results.region_levels import levels_fact, regions_at_level
from kelisim.results.results import Results
from kelisim.results.schema import framed
from kelisim.results.shut_in import displaced
from kelisim.studies import helping
from kelisim.studies.emergency import clock, plan
from kelisim.studies.emergency.stops import stops
from kelisim.studies.first_three import first_three
from kelisim.studies.interval import IntervalFields, interval_of
from kelisim.studies.outage_fields import Happening, OutageFields, happening
from kelisim.studies.study import Study, param
from kelisim.tolerances import NO_POWER

KEYS = {
    "unserved_energy": "unserved",
    "unserved_protected": "protected",
}  # of facts, where not that of the figure


@dataclass(frozen=True)
class Emergency(IntervalFields, OutageFields, Study):
    """What can be done if these elements are lost: which measures, in which order, and what remains.

    Measures are allowed level by level, each from the moment its level of the crisis is reached and its lead time over;
    of those the cheapest mix is found. The plan says what sets a measure off, who orders it, when it bites, how much it
    brings, and when to step down.
    """

    name = "emergency"
    needs_days = True
    serves = "cut_with_measures"
    only: tuple[str, ...] = param(
        "measures at hand, separated by commas; all of the case if not given",
        refers_to=("measures",),
        default=(),
    )
    ranges: float = param(
        "share by which what is graded C may be wrong: the answer is asked again with less and with more; 0 asks nothing",
        unit="share",
        default=0.0,
    )

    def run(self, engine: Engine) -> Results:
        case = engine.case
        happens = happening(self, engine, self._wrong(case))
        start, days = happens.start, happens.days
        rules = self.rules(engine)

        causes = [*happens.causes, *_stopped(engine, happens, rules, self.at)]

        def asked(
            more: Sequence[Change] = (), size: dict[str, float] | None = None, help_: str = ""
        ) -> Response:
            """What is done, beside the plan of the same context and what is asked beside it."""
            asks = (self.in_transit, self.only or None, [*happens.context, *more], size, help_)
            return respond(engine, causes, start, days, rules, *asks)

        found = asked()
        opened, response = found.opened, found.escalation
        without, with_all = found.without, found.with_all
        before, after = without.figures(), with_all.figures()
        level = for_measures(case, without)
        steps = plan.plan(case, with_all, after["extra_cost"], _used(found), level)
        pairs = [
            pair for change in causes if isinstance(change, Outage) for pair in opened.deltas.members(change)
        ]
        until = pd.Timestamp(happens.last) + pd.Timedelta(days=1)
        frames = {
            "plan": steps,
            **_by_the_clock(case, found, steps, level, happens, self.lost, pairs, until),
            "stops": stops(case, found, self.only),
            "restored": clock.restored(case, with_all, pairs, until),
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
            "coverage": of_outage(without, engine.base, start, happens.last),
        }
        told, help_facts = helping.told(
            opened, with_all, self.help_rule, lambda rule: asked(help_=rule).with_all
        )
        frames |= told
        lost = [element for _, element in pairs]
        beside, stopped = displaced(with_all, lost)
        frames |= beside
        if self.ranges > 0:
            frames["ranges"] = _ranges(case, self.ranges, found, asked)
        left_out, what = dict(response.measures.left_out), happens.what if happens.event else ""
        sure: list[Fact] = []
        if self.samples:
            cut = SampledCut(
                tuple(causes), tuple(happens.context), start, days, rules, self.in_transit, tuple(self.only)
            )
            interval = interval_of(self, engine, cut, with_all, self.name)
            frames |= interval.frames
            sure = [Fact("interval_of", say="emergency.interval_of"), *interval.facts]
        facts = [
            *first_three(opened, without, self.help_rule, lost, key="without")[0],
            Fact("told_of", say="emergency.told_of"),
            levels_fact(regions_at_level(without)),
            asked_fact("asked", self.lost, start, days, self.share, what),
            *norm_facts(with_all),
            *plan.measure_facts(case, steps, before, after, len(left_out)),
            *sure,
            *help_facts,
            *stopped,
            *_figures(case, before, after),
        ]
        about = {"not_chosen": left_out, "rebuilt": response.without.why_rebuilt}
        return self.results(engine, frames, facts, opened, {"start": start, "days": days}, **about)

    def _wrong(self, case: Case) -> list[str]:
        """What is wrong with the fields that only this study has."""
        known = set(case.table("measures")["measure"])
        wrong = self.wrong_samples()
        wrong += [
            f'only: no measure "{name}". Known: {", ".join(sorted(known)) or "none"}.'
            for name in self.only
            if name not in known
        ]
        if not 0.0 <= self.ranges < 1.0:
            wrong.append(f"ranges: {self.ranges:g} is not between 0 and 1.")
        return wrong


def _by_the_clock(
    case: Case,
    found: Response,
    steps: pd.DataFrame,
    level: Mapping[str, Levels],
    happens: Happening,
    names: Sequence[str],
    lost: Sequence[tuple[str, str]],
    until: pd.Timestamp,
) -> dict[str, pd.DataFrame]:
    """Orders, calls and the clock."""
    without = found.without
    what = said(
        f"emergency.clock.what_{'event' if happens.event else 'loss'}", lost=list(names), event=happens.what
    )
    ordered = clock.orders(case, found.with_all, level)
    called = clock.calls(case, without, notices.touched(case, lost), steps, ordered)
    made = {"plan": steps, "orders": ordered, "calls": called}
    return {"orders": ordered, "calls": called, "clock": clock.clock(case, without, made, what, until)}


def _stopped(engine: Engine, happens: Happening, rules: Rules, part: str) -> list[Outage]:
    """What stops in the hour of the loss for want of power."""
    if not any(needs_power(engine.case)):
        return []
    hour = in_the_hour(engine, happens.start, happens.causes, rules, RESERVE, happens.context, part)
    return hour.outages(happens.start) if hour is not None else []


def _figures(case: Case, without: Mapping[str, Any], with_all: Mapping[str, Any]) -> list[Fact]:
    """Figures without and with measures, side by side."""
    units = {"unserved_energy": "MWh", "unserved_protected": "MWh", "protected_days": "day"}
    return [
        Fact(f"{KEYS.get(figure, figure)}_{word}", figures[figure], unit)
        for figure, unit in (units | {"extra_cost": case.currency}).items()
        for word, figures in (("without", without), ("with", with_all))
    ]


def _used(found: Response) -> list[plan.Used]:
    """Measures that are used, each with what would be if it alone were left out."""
    used, response = found.used(), found.escalation
    rows = []
    for measure, other in found.worth().items():
        harm, missing = other.figures()["extra_cost"], float((other.more @ other.hours).sum())
        rows.append(plan.Used(measure, *used[measure], response.since[measure], harm, missing))
    return rows


def _use(opened: Window, response: Escalation) -> pd.DataFrame:
    """Power of each way of a measure in each step in which it is allowed or used."""
    starts = opened.steps["step"].to_numpy()
    parts = []
    for way, row in zip(response.measures.ways, response.use, strict=True):
        share = response.allowed.get(way.act.measure)
        if share is None:
            continue
        what = {"measure": way.act.measure, "acts_on": f"{way.act.table}:{way.act.element}"}
        frame = pd.DataFrame({**what, "step": starts, "power": row, "allowed": share})
        parts.append(frame[(frame["power"] > NO_POWER) | (frame["allowed"] > 0)])
    return pd.concat(parts, ignore_index=True) if parts else framed("emergency", "measures.use")


def _stages(found: Response) -> pd.DataFrame:
    """What is left without measures and with those up to each level."""
    response = found.escalation
    rows = [("none", response.without)]
    rows += [(stage.level, response.in_use(stage.asked)) for stage in response.stages]
    figures = [(level, found.seen(asked).figures()) for level, asked in rows]
    told = [(level, one["unserved_energy"], one["extra_cost"]) for level, one in figures]
    return framed("emergency", "stages", told)


def _ranges(case: Case, share: float, found: Response, asked: Callable[..., Response]) -> pd.DataFrame:
    """The answer with what is graded C lower and higher where somebody is short, and with the measures graded C smaller or
    not at hand."""
    places = set(case.table("demand")["place"][found.without.more.any(axis=1)])
    measures = case.table("measures")
    doubted = list(measures["measure"][measures["confidence"] == "C"])
    cases: list[tuple[str, list[Change], dict[str, float]]] = []
    for word, factor in (("lower", 1.0 - share), ("higher", 1.0 + share)):
        cases.append((f"use_{word}", _scaled(case, ("demand",), factor, places), {}))
        cases.append((f"capacities_{word}", _scaled(case, ("links", "assets"), factor, places), {}))
    if doubted:
        cases.append(("measures_half", [], dict.fromkeys(doubted, 0.5)))
        cases.append(("measures_none", [], dict.fromkeys(doubted, 0.0)))
    answers = [("as_it_is", found), *((name, asked(more, size)) for name, more, size in cases)]
    rows = []
    for name, one in answers:
        before, after = one.without.figures(), one.with_all.figures()
        figures = (after[figure] for figure in ("unserved_energy", "unserved_protected", "extra_cost"))
        rows.append((name, before["unserved_energy"], *figures))
    return framed("emergency", "ranges", rows)


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
