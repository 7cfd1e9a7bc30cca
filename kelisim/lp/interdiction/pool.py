"""Bounds of sets from all solutions there are.

V(T) <= V(S + T) <= V(S) + sum of w_e(S) over T for every set S of elements whose loss opens nothing, whether S is part of
T or not.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from kelisim.lp.problem import INF, Floats


class Pool:
    """Values of sets and bounds on what further losses cost.

    opens  elements whose loss opens a bound or a limit: sets with one of them are no help, (elements)
    """

    def __init__(self, opens: npt.NDArray[np.bool_]) -> None:
        self._opens = opens
        self._value = np.zeros(0)
        self._bounds = np.zeros((0, len(opens)))
        self._new: list[tuple[float, Floats]] = []
        self._seen: set[tuple[int, ...]] = set()

    def takes(self, lost: Sequence[int]) -> bool:
        """Whether a set is a help."""
        return not self._opens[list(lost)].any()

    def add(self, lost: tuple[int, ...], value: float, bounds: Floats) -> None:
        """A set, its cost and the bounds of each further loss, (elements)."""
        if self.takes(lost) and lost not in self._seen:
            self._seen.add(lost)
            self._new.append((value, bounds))

    def bound(self, lost: Sequence[int], left: int, shut: Collection[int]) -> float:
        """Bound of a set and so many further elements that are not shut."""
        sure = self._sure(lost)
        if left:
            free = np.ones(self._bounds.shape[1], dtype=bool)
            free[[*lost, *shut]] = False
            rest = self._bounds[:, free]
            if rest.shape[1] > left:
                rest = np.partition(rest, rest.shape[1] - left, axis=1)[:, rest.shape[1] - left :]
            sure = sure + rest.sum(axis=1)
        return float(sure.min(initial=INF))

    def one_more(self, lost: Sequence[int]) -> Floats:
        """Bounds of a set with each element besides, (elements)."""
        found: Floats = (self._sure(lost)[:, None] + self._bounds).min(axis=0, initial=INF)
        return found

    def _sure(self, lost: Sequence[int]) -> Floats:
        if self._new:
            values, bounds = zip(*self._new, strict=True)
            self._value = np.concatenate([self._value, values])
            self._bounds = np.vstack([self._bounds, *bounds])
            self._new = []
        return np.asarray(self._value + self._bounds[:, list(lost)].sum(axis=1))
