"""What a study of an outage is asked: elements lost from a day on, or an event of the case; checked in one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case import events
from kelisim.case.change import Change, Outage, part_of
from kelisim.case.events import Event
from kelisim.case.horizon import Horizon
from kelisim.case.schema import nearest
from kelisim.case.settings import PLACE_RULES, TIME_RULES
from kelisim.engine import Engine, Rules
from kelisim.engine.around import days_around, planned_by_days
from kelisim.errors import InternalError, StudyError
from kelisim.model.help import RULES as HELP_RULES
from kelisim.results.by_months import told_in_days
from kelisim.results.names import element_names
from kelisim.results.parts import over_steps
from kelisim.results.results import Results
from kelisim.studies.study import param

DAYS = 30  # length of an outage that is not said
PLACE_RULE = "cooperative"  # of every study and page that is not asked for another one
HELP_RULE = "planned"  # the same of help from abroad
# of help where thousands of losses are asked: what a giver can spare would be a solve for each
SWEPT = ("planned", "open")


def place_rule(choices: Sequence[str] = PLACE_RULES) -> Any:
    """The field of the place rule."""
    return param("who goes short first", choices=choices, default=PLACE_RULE)


def help_rule(choices: Sequence[str] = HELP_RULES, default: str = HELP_RULE) -> Any:
    """The field of the rule of help from abroad; a study with another default says why on its page."""
    text = "what neighbours give: what is planned or contracted, what is agreed as well, or all they have"
    return param(text, choices=choices, default=default)


@dataclass(frozen=True)
class OutageFields:
    """The fields that studies of an outage share.

    needs_days  as of a study: whether what it says is never told from months
    """

    needs_days: ClassVar[bool] = False
    lost: tuple[str, ...] = param(
        "elements lost, separated by commas; not asked with an event",
        refers_to=("links", "assets", "storages", "places", "markets"),
        default=(),
    )
    event: str = param(
        "an event of the case, in the place of what is lost and when", refers_to=("events",), default=""
    )
    start: date | None = param(
        "first day of the outage; the day of the highest use if not given", default=None
    )
    days: int = param("length of the outage", unit="day", default=DAYS)
    share: float = param("share of the capacity that is lost", unit="share", default=1.0)
    at: str = param(
        "part of the first day in which the outage begins, where days have parts; with the day if empty, and the first hour "
        "then lies in the part of the highest use of power",
        of_case="parts",
        default="",
    )
    place_rule: str = place_rule()
    time_rule: str = param("when the cut falls", choices=TIME_RULES, default="late")
    help_rule: str = help_rule()
    in_transit: str = param(
        "goods on a cut link: held until it is back, or lost", choices=("held", "lost"), default="held"
    )

    def run(self, engine: Engine) -> Results:
        """What the study answers in the steps of an engine."""
        raise InternalError(f"the study {type(self).__name__} has no run")

    def run_in_steps(self, engine: Engine) -> Results:
        """By months a cut that does not fill its months is asked in days around it; a plan or a game always is.

        Raises StudyError for a plan or a game by months that is too long for that.
        """
        when = self._when(engine) if engine.case.horizon.is_by_months else None
        if when is None:
            return self.run(engine)
        start, days = when
        is_plan = self.needs_days
        asked = (planned_by_days if is_plan else days_around)(engine, start, days)
        if asked is engine:
            return self.run(engine)
        study = self if self.event else replace(self, start=start)
        return told_in_days(study.run(asked), engine.case, start, days)

    def _when(self, engine: Engine) -> tuple[date, int] | None:
        """First day and length of what is asked; None where that is wrong, which the study itself tells."""
        if self.event:
            try:
                event = events.find(engine.case, self.event)
            except StudyError:
                return None
            return event.start, event.days
        if not self.lost or self.days < 1:
            return None
        return self.start or peak_day(engine), self.days

    def rules(self, engine: Engine) -> Rules:
        """The rules of the study, with the span of the engine's."""
        span, tranches = engine.rules.span, engine.rules.tranches
        return Rules(self.place_rule, self.time_rule, span, tranches, self.help_rule)


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

    def lasts(self, horizon: Horizon) -> npt.NDArray[np.bool_]:
        """Cells of the horizon in which it lasts, from the part of the day in which it begins."""
        return np.asarray(self.inside(horizon) > 0)

    def inside(self, horizon: Horizon) -> npt.NDArray[np.float64]:
        """Share of each cell of the horizon in which it lasts."""
        share = horizon.share_within(self.start, self.last)
        return np.asarray(share * horizon.from_part(self.start, part_of(self.causes)))

    def begins(self, horizon: Horizon) -> pd.Timestamp:
        """The moment in which it begins: its first day, or the part of it."""
        first = horizon.steps["step"][self.lasts(horizon)]
        day = pd.Timestamp(self.start)
        return max(first.iloc[0], day) if len(first) and part_of(self.causes) else day


def happening(fields: OutageFields, engine: Engine, wrong: list[str]) -> Happening:
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
    parts = [name for name, _ in engine.case.horizon.parts]
    if fields.at and fields.at not in parts:
        near = nearest(fields.at, parts)
        hint = (
            f' Did you mean "{near}"?'
            if near
            else f" Known: {', '.join(parts)}."
            if parts
            else " Days have none here."
        )
        raise StudyError(f'at: no part of the day "{fields.at}".{hint}')
    start = fields.start or peak_day(engine)
    last = start + timedelta(days=fields.days - 1)
    label = element_names(engine.case)
    what = ", ".join(label.get(element, element) for element in fields.lost)
    return Happening(
        start,
        fields.days,
        [Outage(e, start, last, fields.share, at=fields.at) for e in fields.lost],
        [],
        what,
    )


def _event(fields: OutageFields, engine: Engine) -> tuple[Event | None, list[str]]:
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
    block, horizon = engine.base.columns.get("demand.unserved"), engine.case.horizon
    if block is None:
        return horizon.start.date()
    used = over_steps(engine.case, block.upper.sum(axis=0) * horizon.hours)
    highest = (used / over_steps(engine.case, horizon.hours)).argmax()
    found: date = horizon.steps["step"].iloc[int(horizon.step_of.searchsorted(highest))].date()
    return found
