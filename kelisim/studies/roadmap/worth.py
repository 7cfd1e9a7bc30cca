"""What a month of delay costs: the year solved with a project, and again with it coming into service month by month.

The year of the case stands for any year in which the project is awaited. Everybody knows the day beforehand and neighbours are asked for all
they have, so what is found is a least loss.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from kelisim.case import schema
from kelisim.case.acts import Target, targets
from kelisim.case.case import Case
from kelisim.case.change import Change, Dated, Outage, SetValue
from kelisim.case.dated import changed
from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.ledger.schedule import Floats
from kelisim.results.schema import framed
from kelisim.studies.roadmap.plan import Plan
from kelisim.tolerances import DRAWN_SHARE, SMALL_ENERGY

BASE = "base"
WIDENED = ("links", "assets")
_UNSERVED = "demand.unserved"


@dataclass(frozen=True)
class Late:
    """A project that comes into service with the first day of each month, and never.

    cost      beside its being there all year, currency, (months + 1); the last one is without it
    unserved  MWh beside its being there all year, (carriers, months + 1)
    wanted    MWh that customers want in the year, (carriers)
    """

    project: str
    months: pd.DatetimeIndex
    cost: Floats
    carriers: list[str]
    unserved: Floats
    wanted: Floats

    @cached_property
    def by_month(self) -> Floats:
        """What missing it in each month costs, currency, (months)."""
        return np.diff(self.cost)


def late(engine: Engine, project: str) -> Late:
    """Solve the year with the project, and warm again for each month of its first service. Raises StudyError where nothing can be priced."""
    case = engine.case
    cells = built(case, project)
    asked = engine.beside(with_project(case, project, cells))
    if asked.base.status != "optimal":
        raise StudyError(f"worth: the case with {project} has no least-cost year ({asked.base.status}).")
    window = asked.whole_window()
    start, end = case.horizon.start, case.horizon.end
    months = pd.DatetimeIndex([start]).union(pd.date_range(start, end, freq="MS", inclusive="left"))
    demand = case.table("demand")
    carriers = sorted(set(demand["carrier"]))
    member = np.array([(demand["carrier"] == carrier).to_numpy() for carrier in carriers], dtype=float)
    cost, unserved = [], []
    for first in [*months, end]:
        found = window.base
        if first > start:
            found = window.ask(_missing(case, cells, first)).answer
        if found.status != "optimal":
            raise StudyError(
                f"worth: without {project} until {first:%Y-%m} there is no answer ({found.status})."
            )
        cost.append(found.objective)
        unserved.append(member @ (found.by_demand(len(demand)) @ found.hours))
    energy = np.array(unserved).T
    wanted = member @ case.quantities("demand")["amount"].to_numpy(dtype=float)
    return Late(project, months, np.array(cost) - cost[0], carriers, energy - energy[:, :1], wanted)


def built(case: Case, project: str) -> list[Target]:
    """What a project builds. Raises StudyError with the nearest name, or where it builds nothing that a capacity can tell."""
    rows = case.table("projects").set_index("project")
    if project not in rows.index:
        near = schema.nearest(project, rows.index)
        hint = f'Did you mean "{near}"?' if near else f"Known: {schema.some(rows.index)}."
        raise StudyError(f'worth: no project "{project}". {hint}')
    cells = targets(rows.loc[project, "builds"], "never")
    strange = [cell for cell in cells if cell.table not in WIDENED]
    if strange or not cells:
        what = f"{strange[0].table}:{strange[0].element}" if strange else "nothing"
        raise StudyError(
            f"worth: {project} builds {what}; only links and assets can be solved with and without."
        )
    return cells


def _row(case: Case, cell: Target) -> pd.Series:
    frame = case.table(cell.table)
    return frame[frame.iloc[:, 0] == cell.element].iloc[0]


def with_project(case: Case, project: str, cells: list[Target]) -> Case:
    """The case with candidates in use; what is in use already gets the capacity that the project adds."""
    own = case.table("projects").set_index("project").loc[project]
    ready = [cell for cell in cells if _row(case, cell)["status"] != BASE]
    wider = [cell for cell in cells if cell not in ready and not pd.isna(own["capacity"])]
    more = [
        Dated(cell.table, (cell.element,), "capacity", float(own["capacity"]), str(own["unit"]), "add")
        for cell in wider
    ]
    return changed(case.with_(*(SetValue(cell.table, cell.element, "status", BASE) for cell in ready)), more)


def _missing(case: Case, cells: list[Target], first: pd.Timestamp) -> list[Change]:
    """What is not there before a day: candidates out, the others with the capacity that they have."""
    last = (first - pd.Timedelta(days=1)).date()
    changes: list[Change] = []
    for cell in cells:
        row = _row(case, cell)
        if row["status"] != BASE:
            changes.append(Outage(cell.element, None, last, table=cell.table))
        else:
            changes.append(Dated(cell.table, (cell.element,), "capacity", float(row["capacity"]), end=last))
    return changes


def frames(found: list[Late], plan: Plan, finish: Floats) -> dict[str, pd.DataFrame]:
    """Tables of what delay costs: by month, by carrier, by year.

    finish  days from the day of the plan to the end of each of its projects, (projects, samples)
    """
    months, short, years = [], [], []
    for one in found:
        for at, month in enumerate(one.months):
            more = one.unserved[:, at + 1] - one.unserved[:, at]
            months.append((one.project, month, float(one.by_month[at]), float(more.sum())))
        short += [
            (one.project, carrier, float(energy))
            for carrier, energy, wanted in zip(one.carriers, one.unserved[:, -1], one.wanted, strict=True)
            if energy > max(SMALL_ENERGY, DRAWN_SHARE * wanted)
        ]
        years += _years(one, plan, finish)
    return {
        "delay": framed("roadmap", "delay", months),
        "delay.short": framed("roadmap", "delay.short", short),
        "delay.years": framed("roadmap", "delay.years", years),
    }


def _years(one: Late, plan: Plan, finish: Floats) -> list[tuple[object, ...]]:
    """What is expected to be lost in each year after the day announced, by the chance that the project is not there in a month."""
    if one.project not in plan.projects:
        return []
    announced, ends = plan.announced.get(one.project), finish[plan.projects.index(one.project)]
    if announced is None:
        return []
    first, last = plan.moments(announced)[0], plan.moments(ends.max())[0]
    of = {month.month: at for at, month in enumerate(one.months)}
    found: dict[int, list[float]] = {}
    for month in pd.date_range(first.to_period("M").to_timestamp(), last, freq="MS"):
        if month.month in of:
            # from the middle of a month on it is there or not
            middle = float((month - pd.Timestamp(plan.at)).days) + 15.0
            missing = float(np.mean(ends > middle))
            at = of[month.month]
            sums = found.setdefault(month.year, [0.0, 0.0, 0.0])
            sums[0] += missing
            sums[1] += missing * float(one.by_month[at])
            sums[2] += missing * float((one.unserved[:, at + 1] - one.unserved[:, at]).sum())
    return [(one.project, str(year), *sums) for year, sums in found.items() if sums[0] > 0]
