"""What an explanation holds: the number, its parts, the rows of the case behind it, their sources and grades."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from kelisim.explain import text


@dataclass(frozen=True)
class Piece:
    """One row that the number is added up from.

    cell   as one types it to explain this row in turn; empty for a part that is no cell of a table
    share  of the sizes of all parts, 0-1
    """

    table: str
    cell: str
    what: str
    value: float | None
    contribution: float
    share: float
    grade: str


@dataclass(frozen=True)
class Behind:
    """A row of the case behind the number.

    cells  column -> value with its unit, as written; columns that are empty or at their default are left out
    file, line  where it stands in the case
    share  of the number that goes through this row, by size, 0-1
    """

    table: str
    key: str
    name: str
    cells: dict[str, str]
    grade: str
    sources: tuple[str, ...]
    note: str
    file: str
    line: int
    share: float


@dataclass(frozen=True)
class Source:
    """Where a row comes from; `known` is false for words that are no row of the table of sources."""

    source: str
    title: str
    publisher: str
    date: str
    url: str
    licence: str
    known: bool


@dataclass(frozen=True)
class Limit:
    """A limit with a price at an element behind the number."""

    table: str
    element: str
    name: str
    limit: str
    shadow_price: float
    unit: str
    value: float


@dataclass(frozen=True)
class Price:
    """Nodal price at a place of the row, mean over the hours."""

    place: str
    carrier: str
    price: float
    unit: str


@dataclass(frozen=True)
class Explanation:
    """Everything behind one number.

    shown     the number in the unit of pages, where that differs
    what, description  what a row of the table is, and what its column holds
    formula   how it is computed, in words
    row       the other cells of its row
    parts     what it is added up from, largest first; empty where it is an outcome or comes straight from the case
    behind    rows of the case, those through which most of it goes first
    grades    share of the number by grade: A, B, C and "" for none
    limits    the dearest limits at the elements behind it
    prices    nodal prices at the places of its row
    made_by   study, its fields, rules, case, fingerprint and versions
    """

    table: str
    cell: str
    column: str
    value: float
    unit: str
    shown: str
    what: str
    description: str
    formula: str
    row: dict[str, Any]
    parts: tuple[Piece, ...]
    behind: tuple[Behind, ...]
    sources: tuple[Source, ...]
    grades: dict[str, float]
    limits: tuple[Limit, ...]
    prices: tuple[Price, ...]
    notes: tuple[str, ...]
    made_by: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return _plain(asdict(self))

    @property
    def c_share(self) -> float:
        """Share of the number that rests on rows graded C, 0-1."""
        return self.grades.get("C", 0.0)

    def to_text(self, width: int = 110) -> str:
        """The explanation for a terminal."""
        return text.written(self, width)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)
