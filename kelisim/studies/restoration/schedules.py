"""In which order a few crews repair what is out, so that the loss summed over time is least.

What is out is a set of elements; a loss per unit of time belongs to each set, and is asked once for each. A repair keeps one
crew for its whole time and is not interrupted. Crews follow a list: whenever one is free it begins the next repair on it. If
losing more never costs less (the loss is monotone), no schedule is better than the best list: take any schedule, list the
repairs by their start, and following the list no repair ends later. Where the loss is not monotone, waiting on purpose
might be better; it is not looked at.

Sets are bit masks: bit e stands for element e. Times are in the unit of the repair times; a total is loss times time.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, combinations, permutations

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

from kelisim.tolerances import ROUNDING

Floats = npt.NDArray[np.float64]
Loss = Callable[[int], float]
Times = Sequence[float]
Enough = Callable[[], bool]
Order = tuple[int, ...]


@dataclass(frozen=True)
class Schedule:
    """Who repairs what and when.

    order   elements in the order in which their repairs begin
    crew    of each element, from 0, (elements)
    starts, ends  of each repair, (elements)
    """

    order: Order
    crew: tuple[int, ...]
    starts: tuple[float, ...]
    ends: tuple[float, ...]

    @property
    def length(self) -> float:
        """When the last repair ends."""
        return max(self.ends, default=0.0)

    def stretches(self) -> list[tuple[float, float, int]]:
        """(from, to, set still out), one after another until all is repaired."""
        found: list[tuple[float, float, int]] = []
        out, now = (1 << len(self.ends)) - 1, 0.0
        for end, element in sorted((end, element) for element, end in enumerate(self.ends)):
            if end > now + ROUNDING:
                found.append((now, end, out))
                now = end
            out &= ~(1 << element)
        return found


@dataclass(frozen=True)
class Teams:
    """Crews by trade: a crew repairs elements of its own trade only.

    trade  of each element, from 0, (elements)
    crews  of each trade, each above 0
    """

    trade: tuple[int, ...]
    crews: tuple[int, ...]


Crews = int | Teams


def counted(crews: Crews) -> int:
    """How many crews there are. If each could repair anything no schedule would lose more: a bound for them is one for trades."""
    return crews if isinstance(crews, int) else sum(crews.crews)


def follow(order: Sequence[int], times: Times, crews: Crews) -> Schedule:
    """The schedule of crews that follow a list; of crews free at the same time the first one goes.

    times  of each repair, above 0, (elements)
    """
    teams = Teams((0,) * len(times), (crews,)) if isinstance(crews, int) else crews
    ends_at = list(accumulate(teams.crews))
    free = [
        [(0.0, crew) for crew in range(last - count, last)]
        for count, last in zip(teams.crews, ends_at, strict=True)
    ]
    crew_of, starts, ends = [0] * len(times), [0.0] * len(times), [0.0] * len(times)
    for element in order:
        own = free[teams.trade[element]]
        now, crew = heapq.heappop(own)
        crew_of[element], starts[element], ends[element] = crew, now, now + times[element]
        heapq.heappush(own, (ends[element], crew))
    # a list of several trades names them as it likes: what is told is by the start
    return Schedule(tuple(sorted(order, key=starts.__getitem__)), tuple(crew_of), tuple(starts), tuple(ends))


def longest(times: Times, crews: Crews) -> float:
    """No list takes longer until all is repaired: of each trade (sum - max) / crews + max (Graham 1966, Bell System Technical Journal 45)."""
    teams = Teams((0,) * len(times), (crews,)) if isinstance(crews, int) else crews
    found = [0.0]
    for trade, count in enumerate(teams.crews):
        mine = [time for time, of in zip(times, teams.trade, strict=True) if of == trade]
        if mine:
            found.append((sum(mine) - max(mine)) / count + max(mine))
    return max(found)


def distinct(times: Times, crews: Crews) -> list[Schedule]:
    """All schedules that lists give, each once: lists by which every repair ends at the same time are one."""
    found: dict[tuple[float, ...], Schedule] = {}
    for order in permutations(range(len(times))):
        one = follow(order, times, crews)
        found.setdefault(tuple(round(end, 9) for end in one.ends), one)
    return list(found.values())


def summed(schedule: Schedule, loss: Loss) -> float:
    """Loss over time until all is repaired."""
    return sum((end - start) * loss(out) for start, end, out in schedule.stretches())


@dataclass(frozen=True)
class FoundSchedule:
    """The best order known.

    total  of its schedule
    bound  no order has a total below it; equal to the total where the order is proven best
    exact  whether all orders were looked at, or ruled out
    """

    schedule: Schedule
    total: float
    bound: float
    exact: bool

    @property
    def gap(self) -> float:
        """How much lower the total of another order could be."""
        return max(self.total - self.bound, 0.0)


# ---- all sets
def table(loss: Loss, count: int) -> Floats:
    """Loss of every set of so many elements, (2 ** elements), small sets first asked."""
    found = np.zeros(1 << count)
    for out in sorted(range(1 << count), key=lambda s: (s.bit_count(), s)):
        found[out] = loss(out)
    return found


def lowered(losses: Floats) -> Floats:
    """The largest monotone losses that are nowhere above: of each set the least loss of a set that holds it."""
    found = losses.copy()
    for bit in range(len(losses).bit_length() - 1):
        pairs = found.reshape(-1, 2, 1 << bit)
        pairs[:, 0] = np.minimum(pairs[:, 0], pairs[:, 1])
    return found


def one_crew(losses: Floats, times: Times) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Least total from each set on with one crew, and what it repairs first, (2 ** elements) each.

    f(S) = min over e in S of t_e L(S) + f(S - e), f(nothing) = 0 (dynamic programming over sets: Held & Karp 1962,
    Journal of SIAM 10). Equal ones: the first element.
    """
    size = len(losses)
    best, first = np.zeros(size), np.full(size, -1, dtype=np.int64)
    for out in range(1, size):
        least = np.inf
        for element in members(out):
            total = times[element] * losses[out] + best[out & ~(1 << element)]
            if total < least - ROUNDING * abs(total):
                least, first[out] = total, element
        best[out] = least
    return best, first


def members(out: int) -> Iterator[int]:
    """Elements of a set, lowest first."""
    element = 0
    while out:
        if out & 1:
            yield element
        out >>= 1
        element += 1


def of_all(losses: Floats, times: Times, crews: Crews) -> FoundSchedule:
    """The best order by looking at each, over a table of the losses of all sets; for crews by trade and a few elements."""
    ranked = [(summed(one, lambda out: float(losses[out])), one.order, one) for one in distinct(times, crews)]
    total, _, best = min(ranked)
    return FoundSchedule(best, total, total, True)


def exact(losses: Floats, times: Times, crews: int, states: int = 200_000) -> FoundSchedule:
    """The best order, over a table of the losses of all sets; none of them below 0, that of nothing 0.

    One crew: dynamic programming over sets. Several: best first over what is done and what each crew is at (A*; Hart,
    Nilsson & Raphael 1968). A state is left with at least the total of one crew that is as quick as all together: list any
    schedule by the ends of its repairs; the first k take no less crew time than c times the k-th end, so the one quick
    crew ends each of them no later, and with losses made monotone from below (`lowered`) it loses no more.

    states  looked at before the search gives up with the best order known and a bound
    """
    if (losses < 0.0).any() or losses[0] != 0.0:
        raise ValueError("losses are not below 0, and that of nothing is 0")
    count, everything = len(times), len(losses) - 1
    if crews == 1 or count < 2:
        best, first = one_crew(losses, times)
        order, out = [], everything
        while out:
            order.append(int(first[out]))
            out &= ~(1 << order[-1])
        total = float(best[everything])
        return FoundSchedule(follow(order, times, crews), total, total, True)
    quick, _ = one_crew(lowered(losses), [time / crews for time in times])
    return _Search(losses, times, crews, quick).run(states)


State = tuple[int, tuple[tuple[float, int], ...], int]


class _Search:
    """Best first over (not begun, running with the time each still takes, last begun at this moment)."""

    def __init__(self, losses: Floats, times: Times, crews: int, quick: Floats) -> None:
        self._losses, self._times, self._crews, self._quick = losses, times, crews, quick

    def run(self, states: int) -> FoundSchedule:
        count = len(self._times)
        start: State = ((1 << count) - 1, (), -1)
        known: dict[State, tuple[float, Order]] = {start: (0.0, ())}
        queue: list[tuple[float, float, State]] = [(float(self._quick[start[0]]), 0.0, start)]
        done = 0
        while queue:
            bound, spent, state = heapq.heappop(queue)
            total, order = known[state]
            if spent > total:
                continue
            if not state[0]:
                return FoundSchedule(follow(order, self._times, self._crews), total, total, True)
            done += 1
            if done > states:
                return self._given_up(order, state[0], bound)
            for more, element, after in self._next(state):
                new = total + more
                held = known.get(after)
                if held is None or new < held[0] - ROUNDING * abs(new):
                    known[after] = new, (*order, element)
                    heapq.heappush(queue, (new + float(self._quick[after[0]]), new, after))
        raise ValueError("a search without an end")

    def _next(self, state: State) -> Iterator[tuple[float, int, State]]:
        waiting, running, last = state
        for element in members(waiting):
            # of repairs that begin at the same moment the order says nothing
            if element < last:
                continue
            left = waiting & ~(1 << element)
            busy = tuple(sorted((*running, (self._times[element], element))))
            if left and len(busy) < self._crews:
                yield 0.0, element, (left, busy, element)
                continue
            spent, busy = self._until_free(left, busy)
            yield spent, element, (left, busy, -1)

    def _until_free(
        self, waiting: int, running: tuple[tuple[float, int], ...]
    ) -> tuple[float, tuple[tuple[float, int], ...]]:
        """Loss until a crew is free, or until all is done where nothing waits; and what then still runs."""
        spent, passed = 0.0, 0.0
        out = waiting | sum(1 << element for _, element in running)
        while running:
            end = running[0][0]
            spent += (end - passed) * float(self._losses[out])
            passed = end
            while running and running[0][0] <= passed + ROUNDING:
                out &= ~(1 << running[0][1])
                running = running[1:]
            if waiting:
                break
        return spent, tuple((round(end - passed, 9), element) for end, element in running)

    def _given_up(self, order: Order, waiting: int, bound: float) -> FoundSchedule:
        found = searched(
            lambda out: float(self._losses[out]), self._times, self._crews, [(*order, *members(waiting))]
        )
        return replace(found, bound=min(bound, found.total))


# ---- too many sets to ask for all
def greedy(loss: Loss, times: Times, crews: Crews) -> Schedule:
    """Always next what brings most per time of its repair, alone or two together; of two the one that brings more alone."""
    out, order = (1 << len(times)) - 1, []
    while out:
        now, left = loss(out), list(members(out))
        gain = {e: now - loss(out & ~(1 << e)) for e in left}
        best, first = max((gain[e] / times[e], -e) for e in left)
        chosen: Order = (-first,)
        for pair in combinations(left, 2):
            brought = now - loss(out & ~(1 << pair[0]) & ~(1 << pair[1]))
            rate = brought / (times[pair[0]] + times[pair[1]])
            if rate > best + ROUNDING * max(1.0, abs(best)):
                best, chosen = rate, pair
        for e in sorted(chosen, key=lambda e: (-gain[e], times[e], e)):
            order.append(e)
            out &= ~(1 << e)
    return follow(order, times, crews)


def backward(loss: Loss, times: Times, crews: Crews) -> Schedule:
    """The order built from its end: last what may stay out at least loss per time of its repair."""
    out = 0
    order: list[int] = []
    while len(order) < len(times):
        now = loss(out)
        left = [e for e in range(len(times)) if not out >> e & 1]
        chosen = -max((-(loss(out | 1 << e) - now) / times[e], -e) for e in left)[1]
        order.append(chosen)
        out |= 1 << chosen
    return follow(order[::-1], times, crews)


def searched(
    loss: Loss, times: Times, crews: Crews, orders: Sequence[Order] = (), enough: Enough = lambda: False
) -> FoundSchedule:
    """The best list found from some orders and from the two greedy ones; without a bound.

    enough  asked before each step; true ends the search with what is known
    """
    starts = [greedy(loss, times, crews).order, backward(loss, times, crews).order, *orders]
    ranked = sorted((summed(follow(order, times, crews), loss), order) for order in dict.fromkeys(starts))
    found = [improved(order, times, crews, loss, enough) for _, order in ranked]
    total, _, best = min((summed(one, loss), one.order, one) for one in found)
    return FoundSchedule(best, total, 0.0, False)


def improved(
    order: Sequence[int], times: Times, crews: Crews, loss: Loss, enough: Enough = lambda: False
) -> Schedule:
    """A list made better by exchanging two repairs or moving one, near ones first, until no such step helps."""
    best = follow(order, times, crews)
    total, better = summed(best, loss), True
    while better and not enough():
        better = False
        for near in neighbours(best.order):
            step = follow(near, times, crews)
            less = summed(step, loss)
            if less < total - ROUNDING * max(1.0, abs(total)):
                best, total, better = step, less, True
                break
            if enough():
                break
    return best


def neighbours(order: Order) -> Iterator[Order]:
    """Lists with two elements exchanged, or one put elsewhere; what is moved least comes first."""
    count = len(order)
    for apart in range(1, count):
        for i in range(count - apart):
            j = i + apart
            swapped = list(order)
            swapped[i], swapped[j] = swapped[j], swapped[i]
            yield tuple(swapped)
            if apart > 1:
                yield (*order[:i], *order[i + 1 : j + 1], order[i], *order[j + 1 :])
                yield (*order[:i], order[j], *order[i:j], *order[j + 1 :])


# ---- bounds where not all sets are asked
@dataclass(frozen=True)
class ScheduleCut:
    """What one set T says of any other: L(S) >= loss - sum of gains over what is in T only - sum of frees over what is in S only.

    out    the set T
    gains  at most what the repair of each element brings, (elements)
    frees  at most what the loss of each element besides makes cheaper, (elements); 0 where losses are monotone
    """

    out: int
    loss: float
    gains: Floats
    frees: Floats

    @classmethod
    def plain(cls, out: int, loss: float, count: int) -> ScheduleCut:
        """Of monotone losses, without more being known: the repair of a single element may bring all back."""
        return cls(out, loss, np.full(count, loss), np.zeros(count))


def bound_of_group(loss: Loss, group: Sequence[int], times: Times, crews: int) -> float:
    """Least total if nothing but a group were out, with one crew as quick as all together; for monotone losses.

    Any schedule of all loses at every time at least what its part of the group loses, and the quick crew ends the
    repairs of the group, in the order of their ends, no later (see `exact`).
    """
    chosen = sorted(group)

    def of_group(part: int) -> float:
        return loss(sum(1 << chosen[e] for e in members(part)))

    losses = lowered(np.maximum(table(of_group, len(chosen)), 0.0))
    return float(one_crew(losses, [times[e] / crews for e in chosen])[0][-1])


def bound_of_cuts(cuts: Sequence[ScheduleCut], times: Times, crews: int, parts: int = 60) -> float:
    """Sum over stretches of time of the least loss that any set repaired by their ends can leave.

    By the time t the crews have worked c t at most, so what is repaired took no more, and each of it no more than t. The
    least loss under the cuts and that, with elements repaired in parts allowed, is a linear problem; the loss only falls,
    so that its value at the end of a stretch holds for all of it.
    """
    count, work = len(times), sum(times) / crews
    last = max(work, *times)
    ends = np.unique(np.round([*np.linspace(0.0, last, parts + 1)[1:], *times], 9))
    out = np.array([[cut.out >> e & 1 for e in range(count)] for cut in cuts], dtype=float)
    gains = out * np.array([cut.gains for cut in cuts])
    frees = (1.0 - out) * np.array([cut.frees for cut in cuts])
    # x is repaired: loss - gains x - frees (1 - x) <= v, and times x <= c t
    rows = np.vstack([np.hstack([frees - gains, -np.ones((len(cuts), 1))]), [*times, 0.0]])
    least = np.array([cut.loss for cut in cuts]) - frees.sum(axis=1)
    total, before = 0.0, 0.0
    for end in ends:
        limits = [*-least, crews * end]
        bounds = [(0.0, 1.0 if time < end - ROUNDING else 0.0) for time in times]
        found = linprog([*[0.0] * count, 1.0], rows, limits, bounds=[*bounds, (0.0, None)], method="highs")
        if found.status != 0:
            break
        total += (float(end) - before) * max(float(found.fun), 0.0)
        before = float(end)
    # the solver answers within its own tolerance
    return total * (1.0 - 1e-7)
