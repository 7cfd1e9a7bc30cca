"""Branches of the search for the worst set."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from kelisim.lp.interdiction.states import Set


@dataclass(order=True)
class Branch:
    """Sets that hold `lost` and the element at `at` of its branching order, and none of those before it."""

    rank: tuple[float, int, float, Set] = field()
    bound: float = field(compare=False)
    lost: Set = field(compare=False)
    shut: frozenset[int] = field(compare=False)
    order: tuple[int, ...] = field(compare=False)
    at: int = field(compare=False)
    is_checked: bool = field(compare=False, default=False)

    def at_most(self, bound: float) -> Branch:
        """The same with a better bound, which all solutions so far were asked for; its siblings stand elsewhere."""
        return replace(self, rank=(-bound, *self.rank[1:]), bound=bound, is_checked=True)
