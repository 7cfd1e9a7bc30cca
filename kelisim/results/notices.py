"""Who tells whom in a crisis: the notifications of a case that its levels set off, each with the moment it is due.

Levels are those of `crisis`: 0 none, 1 early warning, 2 alert, 3 emergency, per country and carrier.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.territory import countries_of
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.crisis import LEVELS, Levels, country_levels

Group = tuple[str, str]  # country, carrier
NUMBER = {level: number for number, level in enumerate(LEVELS)}


def touched(case: Case, lost: Iterable[tuple[str, str]]) -> set[Group]:
    """Country and carrier of what is taken away.

    lost  (table, element) pairs
    """
    found: set[Group] = set()
    links = case.table("links").set_index("link")["carrier"]
    ports = case.table("asset_ports")
    for table, element in lost:
        carriers: list[str] = []
        if table == "links":
            carriers = [str(links[element])]
        elif table == "assets":
            carriers = list(ports["carrier"][(ports["asset"] == element) & (ports["ratio"] > 0)])
        elif table in ("storages", "markets"):
            frame = case.table(table)
            carriers = list(frame["carrier"][frame.iloc[:, 0] == element])
        found |= {(c, carrier) for c in countries_of(case, table, element) for carrier in carriers}
    return found


def by_group(case: Case, disrupted: AgainstPlan, touched: Iterable[Group]) -> dict[Group, Levels]:
    """Level per step of each country and carrier that goes short, or whose elements the event touches."""
    quiet = np.zeros_like(disrupted.out)
    names, felt = country_levels(case, disrupted, quiet)
    _, warned = country_levels(case, disrupted)
    found: dict[Group, Levels] = {}
    known = set(touched)
    for at, name in enumerate(names):
        country, _, carrier = name.partition("|")
        if (country, carrier) in known or felt[at].max(initial=0) > 0:
            found[country, carrier] = (warned if (country, carrier) in known else felt)[at]
    for group in sorted(known - set(found)):
        found[group] = disrupted.out.astype(np.int64)
    return dict(sorted(found.items()))


def trigger(text: str) -> tuple[int, str] | None:
    """Level and carrier of "level" or "level:carrier"; None for words that are meant for people."""
    level, _, carrier = (part.strip() for part in text.partition(":"))
    name = level.replace(" ", "_")
    return (LEVELS.index(name), carrier) if name in LEVELS[1:] else None


def due(
    case: Case, found: Mapping[Group, Levels], starts: pd.DatetimeIndex, pair: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Notifications that the levels set off, each once per carrier, with the moment it is due.

    A row whose sender has a country is set off by that country's level; that of a joint body by any of `pair`. Where levels
    are reached at one moment the notice of the highest stands for those below it that ask for no aid.
    """
    bodies = case.table("bodies").set_index("body")
    rows = []
    for row in case.table("notifications").itertuples(index=False):
        asked = trigger(str(row.trigger))
        if asked is None:
            continue
        number, carrier = asked
        country = str(bodies["country"][row.from_body])
        for (where, what), level in found.items():
            some = np.flatnonzero(level >= number)
            if not len(some) or where not in ((country,) if country else pair) or carrier not in ("", what):
                continue
            reached = starts[some[0]]
            hours = float(row.within_hours)
            rows.append(
                {"notification": row.notification, "level": LEVELS[number], "country": where, "carrier": what}
                | {"from_body": str(row.from_body), "to_body": str(row.to_body), "reached": reached}
                | {"within_hours": hours, "due": reached + pd.Timedelta(hours=hours), "aid": str(row.aid)}
                | {"volume": float(row.volume), "unit": str(row.unit)}
                | {"confidence": str(row.confidence) or "C"}
            )
    return _highest(rows)


def _highest(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the notices that a higher one says at the same moment between the same bodies."""
    same = ("country", "carrier", "from_body", "to_body", "reached")
    top: dict[tuple[Any, ...], int] = {}
    for row in rows:
        key = tuple(row[column] for column in same)
        top[key] = max(top.get(key, 0), NUMBER[row["level"]])
    highest = [NUMBER[row["level"]] == top[tuple(row[column] for column in same)] for row in rows]
    return [row for row, is_highest in zip(rows, highest, strict=True) if row["aid"] or is_highest]
