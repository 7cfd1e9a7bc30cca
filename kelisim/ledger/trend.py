"""Trend of a series and what it makes of the rest of a period: least squares with months of the year, and intervals that hold for it.

Time is in years. Residuals count as independent and normal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student
from scipy.stats import theilslopes

from kelisim.tolerances import SMALLEST

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
LEAST_POINTS = 4  # fewer have no trend
SEASON_POINTS = 24  # from them on each month of the year has a level of its own
SURE = 0.90


@dataclass(frozen=True)
class Trend:
    """A fitted series.

    slope, low, high  change in a year and its 95 % interval
    robust            change in a year by the median of slopes of all pairs (Theil 1950, Sen 1968), months of the year taken out
    """

    slope: float
    low: float
    high: float
    robust: float
    months: Ints
    is_seasonal: bool
    origin: float
    weights: Floats
    inverse: Floats
    spread: float
    free: int

    def _rows(self, time: Floats, month: Ints) -> Floats:
        return _design(time - self.origin, month, self.months if self.is_seasonal else None)

    def ahead(self, time: Floats, month: Ints, share: Floats) -> tuple[float, float, float]:
        """A weighted sum of values to come, and its interval of 90 %.

        time, month, share  of each of them, (k)

        variance = s2 (sum share^2 + x' (X'X)^-1 x), x the weighted sum of their rows
        """
        row = share @ self._rows(time, month)
        mean = float(row @ self.weights)
        wide = self.spread * np.sqrt(float(share @ share) + float(row @ self.inverse @ row))
        half = float(student.ppf(0.5 + SURE / 2.0, self.free)) * wide
        return mean, mean - half, mean + half


def _design(time: Floats, month: Ints, months: Ints | None) -> Floats:
    if months is None:
        return np.column_stack([np.ones(len(time)), time])
    return np.column_stack([(month[:, None] == months[None, :]).astype(float), time])


def fit(time: Floats, month: Ints, values: Floats) -> Trend | None:
    """The trend of a series; None with fewer than four points.

    time    years, (points)
    month   month of the year of each, 1-12

    With 24 points or more, over at least two years, each month of the year has a level of its own.
    """
    if len(values) < LEAST_POINTS:
        return None
    months = np.unique(month)
    counts = np.array([(month == one).sum() for one in months])
    is_seasonal = len(values) >= SEASON_POINTS and len(months) > 1 and bool((counts >= 2).all())
    origin = float(time.mean())
    design = _design(time - origin, month, months if is_seasonal else None)
    free = len(values) - design.shape[1]
    if free < 1 or np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    inverse: Floats = np.asarray(np.linalg.inv(design.T @ design), dtype=float)
    weights = inverse @ design.T @ values
    rest = values - design @ weights
    spread = float(np.sqrt(max(float(rest @ rest), SMALLEST) / free))
    half = float(student.ppf(0.975, free)) * spread * float(np.sqrt(inverse[-1, -1]))
    slope = float(weights[-1])
    level = design[:, :-1] @ weights[:-1] if is_seasonal else np.zeros(len(values))
    robust = float(theilslopes(values - level, time)[0])
    return Trend(
        slope, slope - half, slope + half, robust, months, is_seasonal, origin, weights, inverse, spread, free
    )
