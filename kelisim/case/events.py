"""An event that happened, as dated changes of the case, what else was so at the time, and the effects that were seen.

The rows of `event_changes` say in `acts_on` what a change acts on, as table:element:column. Beside the quantities of a
table, column may be `share_out` (share out of service), `available` (what is left of the capacity), `load` (what customers
use together at the time), `level` (content of a store on the first day), `in_service_from` and `in_service_to`. An event of
another year is moved to the same days of the case; one that crosses the new year keeps its longer part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case import schema
from kelisim.case.acts import EVENT_WORDS, Target, target
from kelisim.case.case import Case, carrier_of_rows
from kelisim.case.change import Change, Dated, Outage
from kelisim.case.dated import keys, matching, may_change
from kelisim.case.effects import (
    DAYS,
    QUANTITIES,
    Compared,
    Unreadable,
    elements,
    is_rate,
    is_words,
    period,
    read,
    statistic_of,
)
from kelisim.case.event_days import Placing, moved_by, moving_notes, own_days
from kelisim.errors import CaseError, InputProblem, StudyError, UnitError
from kelisim.tolerances import VANISHING

Days = tuple[date, date]  # the first and the last
OUT_OF = ("links", "assets", "storages", "places", "markets", "contracts")
NOTHING = "none"
FACTORS = ("factor", "share")
CAPACITY = {"links": "capacity", "assets": "capacity", "storages": "working_capacity", "resources": "amount"}
CAPACITY |= {"markets": "ceiling", "contracts": "annual_quantity"}


@dataclass(frozen=True)
class Effect:
    """One effect that was seen, and what is to be held against it.

    observed   in `unit`: of a quantity, a rate, "share" or "day"
    kind       independent, bound (at most this), null (nothing happened) or cause (the change in other words)
    compared   None where `text` is in words, or nothing is named
    start, end of the period on the calendar of the case, end not included; `when` is the period as it was written
    """

    change_no: int
    observed: float
    unit: str
    kind: str
    statistic: str
    compared: Compared | None
    text: str
    start: pd.Timestamp
    end: pd.Timestamp
    when: str
    source: str
    confidence: str
    note: str
    miss: str


@dataclass(frozen=True)
class Event:
    """An event on the calendar of the case.

    start, end  days in the case, both included
    years       by how many years it was moved; own_start, own_end when it happened
    causes      what happened; context: what else was so at the time, in the plan as well
    notes       what was done to bring it into the case
    """

    name: str
    what: str
    sources: str
    step: str
    start: date
    end: date
    years: int
    own_start: date
    own_end: date
    causes: tuple[Change, ...]
    context: tuple[Change, ...]
    effects: tuple[Effect, ...]
    notes: tuple[str, ...]

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1


def find(case: Case, name: str) -> Event:
    """An event of the case. Raises StudyError with the nearest name, CaseError with all that is wrong in its rows."""
    events = case.table("events")
    rows = events[events["event"] == name]
    if rows.empty:
        near = schema.nearest(name, events["event"])
        known = (
            f" Known: {schema.some(sorted(events['event']))}." if len(events) else " The case has no events."
        )
        raise StudyError(f'no event "{name}".' + (f' Did you mean "{near}"?' if near else known))
    head = rows.iloc[0]
    lines = case.table("event_changes")
    lines = lines[lines["event"] == name]
    own_start, own_end = own_days(head, lines)
    years = moved_by(case, own_start, own_end)
    place = Placing(case, own_start, own_end, years)
    problems = [problem for row in lines.itertuples() for problem in row_problems(case, row, place)]
    if problems:
        raise CaseError(case.name, problems)
    causes: list[Change] = []
    context: list[Change] = []
    effects: list[Effect] = []
    for row in lines.itertuples():
        found = changes_of(case, row, place)
        (context if row.role == "context" else causes).extend(found)
        effect = _effect(case, row, place)
        if effect is not None:
            effects.append(effect)
    start, end = place.days(own_start, own_end) or (place.first, place.first)
    causes = _one_after_another(causes)
    what, sources, step = (str(head[name]) for name in ("what", "sources", "step"))
    first, last, notes = own_start.date(), own_end.date(), tuple(moving_notes(place, start, end))
    changes, beside, seen = tuple(causes), tuple(context), tuple(effects)
    days = (start, end, years, first, last)
    return Event(name, what, sources, step, *days, changes, beside, seen, notes)


def _one_after_another(changes: list[Change]) -> list[Change]:
    """Losses of one element: where one ends on the day on which the next starts, it ends on the day before."""
    found: list[Change] = []
    for change in changes:
        if isinstance(change, Outage) and change.start and change.end and change.start < change.end:
            after = [
                other
                for other in changes
                if isinstance(other, Outage) and other.element == change.element and other.start == change.end
            ]
            change = replace(change, end=change.end - timedelta(days=1)) if after else change
        found.append(change)
    return found


def row_problems(case: Case, row: Any, place: Placing | None = None) -> Iterator[InputProblem]:
    """What is wrong in a row of event_changes; row is one of `itertuples`, its Index the line in the file."""
    file = case.files.get("event_changes", "event_changes.csv")
    if place is None:
        start = row.start if not pd.isna(row.start) else case.horizon.start
        end = row.end if not pd.isna(row.end) else start
        place = Placing(case, start, end, moved_by(case, start, end, strict=False))
    for column, ask in (("acts_on", changes_of), ("compare_with", _effect)):
        try:
            ask(case, row, place)
        except _Wrong as wrong:
            yield InputProblem(
                file, int(row.Index), wrong.column, wrong.message, wrong.remedy, wrong.nearest, "event"
            )
        except Unreadable as wrong:
            yield InputProblem(
                file, int(row.Index), column, wrong.message, wrong.remedy, wrong.nearest, "event"
            )


class _Wrong(Unreadable):
    """What is wrong, and in which column."""

    def __init__(self, column: str, message: str, nearest: str = "", remedy: str = "") -> None:
        self.column = column
        super().__init__(message, nearest, remedy)


# ---- changes
def _split(text: str) -> Target:
    """What a change acts on, the table being one of the case."""
    table, element, column = target(text)
    if table not in schema.tables() or not element:
        near = schema.nearest(table, schema.tables()) if table not in schema.tables() else ""
        remedy = "" if near else "Write table:element:column, or none."
        near = near and text.replace(table, near, 1)
        raise _Wrong("acts_on", f'"{text}" does not say what it acts on.', near, remedy)
    return Target(table, element, column)


def changes_of(case: Case, row: Any, place: Placing) -> list[Change]:
    """The changes of a row of event_changes or years; none where it is only an observation. Raises Unreadable."""
    text = str(row.acts_on).strip()
    if text in ("", NOTHING):
        return []
    table, element, column = _split(text)
    rows = _elements(case, table, element, text)
    value, unit = float(row.value), str(row.unit)
    when = place.of(row)
    if column in ("in_service_from", "in_service_to"):
        return _in_service(rows, table, column, row, place)
    known = [*EVENT_WORDS[:2], *(["load"] if table == "demand" else []), *may_change(table)]
    if column not in known or (table not in OUT_OF and table not in ("demand", "resources", "duties")):
        near = schema.nearest(column, known)
        remedy = "" if near else f"Known: {', '.join(known)}."
        message = f'{table} has nothing called "{column}" that can change for some days.'
        raise _Wrong("acts_on", message, near and text[: len(text) - len(column)] + near, remedy)
    if np.isnan(value) and column == "share_out":
        value = 1.0
    if np.isnan(value):
        raise _Wrong("value", f"no value for {column}.", remedy="Fill it.")
    try:
        return _of_column(case, table, rows, column, value, unit, when)
    except UnitError as error:
        raise _Wrong("unit", f"{error}.") from error


def _elements(case: Case, table: str, element: str, text: str) -> list[str]:
    if table == "places":
        known = list(case.table("places")["place"])
        found = [word for word in known if word == element]
    else:
        found = matching(case, table, element)
        known = list(keys(case, table)) if table in (*OUT_OF, "demand", "resources", "duties") else []
    if not found:
        near = schema.nearest(element, known)
        raise _Wrong("acts_on", f'"{element}" is not in {table}.', near and text.replace(element, near, 1))
    return found


def _of_column(
    case: Case, table: str, rows: list[str], column: str, value: float, unit: str, when: Days | None
) -> list[Change]:
    if column == "share_out" and not 0.0 <= value <= 1.0:
        raise _Wrong("value", f"{value:g} is not between 0 and 1.", remedy="All of it is 1.")
    if column == "available":
        if table not in CAPACITY:
            raise _Wrong(
                "acts_on", f"{table} has no capacity of which some is available.", remedy="Write share_out."
            )
        left = value / _together(case, table, rows, CAPACITY[table], unit)
        column, value = "share_out", min(1.0, max(0.0, 1.0 - left))
    if when is None:
        return []
    if column == "share_out":
        if table in OUT_OF:
            return [Outage(one, *when, value, table) for one in rows]
        return [Dated(table, tuple(rows), "amount", 1.0 - value, "", "scale", *when)]
    if column == "load":
        factor = (
            value
            if unit in FACTORS
            else value * case.units.factor(unit, "power", rows[0].split(":")[1]) / _load(case, rows, when)
        )
        return [Dated(table, tuple(rows), "amount", factor, "", "scale", *when)]
    if unit in FACTORS:
        return [Dated(table, tuple(rows), column, value, "", "scale", *when)]
    if len(rows) > 1:
        # together, each in proportion to what it is
        factor = value / _together(case, table, rows, column, unit)
        return [Dated(table, tuple(rows), column, factor, "", "scale", *when)]
    change = Dated(table, tuple(rows), column, value, unit, "set", *when)
    _together(
        case, table, rows, "working_capacity" if column == "level" else column, unit
    )  # the unit must fit
    return [change]


def _together(case: Case, table: str, rows: list[str], column: str, unit: str) -> float:
    """Sum of a column over rows, in a unit. Raises UnitError; 0 becomes something very small."""
    frame = case.table(table)
    chosen = keys(case, table).isin(rows).to_numpy()
    schema_column = schema.tables()[table][column]
    carriers = carrier_of_rows(case, table, frame)[chosen]
    written = frame[schema_column.unit_column][chosen]
    total = 0.0
    for amount, of_row, carrier in zip(frame[column][chosen], written, carriers, strict=True):
        factor = 1.0
        if unit and unit != of_row:
            if schema_column.dimension == "any":
                raise UnitError(f'"{unit}" cannot stand for "{of_row}"')
            factor = case.units.factor(of_row, schema_column.dimension, str(carrier)) / case.units.factor(
                unit, schema_column.dimension, str(carrier)
            )
        total += float(amount) * factor
    return max(total, VANISHING)


def _load(case: Case, rows: list[str], when: tuple[date, date]) -> float:
    """What rows of demand use together on some days, MW."""
    demand = case.quantities("demand")
    chosen = demand[keys(case, "demand").isin(rows).to_numpy()]
    horizon = case.horizon
    share = horizon.share_within(*when) * horizon.hours
    power = (
        chosen["amount"].to_numpy()[:, None]
        / horizon.year_hours
        * case.profiles.matrix(chosen["profile"], "shape")
    )
    return max(float(power.sum(axis=0) @ share / share.sum()), VANISHING)


def _in_service(rows: list[str], table: str, column: str, row: Any, place: Placing) -> list[Change]:
    """Out of service before the first day, or after the last one."""
    if table not in ("links", "assets", "storages"):
        raise _Wrong("acts_on", f"{table} has no {column}.")
    start = place.own_start if pd.isna(row.start) else row.start
    turn = place.moved(start).date()
    if column == "in_service_from":
        return [Outage(one, None, turn - timedelta(days=1), 1.0, table) for one in rows]
    return [Outage(one, turn + timedelta(days=1), None, 1.0, table) for one in rows]


# ---- effects
def _effect(case: Case, row: Any, place: Placing) -> Effect | None:
    """The effect that was seen; None where the row has none. Raises Unreadable."""
    observed = float(row.observed_effect)
    if np.isnan(observed):
        return None
    text, unit = str(row.compare_with), str(row.effect_unit)
    compared = None if is_words(text) else read(text)
    statistic = str(row.statistic)
    if compared is not None:
        for term in compared.terms:
            elements(case, term)
        statistic = _statistic(case, compared, statistic, unit, observed)
    start, end = _period(str(row.effect_period), place)
    kind = str(row.effect_kind) or ("null" if observed == 0.0 else "independent")
    told = (str(row.effect_period), str(row.source), str(row.confidence), str(row.note), str(row.miss))
    asked = (int(row.change_no), observed, unit, kind, statistic, compared, text)
    return Effect(*asked, start, end, *told)


def _period(text: str, place: Placing) -> tuple[pd.Timestamp, pd.Timestamp]:
    try:
        start, end = period(text, place.own_start, place.own_end)
    except Unreadable as wrong:
        raise _Wrong("effect_period", wrong.message, wrong.nearest, wrong.remedy) from wrong
    return place.moved(start), place.moved(end)


def carrier_of(case: Case, quantity: str, element: str) -> str:
    """Carrier that a quantity of an element is counted in."""
    table = QUANTITIES[quantity]
    if table == "demand":
        return element.split(":")[1]
    if table == "assets":
        return case.reference_carriers.get(element, "")
    frame = case.table(table)
    return str(frame["carrier"][frame.iloc[:, 0] == element].iloc[0])


def _statistic(case: Case, compared: Compared, given: str, unit: str, observed: float) -> str:
    """The statistic, after its unit was found to fit."""
    first = compared.terms[0]
    carrier = carrier_of(case, first.quantity, elements(case, first)[0])
    plain = unit in DAYS or unit.split(" ", maxsplit=1)[0] == "share" or bool(compared.per_unit)
    try:
        rate = is_rate(case, compared.per_unit or unit, carrier) if compared.per_unit or not plain else False
    except UnitError as error:
        raise _Wrong("effect_unit", f"{error}.") from error
    found = statistic_of(given, unit, compared, observed, rate)
    wanted = {"days": DAYS, "coverage": DAYS, "share": ("share",)}.get(found)
    if wanted is not None and unit.split(" ", maxsplit=1)[0] not in wanted:
        raise _Wrong(
            "effect_unit", f'"{unit}" is no unit of the statistic {found}.', remedy=f"Write {wanted[0]}."
        )
    of_demand = {"demand.unserved", "first_hour.unserved"}
    if found == "share" and not {term.quantity for term in compared.terms} <= of_demand:
        raise _Wrong("statistic", "a share of demand is asked of something else.", remedy="Write change.")
    if found == "coverage" and {term.quantity for term in compared.terms} != {"storages.coverage"}:
        raise _Wrong("statistic", "coverage is asked of something else than storages.coverage.")
    return found
