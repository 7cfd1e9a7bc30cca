"""The worst set of at most k elements: the best one found at any time, and a bound that no set exceeds.

Sets are grown only by elements that the last solution touches (any other cannot add anything before one of these is lost),
best bound first, until no open bound beats the best set found. (Implicit enumeration; the problem of Salmeron, Wood and
Baldick 2004, IEEE Transactions on Power Systems 19.)

**Where there is no bound**, as of most lines under a voltage law, sets are looked at one by one: an element without one that
would be the last of its set is lost at once, which costs a solve from the solution beside it and nothing else.

**Whatever the time**, the search begins with the worst pair and goes down from it, so that there is a good set early; and no
set costs more than all elements lost with nothing freed, since that solution is one of every set.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from kelisim.lp.interdiction.branches import Branch
from kelisim.lp.interdiction.outcomes import Worst
from kelisim.lp.interdiction.pool import Pool
from kelisim.lp.interdiction.states import Set, State, States
from kelisim.lp.problem import INF, Floats

PAIRS = 0.25  # share of the time that pairs may take before larger sets


@dataclass
class _Search:
    """The worst set so far, the size that is looked for, and until when; branches that are open, the best bound first.

    costs, pool  of the sets that this search came by; what was asked before changes the work, and not the way
    """

    value: float
    lost: Set
    size: int
    until: float
    pool: Pool
    queue: list[Branch] = field(default_factory=list)
    costs: dict[Set, float] = field(default_factory=dict)

    @property
    def is_late(self) -> bool:
        return time.monotonic() > self.until


class WorstSets(States):
    """The question for the worst set of elements of one problem."""

    def worst(self, size: int, seconds: float | None = None, begin: Iterable[Sequence[str]] = ()) -> Worst:
        """The worst set of at most `size` elements, with a certificate or an honest gap.

        seconds  stop then with the worst set found
        begin    sets known to be bad, by the names of their elements: the search starts no lower
        """
        before = self._counted()
        began = time.monotonic()
        search = _Search(-INF, (), size, INF, Pool(self._outs.opens))
        self._visit(search, ())
        for lost in map(self._set, begin):
            if len(lost) <= size:
                self._visit(search, lost)
        for count, share in ((min(2, size), PAIRS), (size, 1.0)):
            search.until = INF if seconds is None else began + share * seconds
            self._dive(search, size)
            search.size = count
            is_open = self._seek(search)
            if count == size and not is_open:
                break
        self._solve([search.lost])
        best = self._outcome(search.lost)
        upper, queue = best.value, search.queue if is_open else []
        if queue:
            upper = max(upper, min(max(branch.bound for branch in queue), self._all_lost()))
        if upper <= best.value + self._slack(best.value):
            return Worst(best, upper, True, 0.0, (), self._since(before))
        unbounded = sorted({self.names[b.order[b.at]] for b in queue if np.isinf(b.bound)})
        return Worst(best, upper, False, upper - best.value, tuple(unbounded), self._since(before))

    def _visit(self, search: _Search, lost: Set) -> State:
        """A set with its bounds, which may be the worst one and bounds others."""
        state = self._priced(lost)
        search.pool.add(lost, state.value, state.bounds)
        self._offer(search, state.value, lost)
        return state

    def _offer(self, search: _Search, value: float, lost: Set) -> None:
        """Take a set as the worst one if it is; of equal ones the smaller, the first by name."""
        search.costs[lost] = value
        least = self._slack(search.value)
        is_first = (len(lost), lost) < (len(search.lost), search.lost)
        if value > search.value + least or (value >= search.value - least and is_first):
            search.value, search.lost = value, lost

    def _dive(self, search: _Search, size: int) -> None:
        """Go on from the worst set, each time with what costs most, or may cost most."""
        lost = search.lost
        while len(lost) < size:
            state = self._visit(search, lost)
            left = [int(at) for at in np.flatnonzero(state.touched)]
            if not left:
                break
            bounds = self._bounds_beside(search, lost, state)
            self._look(search, lost, [at for at in left if np.isinf(bounds[at])])
            most = np.where(np.isinf(bounds), 0.0, bounds)
            costs = {at: search.costs.get(_with(lost, at), state.value + most[at]) for at in left}
            nxt = min(left, key=lambda at: (-costs[at], at))
            lost = _with(lost, nxt)
            self._visit(search, lost)

    def _bounds_beside(self, search: _Search, lost: Set, state: State) -> Floats:
        """At most what each element costs besides, by the solution of a set and by those of others, (elements)."""
        found: Floats = np.minimum(state.bounds, search.pool.one_more(lost) - state.value)
        return found

    def _look(self, search: _Search, lost: Set, more: Sequence[int]) -> set[int]:
        """Lose each of some elements besides; returns those that were, others if the time was over."""
        asked, found = [], set()
        for at in more:
            value = self._value_of(_with(lost, at))
            if value is None:
                asked.append(at)
            else:
                self._offer(search, value, _with(lost, at))
                found.add(at)
        if asked:
            deltas = (self._delta(_with(lost, at)) for at in asked)
            for at, value in zip(asked, self._near(self._delta(lost), deltas), strict=False):
                self.work.solved += 1
                self._looked[_with(lost, at)] = value
                self._offer(search, value, _with(lost, at))
                found.add(at)
                if search.is_late:
                    break
        return found

    # ---- branches
    def _seek(self, search: _Search) -> bool:
        """Look for the worst set of a size; whether branches are left open."""
        search.queue = []
        self._open(search, (), frozenset(), INF)
        while search.queue:
            head = search.queue[0]
            if head.bound <= search.value + self._slack(search.value):
                break
            if search.is_late:
                return True
            heapq.heappop(search.queue)
            if self._is_cut(search, head):
                # its siblings do not depend on it
                self._sibling(search, head)
                continue
            if not head.is_checked:
                self._sibling(search, head)
            lost = _with(head.lost, head.order[head.at])
            if len(lost) < search.size:
                self._open(search, lost, head.shut | set(head.order[: head.at]), head.bound)
            else:
                # what it says of other sets is worth its price where it bounds them
                if search.pool.takes(lost):
                    self._visit(search, lost)
                else:
                    self._solve([lost])
                    self._offer(search, self._states[lost].value, lost)
        self.work.cut += len(search.queue)
        return False

    def _is_cut(self, search: _Search, head: Branch) -> bool:
        """Whether solutions of other sets bound a branch better; it then waits with that bound, or is dropped."""
        if head.is_checked:
            return False
        lost, shut = _with(head.lost, head.order[head.at]), head.shut | set(head.order[: head.at])
        bound, least = search.pool.bound(lost, search.size - len(lost), shut), self._slack(search.value)
        if bound >= head.bound - least:
            return False
        if bound > search.value + least:
            heapq.heappush(search.queue, head.at_most(bound))
        else:
            self.work.cut += 1
        return True

    def _open(self, search: _Search, lost: Set, shut: frozenset[int], above: float) -> None:
        """Branches of a set: one for each touched element, largest bound first, then what is known to cost most."""
        state = self._visit(search, lost)
        left = [int(at) for at in np.flatnonzero(state.touched) if at not in shut]
        if left and len(lost) + 1 == search.size:
            bounds = self._bounds_beside(search, lost, state)
            # where no other solution will be a help there is nothing to wait for
            alone = [at for at in left if np.isinf(bounds[at]) and not search.pool.takes(_with(lost, at))]
            looked = self._look(search, lost, alone)
            left = [at for at in left if at not in looked]
        costs = {at: search.costs.get(_with(lost, at), state.value) for at in left}
        left.sort(key=lambda at: (-state.bounds[at], -costs[at], at))
        if left:
            self._push(search, lost, shut, tuple(left), 0, above)

    def _push(
        self, search: _Search, lost: Set, shut: frozenset[int], order: Set, at: int, above: float
    ) -> None:
        state = self._states[lost]
        most = float(state.bounds[list(order[at : at + search.size - len(lost)])].sum())
        if len(lost) + 1 < search.size and self._has_unbounded(state, lost, shut):
            most = INF
        bound = min(above, state.value + most)
        rank = (
            -bound,
            -len(lost),
            -search.costs.get(_with(lost, order[at]), state.value),
            (*lost, order[at]),
        )
        heapq.heappush(search.queue, Branch(rank, bound, lost, shut, order, at))

    @staticmethod
    def _has_unbounded(state: State, lost: Set, shut: frozenset[int]) -> bool:
        """Whether an element that is not touched could be among the others, and has no bound."""
        there = np.isinf(state.bounds) & ~state.touched
        return bool(there.any()) and bool(set(np.flatnonzero(there).tolist()) - set(lost) - shut)

    def _sibling(self, search: _Search, head: Branch) -> None:
        if head.at + 1 < len(head.order):
            self._push(search, head.lost, head.shut, head.order, head.at + 1, head.bound)


def _with(lost: Set, at: int) -> Set:
    return tuple(sorted((*lost, at)))
