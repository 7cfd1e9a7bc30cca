"""What stops each measure from giving more: its level, its lead time, its size, its stock, or that it reaches nobody who is short."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.territory import region_of_places
from kelisim.engine.response import Response
from kelisim.lp.problem import Floats
from kelisim.model.measure_ways import Act
from kelisim.model.measures import Measures
from kelisim.results.schema import framed
from kelisim.tolerances import FULL_SHARE, LATE_SHARE, SMALL_ENERGY


def stops(case: Case, found: Response, only: Collection[str] = ()) -> pd.DataFrame:
    """One row per measure at hand that acts on a carrier of which somebody is short, what it gives and what stops it.

    only  measures at hand; all of the case if none is named
    """
    measures, allowed = found.escalation.measures, found.escalation.allowed
    hours, use, left = found.opened.hours, found.escalation.use, found.with_all.more
    sizes = _sizes(measures, found.opened.problem.shape[1])
    days = case.table("measures").set_index("measure")["max_days"]
    short = _Short(case, found)
    rows = []
    at_hand = {way.act.measure for way in measures.ways}
    for measure in sorted(at_hand & set(only) if only else at_hand):
        mine = [at for at, way in enumerate(measures.ways) if way.act.measure == measure]
        energy = float((use[mine] @ hours).sum())
        acts = [(at, *short.at(measures.ways[at].act)) for at in mine]
        carriers = sorted({carrier for _, carrier, _ in acts})
        if energy <= SMALL_ENERGY and not set(carriers) & short.carriers:
            continue
        near = [at for at, _, is_short in acts if is_short]
        if not near and energy <= SMALL_ENERGY:
            continue
        size = sizes[near].sum(axis=0) if near else np.zeros(len(hours))
        lasts = short.steps(carriers)
        could = float((size * lasts) @ hours)
        share = allowed.get(measure, np.zeros(len(hours)))
        may = float((size * share * lasts) @ hours)
        total = sum(measures.ways[at].total for at in near)
        if not np.isnan(days[measure]):
            total = min(total, float(days[measure]) * 24.0 * float(size.max(initial=0.0)))
        given = float((use[near] * lasts @ hours).sum()) if near else 0.0
        stop = _stop(measure in allowed, given, could, may, total, bool(near))
        stop = stop if (left > 0).any() else "nobody_short"
        rows.append(
            {"measure": measure, "carrier": carriers[0] if len(carriers) == 1 else "", "energy": energy}
            | {"peak": float(use[mine].sum(axis=0).max(initial=0.0)), "size": float(size.max(initial=0.0))}
            | {"in_force": may / could if could > 0 else 0.0, "stopped_by": stop}
        )
    frame = framed("emergency", "stops", rows)
    return frame.sort_values(["energy", "measure"], ascending=[False, True], ignore_index=True)


def _stop(is_allowed: bool, energy: float, could: float, may: float, total: float, is_near: bool) -> str:
    """Which limit stops a measure, where somebody is still short.

    energy, could, may  MWh that it gives, could give from the first hour on, and may give from when it is in force
    total               MWh of its stock
    is_near             whether it acts where somebody is short
    """
    if not is_allowed:
        return "level"
    if is_near and may <= (1.0 - FULL_SHARE) * could:
        return "lead_time"
    if is_near and total < may and energy >= FULL_SHARE * total:
        return "stock"
    if not is_near or energy < FULL_SHARE * may:
        return "reach" if energy > SMALL_ENERGY else "reach_none"
    return "lead_time" if could - may > LATE_SHARE * could else "size"


def _sizes(measures: Measures, columns: int) -> Floats:
    """MW that each way may give in each cell, (ways, cells)."""
    found = np.zeros(columns)
    for at, way in enumerate(measures.ways):
        found[measures.block.own(at)] = way.most
    return np.asarray(measures.block.take(found)) if measures.ways else np.zeros((0, measures.block.steps))


class _Short:
    """Who is short without measures: by carrier, by region and carrier, and in which steps."""

    def __init__(self, case: Case, found: Response) -> None:
        self.case = case
        more = found.without.more
        demand = case.table("demand")
        rows = (more > 0).any(axis=1)
        self.region = region_of_places(case)
        self.carriers = set(demand["carrier"][rows])
        where = demand["place"].map(self.region)
        self.regions = set(zip(where[rows], demand["carrier"][rows], strict=True))
        self._by_carrier = {
            c: (more[(demand["carrier"] == c).to_numpy()] > 0).any(axis=0) for c in self.carriers
        }
        self._any = (more > 0).any(axis=0)

    def steps(self, carriers: list[str]) -> Floats:
        """1 in the steps in which somebody is short of one of some carriers; of any where nobody is short of these."""
        mine = [self._by_carrier[one] for one in carriers if one in self._by_carrier]
        return np.asarray(np.logical_or.reduce(mine) if mine else self._any, dtype=float)

    def at(self, act: Act) -> tuple[str, bool]:
        """The carrier that a measure brings or spares there, and whether customers that it spares are among those short."""
        if act.table == "demand":
            place, carrier, _ = act.element.split(":")
            return carrier, (self.region.get(place, place), carrier) in self.regions
        if act.table == "assets":
            ports = self.case.table("asset_ports")
            mine = ports[(ports["asset"] == act.element) & (ports["ratio"] > 0)]
            return (str(mine["carrier"].iloc[0]) if len(mine) else ""), True
        frame = self.case.table(act.table)
        carrier = (
            frame.set_index(frame.columns[0])["carrier"].get(act.element, "") if "carrier" in frame else ""
        )
        return str(carrier), True
