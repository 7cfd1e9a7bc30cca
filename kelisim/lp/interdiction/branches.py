"""Branches of the search for the worst set, and what bounds them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from kelisim.lp.interdiction.states import Bools, Set, State


@dataclass(order=True)
class Branch:
    """Sets that hold `lost` and the element at `at` of its branching order, and none of those before it."""

    rank: tuple[float, int, Set] = field()
    bound: float = field(compare=False)
    lost: Set = field(compare=False)
    shut: frozenset[int] = field(compare=False)
    order: tuple[int, ...] = field(compare=False)
    at: int = field(compare=False)
    is_checked: bool = field(compare=False, default=False)

    def at_most(self, bound: float) -> Branch:
        """The same with a better bound, which all solutions so far were asked for; its siblings stand elsewhere."""
        return replace(self, rank=(-bound, *self.rank[1:]), bound=bound, is_checked=True)


class Pool:
    """Bounds of a branch from all solutions there are.

    V(T) <= V(S + T) <= V(S) + sum of w_e(S) over T for every set S of elements whose loss opens nothing, whether S is
    part of T or not.

    opens  elements whose loss opens a bound or a limit, (elements)
    """

    def __init__(self, opens: Bools) -> None:
        count = len(opens)
        self._opens = opens
        self._value = np.zeros(0)
        self._bounds = np.zeros((0, count))
        self._seen: set[Set] = set()

    def bound(self, states: dict[Set, State], branch: Branch, size: int) -> float:
        new = [lost for lost in states if lost not in self._seen and states[lost].is_priced]
        self._seen |= set(new)
        new = [lost for lost in new if not self._opens[list(lost)].any()]
        if new:
            self._value = np.concatenate([self._value, [states[lost].value for lost in new]])
            self._bounds = np.vstack([self._bounds, *[states[lost].bounds for lost in new]])
        lost = [*branch.lost, branch.order[branch.at]]
        left = size - len(lost)
        sure = self._value + self._bounds[:, lost].sum(axis=1)
        if left:
            free = np.ones(self._bounds.shape[1], dtype=bool)
            free[[*lost, *branch.shut, *branch.order[: branch.at]]] = False
            rest = self._bounds[:, free]
            if rest.shape[1] > left:
                rest = np.partition(rest, rest.shape[1] - left, axis=1)[:, rest.shape[1] - left :]
            sure = sure + rest.sum(axis=1)
        return float(sure.min(initial=np.inf))
