"""Facts: what an answer says, as a number and named places, from which a sentence is made in a language.

A run keeps facts and no sentences, so that it can be read in another language later.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

COLUMNS = ["key", "value", "unit", "say", "places"]


class Fact:
    """One thing that an answer says.

    key     its name in the answer, such as `unserved_energy`
    value   its number, in `unit`; not a number where it has none
    unit    unit of the value
    say     key of the sentence in locales/*.toml; empty for a number that no sentence says
    places  what the sentence names: numbers with the units that its text expects, identifiers of the case, days,
            other facts, and lists of these
    """

    def __init__(
        self, key: str, value: float | None = None, unit: str = "", say: str = "", **places: Any
    ) -> None:
        self.key = key
        self.value = math.nan if value is None else float(value)
        self.unit = unit
        self.say = say
        self.places = {name: _plain(place) for name, place in places.items()}

    def __repr__(self) -> str:
        return f"Fact{(self.key, self.value, self.unit, self.say, self.places)}"

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "key": self.key,
            "value": None if math.isnan(self.value) else self.value,
            "unit": self.unit,
            "say": self.say,
            "places": {name: _packed(place) for name, place in self.places.items()},
        }

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Fact:
        """The fact that `to_dict` gave."""
        places = {name: _unpacked(place) for name, place in row["places"].items()}
        return cls(row["key"], row["value"], row["unit"], row["say"], **places)


def said(say: str, **places: Any) -> Fact:
    """A part of a sentence: what another fact names in one of its places."""
    return Fact("", say=say, **places)


def facts_frame(facts: Iterable[Fact]) -> pd.DataFrame:
    """Facts as the result table that a run keeps; `places` is JSON."""
    rows = [fact.to_dict() for fact in facts]
    for row in rows:
        row["places"] = json.dumps(row["places"], ensure_ascii=False)
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.astype({"value": float})


def facts_of(frame: pd.DataFrame) -> dict[str, Fact]:
    """Key -> fact, in the order of the table."""
    rows = frame.to_dict("records")
    return {row["key"]: Fact.of(row | {"places": json.loads(row["places"])}) for row in rows}


def stored(fact: Fact) -> dict[str, str]:
    """The columns `say` and `places` of a table whose rows say something; `sentence_of` reads them."""
    return {"say": fact.say, "places": json.dumps(fact.to_dict()["places"], ensure_ascii=False)}


def sentence_of(row: Mapping[str, Any]) -> Fact:
    """What a row with the columns `say` and `places` says."""
    places = {name: _unpacked(place) for name, place in json.loads(row["places"]).items()}
    return said(row["say"], **places)


def _plain(place: Any) -> Any:
    """A place as JSON can hold it; days are text, nothing is None."""
    if isinstance(place, (Fact, str, bool)) or place is None:
        return place
    if isinstance(place, (list, tuple, np.ndarray, pd.Series)):
        return [_plain(one) for one in place]
    if isinstance(place, (date, datetime, pd.Timestamp)):
        return None if pd.isna(place) else place.isoformat()
    if isinstance(place, np.generic):
        return _plain(place.item())
    if isinstance(place, float) and math.isnan(place):
        return None
    if isinstance(place, (int, float)):
        return place
    return str(place)


def _packed(place: Any) -> Any:
    if isinstance(place, Fact):
        return {"fact": place.to_dict()}
    return [_packed(one) for one in place] if isinstance(place, list) else place


def _unpacked(place: Any) -> Any:
    if isinstance(place, dict):
        return Fact.of(place["fact"])
    return [_unpacked(one) for one in place] if isinstance(place, list) else place
