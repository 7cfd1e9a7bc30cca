"""What repairs take: days of each, the capacity that each brings back, and orders of repair as tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.schema import nearest
from kelisim.errors import StudyError

GIVEN, OWN_ROW, KIND_ROW, DEFAULT = "given", "outage_rates, element", "outage_rates, kind", "default"
KINDS = {"links": "link", "assets": "asset", "storages": "storage", "places": "place", "groups": "track"}


def repair_days(
    case: Case, lost: Sequence[tuple[str, str]], given: Sequence[str], default: float
) -> tuple[list[float], list[str]]:
    """Days of the repair of each element, and where they come from.

    lost     (table, element)
    given    "4" for all of them, as many numbers as there are elements in that order, or "element=4" for some; of what is
             not given the row of the case's `outage_rates` holds: of the element, else of its kind; else the default
    Raises StudyError with all that does not fit.
    """
    days, wrong = _given([element for _, element in lost], given)
    found, origin = [], []
    for table, element in lost:
        value, source = (days[element], GIVEN) if element in days else _from_rates(case, table, element)
        found.append(default if value is None else value)
        origin.append(DEFAULT if value is None else source)
    if not default > 0.0:
        wrong.append(f"default_days: {default:g} is not above 0.")
    wrong += [
        f"days: the repair of {element} takes {value:g} days; it must be more than 0."
        for (_, element), value in zip(lost, found, strict=True)
        if not (np.isfinite(value) and value > 0.0) and element in days
    ]
    if wrong:
        raise StudyError("\n".join(wrong))
    return found, origin


def _given(elements: list[str], given: Sequence[str]) -> tuple[dict[str, float], list[str]]:
    found: dict[str, float] = {}
    wrong = []
    given = [str(word) for word in given]  # from Python they may be numbers
    plain = [word for word in given if "=" not in word]
    if plain and len(plain) not in (1, len(elements)):
        wrong.append(
            f"days: {len(plain)} numbers for {len(elements)} elements; give one for all, or one for each."
        )
        plain = []
    targets = elements if len(plain) == 1 else elements[: len(plain)]
    pairs = list(zip(targets, plain * len(targets) if len(plain) == 1 else plain, strict=True))
    pairs += [(word.partition("=")[0].strip(), word.partition("=")[2]) for word in given if "=" in word]
    for element, text in pairs:
        if element not in elements:
            near = nearest(element, elements)
            wrong.append(
                f'days: "{element}" is not among the elements lost.'
                + (f' Did you mean "{near}"?' if near else "")
            )
            continue
        try:
            found[element] = float(text)
        except ValueError:
            wrong.append(f'days: "{text}" is not a number of days.')
    return found, wrong


def _from_rates(case: Case, table: str, element: str) -> tuple[float | None, str]:
    rates = case.table("outage_rates")
    rates = rates[rates["table"] == table]
    own = rates[rates["element"] == element]
    if len(own):
        return float(own["repair_hours"].iloc[0]) / 24.0, OWN_ROW
    rows = case.table(table) if table != "groups" else pd.DataFrame()
    if "kind" in rows:
        kind = rows["kind"][rows[KINDS[table]] == element]
        of_kind = rates[(rates["element"] == "") & rates["kind"].isin(kind)]
        if len(of_kind):
            return float(of_kind["repair_hours"].iloc[0]) / 24.0, KIND_ROW
    return None, ""


def capacity(case: Case, members: Sequence[tuple[str, str]]) -> float:
    """MW that elements can carry, make or give out together; of a link the larger direction, of a storage its withdrawal."""
    total = 0.0
    for table, element in members:
        if table not in ("links", "assets", "storages"):
            continue
        rows = case.quantities(table)
        row = rows[rows[KINDS[table]] == element].iloc[0]
        if table == "links":
            total += float(np.nanmax([row["capacity"], row["capacity_back"], 0.0]))
        elif table == "assets":
            total += float(row["capacity"]) if np.isfinite(row["capacity"]) else 0.0
        else:
            total += float(
                row["withdrawal"] if np.isfinite(row["withdrawal"]) else row["working_capacity"] / 24.0
            )
    return total


def last_day(start: date, end: float) -> date:
    """The last day of which a repair that ends so many days after the start takes anything: an element is back the day after."""
    return start + timedelta(days=max(ceil(end - 1e-9), 1) - 1)
