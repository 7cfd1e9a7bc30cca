"""A cut that is asked of a case again and again, with other numbers in it each time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from kelisim.case.change import Change, Outage, part_of
from kelisim.engine.engine import Engine
from kelisim.engine.estimates.factors import Floats
from kelisim.engine.response import respond
from kelisim.model.rules import Rules
from kelisim.results.against_plan import AgainstPlan


@dataclass(frozen=True)
class SampledCut:
    """What is asked of each sample.

    causes   changes that are asked about
    context  what else is so, in the plan as well
    measures whether measures are taken, and which; None where none are
    """

    causes: tuple[Change, ...]
    context: tuple[Change, ...]
    start: date
    days: int
    rules: Rules
    in_transit: str = "held"
    measures: tuple[str, ...] | None = None

    @property
    def lost(self) -> tuple[str, ...]:
        """Elements that are out."""
        return tuple(change.element for change in self.causes if isinstance(change, Outage))

    @property
    def last(self) -> date:
        return self.start + timedelta(days=self.days - 1)

    def seen(self, engine: Engine) -> AgainstPlan:
        """The answer of a case beside its plan."""
        case, horizon = engine.case, engine.case.horizon
        if self.measures is not None:
            asks = (self.in_transit, self.measures or None, list(self.context))
            return respond(engine, list(self.causes), self.start, self.days, self.rules, *asks).with_all
        window = engine.window(self.start, self.days, self.rules)
        plan = engine.ask(window, self.context, self.in_transit).answer if self.context else window.base
        asked = engine.ask(window, [*self.context, *self.causes], self.in_transit)
        within = horizon.share_within(self.start, self.last) * horizon.from_part(
            self.start, part_of(self.causes)
        )
        out = within[window.first : window.last] > 0
        return AgainstPlan(case, window.steps, out, asked.answer, plan)


def outcome(seen: AgainstPlan) -> Floats:
    """MWh that each row of demand lacks beyond the plan, and the extra cost last, (rows of demand + 1)."""
    return np.append(seen.more @ seen.hours, seen.answer.objective - seen.base.objective)
