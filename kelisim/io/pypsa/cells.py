"""Snapshots of a case whose steps have parts: what a carrier with one balance a step is in PyPSA's words.

PyPSA has one balance in each snapshot. A bus that is to balance over the step alone gets a store that is empty at the end
of each step. A flow that is the same all step has limits of change of zero within it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.resolution import in_steps

Floats = npt.NDArray[np.float64]


class Cells:
    """Cells of a horizon: steps, or parts of them.

    hours    hours that each counts for
    moves    hours by which PyPSA's stores move in each: what its snapshots weigh for stores
    counted  MWh of a limit of the year for each MWh by which a store moves
    heads    first cell of each step
    tails    last cell of each step
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        horizon = case.horizon
        self.hours: Floats = horizon.hours
        # typical days stand for many: what they move in a month counts. Other steps move what they last
        self.moves: Floats = horizon.hours if not horizon.listed else horizon.length
        self.counted: Floats = self.hours / self.moves
        self.of = horizon.step_of
        self.heads = np.flatnonzero(np.diff(self.of, prepend=-1))
        self.tails = np.append(self.heads[1:], horizon.count) - 1
        self._known: dict[str, bool] = {}

    def is_coarse(self, carrier: str) -> bool:
        """Whether a carrier has one balance a step where steps have parts."""
        if carrier not in self._known:
            self._known[carrier] = bool(in_steps(self.case, pd.Series([carrier], dtype=object))[0])
        return self._known[carrier]

    def over_step(self, values: Any) -> Floats:
        """In each cell the sum of values over its step."""
        wide = np.broadcast_to(np.asarray(values, dtype=float), self.hours.shape)
        return np.asarray(np.add.reduceat(wide, self.heads)[self.of])

    def mean(self, values: Any) -> Any:
        """In each cell the mean of values over its step, by hours; a number stays one."""
        if np.ndim(values) == 0:
            return values
        same = np.array_equal(values, np.asarray(values)[self.heads[self.of]])
        return values if same else self.over_step(values * self.hours) / self.over_step(self.hours)

    def at(self, where: npt.NDArray[np.int64], value: Any, otherwise: float = 0.0) -> Floats:
        """A value in some cells, another in the rest."""
        found = np.full(len(self.hours), otherwise)
        found[where] = value if np.ndim(value) == 0 else np.asarray(value)[where]
        return found

    def free_within_step(self) -> dict[str, Floats]:
        """Limits of a store that is empty at the end of each step, above or below before it."""
        return {"e_min_pu": self.at(self.tails, 0.0, -1.0), "e_max_pu": self.at(self.tails, 0.0, 1.0)}
