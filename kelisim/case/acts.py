"""What a row acts on: cells of the case written "table:element:column", several of them divided by ";"."""

from __future__ import annotations

from typing import Literal, NamedTuple

from kelisim.case import schema

# what a change of an event may name beside the columns of a table
EVENT_WORDS = ("share_out", "available", "load", "level")
DEMAND_COLONS = 3  # in place:carrier:class:column


class Target(NamedTuple):
    """A cell, or an element where the text names no column."""

    table: str
    element: str
    column: str


def target(text: str, column: Literal["always", "maybe", "never"] = "always") -> Target:
    """Table, element and column of one text; the element of demand holds colons: place:carrier:class.

    column  whether the last part is one: "maybe" where a text may also name an element and no column of it
    """
    table, _, rest = text.strip().partition(":")
    element, _, last = rest.rpartition(":")
    if column == "maybe":
        known = schema.tables().get(table)
        has_column = known is not None and bool(element)
        if known is not None and table == "demand":
            has_column &= last in known or last in EVENT_WORDS or rest.count(":") == DEMAND_COLONS
    else:
        has_column = column == "always"
    return Target(table, element, last) if has_column else Target(table, rest, "")


def targets(text: object, column: Literal["always", "maybe", "never"] = "always") -> list[Target]:
    """Each part of a cell, in its order."""
    return [target(part, column) for part in str(text).split(";") if part.strip()]


def instead(text: object) -> list[tuple[str, float]]:
    """What customers use in place of what they give up: carrier, and MWh of it for each MWh given up.

    Raises ValueError for a part that is not carrier:number.
    """
    found = []
    for part in str(text).split(";"):
        if part.strip():
            carrier, _, ratio = part.strip().partition(":")
            found.append((carrier.strip(), float(ratio)))
    return found
