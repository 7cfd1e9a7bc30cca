"""What an event does: the window of its days, the snapshot of its day, and the hour of the loss.

What else was so at the time (the context of the event) is in the plan too: the answer is held beside a plan of that time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from kelisim.case.change import Change, Dated, Outage
from kelisim.case.events import Event
from kelisim.engine.engine import Engine
from kelisim.engine.window import Window, WindowAnswer
from kelisim.model.rules import Rules
from kelisim.results.answer import Answer


@dataclass(frozen=True)
class EventAnswer:
    """An event in one stretch of steps.

    asked  the answer beside the plan of the time
    plan   that plan: the undisturbed answer with the context of the event
    """

    opened: Window
    asked: WindowAnswer
    plan: Answer


def in_days(
    engine: Engine, event: Event, rules: Rules, in_transit: str = "held", help: str = ""
) -> EventAnswer:
    """The event in a window of its days and a tail; help from abroad as the rules have it if it is not given."""
    return _asked(engine, engine.window(event.start, event.days, rules), event, in_transit, help)


def at_once(engine: Engine, event: Event, rules: Rules) -> EventAnswer:
    """The event in the snapshot of its first day, after redispatch; all of the step is of the event."""
    causes, context = (tuple(whole_step(engine, event.start, some)) for some in (event.causes, event.context))
    without = replace(event, causes=causes, context=context)
    return _asked(engine, engine.snapshot(event.start, replace(rules, time="none")), without, "held")


def _asked(engine: Engine, opened: Window, event: Event, in_transit: str, help: str = "") -> EventAnswer:
    plan = engine.ask(opened, event.context, in_transit, help).answer if event.context else opened.base
    asked = engine.ask(opened, [*event.context, *event.causes], in_transit, help)
    return EventAnswer(opened, replace(asked, base=plan), plan)


def whole_step(engine: Engine, day: date, changes: Sequence[Change]) -> list[Change]:
    """Changes for the whole step of a day: in the first hour all of the share is gone, however short beside the step.

    Contents of stores are left out: in one step they are what the plan holds.
    """
    horizon = engine.case.horizon
    at = horizon.steps.iloc[horizon.index_of(pd.Timestamp(day))]
    first, last = at["step"].date(), (at["end"] - pd.Timedelta(hours=1)).date()
    found: list[Change] = []
    for change in changes:
        if isinstance(change, Outage):
            begins = change.start is None or change.start <= day
            if begins and (change.end is None or change.end >= day):
                found.append(replace(change, start=first, end=last))
        elif isinstance(change, Dated):
            found += [replace(change, start=first, end=last)] if change.column != "level" else []
        else:
            found.append(change)
    return found
