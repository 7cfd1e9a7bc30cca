"""Projects of several units: each further unit is a project of its own that needs the one before it.

A further unit builds copies of the new elements, and widens what is in use once more. Demand comes with the first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from kelisim.case.acts import Target
from kelisim.case.building import BASE, Building
from kelisim.case.case import Case
from kelisim.studies.building_fields import named_numbers
from kelisim.studies.investment.choosing.conditions import unknown

MOST_UNITS = 9
FOLLOW = {
    "asset_ports": "asset",
    "owners": "element",
    "resource_uses": "element",
}  # rows that go with an element


def units_of(texts: Sequence[str], projects: Sequence[str], wrong: list[str]) -> dict[str, int]:
    """How many units of a project can be built, from project=number; what cannot be read goes into `wrong`."""
    found = {}
    for name, value in named_numbers("units", tuple(texts), wrong):
        wrong += unknown("units", [name], projects)
        if value != int(value) or not 1 <= value <= MOST_UNITS:
            wrong.append(f"units: {value:g} of {name} is no whole number from 1 to {MOST_UNITS}.")
        else:
            found[name] = int(value)
    return found


def unit(project: str, number: int) -> str:
    """Name of a unit; the first is the project itself."""
    return project if number == 1 else f"{project}_{number}"


def with_units(case: Case, units: Mapping[str, int]) -> Case:
    """The case with a project for each unit."""
    for project, count in units.items():
        for number in range(2, count + 1):
            case = _with_unit(case, project, number)
    return case


def _with_unit(case: Case, project: str, number: int) -> Case:
    builds = []
    for cell in Building(case, (project,)).cells[project]:
        frame = case.table(cell.table)
        key = frame.columns[0]
        row = frame[frame[key] == cell.element]
        name = cell.element
        if "status" in frame.columns and row["status"].iloc[0] != BASE:
            name = unit(cell.element, number)
            case = case.with_table(cell.table, _more(frame, _named(row, key, name, number)))
            case = _followed(case, cell, name)
        builds.append(f"{cell.table}:{name}")
    rows = case.table("projects")
    own = rows[rows["project"] == project].assign(builds=";".join(builds))
    return case.with_table("projects", _more(rows, _named(own, "project", unit(project, number), number)))


def _named(row: pd.DataFrame, key: str, name: str, number: int) -> pd.DataFrame:
    called = f"{row['name'].iloc[0] or row[key].iloc[0]} ({number})"
    return row.assign(**{key: name, "name": called})


def _followed(case: Case, cell: Target, name: str) -> Case:
    """Rows of other tables that speak of the element, for its copy too."""
    for table, column in FOLLOW.items():
        frame = case.table(table)
        own = frame[frame[column] == cell.element]
        if "table" in frame.columns:
            own = own[own["table"].isin(["", cell.table])]
        elif cell.table != "assets":
            continue
        if len(own):
            case = case.with_table(table, _more(frame, own.assign(**{column: name})))
    return case


def _more(frame: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([frame, rows], ignore_index=True)
