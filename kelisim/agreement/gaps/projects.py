"""What must be built before a provision can be kept: the projects that it names, acts on, or whose line is its only way."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from kelisim.agreement.gaps.network import added_by, capacities, ends, flow_between
from kelisim.agreement.provision import Provision
from kelisim.agreement.words import latin
from kelisim.case.acts import targets
from kelisim.case.case import Case
from kelisim.tolerances import SMALL_ENERGY

DELIVERS = ("supply", "transit", "indicative_balance", "rail_paths")
STEM = 6  # letters of a name that are looked for
GENERAL = {
    *(
        "pipeline",
        "string",
        "second",
        "third",
        "first",
        "plant",
        "stage",
        "stages",
        "station",
        "stations",
        "power",
        "direct",
        "current",
    ),
    *(
        "expansion",
        "growth",
        "storage",
        "wells",
        "railway",
        "refinery",
        "transit",
        "crude",
        "nuclear",
        "southward",
        "compressor",
        "fields",
    ),
    *(
        "china",
        "russia",
        "kazakhstan",
        "kazakh",
        "north",
        "south",
        "central",
        "asia",
        "centre",
        "other",
        "million",
        "unit",
    ),
}


@dataclass(frozen=True)
class Needed:
    """A project without which a provision cannot be kept.

    finish     the first day on which it can be there; None where none is known
    is_begin   whether nothing can be delivered before that day
    """

    project: str
    name: str
    finish: pd.Timestamp | None
    is_begin: bool


def needed(case: Case, one: Provision) -> Needed | None:
    """The project that a provision waits for longest, one without a known day before all; None where nothing must be built."""
    rows = case.table("projects")[["project", "name", "earliest"]].itertuples(index=False)
    known = {
        str(project): (str(name), None if pd.isna(day) else pd.Timestamp(day)) for project, name, day in rows
    }
    days = {project: (name, day) for project, (name, day) in known.items() if day is not None}
    found = [
        Needed(project, *known[project], is_begin)
        for project, is_begin in _projects(case, one, days)
        if project in known
    ]
    return max(
        found, key=lambda it: (it.finish is None, it.finish or pd.Timestamp(0), it.is_begin), default=None
    )


def there_by(case: Case, one: Provision) -> set[str]:
    """Projects that count as built where a provision is held against the network: what it needs, and what stands before it begins."""
    projects = case.table("projects")
    last = projects["earliest"]
    found = set(projects["project"][(last <= one.start).to_numpy()]) if one.start is not None else set()
    wanted = needed(case, one)
    return found | {one.project} | ({wanted.project} if wanted else set())


def _projects(
    case: Case, one: Provision, days: dict[str, tuple[str, pd.Timestamp]]
) -> list[tuple[str, bool]]:
    """Projects that a provision waits for, and whether its deliveries cannot begin without."""
    if one.project:
        return [(one.project, True)]
    built: dict[tuple[str, str], list[str]] = {}
    named = []
    for project, name, builds in case.table("projects")[["project", "name", "builds"]].itertuples(
        index=False
    ):
        for row in targets(builds, "never"):
            if (row.table, row.element) in one.elements and is_out(case, row.table, row.element):
                built.setdefault((row.table, row.element), []).append(str(project))
        if _names(one, str(name)) and _is_waited_for(case, one, str(project), str(builds)):
            named.append(str(project))
    is_new = bool(one.elements) and all(is_out(case, *element) for element in one.elements)
    first = [
        min((p for p in some if p in days), key=lambda p: (days[p][1], p), default="")
        for some in built.values()
    ]
    found = [(project, is_new) for project in dict.fromkeys(first) if project]
    if not found:
        found = [(project, is_new or not one.elements) for project in named]
    return found or _by_way(case, one, days)


def _is_waited_for(case: Case, one: Provision, project: str, builds: str) -> bool:
    """Whether a project that a text names is needed: one that widens what is in use is only where its room is, and suffices."""
    new = [is_out(case, row.table, row.element) for row in targets(builds, "never")]
    start, end = ends(case, one)
    if any(new) or not (start and end and one.power > 0):
        return True
    before, after = (flow_between(capacities(case, one, some), start, end)[0] for some in ((), (project,)))
    return before < one.power <= after


def _by_way(case: Case, one: Provision, days: dict[str, tuple[str, pd.Timestamp]]) -> list[tuple[str, bool]]:
    """The first project with which something can flow from and to the places of a provision, where nothing can without."""
    start, end = ends(case, one)
    if one.kind not in DELIVERS or one.elements or not (start and end and one.carrier):
        return []
    if flow_between(capacities(case, one), start, end)[0] > SMALL_ENERGY:
        return []
    every = case.table("projects")["project"].astype(str)
    for project in [*sorted(days, key=lambda it: (days[it][1], it)), *sorted(set(every) - set(days))]:
        if (
            added_by(case, one.carrier, [project])
            and flow_between(capacities(case, one, [project]), start, end)[0] > SMALL_ENERGY
        ):
            return [(project, True)]
    return []


def _names(one: Provision, project: str) -> bool:
    """Whether a text names a project: two of its names, or its only one where something is to be built; in either script."""
    text = latin(one.text)
    words = {word for word in re.findall(r"[a-z]{5,}", latin(project)) if word not in GENERAL}
    met = sum(word[:STEM] in text for word in words)
    return met >= 2 or (met == len(words) == 1 and one.kind == "capacity")


def is_out(case: Case, table: str, element: str) -> bool:
    """Whether an element is not in use yet."""
    frame = case.table(table)
    if "status" not in frame:
        return False
    mine = frame["status"][frame.iloc[:, 0] == element]
    return bool(len(mine)) and str(mine.iloc[0]) != "base"
