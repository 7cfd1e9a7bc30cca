"""Storages keep energy from step to step: injection, withdrawal, level, spill.

A storage out of service is frozen, not emptied. Where no rate is known, a storage can be filled or emptied in a step.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kelisim.lp.problem import INF, Floats, Ints
from kelisim.model.assembly import Assembly


def add(frame: Assembly) -> None:
    """Columns `storages.injection`, `.withdrawal`, `.level`, `.spill`, `.level_shortfall`; rows `.balance`, `.level_end`, `.withdrawal_curve`.

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
    inject = share * np.minimum(
        _limit(storages["injection"]), capacity / frame.hours[None, :] / _column(storages, "efficiency_in")
    )
    draw = share * np.minimum(
        _limit(storages["withdrawal"]),
        (capacity / frame.hours[None, :] + inflow) * _column(storages, "efficiency_out"),
    )
    build = frame.build
    injection = build.add_columns(
        "storages.injection", ids, frame.steps, 0.0, inject, frame.price(storages["cost"])
    )
    withdrawal = build.add_columns("storages.withdrawal", ids, frame.steps, 0.0, draw)
    spill = build.add_columns("storages.spill", ids, frame.steps, 0.0, np.where(inflow > 0, INF, 0.0))
    most = np.broadcast_to(capacity / frame.mean_hours, (len(ids), frame.steps))
    level = build.add_columns("storages.level", ids, frame.steps, 0.0, most)
    node = frame.node_rows(storages["place"], storages["carrier"])
    build.add_entries(node, injection, -1.0)
    build.add_entries(node, withdrawal, 1.0)
    _dynamics(frame, storages, (injection, withdrawal, spill, level), inflow)
    _end(frame, storages, level)
    _curves(frame, storages, withdrawal, level)


def _limit(rate: pd.Series) -> Floats:
    return rate.fillna(INF).to_numpy()[:, None]


def _column(storages: pd.DataFrame, name: str) -> Floats:
    return storages[name].to_numpy()[:, None]


def start_level(storages: pd.DataFrame) -> Floats:
    """Energy at the start, MWh."""
    return (storages["level_start"] * storages["working_capacity"]).to_numpy()


def _dynamics(
    frame: Assembly, storages: pd.DataFrame, columns: tuple[Ints, Ints, Ints, Ints], inflow: Floats
) -> None:
    injection, withdrawal, spill, level = columns
    kept = (1.0 - storages["loss"].to_numpy())[:, None] ** (frame.hours[None, :] / 24.0)
    start = start_level(storages) / frame.mean_hours
    cyclic = storages["is_cyclic"].to_numpy()
    right = inflow * frame.weight[None, :]
    right[:, 0] += np.where(cyclic, 0.0, kept[:, 0] * start)
    rows = frame.build.add_rows("storages.balance", list(storages["storage"]), frame.steps, right, right)
    add = frame.build.add_entries
    add(rows, level, 1.0)
    add(rows[:, 1:], level[:, :-1], -kept[:, 1:])
    add(rows[cyclic][:, 0], level[cyclic][:, -1], -kept[cyclic][:, 0])
    add(rows, injection, -_column(storages, "efficiency_in") * frame.weight[None, :])
    add(rows, withdrawal, frame.weight[None, :] / _column(storages, "efficiency_out"))
    add(rows, spill, np.broadcast_to(frame.weight[None, :], spill.shape))


def _end(frame: Assembly, storages: pd.DataFrame, level: Ints) -> None:
    bound = ~storages["is_cyclic"].to_numpy()
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


def curve_points(text: str) -> list[tuple[float, float]]:
    """Points (level, rate), both shares, of a withdrawal curve such as "0:0.3;0.5:1"."""
    return [
        (float(level), float(rate)) for level, _, rate in (point.partition(":") for point in text.split(";"))
    ]


def _curves(frame: Assembly, storages: pd.DataFrame, withdrawal: Ints, level: Ints) -> None:
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
    limit[:, :1] += np.where(cyclic[:, None], 0.0, slope * start)
    rows = frame.build.add_rows("storages.withdrawal_curve", ids, frame.steps, upper=limit)
    frame.build.add_entries(rows, withdrawal[of], 1.0)
    frame.build.add_entries(rows[:, 1:], level[of][:, :-1], -slope)
    frame.build.add_entries(rows[cyclic][:, 0], level[of][cyclic][:, -1], -slope[cyclic][:, 0])
