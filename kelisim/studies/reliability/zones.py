"""Power zones in their highest hour: what plants can give, what the plan brings in, and how likely that is too little."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.results.adequacy import capacity_table
from kelisim.results.n1_areas import Area, areas
from kelisim.results.outage_rates import Failing
from kelisim.results.schema import framed

POWER = "electricity"


def zones(engine: Engine, parts: Sequence[Failing]) -> pd.DataFrame:
    """A row for each power zone, those of the home country first and the likeliest to be short first.

    parts  what can fail; of it plants count, unit by unit

    The zones are the areas of electricity of the case, else what lines tie together in a country. The highest hour is that of what
    customers want by the shapes of the case. In it each plant can give what the plan could call on in the part of the day in which most
    power is used, over one less its share of time out: a case's availability holds the failures that are drawn here. What comes in is
    what the plan brings in that part. The chance of too little and the expected shortfall follow from the table of available
    capacity, built unit by unit (Billinton and Allan 1996, ch. 2). Limits and failures of lines are not in it.
    """
    case = engine.case
    home = str(case.setting("defaults", "home"))
    hourly = _hourly(case)
    failing = {element: part for part in parts for table, element in part.members if table == "assets"}
    rows = [row for area in areas(case, POWER) if (row := _row(engine, hourly, area, failing))]
    rows.sort(key=lambda row: (row["country"] != home, -row["shortfall"], -row["probability"], row["zone"]))
    return framed("reliability", "zones", rows)


def _hourly(case: Case) -> Case:
    """The case by hours, without parts of the day."""
    plain = case.without_parts() if case.horizon.has_parts else case
    return plain.at_step("1h")


def _row(engine: Engine, hourly: Case, area: Area, failing: dict[str, Failing]) -> dict[str, Any] | None:
    places = area.places
    demand = hourly.quantities("demand")
    demand = demand[demand["place"].isin(places) & (demand["carrier"] == POWER)]
    if demand.empty:
        return None
    shape = hourly.profiles.matrix(demand["profile"], "shape")
    load = demand["amount"].to_numpy() / hourly.horizon.year_hours @ shape
    at = int(load.argmax())
    moment = hourly.horizon.steps["step"].iloc[at]
    cell = engine.hour_of(moment.date())
    size, rate, count, sure = _units(engine, places, cell, failing)
    comes, room = _comes_in(engine, places, cell)
    table = capacity_table(size, rate, count)
    firm = float(load[at]) - comes - sure
    capacity = float(np.dot(size, count)) + sure
    largest = max(size, default=0)
    ask = np.array([max(firm, 0.0), max(firm - room, 0.0)])
    chance, lacks = table.below(ask), table.shortfall(ask)
    return {
        "country": area.country,
        "zone": area.area,
        "name": area.name,
        "hour": moment,
        "load": float(load[at]),
        "capacity": capacity,
        "comes_in": comes,
        "margin": capacity + comes - float(load[at]),
        "largest": float(largest),
        "margin_without": capacity + comes - float(largest) - float(load[at]),
        "probability": float(chance[0]),
        "shortfall": float(lacks[0]),
        "room": room,
        "probability_with_room": float(chance[1]),
        "units": int(sum(count)),
    }


def _units(
    engine: Engine, places: frozenset[str], cell: int, failing: dict[str, Failing]
) -> tuple[list[int], list[float], list[int], float]:
    """Units of the plants of a zone: whole MW each, share of the time out, how many; and MW of plants that do not fail."""
    case = engine.case
    ports = case.ports[(case.ports["carrier"] == POWER) & (case.ports["ratio"] > 0)]
    ratio = dict(zip(ports["asset"], ports["ratio"], strict=True))
    assets = case.table("assets")
    mine = assets[
        assets["place"].isin(places) & assets["asset"].isin(list(ratio)) & (assets["status"] == "base")
    ]
    ids = list(mine["asset"])
    capacity = case.quantities("assets").set_index("asset")["capacity"]
    most = engine.base.upper("assets.activity", ids)[:, cell] * np.array([ratio[one] for one in ids])
    size, rate, count, sure = [], [], [], 0.0
    for element, megawatt in zip(ids, most, strict=True):
        part = failing.get(element)
        if part is None or not np.isfinite(megawatt):
            sure += float(megawatt) if np.isfinite(megawatt) else 0.0
            continue
        nameplate = float(capacity[element]) * ratio[element]
        size.append(round(min(float(megawatt) / (1.0 - part.rate), max(nameplate, megawatt)) / part.units))
        rate.append(part.rate)
        count.append(part.units)
    return size, rate, count, sure


def _comes_in(engine: Engine, places: frozenset[str], cell: int) -> tuple[float, float]:
    """MW that the plan brings into a zone over lines, net of what it sends out, losses taken off; and what the lines could bring beyond it."""
    links = engine.case.quantities("links")
    links = links[(links["carrier"] == POWER) & (links["status"] == "base")]
    into = links["to_place"].isin(places)
    links = links[into != links["from_place"].isin(places)]
    if links.empty:
        return 0.0, 0.0
    ids, inward = list(links["link"]), links["to_place"].isin(places).to_numpy()
    ahead, back = (engine.base.power(name, ids)[:, cell] for name in ("links.flow", "links.flow_back"))
    kept = 1.0 - links["loss"].to_numpy()
    net = np.where(inward, ahead * kept - back, back * kept - ahead)
    most, most_back = (engine.base.upper(name, ids)[:, cell] for name in ("links.flow", "links.flow_back"))
    could = np.where(inward, most, most_back) * kept
    return float(net.sum()), float(np.maximum(could - net, 0.0).sum())
