"""Snapshots of PyPSA as steps of a horizon, and its series as profiles."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.horizon import MOST_STEPS
from kelisim.case.listed import with_steps
from kelisim.case.series import Series, YearSteps
from kelisim.case.settings import horizon_of
from kelisim.errors import UserError
from kelisim.io.pypsa.network import WEIGHTS, Network
from kelisim.io.pypsa.stamps import stamps as stamps_of
from kelisim.io.settings import last_of
from kelisim.tolerances import ROUNDING

Floats = npt.NDArray[np.float64]
_START = pd.Timestamp(2024, 1, 1)
_WITHIN_DAY = {"1h": 1.0, "30min": 1 / 2, "20min": 1 / 3, "15min": 1 / 4, "10min": 1 / 6, "5min": 1 / 12}


class Clock:
    """Steps that stand for the snapshots, one for each, and profiles over them.

    settings   section `horizon` of the case
    steps      rows of the table `steps`, where no regular step gives the snapshots
    calendar   the steps over whole years
    per_cost   hours that count for quantities of the year by each that counts for costs; nan where they differ from step to step
    rows       a row of the table `profiles` for each of `series`
    """

    def __init__(self, network: Network, notes: list[str]) -> None:
        frame = network.snapshots
        if {"period", "timestep"} & set(frame.columns):
            raise UserError(
                f'The network "{network.name}" has several investment periods. Export one of them as a network of its own.'
            )
        hours, lasts, counted = _weights(frame)
        stamps = stamps_of(frame, network.name, notes)
        start = stamps[0] if stamps is not None else _START
        gaps = np.diff(stamps.to_numpy()) / np.timedelta64(1, "h") if stamps is not None else np.zeros(0)
        in_a_row = stamps is not None and np.allclose(gaps, lasts[:-1])
        apart = stamps is not None and bool((gaps >= lasts[:-1] * (1 - ROUNDING)).all())
        if stamps is not None and not apart:
            notes.append(
                "snapshots: their times are closer to one another than their weights say; the steps follow one another from "
                f"{start:%Y-%m-%d %H:%M} with the weights as hours"
            )
        self.steps: list[dict[str, Any]] = []
        self.settings: dict[str, Any] = {}
        if np.allclose(hours, lasts) and (in_a_row or not apart):
            self.settings = self._pattern(stamps if in_a_row else None, start, lasts)
        self.horizon, problems = horizon_of({"horizon": self.settings}, "")
        if problems or not self.settings or self.horizon.count != len(frame):
            ticks = np.concatenate([[0.0], np.cumsum(_ticks(lasts))[:-1]])
            follow = start + pd.to_timedelta(5 * ticks, unit="min")
            self._listed(stamps if apart and stamps is not None else follow, hours, lasts, network.name)
        ratio = counted / hours
        self.per_cost = float(ratio[0]) if np.allclose(ratio, ratio[0]) else np.nan
        self.calendar = YearSteps(self.horizon)
        self.rows: list[dict[str, Any]] = []
        self.series: dict[str, Series] = {}
        self._names: dict[tuple[str, bytes], str] = {}

    def _pattern(
        self, stamps: pd.DatetimeIndex | None, start: pd.Timestamp, weights: Floats
    ) -> dict[str, Any]:
        """The horizon whose steps are the snapshots, or nothing if there is none."""
        total = pd.Timedelta(hours=float(weights.sum()))
        settings: dict[str, Any] = {"start": _iso(start), "end": _iso(start + total - pd.Timedelta(days=1))}
        # months only where each weight may be one: some thousand months lead out of what a time can be
        may_be = stamps is not None and len(weights) > 1 and bool(((weights >= 671) & (weights <= 745)).all())
        months = pd.date_range(start, periods=len(weights) + 1 if may_be else 0, freq="MS")
        if may_be and months[0] == start:
            hours = np.diff(months.to_numpy()) / np.timedelta64(1, "h")
            if np.allclose(hours, weights):
                return {**settings, "step": "1mo"}
        for step, hours in _WITHIN_DAY.items():
            if np.allclose(weights, hours):
                end = start + len(weights) * pd.Timedelta(minutes=round(hours * 60))
                # case.toml knows whole hours
                return {} if start.minute or end.minute else {**settings, "end": last_of(end), "step": step}
        if np.allclose(weights, 24.0):
            shift = start.hour
            day = start.normalize()
            whole = {"start": _iso(day), "end": _iso(day + total - pd.Timedelta(days=1)), "step": "1d"}
            return {**whole, "day_starts": shift} if shift else whole
        return self._blocks(start, weights, settings)

    def _blocks(self, start: pd.Timestamp, weights: Floats, settings: dict[str, Any]) -> dict[str, Any]:
        """Steps within the day that repeat each day."""
        ends = np.cumsum(weights)
        whole = np.flatnonzero(np.isclose(ends % 24.0, 0.0) | np.isclose(ends % 24.0, 24.0))
        if len(whole):
            size = int(whole[0]) + 1
            if not np.isclose(ends[whole[0]], 24.0):
                return {}
        elif ends[-1] < 24.0 and np.allclose(weights, weights[0]) and 24 % weights[0] == 0:
            size = int(24 // weights[0])
        else:
            return {}
        day = np.resize(weights[:size], size)
        if not np.allclose(weights, np.resize(day, len(weights))) or not np.allclose(
            weights, np.rint(weights)
        ):
            return {}
        if start.hour and len(weights) % size:
            return {}
        begin = start.normalize()
        shift = {"day_starts": start.hour} if start.hour else {}
        blocks = {f"block_{at + 1}": round(hours) for at, hours in enumerate(day)}
        total = pd.Timedelta(hours=float(weights.sum()))
        parts = {"step": "1d", "parts": blocks, "resolution": "part"}
        return {**settings, "start": _iso(begin), "end": last_of(begin + total), **parts, **shift}

    def _listed(self, starts: pd.DatetimeIndex, hours: Floats, lasts: Floats, name: str) -> None:
        """Each snapshot as a row of the table `steps`: how long it lasts, and how often it counts."""
        cells = {"step": starts, "hours": lasts, "weight": hours / lasts}
        frame = pd.DataFrame(cells, index=range(2, len(starts) + 2))
        self.settings = {}
        self.horizon, problems = with_steps(self.horizon, {}, frame, "", "")
        if problems:
            raise UserError(
                f'The snapshots of the network "{name}" have weights that are no steps of time: they begin at whole 5 minutes, '
                f"and at most {MOST_STEPS:,} are read."
            )
        self.steps = [
            {"step": begin.isoformat(), "hours": repr(float(length)), "weight": repr(float(weight))}
            for begin, length, weight in frame.itertuples(index=False)
        ]

    # ---- profiles
    def mean(self, values: Floats) -> float:
        """Mean over the calendar year, of which the horizon may be a part that repeats."""
        return self.calendar.mean(values)

    def profile(self, label: str, values: Floats, meaning: str = "level", always: bool = False) -> str:
        """Name of a profile with these values; "" where they do not change, unless it is to be there always."""
        if np.all(values == values[0]) and not always:
            return ""
        key = meaning, hashlib.sha256(values.tobytes()).digest()
        if key not in self._names:
            first, turn = label, 1
            while label in self.series:
                turn += 1
                label = f"{first}_{turn}"
            self._names[key] = label
            self.rows.append({"profile": label, "value": "1", "meaning": meaning})
            self.series[label] = Series(np.asarray(values, dtype=float), self.calendar)
        return self._names[key]


def _ticks(hours: Floats) -> Floats:
    """Whole 5 minutes that hours take up: steps begin at such."""
    return np.asarray(np.ceil(hours * 12 - ROUNDING))


def _weights(frame: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    """Hours that each snapshot counts for in costs, that it lasts, and that it counts for in quantities of the year."""
    columns = [name for name in WEIGHTS if name in frame]
    if not columns and "weightings" in frame:
        columns = ["weightings"]
    try:
        values = {name: frame[name].replace("", 1.0).astype(float).to_numpy() for name in columns}
    except ValueError as error:
        raise UserError(f"The weights of the snapshots are not numbers: {error}.") from error
    hours: Floats = next(iter(values.values()), np.ones(len(frame)))
    lasts, counted = values.get("stores", hours), values.get("generators", hours)
    for found in (hours, lasts, counted):
        wrong = np.flatnonzero(~(np.isfinite(found) & (found > 0)))
        if len(wrong):
            raise UserError(
                f"A snapshot has a weight that is not positive: snapshots, row {wrong[0] + 2}, {found[wrong[0]]:g}. "
                "Give each one above 0, or leave the snapshot out."
            )
    return hours, lasts, counted


def _iso(moment: pd.Timestamp) -> str:
    return moment.isoformat().removesuffix("T00:00:00")
