"""The worst that the loss of k elements can do to the optimum of a linear problem, exactly or with an honest gap.

V(F) is the optimal cost with the set F of elements out. Three facts make it quick to know V for many sets:

- **Untouched means unchanged**: V(F + e) = V(F) if the solution of F stays inside the bounds that e leaves
  (kelisim.lp.interdiction.states).
- **Losses are bounded** by one solution: V(F + T) <= V(F) + sum of w_e over T (kelisim.lp.interdiction.bounds).
- **Many pairs add up**: V(i, j) = V(i) + V(j) - V(0), proven from the two solutions (kelisim.lp.interdiction.effects).

The worst set of k follows from the first two (kelisim.lp.interdiction.worst).

Values are those that the solver minimises, with what breaks ties, in the problem's currency; losses are without it.
Where many solutions are equally good, the one that touches few elements says most: `favour_few` breaks such ties.
Results depend neither on the order of the elements nor on time, except where a time limit is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from kelisim.lp.delta import Delta
from kelisim.lp.interdiction.effects import Effects
from kelisim.lp.interdiction.outcomes import Element, Outcome, Ranking, SearchWork, Values
from kelisim.lp.interdiction.states import Bools, Set, State
from kelisim.lp.interdiction.worst import WorstSets
from kelisim.lp.problem import INF, Floats, Problem


def favour_few(problem: Problem, elements: Sequence[Element], share: float = 1e-6) -> Problem:
    """The problem with ties broken towards solutions that touch few elements.

    share  tilt of every column that an element can take away and that has none, as a share of the largest cost
    returns the problem with another tilt; compile the session with it

    Costs are reported without the tilt. It lets an answer differ from the least cost by no more than the tilt of what flows.
    """
    columns = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *(e.out.columns for e in elements)]))
    columns = columns[(problem.lower[columns] == 0.0) & (problem.tilt[columns] == 0.0)]
    tilt = problem.tilt.copy()
    tilt[columns] = share * float(np.abs(problem.cost).max(initial=0.0))
    return replace(problem, tilt=tilt)


class Interdiction(WorstSets):
    """Questions about losing elements of one problem: singles, pairs, all sets of a size, the worst set."""

    _effects: Effects | None = None

    # ---- all sets
    def singles(self) -> list[Outcome]:
        """All sets of one, worst first; only touched elements are solved."""
        return self.all_sets(1).outcomes()

    def all_sets(self, size: int) -> Values:
        """V of every set of one size, exactly, by implicit enumeration."""
        before = self._counted()
        home: dict[Set, Set] = {(): ()}
        self._solve([()])
        for count in range(1, size + 1):
            sets = list(combinations(range(len(self.names)), count))
            found = {lost: self._home(lost, home) for lost in sets}
            self._solve([lost for lost, known in found.items() if known is None])
            # sets that share a solution share its state
            home = {lost: lost if known is None else known for lost, known in found.items()}
            if count == size:
                self.work.known += sum(known is not None for known in found.values())
        chosen = list(home) if size else [()]
        states = [self._states[home[lost]] for lost in chosen]
        values = np.array([[state.value, state.cost] for state in states]).reshape(-1, 2)
        sets_array = np.array(chosen, dtype=np.int64).reshape(len(chosen), size)
        return self._ranked(sets_array, values, before)

    def all_pairs(self) -> Values:
        """V of every pair, exactly; as all_sets(2), with arrays throughout."""
        before = self._counted()
        value, unknown = self._pairs()
        self._add_up(value, unknown, unknown)
        first, second = np.nonzero(np.triu(unknown, 1))
        answers = self._values(list(zip(first.tolist(), second.tolist(), strict=True)))
        value[first, second] = answers
        i, j = np.triu_indices(len(self.names), 1)
        self._count_known(before, len(i) - len(first))
        return self._ranked(np.column_stack([i, j]), value[i, j], before)

    def worst_pairs(self, count: int, chunk: int = 64) -> Ranking:
        """The worst pairs exactly: every pair that is not solved has a bound below the last one listed.

        chunk  pairs that are asked together; more keep more workers busy, fewer save solves
        """
        before = self._counted()
        value, unknown = self._pairs()
        i, j = np.triu_indices(len(self.names), 1)
        level = self._nth(np.where(unknown, -INF, value[:, :, 0])[i, j], count)
        bound = self._pair_bounds(unknown, level)
        self._add_up(value, unknown, unknown & (bound >= level - self._slack(level)))
        answers, open_ = value[i, j], unknown[i, j]
        answers[open_] = -INF
        upper = np.where(open_, bound[i, j], answers[:, 0])
        # open pairs by bound, highest first; equal ones by name
        queue = np.flatnonzero(open_)
        queue = queue[np.lexsort((queue, -upper[queue]))]
        done = 0
        while done < len(queue):
            level = self._nth(answers[:, 0], count)
            if upper[queue[done]] < level - self._slack(level):
                break
            batch = queue[done : done + chunk]
            keep = batch[upper[batch] >= level - self._slack(level)]
            answers[keep] = self._values([(int(i[at]), int(j[at])) for at in keep])
            done += len(keep)
        self.work.cut += len(queue) - done
        self._count_known(before, len(answers) - len(queue))
        there = np.flatnonzero(answers[:, 0] > -INF)
        ranked = self._ranked(np.column_stack([i, j])[there], answers[there], before).outcomes(count + 1)
        following = ranked[count].value if len(ranked) > count else -INF
        others = max(following, float(upper[queue[done:]].max(initial=-INF)))
        return Ranking(tuple(ranked[:count]), others, True, self._since(before))

    def _pairs(self) -> tuple[Floats, Bools]:
        """V (and cost without ties) of pairs known from singles, and which are not known; (elements, elements)."""
        count = len(self.names)
        self._singles()
        states = [self._single(at) for at in range(count)]
        touched = np.array([state.touched for state in states], dtype=bool).reshape(count, count)
        changed = np.array([state.changed for state in states], dtype=bool).reshape(count, count)
        # a pair is known from one of its singles if losing the other element too changes nothing in its solution
        for at in np.flatnonzero((changed & ~touched).any(axis=1)):
            if self._is_floor((int(at),), states[at].value):
                changed[at] = touched[at]
        both = np.array([[state.value, state.cost] for state in states]).reshape(count, 2)
        pairs = np.where(changed[:, :, None], both[None, :, :], both[:, None, :])
        return pairs, changed & changed.T

    def _add_up(self, pairs: Floats, unknown: Bools, asked: Bools) -> None:
        """Put in the values of pairs, among those asked, that are proven to be sums."""
        alone = self._states[()]
        singles = map(self._single, range(len(self.names)))
        single = np.array([[state.value, state.cost] for state in singles]).reshape(-1, 2)
        first, second = np.nonzero(self._singles().sums(asked))
        added = single[first] + single[second] - [alone.value, alone.cost]
        pairs[first, second] = pairs[second, first] = added
        unknown[first, second] = unknown[second, first] = False
        self.work.added += len(first)

    def _single(self, at: int) -> State:
        return self._states.get((at,), self._states[()])

    def _singles(self) -> Effects:
        """Solutions with nothing and with each element out, for what can be read of pairs from them."""
        if self._effects is None:
            base = self._ask(Delta())
            self._states.setdefault((), self._state((), Delta(), base, False))
            effects = Effects(self.problem, base, len(self.names))
            self.work.solved += 1
            for at, delta in enumerate(self._deltas):
                known = self._is_known((), at)
                solution = base if known else self._ask(delta)
                if not known:
                    self.work.solved += 1
                    self._states.setdefault((at,), self._state((at,), delta, solution, False))
                if solution.status == "optimal":
                    effects.add(at, delta, solution)
            self._effects = effects
        return self._effects

    def _pair_bounds(self, unknown: Bools, level: float) -> Floats:
        """Bounds of pairs that are not known; those of singles are asked for where pairs still reach the level."""
        base = self._priced(())
        bound = base.value + base.bounds[:, None] + base.bounds[None, :]
        open_ = unknown & (bound >= level - self._slack(level))
        for at in np.argsort(-open_.sum(axis=1), kind="stable"):
            if not open_[at].any():
                continue
            state = self._priced((int(at),)) if base.touched[at] else base
            better = np.minimum(bound[at], state.value + state.bounds)
            bound[at, :], bound[:, at] = better, better
            # one bound is enough for a pair
            open_[at, :] = open_[:, at] = False
        return bound

    # ---- order and counts
    @staticmethod
    def _nth(values: Floats, count: int) -> float:
        if len(values) < count:
            return -INF
        return float(np.partition(values, len(values) - count)[len(values) - count])

    def _count_known(self, before: SearchWork, pairs: int) -> None:
        """Pairs known without a solve that are not sums."""
        self.work.known += pairs - (self.work.added - before.added)
