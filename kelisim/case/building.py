"""Projects put into a case and taken out of it again: what they build, and the demand that comes with them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from kelisim.case.acts import Target, targets
from kelisim.case.case import Case
from kelisim.case.change import Change, Dated, Outage, SetValue
from kelisim.case.dated import DEMAND_KEY, changed, keys
from kelisim.errors import StudyError
from kelisim.tolerances import VANISHING

BASE = "base"
WIDENED = ("links", "assets")  # tables whose elements can be solved with and without
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
        """What each project builds. Raises StudyError for what cannot be solved with and without."""
        found = {}
        for project, text in self.rows["builds"].items():
            cells = targets(text, "never")
            strange = [cell for cell in cells if cell.table not in WIDENED]
            if strange or not cells:
                what = f"{strange[0].table}:{strange[0].element}" if strange else "nothing"
                raise StudyError(
                    f"{project} builds {what}; only links and assets can be solved with and without."
                )
            found[str(project)] = cells
        return found

    def _row(self, cell: Target) -> pd.Series:
        frame = self.case.table(cell.table)
        return frame[frame.iloc[:, 0] == cell.element].iloc[0]

    def is_new(self, cell: Target) -> bool:
        """Whether the element is not in use without a project."""
        return self._elements[cell]

    def capacity(self, cell: Target) -> float:
        """Capacity of the element without the projects, in its own unit."""
        return float(self._row(cell)["capacity"])

    @cached_property
    def _elements(self) -> dict[Target, bool]:
        """What is built by any project, each once, and whether it is new."""
        cells = dict.fromkeys(cell for cells in self.cells.values() for cell in cells)
        return {cell: bool(self._row(cell)["status"] != BASE) for cell in cells}

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
                    wider.append(Dated(cell.table, (cell.element,), "capacity", value, unit, "add"))
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
            elif kept_back := self._kept_back(cell, wide):
                changes.append(kept_back)
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

    def _kept_back(self, cell: Target, chosen: Collection[str]) -> Dated | None:
        """The capacity of what is in use with the chosen projects, where others would widen it too."""
        mine = [project for project, cells in self.cells.items() if cell in cells]
        if all(project in chosen for project in mine):
            return None
        some = Building(
            self.case, tuple(project for project in self.projects if project in chosen), self.worth
        )
        frame = (some.full if some.projects else self.case).table(cell.table)
        capacity = float(frame["capacity"][frame.iloc[:, 0] == cell.element].iloc[0])
        return Dated(cell.table, (cell.element,), "capacity", capacity)

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
