"""Did it happen as the model says: every event of the case replayed, its effect beside the one that was seen, and a score."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case import events
from kelisim.case.case import PLACE_RULES, TIME_RULES, Case
from kelisim.case.change import Outage
from kelisim.case.events import Event
from kelisim.engine import Engine, Rules, Window, WindowAnswer
from kelisim.engine.event import EventAnswer, at_once, in_days, in_first_hour
from kelisim.errors import CaseError, InputProblem, StudyError
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.event_words import changes_in_words, happened, members
from kelisim.results.names import element_names
from kelisim.results.propagation import chain
from kelisim.results.results import Results
from kelisim.results.sentences import percent, rounded
from kelisim.studies.replays.scoring import (
    Replayed,
    Stretch,
    causes,
    ratio_of,
    scores,
    verdict,
)
from kelisim.studies.replays.words import compared_in_words
from kelisim.studies.study import Study, Told, param, provenance

LIMITS = (
    "An event of another year is replayed on the same days of the case, with its demand, capacities and routes but for what the event says of its time.",
    "Numbers in the press are often rounded, and not all that changed at the time is known; the grade says how good they are.",
    "A level, such as the flow of a month, is near the observed one where the case is, whatever the event does; changes, shares and days are the harder test.",
    "The model knows the length of an event from its first day, and answers at least cost; people do not.",
    "Gas answers count capacities only and no pressures: they are an upper bound of what the network can deliver.",
)
UNITS = {
    "replays": {"observed": "unit of the row", "model": "unit of the row", "plan": "unit of the row", "ratio": "share", "period_held": "share"},
    "events": {"unserved": "MWh", "unserved_protected": "MWh", "extra_cost": "currency"},
    "score": {},
}  # fmt: skip
MONTHS = "1mo"


@dataclass(frozen=True)
class Replays(Study):
    """Every event of the case replayed: the effect that was seen beside the model's, their ratio, a verdict, and the cause of each miss.

    Only independent numbers are counted. A bound, a change in other words and an event in which nothing happened are told apart.
    """

    name = "replays"
    events: tuple[str, ...] = param(
        "events replayed, separated by commas; all if none is named", refers_to=("events",), default=()
    )
    place_rule: str = param("who goes short first", choices=PLACE_RULES, default="cooperative")
    time_rule: str = param("when the cut falls", choices=TIME_RULES, default="late")
    in_transit: str = param(
        "goods on a cut link: held until it is back, or lost", choices=("held", "lost"), default="held"
    )
    reserve: float = param(
        "share of its output by which a power plant can go up within the hour", unit="share", default=0.05
    )
    null_share: float = param(
        "share of the use, or of the plan, up to which a change counts as none", unit="share", default=0.01
    )

    def run(self, engine: Engine) -> Results:
        began = time.perf_counter()
        case = engine.case
        found, left = self._events(case)
        rules = Rules(self.place_rule, self.time_rule, engine.rules.span, engine.rules.tranches)
        rows: list[dict[str, Any]] = []
        told: list[dict[str, Any]] = []
        for event in found:
            replayed, disrupted, asked = _replayed(engine, event, rules, self.in_transit, self.reserve)
            steps = None if disrupted is None else _chain(case, disrupted, event, asked)
            rows += _rows(replayed, self.null_share, steps)
            told.append(_event_row(case, event, disrupted))
        table = pd.DataFrame(rows, columns=list(_EMPTY))
        table = table.astype({c: float for c in ("observed", "model", "plan", "ratio", "period_held")})
        frames = {
            "replays": table,
            "score": scores(table),
            "events": pd.DataFrame([*told, *left], columns=list(_EVENT)).astype(
                {c: float for c in UNITS["events"]}
            ),
        }
        units = UNITS | {"events": UNITS["events"] | {"extra_cost": case.currency}}
        meta = provenance(engine, began, LIMITS) | {
            "rules": {"place": self.place_rule, "time": self.time_rule}
        }
        return Results(self.name, self.values(), case, frames, units, meta)

    def _events(self, case: Case) -> tuple[list[Event], list[dict[str, Any]]]:
        """Events on the calendar of the case, and those that it does not hold. Raises StudyError, CaseError."""
        names = list(self.events or case.table("events")["event"])
        wrong = []
        if not names:
            wrong.append(f'The case "{case.name}" has no events to replay.')
        if not 0.0 <= self.reserve <= 1.0:
            wrong.append(f"reserve: {self.reserve:g} is not between 0 and 1.")
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
                    left.append({"event": name, "what": _what(case, name), "left_out": str(error)})
        if wrong:
            raise StudyError("\n".join(wrong))
        if problems:
            raise CaseError(case.name, problems)
        return found, left

    @classmethod
    def told(cls, results: Results) -> Told:
        """The score, every event with its verdict, and why what is missed is missed."""
        rows, score = results["replays"], results["score"].set_index("part")
        sentences = [score_in_words(results["score"])]
        for part, words in (
            ("nothing happened (null)", "where nothing happened stay without effect"),
            ("at most (bound)", "that were seen as a bound are kept within it"),
        ):
            if score.at[part, "rows"]:
                sentences.append(f"{score.at[part, 'right']} of {score.at[part, 'rows']} rows {words}.")
        itself = int(score.at["the change itself, not counted", "rows"])
        if itself:
            sentences.append(
                f"{itself} more repeat the change of the event in other words and are not counted."
            )
        if results.case.horizon.step == MONTHS:
            sentences.append(
                "Run in steps of a month: an event of days is spread over its month, and days cannot be counted. Run it with --step 1d."
            )
        left = results["events"][results["events"]["left_out"].fillna("") != ""]
        sentences += [f"Not replayed: {row.event}, {row.left_out}" for row in left.itertuples(index=False)]
        tables = [("Events, seen and computed", told_rows(results))] if len(rows) else []
        missed = rows[rows["cause"] != ""]
        if len(missed):
            why = pd.DataFrame(
                {"event": missed["event"], "row": missed["change_no"].astype(str), "why": missed["cause"]}
            )
            tables.append(("What is not as it was seen, and why", why))
        return Told(tuple(sentences), tuple(tables))


def score_in_words(table: pd.DataFrame) -> str:
    """How many of the independent numbers are near."""
    score = table.set_index("part")
    rows, right = (int(score.at["independent numbers", column]) for column in ("rows", "right"))
    if not rows:
        return "No event has an independent number to hold the model against."
    levels = "of them levels, such as a flow of a month", "of them changes, shares and days"
    parts = [f"{score.at[p, 'right']} of {score.at[p, 'rows']}" for p in levels]
    return (
        f"Of {rows} rows with an independent number {right} are within a factor of 2 ({percent(right / rows)}): "
        f"{parts[0]} levels, such as the flow of a month, and {parts[1]} changes, shares and days."
    )


def told_rows(results: Results) -> pd.DataFrame:
    """The rows as people read them."""
    rows = results["replays"]
    return pd.DataFrame(
        {
            "event": rows["event"], "row": rows["change_no"].astype(str),
            "compared": [compared_in_words(results.case, text, stat) for text, stat in zip(rows["compare_with"], rows["statistic"], strict=True)],
            "seen": [f"{_number(v)} {u}" for v, u in zip(rows["observed"], rows["unit"], strict=True)],
            "model": [_number(v) for v in rows["model"]], "plan": [_number(v) for v in rows["plan"]],
            "ratio": [_number(v, 2) for v in rows["ratio"]], "verdict": rows["verdict"], "grade": rows["confidence"],
        }
    )  # fmt: skip


def _number(value: float, digits: int = 3) -> str:
    return "-" if np.isnan(value) else rounded(float(value), digits)


# ---- one event
def _replayed(
    engine: Engine, event: Event, rules: Rules, in_transit: str, reserve: float
) -> tuple[Replayed, AgainstPlan | None, EventAnswer | None]:
    case = engine.case
    compared = [effect.compared for effect in event.effects if effect.compared is not None]
    hour = None
    if any(one.in_first_hour for one in compared):
        found = in_first_hour(engine, event, rules, reserve)
        if found is not None:
            hour = _stretch(found, engine.snapshot(event.start, _snapshot_rules(rules)))
    now = at_once(engine, event, rules) if event.step == "hour" else in_days(engine, event, rules, in_transit)
    days = _stretch(now.asked, now.opened)
    replayed = Replayed(case, event, days, hour, engine.base)
    if now.asked.answer.status != "optimal":
        return replayed, None, None
    out = case.horizon.share_within(event.start, event.end)[now.opened.first : now.opened.last] > 0
    return replayed, AgainstPlan(case, now.opened.steps, out, now.asked.answer, now.plan), now


def _snapshot_rules(rules: Rules) -> Rules:
    place = "cooperative" if rules.place == "own_first" else rules.place
    return replace(rules, place=place, time="none")


def _stretch(asked: WindowAnswer, opened: Window) -> Stretch:
    return Stretch(asked.answer, asked.base, opened.first, opened.last)


def _chain(case: Case, disrupted: AgainstPlan, event: Event, now: EventAnswer | None) -> pd.DataFrame:
    """What changed next to what was lost, with names."""
    touched = members(case, event.causes)
    if now is not None:
        outages = [change for change in event.causes if isinstance(change, Outage)]
        touched += [member for outage in outages for _, member in now.opened.deltas.members(outage)]
    found = chain(disrupted, dict.fromkeys(touched))
    label = element_names(case)
    return found.assign(name=[label.get(element, element) for element in found["element"]])


_EMPTY = (
    "event", "what", "change_no", "kind", "statistic", "compare_with", "period", "observed", "model", "plan", "unit", "ratio",
    "period_held", "verdict", "cause", "source", "confidence", "note",
)  # fmt: skip
_EVENT = (
    "event", "what", "start", "end", "happened", "changes", "context", "unserved", "unserved_protected", "extra_cost", "sources",
    "left_out",
)  # fmt: skip


def _rows(replayed: Replayed, null_share: float, steps: pd.DataFrame | None) -> list[dict[str, Any]]:
    found = []
    for effect in replayed.event.effects:
        read = replayed.read(effect)
        said = verdict(effect, read, null_share)
        found.append(
            {
                "event": replayed.event.name, "what": replayed.event.what, "change_no": effect.change_no, "kind": effect.kind,
                "statistic": effect.statistic, "compare_with": effect.text, "period": effect.when, "observed": effect.observed,
                "model": read.value, "plan": read.plan, "unit": effect.unit, "ratio": ratio_of(effect, read),
                "period_held": read.covers, "verdict": said, "cause": causes(replayed, effect, read, said, steps),
                "source": effect.source, "confidence": effect.confidence, "note": effect.note,
            }
        )  # fmt: skip
    return found


def _event_row(case: Case, event: Event, disrupted: AgainstPlan | None) -> dict[str, Any]:
    figures = disrupted.figures() if disrupted is not None else {}
    return {
        "event": event.name, "what": event.what, "start": pd.Timestamp(event.start), "end": pd.Timestamp(event.end),
        "happened": happened(event), "changes": "; ".join(changes_in_words(case, event.causes)),
        "context": "; ".join(changes_in_words(case, event.context)),
        "unserved": figures.get("unserved_energy", np.nan), "unserved_protected": figures.get("unserved_protected", np.nan),
        "extra_cost": figures.get("extra_cost", np.nan), "sources": event.sources, "left_out": "",
    }  # fmt: skip


def _what(case: Case, name: str) -> str:
    rows = case.table("events")
    return str(rows["what"][rows["event"] == name].iloc[0])
