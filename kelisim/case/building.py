"""Projects put into a case and taken out of it again: what they build, and the demand that comes with them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from kelisim.case.acts import Target, targets
from kelisim.case.case import Case
from kelisim.case.change import Change, Dated, Outage, SetValue
from kelisim.case.dated import DEMAND_KEY, changed, keys
from kelisim.errors import StudyError, UnitError
from kelisim.tolerances import VANISHING

BASE = "base"
WIDENED = ("links", "assets", "storages", "resources")  # tables whose elements can be solved with and without
OF_STORAGE = {
    "power": "withdrawal",
    "energy": "working_capacity",
}  # column that is widened, by what the unit measures
COMES = "project_demand"


@dataclass(frozen=True)
class ProjectPart:
    """New elements, and keys of demand, that are there as soon as one of some projects is built."""

    projects: frozenset[str]
    cells: frozenset[Target]
    keys: frozenset[str]


@dataclass(frozen=True)
class Building:
    """Some projects of a case. `full` is the case with all of them; `without` are the changes of it that leave some out.

    worth  what the demand that comes is worth, in the unit of the tariffs of its carrier; as the case has it if not a number
    """

    case: Case
    projects: tuple[str, ...]
    worth: float = float("nan")

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The projects, by their id."""
        return self.case.table("projects").set_index("project").loc[list(self.projects)]

    @cached_property
    def cells(self) -> dict[str, list[Target]]:
        """What each project builds. Raises StudyError for what cannot be solved with and without, all of it at once."""
        found, wrong = {}, list[str]()
        for project, text in self.rows["builds"].items():
            cells = targets(text, "never")
            strange = [f"{cell.table}:{cell.element}" for cell in cells if cell.table not in WIDENED]
            if strange or not cells:
                what = ", ".join(strange) if strange else "nothing"
                wrong.append(
                    f"{project} builds {what}; only links, assets, storages and shared limits can be solved with and without."
                )
            found[str(project)] = cells
        if wrong:
            raise StudyError("\n".join(wrong))
        return found

    def unlimited(self) -> list[str]:
        """What is wrong where the case has no capacity for something that is built, or for what a project adds: an error line each."""
        wrong = []
        for project, cells in self.cells.items():
            for cell in cells:
                what = f"{project} builds {cell.table}:{cell.element}"
                column = self.column(project, cell)
                if not self.is_new(cell) and pd.isna(self.rows.at[project, "capacity"]):
                    wrong.append(
                        f"{what}, which is in use already; write in projects.csv what capacity it adds."
                    )
                elif pd.isna(self._row(cell)[column]):
                    wrong.append(f"{what}, which has no {column}; write one in {cell.table}.csv.")
        return wrong

    def column(self, project: str, cell: Target) -> str:
        """Column of the element that the capacity of a project adds to."""
        if cell.table != "storages":
            return "amount" if cell.table == "resources" else "capacity"
        carrier, unit = str(self._row(cell)["carrier"]), str(self.rows.at[project, "unit"])
        fits = [name for kind, name in OF_STORAGE.items() if self._measures(unit, kind, carrier)]
        if not fits:
            raise StudyError(f"{project}: {unit} is neither a rate nor a content of {cell.element}.")
        return fits[0]

    def _measures(self, unit: str, kind: str, carrier: str) -> bool:
        try:
            self.case.units.factor(unit, kind, carrier)
        except UnitError:
            return False
        return True

    def _row(self, cell: Target) -> pd.Series:
        frame = self.case.table(cell.table)
        return frame[frame.iloc[:, 0] == cell.element].iloc[0]

    def is_new(self, cell: Target) -> bool:
        """Whether the element is not in use without a project."""
        return self._elements[cell]

    def before(self, project: str, cell: Target, end: date | None = None) -> Dated:
        """An element that is in use as it is without the projects, until a day."""
        column = self.column(project, cell)
        return Dated(cell.table, (cell.element,), column, float(self._row(cell)[column]), end=end)

    @cached_property
    def _elements(self) -> dict[Target, bool]:
        """What is built by any project, each once, and whether it is new."""
        cells = dict.fromkeys(cell for cells in self.cells.values() for cell in cells)
        return {cell: bool(self._row(cell).get("status", BASE) != BASE) for cell in cells}

    # ---- demand that comes
    @cached_property
    def demand(self) -> pd.DataFrame:
        """Rows of demand that the projects bring, with `key` place:carrier:class. Raises StudyError where one is there already."""
        frame = self.case.table(COMES)
        frame = frame[frame["project"].isin(self.projects)].reset_index(drop=True)
        if np.isfinite(self.worth):
            frame = frame.assign(worth=self.worth, worth_unit=[self._unit(one) for one in frame["carrier"]])
        key = frame[DEMAND_KEY[0]] + ":" + frame[DEMAND_KEY[1]] + ":" + frame[DEMAND_KEY[2]]
        clash = sorted(set(key) & set(keys(self.case, "demand")))
        if clash:
            raise StudyError(
                "\n".join(f"{COMES}: {one} has a row of demand already; name another class." for one in clash)
            )
        return frame.assign(key=key)

    @cached_property
    def comes(self) -> pd.DataFrame:
        """place, carrier, amount (MWh over the horizon), worth (currency/MWh) by key, one row even where two projects bring the same."""
        written = self.demand.drop(columns="key")
        frame = self.case.with_table(COMES, written).quantities(COMES) if len(written) else written
        frame = frame.assign(key=self.demand["key"].to_numpy()).drop_duplicates("key").set_index("key")
        shape = self.case.profiles.matrix(frame["profile"], "shape")
        mean = frame["amount"].to_numpy(dtype=float) / self.case.horizon.year_hours
        energy = shape * mean[:, None] * self.case.horizon.hours
        found = frame.assign(amount=energy.sum(axis=1))[["place", "carrier", "amount", "worth"]]
        return found.assign(steps=list(energy))

    def _unit(self, carrier: str) -> str:
        """Unit of the tariffs of a carrier."""
        links = self.case.table("links")
        units = links["tariff_unit"][(links["carrier"] == carrier) & (links["tariff_unit"] != "")]
        return str(units.mode().iloc[0]) if len(units) else f"{self.case.currency}/MWh"

    def brought(self, project: str) -> tuple[str, ...]:
        """Keys of the demand that a project brings."""
        return self._brought.get(project, ())

    @cached_property
    def _brought(self) -> dict[str, tuple[str, ...]]:
        return {str(name): tuple(rows["key"]) for name, rows in self.demand.groupby("project")}

    # ---- the cases
    @cached_property
    def in_service(self) -> Case:
        """The case with all projects in service and the demand that it has: candidates in use, what is in use already as wide as they make it."""
        ready: list[SetValue] = []
        wider: list[Dated] = []
        for project, cells in self.cells.items():
            own = self.rows.loc[project]
            for cell in cells:
                if self.is_new(cell):
                    ready.append(SetValue(cell.table, cell.element, "status", BASE))
                elif not pd.isna(own["capacity"]):
                    value, unit = float(own["capacity"]), str(own["unit"])
                    wider.append(
                        Dated(cell.table, (cell.element,), self.column(project, cell), value, unit, "add")
                    )
        return changed(self.case.with_(*dict.fromkeys(ready)), wider)

    @cached_property
    def full(self) -> Case:
        """The case with all projects in service, and their demand; what is not served of it costs what it is worth."""
        case = self.in_service
        if self.demand.empty:
            return case
        extra = self.demand.drop_duplicates("key").drop(columns=["project", "key"])
        extra = extra.rename(columns={"worth": "voll", "worth_unit": "voll_unit"})
        frame = case.table("demand")
        return case.with_table("demand", pd.concat([frame, extra[list(frame.columns)]], ignore_index=True))

    def without(self, chosen: Collection[str], demand: bool = True) -> list[Change]:
        """Changes of the full case that leave only the chosen projects in it, with their demand or with none."""
        kept = {cell for project in chosen for cell in self.cells[project]}
        served = {key for project in chosen for key in self.brought(project)} if demand else set()
        return self.leaving(kept, served, chosen)

    def leaving(
        self, kept: Collection[Target], served: Collection[str], wide: Collection[str]
    ) -> list[Change]:
        """Changes of the full case that leave only some new elements and keys of demand in it, and what some projects widen."""
        changes: list[Change] = []
        for cell, is_new in self._elements.items():
            if is_new:
                if cell not in kept:
                    changes.append(Outage(cell.element, table=cell.table))
            else:
                changes += self._kept_back(cell, wide)
        gone = tuple(key for key in self.comes.index if key not in served)
        if gone:
            changes.append(Dated("demand", gone, "amount", VANISHING, how="scale"))
        return changes

    @cached_property
    def parts(self) -> list[ProjectPart]:
        """What is built or comes with just the same projects: one part for each project, then those that several have in common."""
        cells = {cell: self._with(cell) for cell, is_new in self._elements.items() if is_new}
        keys = {
            key: frozenset(name for name in self.projects if key in self.brought(name))
            for key in self.comes.index
        }
        found = [frozenset([name]) for name in self.projects]
        found += sorted({*cells.values(), *keys.values()} - set(found), key=sorted)
        return [
            ProjectPart(
                some,
                frozenset(cell for cell, of in cells.items() if of == some),
                frozenset(key for key, of in keys.items() if of == some),
            )
            for some in found
        ]

    def _with(self, cell: Target) -> frozenset[str]:
        return frozenset(project for project, cells in self.cells.items() if cell in cells)

    def _kept_back(self, cell: Target, chosen: Collection[str]) -> list[Dated]:
        """What is in use as wide as the chosen projects make it, where others would widen it too."""
        mine = [project for project, cells in self.cells.items() if cell in cells]
        if all(project in chosen for project in mine):
            return []
        some = Building(
            self.case, tuple(project for project in self.projects if project in chosen), self.worth
        )
        frame = (some.full if some.projects else self.case).table(cell.table)
        row = frame[frame.iloc[:, 0] == cell.element].iloc[0]
        columns = dict.fromkeys(self.column(project, cell) for project in mine)
        return [Dated(cell.table, (cell.element,), column, float(row[column])) for column in columns]

    def energy(self, served: Collection[str]) -> float:
        """MWh of the demand that some projects bring, over the horizon."""
        wanted = {key for project in served for key in self.brought(project)}
        return float(self.comes["amount"][self.comes.index.isin(wanted)].sum())

    def benefit(
        self, chosen: Collection[str], where: np.ndarray | None = None, steps: slice = slice(None)
    ) -> float:
        """What the demand of the chosen projects would be worth if all of it were served, currency; of some keys and steps only."""
        return self.worth_of({key for project in chosen for key in self.brought(project)}, where, steps)

    def worth_of(
        self, served: Collection[str], where: np.ndarray | None = None, steps: slice = slice(None)
    ) -> float:
        """The same of some keys of demand."""
        wanted = self.comes.index.isin(list(served))
        if where is not None:
            wanted = wanted & where
        rows = self.comes[wanted]
        return float(
            sum(
                worth * steps_of[steps].sum()
                for worth, steps_of in zip(rows["worth"], rows["steps"], strict=True)
            )
        )
