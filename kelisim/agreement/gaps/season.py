"""Quantities above what the network can carry in their season."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
import pandas as pd

from kelisim.agreement.gaps.gap import SEASON, Gap, places_of, rows_of
from kelisim.agreement.gaps.network import capacities, ends, flow_between
from kelisim.agreement.gaps.projects import is_out, there_by
from kelisim.agreement.provision import Provision, power_of
from kelisim.agreement.words import MONTHS, SEASONS, says
from kelisim.case.case import Case
from kelisim.results.facts import said
from kelisim.tolerances import SMALL_SHARE

RATES = ("injection", "withdrawal")
PASSES = ("transit", "rail_paths", "capacity")


def above_season(case: Case, provisions: Sequence[Provision]) -> Iterator[Gap]:
    """A quantity of a duty or of a draft above the largest flow of its months, with what must be built for it in place."""
    for one in provisions:
        if (
            one.is_over
            or not np.isfinite(one.power)
            or one.power <= 0
            or one.kind in ("emergency_aid", "power_band", "price")
            or _widens(case, one)
        ):
            continue
        most, rows = largest(case, one)
        if most is not None and one.power > most * (1.0 + SMALL_SHARE):
            places = {
                "provision": one.title,
                "quantity": one.quantity,
                "unit_name": one.unit,
                "most": most / one.power * one.quantity,
            }
            first, last = (date(2023, one.months[at], 1) for at in (0, -1))
            say = said("agreement.gap_season", **places)
            if len(one.months) < MONTHS:
                say = said("agreement.gap_season_months", first=first, last=last, **places)
            if first == last:
                say = said("agreement.gap_season_month", first=first, **places)
            yield Gap(SEASON, (one.name,), say, rows_of([one], *rows))


def _widens(case: Case, one: Provision) -> bool:
    """Whether a provision promises to make larger what is in use: its number is what is to be, and no use of what is."""
    in_use = not any(is_out(case, *element) for element in one.elements)
    return one.kind == "capacity" and not one.project and in_use and says("widening", one.text)


def largest(case: Case, one: Provision) -> tuple[float | None, list[str]]:
    """MW that can flow for a provision in the worst of its months, and the rows read; None where nothing says how it goes."""
    found: list[tuple[float, list[str]]] = []
    links = capacities(case, one, there_by(case, one))
    mine = [element for table, element in sorted(one.elements) if table == "links" and element in links.index]
    if mine:
        found.append(_of_links(case, links.loc[mine], one))
    for table, column in (
        ("contracts", "daily_max"),
        ("assets", "capacity"),
        ("markets", "ceiling"),
        ("storages", ""),
    ):
        some = [element for kind, element in sorted(one.elements) if kind == table]
        if some:
            found += _of_table(case, one, links, table, column, some)
    if one.kind != "capacity":
        found += _of_resources(case, one)
    start, end = ends(case, one)
    if not mine and start and end:
        found.append(flow_between(links, start, end))
    if not found:
        return None, []
    return min(found, key=lambda pair: pair[0])


def _of_links(case: Case, frame: pd.DataFrame, one: Provision) -> tuple[float, list[str]]:
    """The narrowest part of a way: links side by side between the same two places add up."""
    sizes = _towards(case, frame, one)
    groups = sizes.groupby([frame["from_place"], frame["to_place"]]).sum()
    starts = set(frame["from_place"])
    is_way = frame["to_place"].isin(starts).any()
    most = float(groups.min()) if is_way else float(groups.sum())
    return most, [f"links:{link}" for link in frame.index]


def _towards(case: Case, frame: pd.DataFrame, one: Provision) -> pd.Series:
    """MW of each link in the direction of the provision: from and to its places, else from who owes to whom; the larger way if neither says."""
    country = case.table("places").set_index("place")["country"]
    gives, gets = (
        ((), ()) if one.kind in PASSES else (one.obligors, one.beneficiaries)
    )  # who lets pass is not who sends
    ends = [
        [places_of(case, word) for word in words if word]
        for words in ((one.from_place, *gives), (one.to_place, *gets))
    ]
    sizes = []
    for start, end, ahead, back in frame[["from_place", "to_place", "ahead", "back"]].itertuples(index=False):
        leaves, comes = (next((some for some in side if {start, end} & some), set()) for side in ends)
        is_ahead = (start in leaves and end not in leaves) or (end in comes and start not in comes)
        is_back = (end in leaves and start not in leaves) or (start in comes and end not in comes)
        over = country[start] != country[end]
        sizes.append(ahead if is_ahead and over else back if is_back and over else max(ahead, back))
    return pd.Series(sizes, index=frame.index, dtype=float)


def _of_table(
    case: Case, one: Provision, links: pd.DataFrame, table: str, column: str, some: list[str]
) -> Iterator[tuple[float, list[str]]] | list[tuple[float, list[str]]]:
    frame = case.quantities(table)
    mine = frame[frame.iloc[:, 0].isin(some).to_numpy()]
    if table == "contracts":
        over = [link for cell in mine["over"] for link in str(cell).split(";") if link in links.index]
        own = [(_of_links(case, links.loc[over], one)[0], [f"links:{link}" for link in over])] if over else []
        return own
    if table == "storages":
        column = next((t.column for t in one.targets if t.table == table and t.column in RATES), "withdrawal")
    sizes = mine[column].astype(float)
    rows = [f"{table}:{element}" for element in some]
    return [(float(sizes.sum()), rows)] if sizes.notna().all() else []


def _of_resources(case: Case, one: Provision) -> list[tuple[float, list[str]]]:
    """What each shared limit that a provision acts on lets through."""
    resources = case.table("resources").set_index("resource")
    found = []
    for table, element in sorted(one.elements):
        if table == "resources" and element in resources.index and one.carrier:
            row = resources.loc[element]
            power = power_of(case, float(row["amount"]), str(row["unit"]), one.carrier, SEASONS["year"])
            if np.isfinite(power):
                found.append((power, [f"resources:{element}"]))
    return found
