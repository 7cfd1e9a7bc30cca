"""Which limits conflict, in the words of the case."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from kelisim.case.case import Case

_WORDS = {
    "places.balance": "what is made, arrives and is withdrawn at {element} must cover its demand",
    "links.flow": "flow on link {element}",
    "links.flow_back": "backward flow on link {element}",
    "links.shared": "capacity that the carriers on {element} share",
    "links.shared_back": "backward capacity that the carriers on {element} share",
    "links.kirchhoff": "voltage law around the cycle closed by line {element}",
    "assets.activity": "activity of asset {element}",
    "assets.annual": "limit of the year of asset {element}",
    "assets.ramp": "change of asset {element} from step to step",
    "storages.balance": "level of storage {element} from step to step",
    "storages.level": "level of storage {element}",
    "storages.level_end": "level of storage {element} at the end",
    "markets.taken": "trade of market {element}",
    "markets.annual": "annual limit of market {element}",
    "contracts.annual": "annual quantity of contract {element}",
    "contracts.daily": "daily quantity of contract {element}",
    "resources.step": "shared limit {element} in each step",
    "resources.year": "shared limit {element} over the year",
    "demand.unserved": "unserved demand of {element}",
}


def explained(case: Case, conflicts: Iterable[tuple[str, tuple[str, str, str], float, float]]) -> pd.DataFrame:
    """One row per limit of a set that cannot hold together: table, element, step, limit, lower, upper."""
    names = {p: n for p, n in zip(case.table("places")["place"], case.table("places")["name"], strict=True)}
    rows = []
    for _kind, (block, element, step), lower, upper in conflicts:
        words = _WORDS.get(block, block + " of {element}").format(element=_named(element, names))
        rows.append((block, element, step, words, lower, upper))
    return pd.DataFrame(rows, columns=["table", "element", "step", "limit", "lower", "upper"])


def _named(element: str, names: dict[str, str]) -> str:
    place, _, rest = element.partition(":")
    return f"{names[place]} ({rest})" if rest and place in names else element
