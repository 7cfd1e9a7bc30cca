"""A disruption without and with the measures of a case, both told beside the undisturbed plan."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from kelisim.case.change import Change
from kelisim.engine.engine import Engine
from kelisim.engine.respond import Escalation, respond, worth
from kelisim.engine.window import Window, WindowAnswer
from kelisim.lp.problem import Floats
from kelisim.model.rules import Rules
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.answer import Answer
from kelisim.results.crisis import for_measures
from kelisim.tolerances import NO_USE


@dataclass(frozen=True)
class Response:
    """A window with measures, and what they do in it.

    out      steps within the outage, mask
    plan     undisturbed answer, with what else was so at the time
    changes  all that was asked, that included
    """

    opened: Window
    response: Escalation
    out: npt.NDArray[np.bool_]
    plan: Answer
    changes: tuple[Change, ...]
    in_transit: str = "held"

    def seen(self, asked: WindowAnswer) -> AgainstPlan:
        """An answer of this window beside the plan."""
        return AgainstPlan(self.opened.case, self.opened.steps, self.out, asked.answer, self.plan)

    def worth(self) -> dict[str, AgainstPlan]:
        """Measure in use -> the answer without it alone."""
        found = worth(self.opened, self.changes, self.response, self.in_transit)
        return {measure: self.seen(asked) for measure, asked in found.items()}

    @property
    def without(self) -> AgainstPlan:
        return self.seen(self.response.without)

    @property
    def with_all(self) -> AgainstPlan:
        return self.seen(self.response.answered)

    def used(self) -> dict[str, tuple[Floats, tuple[tuple[str, str], ...]]]:
        """Measure in use -> its MW per step, and the (table, element) pairs where it acts."""
        found = {}
        use, ways = self.response.use, self.response.measures.ways
        for measure in sorted(
            {way.act.measure for way, row in zip(ways, use, strict=True) if (row > NO_USE).any()}
        ):
            mine = [at for at, way in enumerate(ways) if way.act.measure == measure]
            at_work = [ways[at].act for at in mine if (use[at] > NO_USE).any()]
            acts = tuple((act.table, act.element) for act in at_work)
            # acts of one measure on one flow, such as the contracts of a purchase, count once
            power = use[mine].max(axis=0) if acts[0][0] == "contracts" else use[mine].sum(axis=0)
            found[measure] = (power, acts)
        return found


def helped(
    engine: Engine, changes: Sequence[Change], start: date, days: int, rules: Rules, in_transit: str = "held",
    only: Collection[str] | None = None, context: Sequence[Change] = (), size: Mapping[str, float] | None = None,
) -> Response:  # fmt: skip
    """The response of a case to some changes, its measures allowed level by level.

    start, days  of the outage; the window is opened for it
    rules        who goes short, and when
    only         measures that are at hand; all of the case if not given
    context      what else is so, in the plan as well
    size         measure -> share of its size that it has; all of it if not given
    """
    case = engine.case
    opened = engine.window(start, days, rules, measures=True)
    last = start + timedelta(days=days - 1)
    out = case.horizon.share_within(start, last)[opened.first : opened.last] > 0
    plan = engine.ask(opened, context, in_transit).answer if context else opened.base
    rows = case.table("measures").set_index("measure")
    everything = (*context, *changes)
    response = respond(
        opened, everything, lambda answer: for_measures(case, AgainstPlan(case, opened.steps, out, answer, plan)),
        lead=rows["lead_time"].to_dict(), level=rows["crisis_level"].to_dict(), in_transit=in_transit, only=only, size=size,
    )  # fmt: skip
    return Response(opened, response, out, plan, everything, in_transit)
