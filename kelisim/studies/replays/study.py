"""Did it happen as the model says: every event of the case replayed, its effect beside the one that was seen, and a score."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case import events
from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.case.events import Event
from kelisim.case.settings import TIME_RULES
from kelisim.engine import Engine, Rules, Window, WindowAnswer
from kelisim.engine.estimates.sampled import SampledCase
from kelisim.engine.event import EventAnswer, at_once, in_days
from kelisim.engine.trips import in_the_hour
from kelisim.errors import CaseError, InputProblem, StudyError
from kelisim.lp.work import Row, Task
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.facts import Fact, said, stored
from kelisim.results.let_go import TABLE, let_go_beside, more_than_planned
from kelisim.results.outage_facts import members
from kelisim.results.propagation import chain
from kelisim.results.results import Results
from kelisim.results.schema import framed
from kelisim.studies.outage_fields import help_rule, place_rule
from kelisim.studies.replays.reading import MONTH, Replayed, Stretch
from kelisim.studies.replays.scoring import RIGHT, causes, ratio_of, scores, verdict
from kelisim.studies.study import Study, param

NUMBERS = ("observed", "model", "plan", "ratio", "period_held")
COLUMNS = [
    "event", "change_no", "kind", "statistic", "compare_with", "period", "observed", "model", "plan", "unit", "ratio", "period_held",
    "verdict", "say", "places", "source", "confidence", "note",
]  # fmt: skip
FIGURES = ("unserved", "unserved_protected", "extra_cost")
EVENT_COLUMNS = ["event", "start", "end", *FIGURES, "left_out"]


@dataclass(frozen=True)
class Replays(Study):
    """Every event of the case replayed: the effect that was seen beside the model's, their ratio, a verdict, and the cause of each miss.

    Only independent numbers are counted. A bound, a change in other words and an event in which nothing happened are told apart.
    """

    name = "replays"
    events: tuple[str, ...] = param(
        "events replayed, separated by commas; all if none is named", refers_to=("events",), default=()
    )
    place_rule: str = place_rule()
    time_rule: str = param("when the cut falls", choices=TIME_RULES, default="late")
    # neighbours did help, by what they had agreed and could spare: decision 19
    help_rule: str = help_rule(default="agreed")
    in_transit: str = param(
        "goods on a cut link: held until it is back, or lost", choices=("held", "lost"), default="held"
    )
    reserve: float = param(
        "share of its output by which a power plant can go up within the hour", unit="share", default=0.05
    )
    null_share: float = param(
        "share of the use, or of the plan, up to which a change counts as none", unit="share", default=0.01
    )

    workers: int = param("processes that solve at the same time", default=1)

    def run(self, engine: Engine) -> Results:
        case = engine.case
        found, left = self._events(case)
        rules = Rules(
            self.place_rule, self.time_rule, engine.rules.span, engine.rules.tranches, self.help_rule
        )
        asked = ReplayTask(engine, rules, self.in_transit, self.reserve, self.null_share)
        task = Task("events", replayed_event, asked, asked.packed, ReplayTask.unpacked, row=_shown(found))
        with engine.working(self.workers) as work:
            done = work.each(task, [event.name for event in found]).all
        rows, told = [row for one in done for row in one.rows], [one.told for one in done]
        table = pd.DataFrame(rows, columns=COLUMNS).astype({c: float for c in NUMBERS})
        events_frame = pd.DataFrame([*told, *left], columns=EVENT_COLUMNS).astype({c: float for c in FIGURES})
        frames = {"replays": table, "score": scores(table), "events": events_frame}
        frames[TABLE] = framed("replays", TABLE, [row for one in done for row in one.let_go])
        helped = Fact("help", say=f"replays.help_{self.help_rule}")
        return self.results(engine, frames, [*_facts(case, frames), helped])

    def _events(self, case: Case) -> tuple[list[Event], list[dict[str, Any]]]:
        """Events on the calendar of the case, and those that it does not hold. Raises StudyError, CaseError."""
        names = list(self.events or case.table("events")["event"])
        wrong = []
        if not names:
            wrong.append(f'The case "{case.name}" has no events to replay.')
        if not 0.0 <= self.reserve <= 1.0:
            wrong.append(f"reserve: {self.reserve:g} is not between 0 and 1.")
        if self.workers < 1:
            wrong.append(f"workers: {self.workers} is below 1.")
        if not 0.0 <= self.null_share < 1.0:
            wrong.append(f"null_share: {self.null_share:g} is not a share below 1.")
        problems: list[InputProblem] = []
        found, left = [], []
        known = set(case.table("events")["event"])
        for name in names:
            try:
                found.append(events.find(case, name))
            except CaseError as error:
                problems += error.problems
            except StudyError as error:
                if self.events or name not in known:
                    wrong.append(f"events: {error}")
                else:
                    left.append({"event": name, "left_out": str(error)})
        if wrong:
            raise StudyError("\n".join(wrong))
        if problems:
            raise CaseError(case.name, problems)
        return found, left


def _facts(case: Case, frames: Mapping[str, pd.DataFrame]) -> list[Fact]:
    """The score, what is told beside it, and which events are not replayed."""
    score = {
        str(part): {"rows": rows, "right": right}
        for part, rows, right in frames["score"].itertuples(index=False)
    }
    tests = score["independent"]["rows"]
    if not tests:
        found = [Fact("independent", 0, "rows", "replays.no_test", **score["independent"])]
    else:
        places = score["independent"] | {"share": score["independent"]["right"] / tests}
        places |= {name: said("replays.of", **score[name]) for name in ("levels", "changes")}
        found = [Fact("independent", tests, "rows", "replays.score", **places)]
    for part in ("null", "bound", "cause"):
        rows = score[part]["rows"]
        found.append(Fact(part, rows, "rows", f"replays.score_{part}" if rows else "", **score[part]))
    if case.horizon.step == MONTH:
        found.append(Fact("months", say="replays.months"))
    left = frames["events"][["event", "left_out"]]
    left = left[left["left_out"].fillna("") != ""]
    return [
        *found,
        *(
            Fact(f"left_out.{event}", say="replays.left_out", event=event, why=why)
            for event, why in left.to_numpy()
        ),
    ]


# ---- one event
@dataclass(frozen=True)
class ReplayTask:
    """What is needed to replay events."""

    engine: Engine
    rules: Rules
    in_transit: str
    reserve: float
    null_share: float

    def packed(self) -> bytes:
        """For a worker: the case, and the basis of its base."""
        about = (self.rules, self.in_transit, self.reserve, self.null_share)
        return pickle.dumps((SampledCase.of(self.engine, ()), about))

    @classmethod
    def unpacked(cls, packed: bytes) -> ReplayTask:
        """In a worker."""
        sampled, about = pickle.loads(packed)
        return cls(Engine(sampled.case, sampled.rules, cache=False, begin=sampled.begin), *about)


@dataclass(frozen=True)
class EventDone:
    """Rows of the tables that an event gives."""

    rows: list[dict[str, Any]]
    told: dict[str, Any]
    let_go: list[dict[str, Any]]


def replayed_event(asked: ReplayTask, name: str) -> EventDone:
    """Replay one event."""
    case = asked.engine.case
    event = events.find(case, name)
    replayed, disrupted, answer = _replayed(asked.engine, event, asked.rules, asked.in_transit, asked.reserve)
    steps = None if disrupted is None else _chain(case, disrupted, event, answer)
    rows, let_go = _rows(replayed, asked.null_share, steps), []
    if disrupted is not None:
        let_go = more_than_planned(let_go_beside(disrupted)).assign(event=name).to_dict("records")
    return EventDone(rows, _event_row(event, disrupted), let_go)


def _shown(found: Sequence[Event]) -> Callable[[int, EventDone], Row]:
    """What an event says before all are replayed: how many of its effects came out as seen, of how many."""

    def row(at: int, done: EventDone) -> Row:
        right = sum(one["verdict"] in RIGHT for one in done.rows)
        return found[at].what, {"right": right, "effects": len(done.rows)}

    return row


def _replayed(
    engine: Engine, event: Event, rules: Rules, in_transit: str, reserve: float
) -> tuple[Replayed, AgainstPlan | None, EventAnswer | None]:
    case = engine.case
    compared = [effect.compared for effect in event.effects if effect.compared is not None]
    hour = None
    if any(one.in_first_hour for one in compared):
        found = in_the_hour(engine, event.start, event.causes, rules, reserve, event.context)
        if found is not None:
            cell = engine.hour_of(event.start)
            hour = Stretch(found.asked.answer, found.asked.base, cell, cell + 1)
    now = at_once(engine, event, rules) if event.step == "hour" else in_days(engine, event, rules, in_transit)
    days = _stretch(now.asked, now.opened)
    replayed = Replayed(case, event, days, hour, engine.base)
    if now.asked.answer.status != "optimal":
        return replayed, None, None
    out = case.horizon.share_within(event.start, event.end)[now.opened.first : now.opened.last] > 0
    return replayed, AgainstPlan(case, now.opened.steps, out, now.asked.answer, now.plan), now


def _stretch(asked: WindowAnswer, opened: Window) -> Stretch:
    return Stretch(asked.answer, asked.base, opened.first, opened.last)


def _chain(case: Case, disrupted: AgainstPlan, event: Event, now: EventAnswer | None) -> pd.DataFrame:
    """What changed next to what was lost."""
    touched = members(case, event.causes)
    if now is not None:
        outages = [change for change in event.causes if isinstance(change, Outage)]
        touched += [member for outage in outages for _, member in now.opened.deltas.members(outage)]
    return chain(disrupted, dict.fromkeys(touched)).rows


def _rows(replayed: Replayed, null_share: float, steps: pd.DataFrame | None) -> list[dict[str, Any]]:
    found = []
    for effect in replayed.event.effects:
        read = replayed.read(effect)
        judged = verdict(effect, read, null_share)
        why = causes(replayed, effect, read, judged, steps)
        found.append(
            {
                "event": replayed.event.name, "change_no": effect.change_no, "kind": effect.kind, "statistic": effect.statistic,
                "compare_with": effect.text, "period": effect.when, "observed": effect.observed, "model": read.value,
                "plan": read.plan, "unit": effect.unit, "ratio": ratio_of(effect, read), "period_held": read.covers,
                "verdict": judged, **stored(said("replays.cause.all", parts=why) if why else said("")),
                "source": effect.source, "confidence": effect.confidence, "note": effect.note,
            }
        )  # fmt: skip
    return found


def _event_row(event: Event, disrupted: AgainstPlan | None) -> dict[str, Any]:
    figures = disrupted.figures() if disrupted is not None else {}
    numbers = (figures.get(name, np.nan) for name in ("unserved_energy", "unserved_protected", "extra_cost"))
    days = {"start": pd.Timestamp(event.start), "end": pd.Timestamp(event.end)}
    return {"event": event.name, **days, **dict(zip(FIGURES, numbers, strict=True)), "left_out": ""}
