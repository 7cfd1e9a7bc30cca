"""What a gap is, and how rows and names are told."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from kelisim.agreement.provision import Provision
from kelisim.agreement.words import countries_in, plain
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
    wanted = _region(word)
    for column in ("name", "name_ru", "name_kk"):
        if column in frame:
            same = frame[own][frame[column].map(_region) == wanted]
            if len(same):
                return str(same.iloc[0])
    return ""


def _region(text: object) -> str:
    """A name in plain letters, what is called an oblast as a region."""
    return re.sub(r"\b(oblast|oblysy|obl\.?|province)(?=\s|$)", "region", plain(text))


def places_of(case: Case, word: str) -> set[str]:
    """Places that a word means: a place, a region, or a country."""
    places = case.table("places")
    one = named(case, "places", word)
    if one:
        region = str(places.set_index("place")["region"][one])
        within = set(places["place"][(places["region"] == region).to_numpy()]) if region else set()
        return {one} | within
    regions = set(places["place"][(places["region"] == word).to_numpy()]) if word else set()
    if regions:
        return regions
    codes = countries_in(word)
    return set(places["place"][places["country"].isin(codes[:1]).to_numpy()])
