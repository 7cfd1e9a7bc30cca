"""Which limits conflict, in the words of the case."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from kelisim.case.case import Case

WORDS = {
    "places.balance": "what is made, arrives and is withdrawn at {element} must cover its demand",
    "demand.unserved": "unserved demand of {element}",
    "links.flow": "flow on link {element}",
    "links.flow_back": "backward flow on link {element}",
    "links.shared": "capacity that the carriers on {element} share",
    "links.shared_back": "backward capacity that the carriers on {element} share",
    "links.kirchhoff": "voltage law around the cycle closed by line {element}",
    "links.slack": "freedom of line {element} from the voltage law",
    "assets.activity": "activity of asset {element}",
    "assets.minimum": "least activity of asset {element}",
    "assets.below_minimum": "activity that asset {element} lacks to its least",
    "assets.ramp": "change of asset {element} from step to step",
    "assets.annual": "limit of the year of asset {element}",
    "assets.annual_shortfall": "what asset {element} lacks to its least of the year",
    "storages.balance": "level of storage {element} from step to step",
    "storages.injection": "injection into storage {element}",
    "storages.withdrawal": "withdrawal from storage {element}",
    "storages.spill": "inflow that storage {element} lets go",
    "storages.level": "level of storage {element}",
    "storages.level_end": "level of storage {element} at the end",
    "storages.level_shortfall": "what storage {element} lacks at the end",
    "storages.withdrawal_curve": "withdrawal from storage {element} at its level",
    "markets.taken": "trade of market {element}",
    "markets.annual": "annual limit of market {element}",
    "contracts.delivery": "delivery of contract {element}",
    "contracts.annual": "annual quantity of contract {element}",
    "contracts.shortfall": "what the year of contract {element} lacks",
    "contracts.excess": "what the year of contract {element} exceeds",
    "contracts.paid": "quantity of contract {element} that is paid for in any case",
    "contracts.unpaid": "quantity of contract {element} that is paid for and not taken",
    "contracts.daily": "daily quantity of contract {element}",
    "contracts.daily_excess": "what a day of contract {element} exceeds",
    "contracts.daily_least": "least daily quantity of contract {element}",
    "contracts.daily_shortfall": "what a day of contract {element} lacks",
    "resources.step": "shared limit {element} in each step",
    "resources.step_shortfall": "use beyond the shared limit {element} in a step",
    "resources.year": "shared limit {element} over the year",
    "resources.year_shortfall": "use beyond the shared limit {element} over the year",
    "measures.use": "use of measure {element}",
    "measures.total": "what measure {element} can give in all",
    "measures.called": "what calls and cuts together take of demand {element}",
    "measures.harm": "unserved {element} that measures may not raise",
    "rules.own_first": "customers of {element} that their country could serve alone",
    "rules.own_first_shortfall": "breach of the rule that a country serves its own first, {element}",
}


def explained(
    case: Case, conflicts: Iterable[tuple[str, tuple[str, str, str], float, float]]
) -> pd.DataFrame:
    """One row per limit of a set that cannot hold together: table, element, step, limit, lower, upper."""
    names = {p: n for p, n in zip(case.table("places")["place"], case.table("places")["name"], strict=True)}
    rows = []
    for _kind, (block, element, step), lower, upper in conflicts:
        words = WORDS.get(block, block + " of {element}").format(element=_named(element, names))
        rows.append((block, element, step, words, lower, upper))
    return pd.DataFrame(rows, columns=["table", "element", "step", "limit", "lower", "upper"])


def _named(element: str, names: dict[str, str]) -> str:
    place, _, rest = element.partition(":")
    return f"{names[place]} ({rest})" if rest and place in names else element
