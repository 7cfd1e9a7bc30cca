"""What a gap is, and how rows and names are told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from kelisim.agreement.provision import Provision
from kelisim.agreement.words import plain
from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.results.facts import Fact

N1, BODY, SEASON, CONFLICT, DATES, COUNTERPART, AID = (
    "n1",
    "body",
    "season",
    "conflict",
    "dates",
    "counterpart",
    "aid",
)
KINDS = (N1, BODY, SEASON, CONFLICT, DATES, COUNTERPART, AID)


@dataclass(frozen=True)
class Gap:
    """One gap.

    kind        one of KINDS
    provisions  names of those that it is about; none where a region is meant
    say         what is wrong, in words
    rows        what was read: "table:row"
    """

    kind: str
    provisions: tuple[str, ...]
    say: Fact
    rows: tuple[str, ...]


def row_of(provision: Provision) -> str:
    return f"provisions:{provision.name}"


def rows_of(provisions: Iterable[Provision], *more: str) -> tuple[str, ...]:
    """The rows of some provisions, and others."""
    return (*(row_of(one) for one in provisions), *more)


def day(moment: pd.Timestamp | None) -> str:
    return "" if moment is None else str(moment.date())


def named(case: Case, table: str, word: str) -> str:
    """Identifier of a row of a table by its identifier or one of its names in three languages; empty if none is meant."""
    if not word.strip():
        return ""
    frame = case.table(table)
    own = str(schema.tables()[table].id_column)
    if word in set(frame[own]):
        return word
    wanted = plain(word)
    for column in ("name", "name_ru", "name_kk"):
        if column in frame:
            same = frame[own][frame[column].map(plain) == wanted]
            if len(same):
                return str(same.iloc[0])
    return ""
