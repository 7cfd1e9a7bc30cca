"""Snapshots of PyPSA as steps of a horizon, and its series as profiles."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.horizon import MOST_STEPS
from kelisim.case.listed import with_steps
from kelisim.case.settings import horizon_of
from kelisim.errors import UserError
from kelisim.io.pypsa.network import WEIGHTS, Network, text
from kelisim.io.settings import last_of
from kelisim.tolerances import ROUNDING

Floats = npt.NDArray[np.float64]
_START = pd.Timestamp(2024, 1, 1)
_WITHIN_DAY = {"1h": 1.0, "30min": 1 / 2, "20min": 1 / 3, "15min": 1 / 4, "10min": 1 / 6, "5min": 1 / 12}


class Clock:
    """Steps that stand for the snapshots, one for each, and profiles over them.

    settings   section `horizon` of the case
    steps      rows of the table `steps`, where no regular step gives the snapshots
    """

    def __init__(self, network: Network, notes: list[str]) -> None:
        frame = network.snapshots
        if {"period", "timestep"} & set(frame.columns):
            raise UserError(
                f'The network "{network.name}" has several investment periods. Export one of them as a network of its own.'
            )
        hours, lasts = _weights(frame, notes)
        stamps = _stamps(frame)
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
            follow = start + pd.to_timedelta(np.concatenate([[0.0], np.cumsum(lasts)[:-1]]), unit="h")
            self._listed(stamps if apart and stamps is not None else follow, hours, lasts, network.name)
        self._stamps, self._at = self._all_steps()
        ticks = round(self.horizon.year_hours / self.horizon.tick_hours)
        self._of_hour = np.clip(
            self._stamps.searchsorted(self.horizon.clock[:ticks], side="right") - 1, 0, None
        )
        self.rows: list[dict[str, Any]] = []
        self._names: dict[tuple[str, bytes], str] = {}

    def _pattern(
        self, stamps: pd.DatetimeIndex | None, start: pd.Timestamp, weights: Floats
    ) -> dict[str, Any]:
        """The horizon whose steps are the snapshots, or nothing if there is none."""
        total = pd.Timedelta(hours=float(weights.sum()))
        settings: dict[str, Any] = {"start": _iso(start), "end": _iso(start + total - pd.Timedelta(days=1))}
        months = pd.date_range(start, periods=len(weights) + 1, freq="MS")
        if len(weights) == len(months) - 1 and months[0] == start and stamps is not None and len(weights) > 1:
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
                f'The snapshots of the network "{name}" have weights that are no steps of time: whole 5 minutes are read, '
                f"and at most {MOST_STEPS:,} steps."
            )
        self.steps = [
            {"step": begin.isoformat(), "hours": repr(float(length)), "weight": repr(float(weight))}
            for begin, length, weight in frame.itertuples(index=False)
        ]

    def _all_steps(self) -> tuple[pd.DatetimeIndex, npt.NDArray[np.int64]]:
        """Times over the whole years that the horizon touches, and the step that each repeats."""
        horizon = self.horizon
        starts = pd.DatetimeIndex(horizon.steps["step"])
        clock = horizon.clock
        count = len(starts)
        if horizon.listed:
            # what holds before the first of them is not asked, but a profile begins with the year
            ahead = int(starts[0] > clock[0])
            return starts.insert(0, clock[0]) if ahead else starts, np.maximum(
                np.arange(count + ahead) - ahead, 0
            )
        if horizon.step == "1mo":
            times = pd.date_range(clock[0], clock[-1], freq="MS")
            offset = (times.year - starts[0].year) * 12 + times.month - starts[0].month
            return times, np.asarray(offset % count)
        period = pd.Timedelta(hours=float(horizon.hours.sum()))
        first = -int(np.ceil((starts[0] - clock[0]) / period))
        last = int(np.ceil((clock[-1] - starts[0]) / period))
        times = pd.DatetimeIndex(
            np.concatenate([(starts + turn * period).to_numpy() for turn in range(first, last + 1)])
        )
        at = np.tile(np.arange(count), last - first + 1)
        keep = slice(
            max(int(times.searchsorted(clock[0], side="right")) - 1, 0),
            int(times.searchsorted(clock[-1], side="right")),
        )
        return times[keep], at[keep]

    # ---- profiles
    def mean(self, values: Floats) -> float:
        """Mean over the calendar year, of which the horizon may be a part that repeats."""
        return float(values[self._at][self._of_hour].mean())

    def profile(self, label: str, values: Floats, meaning: str = "level") -> str:
        """Name of a profile with these values; "" where they do not change."""
        if np.all(values == values[0]):
            return ""
        key = meaning, values.tobytes()
        if key not in self._names:
            taken, first, turn = set(self._names.values()), label, 1
            while label in taken:
                turn += 1
                label = f"{first}_{turn}"
            self._names[key] = label
            self.rows += [
                {"profile": label, "step": stamp.isoformat(), "value": repr(float(value)), "meaning": meaning}
                for stamp, value in zip(self._stamps, values[self._at], strict=True)
            ]
        return self._names[key]


def _weights(frame: pd.DataFrame, notes: list[str]) -> tuple[Floats, Floats]:
    """Hours that each snapshot counts for, and hours that it lasts."""
    columns = [name for name in WEIGHTS if name in frame]
    if not columns and "weightings" in frame:
        columns = ["weightings"]
    try:
        values = {name: frame[name].replace("", 1.0).astype(float).to_numpy() for name in columns}
    except ValueError as error:
        raise UserError(f"The weights of the snapshots are not numbers: {error}.") from error
    hours = next(iter(values.values()), np.ones(len(frame)))
    if not np.allclose(hours, values.get("generators", hours)):
        notes.append("snapshots: different weights for costs and generators; those of costs count for both")
    lasts = values.get("stores", hours)
    for found in (hours, lasts):
        if not (np.isfinite(found).all() and (found > 0).all()):
            raise UserError("A snapshot has a weight that is not positive.")
    return np.asarray(hours, dtype=float), np.asarray(lasts, dtype=float)


def _stamps(frame: pd.DataFrame) -> pd.DatetimeIndex | None:
    cells = frame["snapshot"] if "snapshot" in frame else pd.Series(dtype=object)
    if not len(cells) or not all(
        isinstance(cell, (pd.Timestamp, np.datetime64)) or "-" in text(cell) for cell in cells
    ):
        return None
    try:
        found = pd.DatetimeIndex(pd.to_datetime(cells))
    except (ValueError, TypeError):
        return None
    return found if found.is_monotonic_increasing and found.is_unique and found.tz is None else None


def _iso(moment: pd.Timestamp) -> str:
    return moment.isoformat().removesuffix("T00:00:00")
