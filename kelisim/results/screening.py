"""Which of many uncertain factors move a result: samples of them, and correlations with intervals.

Pure functions of arrays. A Latin hypercube spreads few samples evenly over each factor (McKay, Beckman & Conover 1979,
Technometrics 21); the partial rank correlation of a factor is what it has to do with a monotone result after all other
factors are accounted for (Iman & Conover 1979, Technometrics 21; Saltelli et al. 2008, Global Sensitivity Analysis).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import qmc, rankdata

from kelisim.results.intervals import Z
from kelisim.tolerances import ROUNDING, SMALLEST

Floats = npt.NDArray[np.float64]


def latin_hypercube(samples: int, factors: int, seed: int) -> Floats:
    """Levels from -1 to 1, (samples, factors); each factor has one sample in each of `samples` equal strata."""
    if not factors:
        return np.zeros((samples, 0))
    unit = qmc.LatinHypercube(d=factors, rng=np.random.default_rng(seed)).random(samples)
    return np.asarray(2.0 * unit - 1.0)


def partial_rank_correlation(levels: Floats, result: Floats) -> tuple[Floats, Floats, Floats]:
    """Correlation of the ranks of each factor and of a result, the other factors removed from both, with an interval.

    levels   (samples, factors)
    result   (samples)
    returns  correlation, low, high (factors): -1 to 1; interval of Fisher's transformation with
             samples - (factors - 1) - 3 degrees, 95 %. NaN where the result does not vary.

    With R the correlation matrix of the ranks of factors and result, and P its inverse, it is
    -P_jy / sqrt(P_jj P_yy). With too few samples for that (factors + 5 or less) it is the plain rank correlation.
    """
    samples, factors = levels.shape
    nothing = np.full(factors, np.nan)
    if samples < 5 or np.ptp(result) <= ROUNDING * max(float(np.abs(result).max()), SMALLEST):
        return nothing, nothing.copy(), nothing.copy()
    ranks = np.column_stack([rankdata(column) for column in [*levels.T, result]])
    matrix = np.atleast_2d(np.corrcoef(ranks, rowvar=False))
    if samples > factors + 5:
        # a result that follows one factor exactly would leave no inverse
        inverse = np.linalg.inv(matrix + 1e-9 * np.eye(len(matrix)))
        found = -inverse[:-1, -1] / np.sqrt(np.diag(inverse)[:-1] * inverse[-1, -1])
        degrees = samples - (factors - 1) - 3
    else:
        found, degrees = matrix[:-1, -1], samples - 3
    found = np.clip(found, -1.0, 1.0)
    half = Z / np.sqrt(max(degrees, 1))
    middle = np.arctanh(np.clip(found, -1 + 1e-12, 1 - 1e-12))
    return found, np.tanh(middle - half), np.tanh(middle + half)
