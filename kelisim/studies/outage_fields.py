"""What a study of an outage is asked: elements lost from a day on, or an event of the case; checked in one place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from kelisim.case import events
from kelisim.case.change import Change, Outage
from kelisim.case.events import Event
from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.results.names import element_names

DAYS = 30  # length of an outage that is not said


class Fields(Protocol):
    """The fields that such studies share."""

    @property
    def lost(self) -> tuple[str, ...]: ...
    @property
    def event(self) -> str: ...
    @property
    def start(self) -> date | None: ...
    @property
    def days(self) -> int: ...
    @property
    def share(self) -> float: ...


@dataclass(frozen=True)
class Happening:
    """What happens, and when.

    causes   the changes that are asked about
    context  what else was so at the time of an event
    what     in words
    event    if one was asked
    """

    start: date
    days: int
    causes: list[Change]
    context: list[Change]
    what: str
    event: Event | None = None

    @property
    def last(self) -> date:
        return self.start + timedelta(days=self.days - 1)


def happening(fields: Fields, engine: Engine, wrong: list[str]) -> Happening:
    """What is asked. Raises StudyError that lists all that is wrong with the fields, with what the study itself found wrong."""
    event, found = _event(fields, engine) if fields.event else (None, [])
    if not fields.event and not fields.lost:
        found.append(
            "lost: name at least one element, such as the identifier of a link or an asset, or an event."
        )
    for element in fields.lost:
        engine.case.home_of(element)
    if fields.days < 1:
        found.append(f"days: {fields.days} is less than a day.")
    if not 0.0 < fields.share <= 1.0:
        found.append(f"share: {fields.share:g} is not between 0 and 1. All of it is 1.")
    if found or wrong:
        raise StudyError("\n".join([*found, *wrong]))
    if event is not None:
        return Happening(event.start, event.days, list(event.causes), list(event.context), event.what, event)
    start = fields.start or peak_day(engine)
    last = start + timedelta(days=fields.days - 1)
    label = element_names(engine.case)
    what = ", ".join(label.get(element, element) for element in fields.lost)
    return Happening(
        start, fields.days, [Outage(e, start, last, fields.share) for e in fields.lost], [], what
    )


def _event(fields: Fields, engine: Engine) -> tuple[Event | None, list[str]]:
    """The event of the case, and what is asked beside it that the event says itself."""
    wrong: list[str] = []
    event = None
    try:
        event = events.find(engine.case, fields.event)
    except StudyError as error:
        wrong.append(f"event: {error}")
    if fields.lost:
        wrong.append("lost: the event says what is lost; leave it out.")
    if event is not None and fields.start not in (None, event.start):
        wrong.append(f"start: the event says when, {event.start}; leave it out.")
    if event is not None and fields.days not in (DAYS, event.days):
        wrong.append(f"days: the event says how long, {event.days} days; leave it out.")
    if fields.share != 1.0 and 0.0 < fields.share <= 1.0:
        wrong.append("share: the event says how much is lost; leave it out.")
    return event, wrong


def peak_day(engine: Engine) -> date:
    """First day of the step with the highest use by customers, all carriers added up, in the base."""
    block = engine.base.columns.get("demand.unserved")
    if block is None:
        return engine.case.horizon.start.date()
    total = block.upper.sum(axis=0)
    found: date = engine.case.horizon.steps["step"].iloc[int(total.argmax())].date()
    return found
