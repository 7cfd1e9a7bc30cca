"""Who goes short, from when, and by how much, if elements are lost on a day that nobody foresaw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.engine import Engine, Window, WindowAnswer
from kelisim.engine.estimates.cut import SampledCut
from kelisim.engine.event import in_days
from kelisim.engine.first_hour import POWER, RESERVE
from kelisim.engine.gains import freed_rows, is_gain
from kelisim.engine.highest_hour import highest_hour
from kelisim.engine.trips import in_the_hour
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.by_months import MOST, draft, whole_months
from kelisim.results.coverage import norm_facts, of_outage
from kelisim.results.duties import duties_missed, missed_fact
from kelisim.results.facts import Fact, said
from kelisim.results.headline import NAMED
from kelisim.results.headline import asked as asked_fact
from kelisim.results.outage_facts import event_facts, figures_of, members
from kelisim.results.results import Results
from kelisim.studies.disruption import at_once
from kelisim.studies.disruption.first import first, follows
from kelisim.studies.interval import IntervalFields, interval_of
from kelisim.studies.outage_fields import OutageFields, happening
from kelisim.studies.study import Study, param

GAS = {"natural_gas", "raw_gas"}


@dataclass(frozen=True)
class Disruption(IntervalFields, OutageFields, Study):
    """Who goes short, from when, and what takes over, if these elements are lost.

    The plan of the year is held until the day of the outage; from then on the cheapest answer is found that keeps the
    order of protection, with stocks, other routes and other plants as they stand on that day.
    """

    name = "disruption"
    serves = "cut"
    knows_duration: bool = param("the length of the outage is known from its first day", default=True)
    belief: int = param(
        "days the outage is believed to last on, where its length is not known", unit="day", default=7
    )
    reserve: float = param(
        "share of its output by which a power plant can go up within the hour", unit="share", default=RESERVE
    )

    def run(self, engine: Engine) -> Results:
        case = engine.case
        happens = happening(self, engine, self._wrong())
        event, start, days = happens.event, happens.start, happens.days
        rules = self.rules(engine)
        window = engine.window(start, days, rules)
        outages = [change for change in happens.causes if isinstance(change, Outage)]
        hour = in_the_hour(engine, start, happens.causes, rules, self.reserve, happens.context, self.at)
        stopped = hour.outages(start) if hour is not None else []
        lasts = happens.inside(case.horizon)[window.first : window.last]

        def ask(help_: str = "") -> WindowAnswer:
            if event is not None:
                with_stops = replace(event, causes=(*event.causes, *stopped))
                return in_days(engine, with_stops, rules, self.in_transit, help_).asked
            if self.knows_duration:
                return engine.ask(window, [*outages, *stopped], self.in_transit, help_, tells=not help_)
            return _surprised(engine, window, outages, self.belief, self.in_transit, help_)

        def beside_plan(one: WindowAnswer) -> AgainstPlan:
            return AgainstPlan(case, window.steps, lasts > 0, one.answer, one.base, lasts)

        asked = ask()
        seen = beside_plan(asked)
        touched = [member for outage in outages for _, member in window.deltas.members(outage)]
        touched += members(case, event.causes) if event is not None else []
        frames = {
            "demand.total": seen.demand_total(),
            "demand.unserved": seen.demand_unserved(),
            "performance": seen.performance(),
            "links.flow": seen.links_flow(),
            "assets.activity": seen.assets_activity(),
            "storages.level": seen.storages_level(),
            "coverage": of_outage(seen, engine.base, start, happens.last),
        }
        is_draft = days > MOST or not whole_months(case, start, days)
        question = asked_fact("asked", self.lost, start, days, self.share, event.what if event else "")
        said_first = first(
            window, seen, self.help_rule, lambda rule: beside_plan(ask(rule)), touched, question
        )
        tables, facts, of_help, found = said_first
        trips = [trip.element for trip in hour.trips] if hour is not None else []
        more, told, folded = follows(seen, found, touched, trips)
        frames |= tables | more
        if self.samples:
            causes = (*happens.causes, *stopped)
            cut = SampledCut(causes, tuple(happens.context), start, days, rules, self.in_transit)
            sure = interval_of(self, engine, cut, seen, self.name)
            frames |= sure.frames
            facts[1:1] = sure.facts  # behind the first sentence
        facts = [*(draft(case, start, days) if is_draft else []), *facts]
        facts += event_facts(case, event) if event is not None else []
        facts += [*norm_facts(seen), *told, *_gained(window, asked, outages, self.in_transit), *of_help]
        if len(missed := duties_missed(seen)):
            frames["duties.missed"] = missed
            facts.append(missed_fact(missed, case.currency))
        if hour is not None:
            frames |= at_once.frames(engine, start, hour, self.at)
            facts += at_once.facts(engine, start, frames["first_hour"], hour, self.at, self.help_rule)
        if hour is not None or seen.lacks(POWER):
            highest = highest_hour(
                engine, start, [*happens.causes, *stopped], rules, self.at, asked.answer, window.first
            )
            if highest is not None:
                frames["highest_hour"], fact = at_once.highest(case, highest)
                facts.append(fact)
        facts += [*folded, *_notes(case, frames["chain"], is_draft), *figures_of(seen)]
        about = {"seconds": asked.seconds, "pruned": asked.pruned, "rebuilt": asked.why_rebuilt}
        return self.results(engine, frames, facts, window, {"start": start, "days": days}, **about)

    def _wrong(self) -> list[str]:
        """What is wrong with the fields that only this study has."""
        wrong = self.wrong_samples()
        if self.samples and not self.knows_duration:
            wrong.append(
                "samples: an interval is of an outage whose length is known; leave one of the two out."
            )
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


def _surprised(
    engine: Engine, window: Window, outages: Sequence[Outage], belief: int, in_transit: str, help_: str
) -> WindowAnswer:
    """Step by step: what was done stays done, and the outage is believed to last some days on."""
    last = max(outage.end for outage in outages if outage.end is not None)
    starts = pd.DatetimeIndex(window.steps["step"])
    ends = np.flatnonzero(np.diff(window.steps["of"], append=-1)) + 1
    done = 0
    asked = engine.ask(window, outages, in_transit, help_)
    values = None
    for end in ends.tolist():
        began = starts[done]
        if began.date() > last:
            break
        believed = min(last, began.date() + timedelta(days=belief - 1))
        # the day after it should have ended, it is seen to go on
        seen = [replace(outage, end=max(believed, began.date())) for outage in outages]
        values = window.roll(seen, in_transit, values, done, help_)
        done = end
    return window.rolled(outages, in_transit, values, done, help_) if values is not None else asked


def _gained(window: Window, asked: WindowAnswer, outages: Sequence[Outage], in_transit: str) -> list[Fact]:
    """What the loss frees, where the answer is cheaper for it."""
    if not outages or not is_gain([asked.extra_cost], asked.base.objective)[0]:
        return []
    rows = freed_rows(window.problem, window.delta(outages, in_transit))
    if rows.empty:
        return []
    names = [f"{row}:{of}" for row, of in zip(rows["row"], rows["of"], strict=True)]
    parts = [
        said(f"limits.{name.partition(':')[0]}", element=name.partition(":")[2]) for name in names[:NAMED]
    ]
    return [Fact("gain", -asked.extra_cost, window.case.currency, "disruption.gain", parts=parts)]


def _notes(case: Case, links: pd.DataFrame, is_draft: bool) -> list[Fact]:
    """What a reader must know beside the numbers.

    is_draft  whether it is one by months, which is said first
    """
    found = [Fact("months", say="disruption.months")] if case.horizon.is_by_months and not is_draft else []
    return [*found, Fact("gas", say="disruption.gas")] if GAS & set(links["carrier"]) else found
