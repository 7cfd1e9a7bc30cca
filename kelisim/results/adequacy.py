"""Whether the units of an area, or of areas with lines of limited size between them, can carry the load: exact answers.

Units are up or down, independently of each other. The table of available capacity is built by convolution, unit by unit,
on a grid of whole MW; indices follow from it without sampling (Billinton and Allan 1996, Reliability Evaluation of Power
Systems, ch. 2 and 3). Few units in several areas are enumerated, state by state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from kelisim.tolerances import ROUNDING

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
MOST_UNITS = 22  # that are enumerated: four million states


@dataclass(frozen=True)
class CapacityTable:
    """Probabilities of the available capacity of an area.

    probability  of exactly 0, 1, ... MW, (total + 1)
    net_up       expected rate at which repairs lead up out of these states, less that of failures down, 1/h, (total + 1);
                 zeros if no rates were given
    """

    probability: Floats
    net_up: Floats

    @property
    def total(self) -> int:
        """MW with everything up."""
        return len(self.probability) - 1

    def below(self, load: Floats) -> Floats:
        """P(capacity < load), (loads)."""
        return self._sum(self.probability, load)

    def shortfall(self, load: Floats) -> Floats:
        """E[(load - capacity)+], MW, (loads)."""
        megawatt = np.arange(self.total + 1)
        return load * self.below(load) - self._sum(self.probability * megawatt, load)

    def frequency_below(self, load: Floats) -> Floats:
        """How often capacity comes to be below the load by failures alone, 1/h, (loads)."""
        return self._sum(self.net_up, load)

    def _sum(self, values: Floats, load: Floats) -> Floats:
        """Sum over the states with less capacity than the load; what rounding leaves of a load is no load."""
        running = np.concatenate([[0.0], np.cumsum(values)])
        return running[np.clip(np.ceil(load - ROUNDING), 0, self.total + 1).astype(np.int64)]


def capacity_table(
    capacity: Sequence[int],
    outage_rate: Sequence[float],
    units: Sequence[int] | None = None,
    mttf: Sequence[float] | None = None,
    mttr: Sequence[float] | None = None,
) -> CapacityTable:
    """The table of available capacity of units that fail independently.

    capacity     MW of one unit, whole numbers, (rows)
    outage_rate  probability of being out (forced outage rate), (rows)
    units        how many there are of each; one if not given
    mttf, mttr   mean time to failure and to repair, h; needed for frequencies only

    p'(x) = (1 - q) p(x - c) + q p(x), unit by unit; the net rate upwards goes with it:
    d'(x) = (1 - q) (d(x - c) - p(x - c) / mttf) + q (d(x) + p(x) / mttr).
    Raises ValueError for capacities that are not whole, or rates outside 0 to 1.
    """
    size = np.asarray(capacity, dtype=float)
    rate = np.asarray(outage_rate, dtype=float)
    if (size != np.round(size)).any() or (size < 0).any():
        raise ValueError("capacities of the table are whole numbers of MW")
    if ((rate < 0) | (rate > 1)).any():
        raise ValueError("outage rates lie between 0 and 1")
    count = np.ones(len(size), dtype=int) if units is None else np.asarray(units, dtype=int)
    falls = np.zeros(len(size)) if mttf is None else 1.0 / np.asarray(mttf, dtype=float)
    rises = np.zeros(len(size)) if mttr is None else 1.0 / np.asarray(mttr, dtype=float)
    p, d = np.ones(1), np.zeros(1)
    for c, q, n, fall, rise in zip(size.astype(int), rate, count, falls, rises, strict=True):
        for _ in range(n):
            gap = np.zeros(c)
            d = (1 - q) * np.concatenate([gap, d - fall * p]) + q * np.concatenate([d + rise * p, gap])
            p = (1 - q) * np.concatenate([gap, p]) + q * np.concatenate([p, gap])
    return CapacityTable(p, d)


@dataclass(frozen=True)
class Indices:
    """Indices of a period of hours.

    lolp  P(capacity < load) of each hour
    lole  hours in the period with too little
    eue   MWh unserved in the period; neue as a share of the energy wanted
    daily_peak  days in the period whose peak cannot be carried
    lolf  times in the period that a shortage begins; NaN without rates of failure and repair
    """

    lolp: Floats
    lole: float
    eue: float
    neue: float
    daily_peak: float
    lolf: float


def indices(table: CapacityTable, load: Floats) -> Indices:
    """Indices of an hourly load.

    load  MW, (hours); the period counts from midnight

    lole = sum P(C < L_t); eue = sum E[(L_t - C)+];
    lolf = sum [F(L_t) + (P(C < L_t) - P(C < L_t-1))+], F the frequency of capacity falling below (by failures), the other
    term the load rising above it.
    """
    lolp = table.below(load)
    eue = float(table.shortfall(load).sum())
    days = len(load) // 24
    peaks = load[: days * 24].reshape(days, 24).max(axis=1)
    lolf = np.nan
    if table.net_up.any():
        rising = np.maximum(np.diff(lolp, prepend=lolp[-1:]), 0.0)
        lolf = float(table.frequency_below(load).sum() + rising.sum())
    energy = float(load.sum())
    return Indices(
        lolp, float(lolp.sum()), eue, eue / energy if energy else 0.0, float(table.below(peaks).sum()), lolf
    )


# ---- several areas
def all_states(outage_rate: Floats) -> tuple[Bools, Floats]:
    """Every state of some units and its probability: out (2^units, units), (2^units).

    Raises ValueError for more units than can be enumerated.
    """
    count = len(outage_rate)
    if count > MOST_UNITS:
        raise ValueError(f"{count} units have too many states to be enumerated; at most {MOST_UNITS}")
    numbers = np.arange(2**count, dtype=np.int64)[:, None]
    out: Bools = ((numbers >> np.arange(count)) & 1).astype(bool)
    probability = np.where(out, outage_rate, 1.0 - outage_rate).prod(axis=1)
    return out, np.asarray(probability)


def unserved_in_areas(margin: Floats, lines: Sequence[tuple[int, int]], limit: Floats) -> Floats:
    """The least load of all areas together that cannot be carried, MW, (states).

    margin  capacity less load of each area, (states, areas)
    lines   the two areas that each line joins
    limit   MW that a line carries either way, (lines) or (states, lines)

    By the theorem of Gale and Hoffman it is the largest, over sets of areas, of what the set lacks less what the lines
    into it can bring (maximum flow is minimum cut).
    """
    states, areas = margin.shape
    size = np.broadcast_to(limit, (states, len(lines)))
    worst = np.zeros(states)
    for count in range(1, areas + 1):
        for chosen in combinations(range(areas), count):
            into = [at for at, (a, b) in enumerate(lines) if (a in chosen) != (b in chosen)]
            worst = np.maximum(worst, -margin[:, list(chosen)].sum(axis=1) - size[:, into].sum(axis=1))
    return worst
