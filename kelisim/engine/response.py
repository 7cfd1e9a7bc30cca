"""What measures do in a disruption: allowed level by level, each from the moment its level is reached and its lead time over.

First nothing but the market answers. Where that leaves a level of the crisis, the measures of that level are allowed from
then on; what is left decides whether the next level is reached at all. So a measure never acts below its level, and no
level leaves more unserved than the one before it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from kelisim.case.change import Change, part_of
from kelisim.engine.engine import Engine
from kelisim.engine.window import Window, WindowAnswer
from kelisim.errors import InternalError, SolverError
from kelisim.lp.problem import Floats
from kelisim.model.measures import Measures
from kelisim.model.rules import Rules
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.answer import Answer
from kelisim.results.crisis import LEVELS, Levels, for_measures
from kelisim.tolerances import NO_USE

LevelOf = Callable[[Answer], Mapping[str, Levels]]


@dataclass(frozen=True)
class Stage:
    """One level: the answer with the measures of this level and those below."""

    level: str
    asked: WindowAnswer


@dataclass(frozen=True)
class Escalation:
    """A disruption without measures, with those of each level, and with all that came into force.

    allowed  measure -> share of each step in which it may act
    since    measure -> first step whose level allows it
    """

    without: WindowAnswer
    stages: tuple[Stage, ...]
    allowed: Mapping[str, Floats]
    since: Mapping[str, int]
    measures: Measures

    @property
    def answered(self) -> WindowAnswer:
        """With all measures that came into force."""
        return self.in_use(self.stages[-1].asked) if self.stages else self.without

    def in_use(self, asked: WindowAnswer) -> WindowAnswer:
        """An answer with measures, or the one without where it uses none: two answers of the same cost could differ."""
        block = asked.answer.columns.get(self.measures.block.name)
        return asked if block is not None and (block.values > NO_USE).any() else self.without

    @property
    def use(self) -> Floats:
        """MW of each way, (ways, steps)."""
        block = self.answered.answer.columns.get(self.measures.block.name)
        size = (len(self.measures.ways), self.measures.block.steps)
        return np.zeros(size) if block is None or not self.allowed else block.values


@dataclass(frozen=True)
class Response:
    """A window with measures, and what they do in it.

    out      steps within the outage, mask
    plan     undisturbed answer, with what else was so at the time
    changes  all that was asked, that included
    help     rule of help from abroad; that of the window if empty
    lasts    share of each step within the outage, (steps,)
    """

    opened: Window
    escalation: Escalation
    out: npt.NDArray[np.bool_]
    plan: Answer
    changes: tuple[Change, ...]
    in_transit: str = "held"
    help: str = ""
    lasts: Floats | None = None

    def seen(self, asked: WindowAnswer) -> AgainstPlan:
        """An answer of this window beside the plan."""
        return AgainstPlan(self.opened.case, self.opened.steps, self.out, asked.answer, self.plan, self.lasts)

    def worth(self) -> dict[str, AgainstPlan]:
        """Measure in use -> the answer without it, the others kept."""
        found, left = {}, self.escalation
        for measure in self.used():
            others = {name: share for name, share in left.allowed.items() if name != measure}
            found[measure] = self.seen(
                self.opened.ask(self.changes, self.in_transit, others, left.without.answer, self.help)
            )
        return found

    @property
    def without(self) -> AgainstPlan:
        return self.seen(self.escalation.without)

    @property
    def with_all(self) -> AgainstPlan:
        return self.seen(self.escalation.answered)

    def used(self) -> dict[str, tuple[Floats, tuple[tuple[str, str], ...]]]:
        """Measure in use -> its MW per step, and the (table, element) pairs where it acts."""
        found = {}
        use, ways = self.escalation.use, self.escalation.measures.ways
        in_use = np.asarray((use > NO_USE).any(axis=1))
        for measure in sorted({way.act.measure for way, some in zip(ways, in_use, strict=True) if some}):
            mine = [at for at, way in enumerate(ways) if way.act.measure == measure]
            acts = tuple((ways[at].act.table, ways[at].act.element) for at in mine if in_use[at])
            # acts of one measure on one flow, such as the contracts of a purchase, count once
            power = use[mine].max(axis=0) if acts[0][0] == "contracts" else use[mine].sum(axis=0)
            found[measure] = (power, acts)
        return found


def respond(
    engine: Engine, changes: Sequence[Change], start: date, days: int, rules: Rules, in_transit: str = "held",
    only: Collection[str] | None = None, context: Sequence[Change] = (), size: Mapping[str, float] | None = None, help: str = "",
) -> Response:  # fmt: skip
    """The response of a case to an outage, beside the undisturbed plan.

    start, days  of the outage; the window is opened for it
    rules        who goes short, and when
    only         measures that are at hand; all of the case if not given
    context      what else is so, in the plan as well
    size         measure -> share of its size that it has; all of it if not given
    help         rule of help from abroad, where it is another one than that of the rules
    """
    case = engine.case
    opened = engine.window(start, days, rules, measures=True)
    last = start + timedelta(days=days - 1)
    begins = case.horizon.from_part(start, part_of(changes))
    lasts = (case.horizon.share_within(start, last) * begins)[opened.first : opened.last]
    out = lasts > 0
    plan = engine.ask(opened, context, in_transit, help).answer if context else opened.base
    rows = case.table("measures").set_index("measure")
    everything = (*context, *changes)

    def level_of(answer: Answer) -> Mapping[str, Levels]:
        return for_measures(case, AgainstPlan(case, opened.steps, out, answer, plan))

    lead, level = rows["lead_time"].to_dict(), rows["crisis_level"].to_dict()
    found = escalate(opened, everything, level_of, lead, level, in_transit, only, size, help)
    return Response(opened, found, out, plan, everything, in_transit, help, lasts)


def escalate(
    opened: Window, changes: Sequence[Change], level_of: LevelOf, lead: Mapping[str, float], level: Mapping[str, str],
    in_transit: str = "held", only: Collection[str] | None = None, size: Mapping[str, float] | None = None, help: str = "",
) -> Escalation:  # fmt: skip
    """The response to some changes in a window, its measures allowed level by level.

    opened    a window with measures
    level_of  measure -> level per step (0-3) that counts for it, of an answer
    lead      measure -> hours from its order until it bites
    level     measure -> level from which it may be ordered
    only      measures that are at hand; all of the case if not given
    size      measure -> share of its size that it has; all of it if not given
    help      rule of help from abroad; that of the window if empty
    """
    if opened.measures is None:
        raise InternalError("a response is asked of a window that was opened without measures")
    at_hand = {way.act.measure for way in opened.measures.ways}
    if only is not None:
        at_hand &= set(only)
    without = opened.ask(changes, in_transit, help=help)
    if without.answer.status != "optimal":
        raise SolverError(without.answer.status, "there is no answer to these changes")
    allowed: dict[str, Floats] = {}
    since: dict[str, int] = {}
    stages: list[Stage] = []
    asked = without
    for number, name in enumerate(LEVELS[1:], start=1):
        levels = level_of(asked.answer)
        fresh = {
            measure: np.flatnonzero(levels[measure] >= number)
            for measure in sorted(at_hand)
            if level[measure] == name
        }
        fresh = {measure: steps for measure, steps in fresh.items() if len(steps)}
        for measure, steps in fresh.items():
            since[measure] = int(steps[0])
            share = share_after(opened.hours, since[measure], lead[measure])
            allowed[measure] = share * (size or {}).get(measure, 1.0)
        if fresh:
            asked = opened.ask(changes, in_transit, allowed, asked.answer, help)
        stages.append(Stage(name, asked))
    return Escalation(without, tuple(stages), allowed, since, opened.measures)


def share_after(hours: Floats, first: int, lead: float) -> Floats:
    """Share of each step that lies after an order at the start of step `first` and its lead time, in hours."""
    begins = np.concatenate([[0.0], np.cumsum(hours)[:-1]])
    bites = begins[first] + lead
    found: Floats = np.clip((begins + hours - bites) / hours, 0.0, 1.0)
    return found
