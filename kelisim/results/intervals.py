"""What samples say, and how surely: means with intervals, the tail of the worst outcomes, and when to stop.

An estimate is a weighted sum of what was seen. Samples come in groups (strata); within one they are independent, and a
group of which every member was looked at adds no uncertainty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm
from scipy.stats import t as student

from kelisim.results.indices import cvar, value_at_risk
from kelisim.tolerances import ROUNDING

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
CONFIDENCE = 0.95
LEAST_EVENTS = 100  # events of loss that must have been seen before a stopping rule may stop
Z = float(norm.ppf(0.5 + CONFIDENCE / 2))  # standard errors from the mean to the end of an interval


@dataclass(frozen=True)
class Estimate:
    """Means and their standard errors; a number for each column of what was seen.

    degrees  of Student's distribution, for few samples
    """

    mean: Floats
    error: Floats
    degrees: float = np.inf

    @property
    def _reach(self) -> float:
        return float(student.ppf(0.5 + CONFIDENCE / 2, self.degrees)) if np.isfinite(self.degrees) else Z

    @property
    def low(self) -> Floats:
        """Lower end of the 95 % interval; what is estimated is never negative."""
        return np.maximum(self.mean - self._reach * self.error, 0.0)

    @property
    def high(self) -> Floats:
        """Upper end of the 95 % interval."""
        return self.mean + self._reach * self.error

    @property
    def variation(self) -> Floats:
        """Coefficient of variation: standard error over mean; infinite where nothing was seen."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.mean > 0, self.error / self.mean, np.inf)


def estimate(values: Floats, weight: Floats, group: Ints, exact: Bools) -> Estimate:
    """Weighted sums and their standard errors.

    values  what each sample gives, (samples) or (samples, columns)
    weight  so that the estimate is sum(weight x value), (samples)
    group   of each sample, 0, 1, ... (samples)
    exact   groups whose members were all looked at, (groups)

    The variance is the sum over groups of n s^2, s^2 the variance of weight x value within the group of n samples. A
    sampled group of a single sample counts with the square of its value.
    """
    part = (values if values.ndim == 2 else values[:, None]) * weight[:, None]
    groups = len(exact)
    count = np.bincount(group, minlength=groups).astype(float)
    total, square = (np.zeros((groups, part.shape[1])) for _ in range(2))
    np.add.at(total, group, part)
    mean = total / np.maximum(count, 1.0)[:, None]
    np.add.at(square, group, (part - mean[group]) ** 2)
    alone = count == 1
    square[alone] = total[alone] ** 2
    factor = np.where(count > 1, count / np.maximum(count - 1.0, 1.0), 1.0) * ~exact
    variance = (square * factor[:, None]).sum(axis=0)
    return Estimate(total.sum(axis=0), np.sqrt(variance))


def wilson(share: Floats | float, samples: Floats | float) -> tuple[Floats, Floats]:
    """95 % interval of probabilities from so many samples, perhaps worth less than their number (Wilson 1927)."""
    n = np.maximum(samples, ROUNDING)
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * np.sqrt(np.maximum(share * (1 - share), 0.0) / n + Z * Z / (4 * n * n))
    return np.clip(middle - half, 0.0, 1.0), np.clip(middle + half, 0.0, 1.0)


def enough(found: Estimate, events: int, target: float) -> bool:
    """Whether sampling may stop: the coefficient of variation is at the target, and enough losses were seen.

    target  0 never stops
    """
    return target > 0 and events >= LEAST_EVENTS and float(found.variation[0]) <= target


@dataclass(frozen=True)
class Tail:
    """The worst outcomes: value at risk, mean of what is worse, and the standard error of that mean."""

    threshold: float
    mean: float
    error: float

    @property
    def low(self) -> float:
        return max(self.mean - Z * self.error, 0.0)

    @property
    def high(self) -> float:
        return self.mean + Z * self.error


def tail(values: Floats, weight: Floats, group: Ints, exact: Bools, share: float = 0.05) -> Tail:
    """Mean of the worst `share` of outcomes (conditional value at risk), with its error.

    values  loss of each sample, (samples); weight as in `estimate`, made to sum to 1 here

    The mean is that of `cvar`; its error that of E[(L - t)+] / share with the threshold t held.
    """
    threshold = value_at_risk(values, 1.0 - share, weight)
    mean = cvar(values, 1.0 - share, weight)
    over = estimate(np.maximum(values - threshold, 0.0), weight / weight.sum(), group, exact)
    return Tail(threshold, mean, float(over.error[0]) / share)


def poisson_binomial(rates: Floats) -> Floats:
    """P(k of the elements are out), k = 0, 1, ..., (elements + 1); each is out by itself with its own probability."""
    p = np.ones(1)
    for rate in rates:
        p = np.concatenate([p * (1 - rate), [0.0]]) + np.concatenate([[0.0], p * rate])
    return p


# ---- samples of unequal weight
LEAST_EFFECTIVE = 50  # samples of equal weight that others must be worth, or no interval is told


def effective(weight: Floats) -> float:
    """How many samples of equal weight samples are worth: (sum w)^2 / sum w^2 (Kish 1965)."""
    square = float((weight**2).sum())
    return float(weight.sum()) ** 2 / square if square > 0 else 0.0


def weighted_quantiles(values: Floats, weight: Floats, shares: Floats) -> Floats:
    """Values below which given shares of the weight lie, between samples in proportion.

    values  (samples) or (samples, columns); returns (shares) or (shares, columns)

    A sample stands in the middle of its weight (Hazen 1914; with equal weights that is method "hazen" of numpy). Samples
    without weight count for nothing.
    """
    some = weight > 0
    columns = values[some] if values.ndim == 2 else values[some, None]
    found = np.empty((len(shares), columns.shape[1]))
    for at, column in enumerate(columns.T):
        order = np.argsort(column, kind="stable")
        mine = weight[some][order]
        middle = (np.cumsum(mine) - mine / 2.0) / mine.sum()
        found[:, at] = np.interp(shares, middle, column[order])
    return found if values.ndim == 2 else found[:, 0]


def likeness(answers: Floats, observed: Floats, tolerance: Floats) -> Floats:
    """Weight of each sample by how near its answers are to what was observed, (samples); they add up to 1.

    answers  (samples, observations); observed, tolerance (observations)

    w = exp(-1/2 sum(((answer - observed) / tolerance)^2)): importance weights from the prior of the samples to what is known beside it,
    errors of observations and model taken as normal (Beven and Binley 1992, with a formal likelihood).
    """
    with np.errstate(over="ignore"):
        far = 0.5 * (((answers - observed) / tolerance) ** 2).sum(axis=1)
    weight = np.exp(far[np.argmin(far)] - far) if len(far) else far
    return np.asarray(weight / weight.sum()) if len(weight) else weight
