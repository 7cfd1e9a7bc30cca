"""Typed facts that differ from a case, and the scenario that lists them.

A change can make another case (`case.with_(change)`) or a delta of bounds, costs and right-hand sides of a solved
problem (`model/delta.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Outage:
    """An element out of service from a day to a day (both included), whole or by a share.

    element  id of a link, asset, storage or place; table is found from the id if empty
    start, end  None is the start or the end of the horizon
    share    0-1 of the capacity that is out
    at       part of the first day in which it begins, where days have parts; with the day if empty
    """

    element: str
    start: date | None = None
    end: date | None = None
    share: float = 1.0
    table: str = ""
    at: str = ""


def part_of(changes: Iterable[object]) -> str:
    """The part of its first day in which an outage of several elements begins; empty if with the day."""
    return next((one.at for one in changes if isinstance(one, Outage) and one.at), "")


@dataclass(frozen=True)
class SetValue:
    """One cell of the case with another value, in the unit of its row."""

    table: str
    element: str
    column: str
    value: str | float


@dataclass(frozen=True)
class Dated:
    """A quantity of some rows with another value from a day to a day (both included); the case is as it was on other days.

    table     of the case; its column must be a quantity that has a unit
    elements  identifiers of rows; of demand place:carrier:class
    value     in `unit`, that of the row if empty; a factor where `how` is "scale"
    how       "set", "scale" or "add"
    start, end  None is the start or the end of the horizon
    Column "level" of storages is the content at the start of the first day, beside what the plan holds there.
    """

    table: str
    elements: tuple[str, ...]
    column: str
    value: float
    unit: str = ""
    how: str = "set"
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True)
class Scenario:
    """A named list of changes."""

    name: str
    changes: tuple[Outage | SetValue | Dated, ...] = field(default_factory=tuple)


Change = Outage | SetValue | Dated | Scenario
