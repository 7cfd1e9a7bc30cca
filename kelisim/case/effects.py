"""What an event is held against: a result in words that a program can read, a statistic, a period and a unit.

`compare_with` is a sum of terms `[factor *] table.quantity:element`, an element with * and ? standing for all that
match, those of demand being place[:carrier[:class]]; behind it may stand `/ number unit` to divide the sum with.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.case.dated import matching
from kelisim.errors import UnitError, UserError

# quantity -> table of its elements
_OF_ELEMENTS = ("links.flow", "assets.activity", "storages.level", "storages.coverage", "markets.taken")
QUANTITIES: Mapping[str, str] = MappingProxyType(
    {name: name.partition(".")[0] for name in (*_OF_ELEMENTS, "contracts.delivery", "demand.unserved")}
    | {"first_hour.unserved": "demand", "first_hour.flow": "links", "first_hour.activity": "assets"}
)
SAME_AS = {"contracts.total.quantity": "contracts.delivery"}
STATISTICS = ("mean", "sum", "change", "change_before", "share", "days", "coverage")
KINDS = ("independent", "bound", "null", "cause")
DAYS = ("day", "days")
_LOOKS = re.compile(r"(^|[\s+*-])[a-z_]+\.[a-z_.]+:")
_TERM = re.compile(
    r"\s*(?P<sign>[+-]?)\s*(?:(?P<factor>\d[\d.]*)\s*\*\s*)?(?P<quantity>[a-z_]+\.[a-z_.]+):(?P<element>[\w*?]+(?::[\w*?]+)*)\s*"
)
_DIVISOR = re.compile(r"\s*/\s*(?P<value>\d[\d.]*)\s+(?P<unit>\S.*)$")


class Unreadable(UserError):
    """A text that cannot be read; `nearest` is the nearest right one, empty if there is none."""

    def __init__(self, message: str, nearest: str = "", remedy: str = "") -> None:
        self.message, self.nearest, self.remedy = message, nearest, remedy
        super().__init__(message)


@dataclass(frozen=True)
class EffectTerm:
    """Factor times the sum of a quantity over the elements that match."""

    factor: float
    quantity: str
    element: str


@dataclass(frozen=True)
class Compared:
    """A sum of terms, divided by so many of a unit where `per_unit` is not empty."""

    terms: tuple[EffectTerm, ...]
    per: float = 1.0
    per_unit: str = ""

    @property
    def in_first_hour(self) -> bool:
        return any(term.quantity.startswith("first_hour.") for term in self.terms)


def is_words(text: str) -> bool:
    """Whether a text does not even try to name a result."""
    return not _LOOKS.search(text)


def read(text: str) -> Compared:
    """The terms of a `compare_with`. Raises Unreadable."""
    divisor = _DIVISOR.search(text)
    body = text[: divisor.start()] if divisor else text
    found: list[EffectTerm] = []
    at = 0
    while at < len(body.rstrip()):
        match = _TERM.match(body, at)
        if match is None or (found and not match["sign"]):
            raise Unreadable(
                f'"{body[at : at + 40].strip()}" is not a term.', remedy="Write it as links.flow:pipe."
            )
        quantity = SAME_AS.get(match["quantity"], match["quantity"])
        if quantity not in QUANTITIES:
            near = schema.nearest(quantity, QUANTITIES)
            raise Unreadable(
                f'"{quantity}" is not a result to compare with.',
                near and text.replace(match["quantity"], near, 1),
                "" if near else f"Known: {', '.join(QUANTITIES)}.",
            )
        sign = -1.0 if match["sign"] == "-" else 1.0
        found.append(EffectTerm(sign * float(match["factor"] or 1), quantity, match["element"]))
        at = match.end()
    if not found:
        raise Unreadable("no result is named.", remedy="Write it as links.flow:pipe.")
    if divisor is None:
        return Compared(tuple(found))
    return Compared(tuple(found), float(divisor["value"]), divisor["unit"].strip())


def elements(case: Case, term: EffectTerm) -> list[str]:
    """Identifiers that a term adds up. Raises Unreadable with the nearest where there is none."""
    table = QUANTITIES[term.quantity]
    found = matching(case, table, term.element)
    if found:
        return found
    known = matching(case, table, "*")
    near = schema.nearest(term.element, known) or _nearest_place(case, table, term.element)
    raise Unreadable(f'no {table} "{term.element}".', near and f"{term.quantity}:{near}")


def _nearest_place(case: Case, table: str, element: str) -> str:
    """Of demand, the same with the nearest place."""
    if table != "demand":
        return ""
    place, colon, rest = element.partition(":")
    near = schema.nearest(place, set(case.table("demand")["place"]))
    return f"{near}{colon}{rest}" if near and matching(case, table, f"{near}{colon}{rest}") else ""


def statistic_of(given: str, unit: str, compared: Compared, observed: float, is_rate: bool) -> str:
    """The statistic of an effect: as given, or what its unit and result suggest."""
    if given:
        return given
    quantities = {term.quantity for term in compared.terms}
    if "storages.coverage" in quantities:
        return "coverage"
    if unit in DAYS:
        return "days"
    if unit.split(" ", maxsplit=1)[0] == "share":
        return "share" if quantities <= {"demand.unserved", "first_hour.unserved"} else "change"
    if observed < 0:
        return "change"
    return "mean" if is_rate else "sum"


def is_rate(case: Case, unit: str, carrier: str) -> bool:
    """Whether a unit counts a quantity per time, a year included. Raises UnitError where it counts neither."""
    try:
        case.units.factor(unit, "power", carrier)
    except UnitError:
        case.units.factor(unit, "energy", carrier)
        return False
    return True


def period(text: str, start: pd.Timestamp, end: pd.Timestamp) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Start and end (not included) of a year, month, day or `first..last` in the event's own calendar.

    An end that is left open is that of the event, and words such as "first hour" mean its days. "2025-04-01..07" ends on
    the 7th. Raises Unreadable for what looks like a date and is none.
    """
    whole = (start, end + pd.Timedelta(days=1))
    words = text.strip()
    if not re.match(r"\d", words):
        return whole
    first, dots, last = words.partition("..")
    low, high = _one(first)
    if not dots:
        return low, high
    if not last:
        return low, whole[1]
    missing = len(first) - len(last)
    return low, _one(first[:missing] + last if missing > 0 else last)[1]


def _one(text: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    words = re.sub(r"(\d{4})-Q", r"\1Q", text.strip())
    if not re.fullmatch(r"\d{4}(Q[1-4]|-\d{2}(-\d{2})?)?", words):
        raise Unreadable(f'"{text}" is not a year, quarter, month or day.', remedy="Write it as 2024-01-31.")
    try:
        found = pd.Period(words)
    except ValueError as error:
        raise Unreadable(
            f'"{text}" is not a year, quarter, month or day.', remedy="Write it as 2024-01-31."
        ) from error
    return found.start_time, (found + 1).start_time
