"""What a disruption does at once: power shed in the hour of the loss, what stops with it, and the highest hour of the day."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.engine.first_hour import POWER
from kelisim.engine.highest_hour import HighestHour
from kelisim.engine.trips import FirstHour
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.facts import Fact, said
from kelisim.results.schema import framed
from kelisim.tolerances import NO_POWER


def frames(engine: Engine, start: date, hour: FirstHour, part: str) -> dict[str, pd.DataFrame]:
    """Power shed in the hour of the loss, by place and class, most first, and what stops with it."""
    case, asked = engine.case, hour.asked
    steps = case.horizon.steps.iloc[[engine.hour_of(start, part)]]
    seen = AgainstPlan(case, steps, np.ones(1, dtype=bool), asked.answer, asked.base)
    demand, more = case.table("demand"), seen.more[:, 0]
    at = pd.Index(hour.islands.places).get_indexer(demand["place"])
    more = np.where(hour.islands.is_dark[at], seen.demand[:, 0], more)
    rows = np.flatnonzero((more > 0) & (demand["carrier"] == POWER).to_numpy())
    frame = demand[["place", "carrier", "customer_class"]].iloc[rows].reset_index(drop=True)
    frame = frame.assign(demand=seen.demand[rows, 0], unserved=more[rows])
    found = {"first_hour": frame.sort_values("unserved", ascending=False, ignore_index=True)}
    if hour.trips:
        told = [(trip.table, trip.element, trip.place, trip.hours, trip.why) for trip in hour.trips]
        found["trips"] = framed("disruption", "trips", told)
    return found


def facts(
    engine: Engine, start: date, frame: pd.DataFrame, hour: FirstHour, at: str, help_: str
) -> list[Fact]:
    """What is shed in the hour, and what stops.

    help_  rule of help from abroad of the answer; it does not act in this hour, which is said where it acts later
    """
    part = _part(engine.case, engine.hour_of(start, at))
    free = said("disruption.first_hour_free") if help_ != "open" else ""
    total = float(frame["unserved"].sum())
    if total <= 0:
        return [Fact("first_hour", 0.0, "MW", "disruption.first_hour_none", part=part, free=free)]
    most = said("disruption.first_hour_most", place=frame["place"].iloc[0])
    found = [Fact("first_hour", total, "MW", "disruption.first_hour", most=most, part=part, free=free)]
    names = [trip.element for trip in hour.trips]
    if names:
        longest = max(trip.hours for trip in hour.trips)
        found.append(Fact("trips", float(len(names)), "", "disruption.stops", names=names, hours=longest))
    return found


def _part(case: Case, cell: int) -> Fact | str:
    """The part of the day of a cell, where days have parts."""
    steps = case.horizon.steps
    return said("disruption.in_part", step=steps["step"].iloc[cell]) if steps["part"].iloc[cell] else ""


def highest(case: Case, found: HighestHour) -> tuple[pd.DataFrame, Fact]:
    """Who is not served in the highest hour of the day, most first, and the sum in words."""
    demand = case.table("demand")
    rows = np.flatnonzero((found.short > NO_POWER) | (found.planned > NO_POWER))
    frame = demand[["place", "carrier", "customer_class"]].iloc[rows].reset_index(drop=True)
    numbers = {
        "demand": found.demand[rows],
        "unserved": found.short[rows],
        "unserved_base": found.planned[rows],
    }
    frame = frame.assign(**numbers).sort_values("unserved", ascending=False, kind="stable", ignore_index=True)
    total, planned = float(found.short.sum()), float(found.planned.sum())
    if total <= NO_POWER:
        return frame, Fact("highest_hour", 0.0, "MW", "disruption.highest_hour_none")
    places = {
        "most": said("disruption.first_hour_most", place=frame["place"].iloc[0]),
        "part": _part(case, found.cell),
        "beside": said("disruption.highest_planned", value=planned) if planned > NO_POWER else "",
    }
    return frame, Fact("highest_hour", total, "MW", "disruption.highest_hour", **places)
