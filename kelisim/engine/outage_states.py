"""What customers lack in many states of failed elements: each state that differs is solved once, and only if it must be.

Untouched means unchanged: where the solution with some elements out does not use what else is out, it is the answer
with all of it out (kelisim.lp.interdiction.search). A state is therefore first asked with what the plan uses of it, where other
states share that, and grows only by what the new solution touches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.change import Outage
from kelisim.engine.window import Window
from kelisim.errors import SolverError
from kelisim.lp.delta import Delta
from kelisim.lp.problem import INF, Floats, Ints, Problem, by_row
from kelisim.lp.removals import Removals, together
from kelisim.lp.sweep import SweepAnswer, sweep
from kelisim.lp.work import Row, Work
from kelisim.model.rules import BASE_LAYER, UNSERVED
from kelisim.tolerances import NO_FLOW

TURNS = 3  # times that a state grows by what is touched; then all of it is taken out
BALANCE = "places.balance"
OVER_YEAR = "resources.year"
EASED = "eased"  # status of an answer with these limits lifted
Members = Sequence[tuple[str, str]]
Key = tuple[int, ...]


@dataclass
class StateWork:
    """How states were answered.

    equal   the same as another one; pruned: known from what the plan or a smaller state does not use
    solved  problems solved; eased: of them, with limits of the year lifted, as they could not be kept on the day
    """

    asked: int = 0
    equal: int = 0
    pruned: int = 0
    solved: int = 0
    eased: int = 0
    seconds: float = 0.0


class FailedStates:
    """States of one open window: how many units of each part are out, for its whole length.

    parts     (members, units): elements that go together, and the units of which each is an equal share
    varied    elements whose capacity is scaled together, group by group
    work      counted here, where several windows share it
    solving   how problems are solved
    """

    def __init__(
        self,
        opened: Window,
        parts: Sequence[tuple[Members, int]],
        varied: Sequence[Members] = (),
        work: StateWork | None = None,
        solving: Work | None = None,
    ) -> None:
        self.opened = opened
        self.work = work or StateWork()
        self._parts = list(parts)
        self._varied = list(varied)
        self._solving = solving
        self._start = pd.Timestamp(opened.steps["step"].iloc[0]).date()
        self._end = (pd.Timestamp(opened.steps["end"].iloc[-1]) - pd.Timedelta(hours=1)).date()
        block = opened.problem.columns.get(UNSERVED)
        self._unserved = block.positions.ravel() if block else np.zeros(0, dtype=np.int64)
        self._shape = (len(opened.case.table("demand")), len(opened.hours))
        # losses are numbered part by part: one unit out, two, ... all
        self._first = np.cumsum([0, *(units for _, units in self._parts)])
        self._known: dict[tuple[float, Key], tuple[Floats, npt.NDArray[np.bool_]]] = {}

    @property
    def planned(self) -> Floats:
        """MW unserved with nothing out, (rows, steps)."""
        return self._by_row(self.opened.start.values)

    @property
    def wanted(self) -> Floats:
        """MW of demand, (rows, steps)."""
        return self._by_row(self.opened.problem.upper)

    def unserved(self, out: Ints, demand: Floats | None = None, levels: Floats | None = None) -> Floats:
        """MW unserved in each state, (states, rows of demand, steps); what the plan leaves unserved is in it.

        out     units out, (states, parts)
        demand  factor on all demand, (states); 1 if not given
        levels  change of the capacity of each varied group, as a share, (states, groups)
        Raises SolverError where a state has no answer.
        """
        count = len(out)
        factor = np.ones(count) if demand is None else demand
        moved = np.zeros((count, 0)) if levels is None else levels
        whole = np.column_stack([out.astype(float), factor, moved])
        _, first, back = np.unique(whole, axis=0, return_index=True, return_inverse=True)
        found = (
            self._all(out[first], factor[first], moved[first])
            if moved.any()
            else self._grown(out[first], factor[first])
        )
        self.work.asked += count
        self.work.equal += count - len(first)
        answer: Floats = found[back.ravel()]
        return answer

    # ---- states that grow
    def _grown(self, out: Ints, factor: Floats) -> Floats:
        lost = [self._positions(row) for row in out]
        outs = self._outs
        now: list[Key] = [()] * len(lost)
        before = self.work.solved
        for turn in range(TURNS + 1):
            keys = [(float(f), key) for f, key in zip(factor, now, strict=True)]
            shared = Counter(keys)
            for at, asked in enumerate(keys):
                # a smaller state that nobody else needs is not worth a solve of its own
                if shared[asked] == 1 and asked not in self._known and asked[1]:
                    now[at] = lost[at]
            keys = [(float(f), key) for f, key in zip(factor, now, strict=True)]
            self._solve([key for key in dict.fromkeys(keys) if key not in self._known])
            grows = False
            for at, (state, all_lost) in enumerate(zip(keys, lost, strict=True)):
                rest = [one for one in all_lost if one not in set(state[1])]
                if not rest:
                    continue
                touched = self._known[state][1]
                more = [one for one in rest if touched[one] or outs.freeing[one]]
                if more:
                    grows = True
                    now[at] = all_lost if turn == TURNS - 1 else tuple(sorted((*state[1], *more)))
            if not grows:
                break
        self.work.pruned += len(lost) - min(self.work.solved - before, len(lost))
        found = [
            self._known[float(f), key][0].reshape(self._shape) for f, key in zip(factor, now, strict=True)
        ]
        return np.array(found).reshape(len(lost), *self._shape)

    def _positions(self, row: Ints) -> Key:
        """Losses of a state."""
        parts = np.flatnonzero(row)
        return tuple((self._first[parts] + row[parts] - 1).tolist())

    def _outages(self, part: int, units: int) -> list[Outage]:
        members, all_units = self._parts[part]
        share = units / all_units
        return [Outage(element, self._start, self._end, share, table) for table, element in members]

    @cached_property
    def _deltas(self) -> list[Delta]:
        """What each loss takes from the problem."""
        return [
            self.opened.delta(self._outages(part, units))
            for part, (_, all_units) in enumerate(self._parts)
            for units in range(1, all_units + 1)
        ]

    @cached_property
    def _outs(self) -> Removals:
        return Removals(self.opened.problem, self._deltas)

    def _solve(self, keys: list[tuple[float, Key]]) -> None:
        """Answers to losses with a factor on demand."""
        outs = self._outs
        problem = self.opened.problem
        deltas = []
        for factor, key in keys:
            delta = together(problem, [self._deltas[at] for at in key]) if key else Delta()
            deltas.append(delta.then(scaled_demand(problem, self._shape[0], factor)))
        everything = np.arange(problem.shape[1], dtype=np.int64)
        rows, steps = self._shape

        def shorten(found: SweepAnswer) -> SweepAnswer:
            """Who is short, then what is touched: of a problem with thousands of columns nothing else is kept."""
            touched = outs.touched(found.values, problem.matrix @ found.values, NO_FLOW)
            short = np.concatenate([self._by_row(found.values).ravel(), touched.astype(float)])
            return replace(found, values=short)

        for state, found in zip(keys, self._swept(deltas, everything, shorten), strict=True):
            self._known[state] = (found.values[: rows * steps], found.values[rows * steps :] > 0.0)

    # ---- states as they are
    def _all(self, out: Ints, factor: Floats, levels: Floats) -> Floats:
        """Every state solved, with the capacity of groups moved; more than the base has is an outage below zero."""
        deltas = []
        for row, times, moved in zip(out, factor, levels, strict=True):
            outages = [o for part in np.flatnonzero(row) for o in self._outages(int(part), int(row[part]))]
            outages += [
                Outage(element, self._start, self._end, -float(level), table)
                for level, members in zip(moved, self._varied, strict=True)
                if level
                for table, element in members
            ]
            deltas.append(
                self.opened.delta(outages).then(
                    scaled_demand(self.opened.problem, self._shape[0], float(times))
                )
            )
        found = self._swept(deltas, self._unserved, self._short)
        return np.array([one.values for one in found]).reshape(len(out), *self._shape)

    # ---- paths
    def along(self, shares: Sequence[dict[int, Floats]]) -> Floats:
        """MW unserved on each path, (paths, rows, steps).

        shares  of each path: part -> share out of service in each step of the window, 0-1
        """
        deltas = [self.opened.delta(self._dated(path)) for path in shares]
        found = self._swept(deltas, self._unserved, self._short, "paths")
        self.work.asked += len(shares)
        return np.array([one.values for one in found]).reshape(len(shares), *self._shape)

    def _dated(self, path: dict[int, Floats]) -> list[Outage]:
        """Outages of a path: one for each run of steps with the same share; parts of a day count by their hours."""
        of = self.opened.steps["of"].to_numpy()
        heads = np.flatnonzero(np.diff(of, prepend=-1))
        whole = np.add.reduceat(self.opened.hours, heads)
        first, last = self.opened.steps.iloc[heads], self.opened.steps.iloc[np.append(heads[1:], len(of)) - 1]
        starts = [pd.Timestamp(step).date() for step in first["step"]]
        ends = [(pd.Timestamp(end) - pd.Timedelta(hours=1)).date() for end in last["end"]]
        found = []
        for part, cells in sorted(path.items()):
            share = np.add.reduceat(cells * self.opened.hours, heads) / whole
            breaks = np.flatnonzero(np.diff(share)) + 1
            for low, high in zip([0, *breaks], [*breaks, len(share)], strict=True):
                if share[low] > 0:
                    found += [
                        Outage(element, starts[low], ends[high - 1], float(share[low]), table)
                        for table, element in self._parts[part][0]
                    ]
        return found

    # ---- the solver
    def _swept(
        self,
        deltas: Sequence[Delta],
        wanted: Ints,
        shorten: Callable[[SweepAnswer], SweepAnswer],
        loop: str = "states",
    ) -> list[SweepAnswer]:
        """An answer to each delta, of which `shorten` says what is kept: first who is short, (rows of demand x steps)."""

        def whole(at: int, found: SweepAnswer) -> SweepAnswer:
            return shorten(found if found.status == "optimal" else self._eased(deltas[at], wanted))

        session = self.opened.session
        swept = sweep(session, deltas, wanted, self._solving, loop=loop, shorten=whole, row=self._row)
        if swept.interrupted:
            raise KeyboardInterrupt
        self.work.solved += len(swept.found)
        self.work.seconds += swept.seconds
        found = [one for one in swept.found if one is not None]
        self.work.eased += sum(one.status == EASED for one in found)
        return found

    def _row(self, at: int, found: SweepAnswer) -> Row:
        """What a state says before all are known: MW unserved, mean over the steps."""
        rows, steps = self._shape
        short = found.values[: rows * steps].reshape(rows, steps).sum(axis=0) @ self.opened.hours
        return str(at + 1), {"unserved": float(short / self.opened.hours.sum())}

    def _eased(self, delta: Delta, wanted: Ints) -> SweepAnswer:
        """The answer with the shared limits of the year lifted: what a day takes too much is made up on another one."""
        block = self.opened.problem.rows.get(OVER_YEAR)
        rows = np.unique(block.positions) if block else np.zeros(0, dtype=np.int64)
        open_ = Delta(
            rows=rows, row_lower=self.opened.problem.row_lower[rows], row_upper=np.full(len(rows), INF)
        )
        solution = self.opened.session.solve(delta.then(open_))
        if solution.status != "optimal":
            raise SolverError(solution.status, "a state of failed elements leaves no answer")
        return SweepAnswer(EASED, solution.objective, solution.values[wanted], solution.iterations)

    def _short(self, found: SweepAnswer) -> SweepAnswer:
        return replace(found, values=by_row(found.values, *self._shape).ravel())

    def _by_row(self, values: Floats) -> Floats:
        return by_row(values[self._unserved], *self._shape)


def scaled_demand(problem: Problem, rows: int, factor: float | Floats) -> Delta:
    """The delta that scales demand: what may be left unserved, and what the balance of each node asks for.

    rows    of the table of demand
    factor  on the demand of every row and step, or of each, (rows, cells)

    The layer that holds what the plan cuts stays as it is; the others grow or shrink alike.
    """
    block = problem.columns.get(UNSERVED)
    times = np.asarray(factor, dtype=float)
    if block is None or not rows or (times == 1.0).all():
        return Delta()
    layers = len(block.elements) // rows
    if times.ndim:
        times = block.mean(np.tile(times, (layers, 1)))[: block.size // layers]
    at = np.arange(block.span.start, block.span.stop).reshape(layers, -1)
    upper = problem.upper[at]
    total = upper.sum(axis=0)
    first = upper[:1] if problem.facts.get(BASE_LAYER, False) else upper[:0]
    rest = upper[len(first) :]
    room = rest.sum(axis=0)
    kept = np.where(room > 0, np.minimum(first, total * times), total * times)[: len(first)]
    left = total * times - kept.sum(axis=0)
    others = rest * np.where(room > 0, left / np.where(room > 0, room, 1.0), 0.0)
    fresh = np.concatenate([kept, others])
    # each MW that is asked for more stands on the right-hand side of the rows that a MW unserved helps
    balance = problem.rows[BALANCE]
    entries = problem.matrix[:, at[-1]].tocoo()
    here = (entries.row >= balance.span.start) & (entries.row < balance.span.stop)
    more = np.zeros(problem.shape[0])
    np.add.at(more, entries.row[here], entries.data[here] * (total * (times - 1.0))[entries.col[here]])
    moved = np.flatnonzero(more).astype(np.int64)
    columns = at.ravel()
    lower, upper = (side[moved] + more[moved] for side in (problem.row_lower, problem.row_upper))
    return Delta(columns, problem.lower[columns], fresh.ravel(), moved, lower, upper)
