"""An event in words: what changed, by how much, and from when to when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pandas as pd

from kelisim.case.case import Case
from kelisim.case.change import Change, Dated, Outage, Scenario, SetValue
from kelisim.case.events import Event
from kelisim.results.names import element_names
from kelisim.results.sentences import day, percent, rounded

NAMED = 3  # elements that one change names
# rows of the summary of a disruption that speak of an event, and the word before each
OF_EVENT = {
    "happened": "When", "changes": "What changes", "context": "Else so at the time, in the plan as well", "sources": "Sources"
}  # fmt: skip


def days_in_words(first: date, last: date) -> str:
    """ "12 January 2024", or "12 January 2024 to 3 February 2024"."""
    return day(first) if first == last else f"{day(first)} to {day(last)}"


def changes_in_words(case: Case, changes: Iterable[Change]) -> list[str]:
    """One text for each change of the same kind, size and days; elements of one change together."""
    label = element_names(case) | dict(case.table("resources")[["resource", "name"]].itertuples(index=False))
    found: dict[tuple[str, str], list[str]] = {}
    for change in changes:
        if isinstance(change, Outage):
            name = [label.get(change.element, change.element)]
            what = "out" if change.share >= 1.0 else f"out by {percent(change.share)}"
            if change.share <= 0.0:
                what = "at its full capacity"
            when = _when(change)
        elif isinstance(change, Dated):
            name = _rows(case, change, label)
            what, when = _value(change), _when(change)
        else:
            assert isinstance(change, SetValue | Scenario)
            continue
        found.setdefault((what, when), []).extend(name)
    return [f"{_some(names)} {what}, {when}" for (what, when), names in found.items()]


def _when(change: Outage | Dated) -> str:
    if isinstance(change, Dated) and change.column == "level":
        return f"at the start of {day(change.start)}"
    if change.start is None:
        return f"until {day(change.end)}"
    return f"from {day(change.start)} on" if change.end is None else days_in_words(change.start, change.end)


def _value(change: Dated) -> str:
    column = change.column.replace("_", " ")
    if change.how == "scale":
        return f"with {column} times {change.value:.4g}"
    return f"with {column} {'of' if change.how == 'set' else 'more by'} {rounded(change.value)} {change.unit}".rstrip()


def _rows(case: Case, change: Dated, label: dict[str, str]) -> list[str]:
    if change.table != "demand":
        return [label.get(one, one) for one in change.elements]
    place = case.table("places").set_index("place")["name"]
    carrier = case.table("carriers").set_index("carrier")["name"]
    parts = [one.split(":") for one in change.elements]
    where = list(dict.fromkeys(str(place.get(part[0], part[0])) for part in parts))
    what = list(dict.fromkeys(str(carrier.get(part[1], part[1])).lower() for part in parts))
    return [f"use of {' and '.join(what)} in {_some(where)}"]


def _some(names: list[str]) -> str:
    names = list(dict.fromkeys(names))
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def happened(event: Event) -> str:
    """When it happened, and which days of the case stand for it."""
    return f"{'; '.join([days_in_words(event.own_start, event.own_end), *event.notes])}."


def members(case: Case, changes: Iterable[Change]) -> list[str]:
    """Elements that changes other than outages touch: those of a table, those that draw on a resource, rows of demand."""
    found: list[str] = []
    for change in changes:
        if isinstance(change, Dated) and change.table == "resources":
            uses = case.table("resource_uses")
            found += [str(one) for one in uses["element"][uses["resource"].isin(change.elements)]]
        elif isinstance(change, Dated):
            found += list(change.elements)
    return list(dict.fromkeys(found))


def of_event(summary: pd.DataFrame) -> list[str]:
    """Sentences on the event from the summary of a disruption; none where it was no event."""
    said = summary.set_index("key")["text"]
    return [f"{words}: {said[key]}" for key, words in OF_EVENT.items() if key in said.index and said[key]]
