"""What a month of delay costs: the year solved with a project, and again with it coming into service month by month.

The year of the case stands for any year in which the project is awaited. Everybody knows the day beforehand and neighbours are asked for all
they have, so what is found is a least loss.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from kelisim.case.building import Building
from kelisim.case.case import Case
from kelisim.case.change import Change, Outage
from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.ledger.schedule import Floats
from kelisim.results.schema import framed
from kelisim.studies.building_fields import unknown_projects
from kelisim.studies.roadmap.plan import Plan
from kelisim.tolerances import DRAWN_SHARE, SMALL_ENERGY

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
    building = _building(case, project)
    asked = engine.beside(building.in_service)
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
            found = window.ask(_missing(building, project, first)).answer
        if found.status != "optimal":
            raise StudyError(
                f"worth: without {project} until {first:%Y-%m} there is no answer ({found.status})."
            )
        cost.append(found.objective)
        unserved.append(member @ (found.by_demand(len(demand)) @ found.hours))
    energy = np.array(unserved).T
    wanted = member @ case.quantities("demand")["amount"].to_numpy(dtype=float)
    return Late(project, months, np.array(cost) - cost[0], carriers, energy - energy[:, :1], wanted)


def _building(case: Case, project: str) -> Building:
    """A project of the case, with what it builds. Raises StudyError with the nearest name, or where it builds nothing that a capacity can tell."""
    if wrong := unknown_projects(case, (project,), "worth"):
        raise StudyError("\n".join(wrong))
    building = Building(case, (project,))
    try:
        building.cells  # noqa: B018 - what cannot be solved with and without is said here
    except StudyError as error:
        raise StudyError(f"worth: {error}") from error
    return building


def _missing(building: Building, project: str, first: pd.Timestamp) -> list[Change]:
    """What is not there before a day: candidates out, the others with the capacity that they have."""
    last = (first - pd.Timedelta(days=1)).date()
    return [
        Outage(cell.element, None, last, table=cell.table)
        if building.is_new(cell)
        else building.before(project, cell, last)
        for cell in building.cells[project]
    ]


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
