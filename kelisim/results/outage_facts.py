"""Figures of an outage as facts, and what else was so at the time of an event."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kelisim.case.case import Case
from kelisim.case.change import Change, Dated, Outage, Scenario, SetValue
from kelisim.case.events import Event
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.facts import Fact, said

NAMED = 3  # rows of demand that a sentence names, and elements that a change names


def figures_of(seen: AgainstPlan, suffix: str = "") -> list[Fact]:
    """Numbers of an outage that no sentence says."""
    figures, currency = seen.figures(), seen.case.currency
    units = {
        "unserved_energy": "MWh",
        "unserved_protected": "MWh",
        "peak": "MW",
        "rows_short": "rows of demand",
        "protected_days": "day",
        "days_to_recover": "day",
        "extra_cost": currency,
        "resilience_loss": "per cent hours",
        "robustness": "share",
    }
    found = [Fact(f"{name}{suffix}", figures[name], unit) for name, unit in units.items()]
    moments = ("first_short", "first_protected_short")
    return [*found, *(Fact(f"{name}{suffix}", step=figures[name]) for name in moments)]


# ---- events
def event_facts(case: Case, event: Event) -> list[Fact]:
    """When an event happened, what it changed, what else was so, and where that is from."""
    found = [Fact("event", what=event.what)]
    days = said("event.days", first=event.own_start, last=event.own_end)
    if event.own_start == event.own_end:
        days = said("event.day", first=event.own_start)
    found.append(Fact("happened", say="event.happened", days=days, notes=["", *event.notes]))
    for key, changes in (("changes", event.causes), ("context", event.context)):
        parts = change_facts(case, changes)
        if parts:
            found.append(Fact(key, say=f"event.{key}", parts=parts))
    if event.sources:
        found.append(Fact("sources", say="event.sources", sources=event.sources))
    return found


def change_facts(case: Case, changes: Iterable[Change]) -> list[Fact]:
    """One part of a sentence for each change of the same kind, size and days; elements of one change together."""
    found: dict[str, tuple[Fact, list[str]]] = {}
    for change in changes:
        if isinstance(change, Outage):
            what, elements = _lost(change), [change.element]
        elif isinstance(change, Dated):
            what, elements = _set(change), list(change.elements)
        else:
            assert isinstance(change, SetValue | Scenario)
            continue
        table = change.table if isinstance(change, Dated) else ""
        part = said(
            f"event.change_{'use' if table == 'demand' else 'element'}", what=what, when=_when(change)
        )
        known = found.setdefault(repr(part), (part, []))
        known[1].extend(one for one in elements if one not in known[1])
    for part, elements in found.values():
        part.places |= _named(elements) if part.say == "event.change_element" else _used(elements)
    return [part for part, _ in found.values()]


def _named(elements: list[str]) -> dict[str, Any]:
    more = len(elements) - NAMED
    return {"names": elements[:NAMED], "more": said("event.more", count=more) if more > 0 else ""}


def _used(rows: list[str]) -> dict[str, Any]:
    parts = [row.split(":") for row in rows]
    places = list(dict.fromkeys(part[0] for part in parts))
    return {"carriers": list(dict.fromkeys(part[1] for part in parts)), **_named(places)}


def _lost(change: Outage) -> Fact:
    if change.share <= 0.0:
        return said("event.full")
    return said("event.out") if change.share >= 1.0 else said("event.out_share", share=change.share)


def _set(change: Dated) -> Fact:
    return said(f"event.{change.how}", column=change.column, value=change.value, unit=change.unit)


def _when(change: Outage | Dated) -> Fact:
    first, last = change.start, change.end
    if isinstance(change, Dated) and change.column == "level":
        return said("event.at_start", first=first)
    if first is None:
        return said("event.until", last=last)
    if last is None:
        return said("event.from", first=first)
    return said("event.day", first=first) if first == last else said("event.days", first=first, last=last)


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
