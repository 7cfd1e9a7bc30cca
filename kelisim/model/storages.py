"""Storages keep energy from step to step: injection, withdrawal, level, spill.

A storage out of service is frozen, not emptied. Where no rate is known, a storage can be filled or emptied in a step. What a step moves
is at most what the storage holds, unless its turnover is that of its rates: then it may fill and empty within the step.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kelisim.lp.blocks import Bools, Floats, Ints
from kelisim.lp.problem import INF
from kelisim.model import norms
from kelisim.model.assembly import Assembly


def add(frame: Assembly) -> None:
    """Columns `storages.injection`, `.withdrawal`, `.level`, `.spill`, `.level_shortfall`; rows `.balance`, `.level_end`,
    `.withdrawal_curve`; where a level has a least over time `.below_least` and `.least`.

    level_t = level_{t-1} * kept + efficiency_in * injection * h - withdrawal * h / efficiency_out + inflow * h - spill * h
    """
    storages = frame.case.quantities("storages")
    if storages.empty:
        return
    ids = list(storages["storage"])
    share = frame.availability("storages", storages)
    share[(storages["role"] == "strategic").to_numpy()] = 0.0
    capacity = storages["working_capacity"].to_numpy()[:, None]
    inflow = storages["inflow"].to_numpy()[:, None] * frame.case.profiles.matrix(
        storages["inflow_profile"], "shape"
    )
    time = _Time(frame, storages)
    into, out = _limit(storages["injection"]), _limit(storages["withdrawal"])
    once = (storages["turnover"] != "rate").to_numpy()[:, None]  # a step moves what it can hold, once
    inject = share * np.where(
        once | (into == INF),
        np.minimum(into, capacity / time.lasts / _column(storages, "efficiency_in")),
        into,
    )
    draw = share * np.where(
        once | (out == INF),
        np.minimum(out, (capacity / time.lasts + inflow) * _column(storages, "efficiency_out")),
        out,
    )
    build = frame.build
    coarse = time.coarse
    injection = build.add_columns(
        "storages.injection", ids, frame.steps, 0.0, inject, frame.price(storages["cost"]), coarse
    )
    withdrawal = build.add_columns("storages.withdrawal", ids, frame.steps, 0.0, draw, coarse=coarse)
    lets_go = np.where((inflow > 0).any(axis=1, keepdims=True) & coarse[:, None] | (inflow > 0), INF, 0.0)
    spills = storages["spills"].to_numpy()[:, None]
    lets_go = np.where(spills == "any", lets_go, np.where(spills == "none", 0.0, inflow))
    spill = build.add_columns("storages.spill", ids, frame.steps, 0.0, lets_go, coarse=coarse)
    most = capacity / frame.mean_hours * frame.case.profiles.matrix(storages["most_profile"], "availability")
    level = build.add_columns("storages.level", ids, frame.steps, 0.0, most, coarse=time.keeps_step)
    node = frame.node_rows(storages["place"], storages["carrier"])
    build.add_entries(node, injection, -1.0)
    build.add_entries(node, withdrawal, 1.0)
    _dynamics(frame, storages, time, (injection, withdrawal, spill, level), inflow)
    _end(frame, storages, level)
    _least(frame, storages, level, time.keeps_step)
    _curves(frame, storages, time, withdrawal, level)
    norms.add(frame, storages, level, time.keeps_step)


class _Time:
    """How levels move: from step to step, or from part to part.

    coarse      storages of carriers with one balance a step, (storages,)
    keeps_step  those with one level a step: these, and seasonal ones where cells are of typical days
    lasts       hours in which a level moves by injection and withdrawal in a cell, and of coarse ones in the step
    moves       hours by which injection and withdrawal of a cell move the level
    before      the cell whose level is kept, -1 at the start
    once        1 where a level has a row of its own
    """

    def __init__(self, frame: Assembly, storages: pd.DataFrame) -> None:
        horizon = frame.case.horizon
        self.coarse: Bools = frame.in_steps(storages["carrier"])
        seasonal = storages["is_seasonal"].to_numpy(dtype=bool) & horizon.is_typical
        self.keeps_step: Bools = self.coarse | seasonal
        over_year = self.keeps_step | (not horizon.is_typical and not horizon.listed)
        self.moves = np.where(over_year[:, None], frame.hours[None, :], horizon.length[None, :])
        self.lasts = frame.over_step(self.moves, self.keeps_step)
        self.before = frame.before(self.keeps_step)
        self.once = frame.once(self.keeps_step)


def _limit(rate: pd.Series) -> Floats:
    return rate.fillna(INF).to_numpy()[:, None]


def _column(storages: pd.DataFrame, name: str) -> Floats:
    return storages[name].to_numpy()[:, None]


def start_level(storages: pd.DataFrame) -> Floats:
    """Energy at the start, MWh."""
    return (storages["level_start"] * storages["working_capacity"]).to_numpy()


def _dynamics(
    frame: Assembly,
    storages: pd.DataFrame,
    time: _Time,
    columns: tuple[Ints, Ints, Ints, Ints],
    inflow: Floats,
) -> None:
    injection, withdrawal, spill, level = columns
    kept = (1.0 - storages["loss"].to_numpy())[:, None] ** (time.lasts / 24.0)
    start = start_level(storages) / frame.mean_hours
    cyclic = storages["is_cyclic"].to_numpy()
    weight = time.moves / frame.mean_hours
    right = inflow * weight
    right[:, 0] += np.where(cyclic | (time.before[:, 0] >= 0), 0.0, kept[:, 0] * start)
    ids = list(storages["storage"])
    rows = frame.build.add_rows(
        "storages.balance", ids, frame.steps, right, right, time.keeps_step, is_sum=True
    )
    add = frame.build.add_entries
    add(rows, level, time.once)
    held = time.once * np.where((time.before >= 0) | cyclic[:, None], kept, 0.0)
    add(
        rows,
        np.take_along_axis(level, np.where(time.before < 0, frame.steps - 1, time.before), axis=1),
        -held,
    )
    add(rows, injection, -_column(storages, "efficiency_in") * weight)
    add(rows, withdrawal, weight / _column(storages, "efficiency_out"))
    add(rows, spill, weight)


def _end(frame: Assembly, storages: pd.DataFrame, level: Ints) -> None:
    bound = ~storages["is_cyclic"].to_numpy()
    if frame.case.horizon.is_typical:
        # a level that repeats itself within a typical day has no end
        bound = bound & (frame.in_steps(storages["carrier"]) | storages["is_seasonal"].to_numpy(dtype=bool))
    if not bound.any():
        return
    rows_of = storages[bound]
    least = (rows_of["level_end"].fillna(rows_of["level_start"]) * rows_of["working_capacity"]).to_numpy()[
        :, None
    ] / frame.mean_hours
    ids = list(rows_of["storage"])
    price = rows_of["level_price"].to_numpy()[:, None]
    short = frame.build.add_columns("storages.level_shortfall", ids, 1, 0.0, least, price)
    rows = frame.build.add_rows("storages.level_end", ids, 1, least)
    frame.build.add_entries(rows, level[bound][:, -1:], 1.0)
    frame.build.add_entries(rows, short, 1.0)


def _least(frame: Assembly, storages: pd.DataFrame, level: Ints, coarse: Bools) -> None:
    """A least level at the end of each step; what is missing has a price."""
    has = (storages["least_profile"] != "").to_numpy()
    if not has.any():
        return
    rows_of, of = storages[has], coarse[has]
    share = frame.case.profiles.matrix(rows_of["least_profile"], "availability")
    least = share * rows_of["working_capacity"].to_numpy()[:, None] / frame.mean_hours
    ids, price = list(rows_of["storage"]), rows_of["level_price"].to_numpy()[:, None]
    short = frame.build.add_columns(
        "storages.below_least", ids, frame.steps, 0.0, least, price * frame.once(of), of
    )
    rows = frame.build.add_rows("storages.least", ids, frame.steps, least, coarse=of)
    frame.build.add_entries(rows, level[has], 1.0)
    frame.build.add_entries(rows, short, 1.0)


def curve_points(text: str) -> list[tuple[float, float]]:
    """Points (level, rate), both shares, of a withdrawal curve such as "0:0.3;0.5:1"."""
    return [
        (float(level), float(rate)) for level, _, rate in (point.partition(":") for point in text.split(";"))
    ]


def _curves(frame: Assembly, storages: pd.DataFrame, time: _Time, withdrawal: Ints, level: Ints) -> None:
    segments = []
    for at, (text, rate) in enumerate(zip(storages["withdrawal_curve"], storages["withdrawal"], strict=True)):
        points = curve_points(text) if text and np.isfinite(rate) else []
        for (x0, y0), (x1, y1) in zip(points[:-1], points[1:], strict=True):
            slope = (y1 - y0) / (x1 - x0)
            segments.append((at, rate * (y0 - slope * x0), rate * slope))
    if not segments:
        return
    of = np.array([segment[0] for segment in segments])
    base = np.array([segment[1] for segment in segments])[:, None]
    slope = (
        np.array([segment[2] for segment in segments])[:, None]
        / storages["working_capacity"].to_numpy()[of][:, None]
        * frame.mean_hours
    )
    ids = [f"{storages['storage'].iloc[at]}#{i}" for i, at in enumerate(of)]
    start = start_level(storages)[of][:, None] / frame.mean_hours
    limit = np.broadcast_to(base, (len(of), frame.steps)).copy()
    cyclic = storages["is_cyclic"].to_numpy()[of]
    before = time.before[of]
    limit += np.where((before < 0) & ~cyclic[:, None], slope * start, 0.0)
    coarse = time.coarse[of]
    rows = frame.build.add_rows("storages.withdrawal_curve", ids, frame.steps, upper=limit, coarse=coarse)
    frame.build.add_entries(rows, withdrawal[of], 1.0)
    held = np.where((before >= 0) | cyclic[:, None], -slope, 0.0)
    frame.build.add_entries(
        rows, np.take_along_axis(level[of], np.where(before < 0, frame.steps - 1, before), axis=1), held
    )
