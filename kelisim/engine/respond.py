"""What measures do in a disruption: allowed level by level, each from the moment its level is reached and its lead time over.

First nothing but the market answers. Where that leaves a level of the crisis, the measures of that level are allowed from
then on; what is left decides whether the next level is reached at all. So a measure never acts below its level.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kelisim.case.change import Change
from kelisim.engine.window import Window, WindowAnswer
from kelisim.errors import InternalError, SolverError
from kelisim.lp.problem import Floats
from kelisim.model.measures import Measures
from kelisim.results.answer import Answer
from kelisim.tolerances import NO_USE

Levels = npt.NDArray[np.int64]
ORDER = ("early_warning", "alert", "emergency")  # number 1, 2, 3 of a level; 0 is none
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


def respond(
    opened: Window, changes: Sequence[Change], level_of: LevelOf, lead: Mapping[str, float], level: Mapping[str, str],
    in_transit: str = "held", only: Collection[str] | None = None, size: Mapping[str, float] | None = None,
) -> Escalation:  # fmt: skip
    """The response to some changes.

    opened    a window with measures
    level_of  measure -> level per step (0-3) that counts for it, of an answer
    lead      measure -> hours from its order until it bites
    level     measure -> level from which it may be ordered
    only      measures that are at hand; all of the case if not given
    size      measure -> share of its size that it has; all of it if not given
    """
    if opened.measures is None:
        raise InternalError("a response is asked of a window that was opened without measures")
    at_hand = {way.act.measure for way in opened.measures.ways}
    if only is not None:
        at_hand &= set(only)
    without = opened.ask(changes, in_transit)
    if without.answer.status != "optimal":
        raise SolverError(without.answer.status, "there is no answer to these changes")
    allowed: dict[str, Floats] = {}
    since: dict[str, int] = {}
    stages: list[Stage] = []
    asked = without
    for number, name in enumerate(ORDER, start=1):
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
            asked = opened.ask(changes, in_transit, allowed, without.answer)
        stages.append(Stage(name, asked))
    return Escalation(without, tuple(stages), allowed, since, opened.measures)


def share_after(hours: Floats, first: int, lead: float) -> Floats:
    """Share of each step that lies after an order at the start of step `first` and its lead time, in hours."""
    begins = np.concatenate([[0.0], np.cumsum(hours)[:-1]])
    bites = begins[first] + lead
    found: Floats = np.clip((begins + hours - bites) / hours, 0.0, 1.0)
    return found


def worth(
    opened: Window, changes: Sequence[Change], response: Escalation, in_transit: str = "held"
) -> dict[str, WindowAnswer]:
    """The answer without each measure that is used, the others kept: what it is worth."""
    used = {
        way.act.measure
        for way, row in zip(response.measures.ways, response.use, strict=True)
        if (row > NO_USE).any()
    }
    return {
        measure: opened.ask(
            changes,
            in_transit,
            {k: v for k, v in response.allowed.items() if k != measure},
            response.without.answer,
        )
        for measure in sorted(used)
    }
