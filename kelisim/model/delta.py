"""What a scenario changes in a compiled problem: a delta of bounds and limits, or the reason for a rebuild.

Outages are put together from the index of blocks. Any other change of the case is compiled and compared: if the
matrix stays as it is, the difference is a delta; if not, the entries that differ are the reason. A value of some days
is compared as if it held always, and taken in the steps of those days, in part where a step lies in them in part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from kelisim.case.case import Case
from kelisim.case.change import Change, Dated, Outage, Scenario, SetValue
from kelisim.case.dated import changed, in_row_units
from kelisim.lp.delta import Delta, between, in_steps
from kelisim.lp.problem import Floats, Ints, Problem
from kelisim.model import norms
from kelisim.model.build import compile_case
from kelisim.model.outages import OutageDeltas, bounds_at, move
from kelisim.model.rules import BASE_LAYER, UNSERVED


@dataclass(frozen=True)
class RebuildReason:
    """Why a change needs a new matrix: the key of a sentence that names what differs, and its places."""

    change: Change
    say: str
    places: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return " ".join([self.say, *self.places.values()])


class RebuildNeeded(Exception):
    """A change that no delta can make; carries the reason."""

    def __init__(self, reason: RebuildReason) -> None:
        self.reason = reason
        super().__init__(str(reason))


class Deltas(OutageDeltas):
    """Makes deltas of any changes for one problem."""

    # ---- what is asked
    def of(self, changes: Iterable[Change], in_transit: str = "held") -> Delta:
        """The delta of some changes. Raises RebuildNeeded where there is none."""
        outages, others = flat(changes)
        found = Delta()
        for change in others:
            if isinstance(change, SetValue):
                found = found.then(self._compared(change, self.case.with_(change)))
            elif change.column == "level":
                found = found.then(self._level(change, found))
            else:
                # of values of the same step the last one holds
                found = found.then(self._compared(change, changed(self.case, [change]), self._days(change)))
        left = self.left(outages)
        if left:
            found = found.then(self._outages(left, found))
            found = found.then(self._under_way(left, found, in_transit))
            if in_transit == "lost" and self.window is not None:
                found = found.then(self._refilled(left, found))
        return found

    def together(self, changes: Sequence[Dated]) -> Delta:
        """The delta of values, each taken from what those before it left; those of some days hold in their steps, on top of the others.

        Of values of some days of one cell and step the last one holds. Raises RebuildNeeded.
        """
        if not changes:
            return Delta()
        days = {change: self._days(change) for change in changes}
        always = [change for change in changes if (days[change] >= 1.0).all()]
        whole = self.plain if self.plain is not None else compile_case(self.case)
        case = changed(self.case, always)
        standing = compile_case(case) if always else whole
        found = self._between(whole, standing, changes[0])
        for change in changes:
            if change not in always:
                one = self._between(standing, compile_case(changed(case, [change])), change)
                found = found.then(in_steps(one, standing, days[change], self.case.horizon.hours))
        return self.placed(norms.kept(found, whole), whole)

    @staticmethod
    def _between(one: Problem, other: Problem, change: Dated) -> Delta:
        """What differs. Raises RebuildNeeded."""
        found = between(one, other)
        if found is None:
            raise RebuildNeeded(RebuildReason(change, *difference(one, other)))
        return found

    def out_of_service(self, outages: Sequence[Outage], before: Delta) -> Delta:
        """The delta of outages on top of another delta; several of one element multiply."""
        left = self.left(outages)
        return self._outages(left, before) if left else Delta()

    # ---- any other change
    def _compared(self, change: SetValue | Dated, to: Case, days: Floats | None = None) -> Delta:
        """The delta between the case and the changed case, both compiled; of the steps of some days. Raises RebuildNeeded."""
        whole = self.plain if self.plain is not None else compile_case(self.case)
        other = compile_case(to)
        found = between(whole, other)
        if found is None:
            raise RebuildNeeded(RebuildReason(change, *difference(whole, other)))
        # another plan has other norms; what changes in days or in a window leaves those of the plan
        if change.table != "storages" and (days is not None or self.window is not None):
            found = norms.kept(found, whole)
        if days is not None:
            found = in_steps(found, whole, days, self.case.horizon.hours)
        return self.placed(found, whole)

    def _days(self, change: Dated) -> Floats:
        """Share of each step of the horizon that lies in the days of a value."""
        return self.case.horizon.share_within(change.start, change.end)

    def _level(self, change: Dated, before: Delta) -> Delta:
        """Content of storages at the start of a day: what there is more or less than by the plan is added to the balance."""
        if self.base is None:
            raise RebuildNeeded(RebuildReason(change, "rebuild.stock"))
        first, last = self._span
        inside = np.flatnonzero(self._days(change) > 0)
        step = int(inside[0]) if len(inside) else -1
        lower, upper = self.problem.lower.copy(), self.problem.upper.copy()
        lower[before.columns], upper[before.columns] = before.lower, before.upper
        low, high = self.problem.row_lower.copy(), self.problem.row_upper.copy()
        low[before.rows], high[before.rows] = before.row_lower, before.row_upper
        columns: list[Ints] = []
        rows: list[Ints] = []
        ids = self.case.table("storages")["storage"]
        wanted = ids[ids.isin(change.elements)]
        for element, value in zip(wanted, in_row_units(self.case, change), strict=True):
            column = self._position("storages.level", element)
            row = self._position("storages.balance", element, rows=True)
            if column is None or row is None or not first <= step < last:
                continue
            kept, plan, unit = self._content(element, step)
            level = {"set": value * unit, "add": plan + value * unit, "scale": plan * value}[change.how]
            here = self.problem.rows["storages.balance"].positions[row, [step - first]]
            move(low, high, int(here[0]), kept * (level - plan))
            rows.append(here)
            rows += norms.missing(self.problem, element, step - first, kept * plan, kept * level, low, high)
            # more than the store is known to hold is there all the same
            room = np.unique(self.problem.columns["storages.level"].positions[column, step - first :])
            upper[room] = np.maximum(upper[room], kept * level)
            columns.append(room)
        return bounds_at(columns, lower, upper, rows, low, high)

    def _content(self, element: str, step: int) -> tuple[float, float, float]:
        """Of a storage: share kept over a step, content by the plan before it, and size of the unit of its row, as levels."""
        assert self.base is not None
        written = self.case.table("storages").set_index("storage").loc[element]
        row = self.case.quantities("storages").set_index("storage").loc[element]
        horizon = self.case.horizon
        mean = float(horizon.hours.mean())
        at = self._whole_level[element]
        block = self.base.problem.columns["storages.level"]
        before, lasts = int(horizon.before[step]), float(horizon.length[step])
        if block.is_coarse[at]:
            before, _ = horizon.whole_steps(step, step + 1)
            before, lasts = before - 1, float(horizon.hours[horizon.step_of == horizon.step_of[step]].sum())
        plan = block.take(self.base.values)[at, before]
        if before < 0 and not bool(row["is_cyclic"]):
            plan = float(row["level_start"]) * float(row["working_capacity"]) / mean
        unit = self.case.units.factor(str(written["unit"]), "energy", str(written["carrier"])) / mean
        return (1.0 - float(row["loss"])) ** (lasts / 24.0), float(plan), unit

    @cached_property
    def _whole_level(self) -> dict[str, int]:
        assert self.base is not None
        return {e: at for at, e in enumerate(self.base.problem.columns["storages.level"].elements)}

    def placed(self, delta: Delta, whole: Problem) -> Delta:
        """A delta of the whole problem without rules as one of the problem that is asked."""
        if self.window is None:
            columns, rows = np.arange(whole.shape[1]), np.arange(whole.shape[0])
            constants = np.zeros(len(rows))
        else:
            columns, rows, constants = self.window.columns, self.window.rows, self.window.constants
        column_at, row_at = np.full(whole.shape[1], -1), np.full(whole.shape[0], -1)
        column_at[columns] = np.arange(len(columns))
        row_at[rows] = np.arange(len(rows))
        moved = _moved(delta, column_at, row_at, constants)
        return self._under_rules(moved)

    def _under_rules(self, delta: Delta) -> Delta:
        """Columns of unserved demand stand in tranches: bounds are shared out, costs keep their spread."""
        block = self.problem.columns.get(UNSERVED)
        if block is None or block.elements == self._unserved:
            return delta
        count = len(block.elements) // max(1, len(self._unserved))
        size = block.size // count
        layers = self.problem.upper[block.span].reshape(count, size)
        own = self.problem.cost[block.span].reshape(count, size)
        plain = self._plain_costs()
        has_base = bool(self.problem.facts.get(BASE_LAYER, False))

        def bounds(values: Floats, at: Ints) -> Floats:
            kept = np.minimum(layers[0, at], values) if has_base else np.zeros(len(at))
            rest = np.broadcast_to((values - kept) / (count - has_base), (count - has_base, len(at)))
            return np.concatenate([kept[None], rest]) if has_base else rest

        def costs_of(values: Floats, at: Ints) -> Floats:
            return own[:, at] * (values / plain[at])[None]

        columns, lower, upper = _layered(
            delta.columns, (delta.lower, delta.upper), block.start, size, count, bounds
        )
        costs, cost = _layered(delta.costs, (delta.cost,), block.start, size, count, costs_of)
        return Delta(columns, lower, upper, delta.rows, delta.row_lower, delta.row_upper, costs, cost)

    def _plain_costs(self) -> Floats:
        """Cost of unserved demand without rules, at the steps of the problem."""
        assert self.plain is not None
        return self.plain.cost[self.plain.columns[UNSERVED].within(*self._span)]

    @cached_property
    def _unserved(self) -> tuple[str, ...]:
        block = (self.plain.columns if self.plain is not None else {}).get(UNSERVED)
        if block is not None:
            return block.elements
        rows = self.case.table("demand")
        return tuple(rows["place"] + ":" + rows["carrier"] + ":" + rows["customer_class"])


def flat(changes: Iterable[Change]) -> tuple[list[Outage], list[SetValue | Dated]]:
    """Outages and other changes of nested scenarios."""
    outages: list[Outage] = []
    others: list[SetValue | Dated] = []
    for change in changes:
        if isinstance(change, Scenario):
            inner = flat(change.changes)
            outages += inner[0]
            others += inner[1]
        elif isinstance(change, Outage):
            outages.append(change)
        else:
            others.append(change)
    return outages, others


def difference(one: Problem, other: Problem) -> tuple[str, dict[str, str]]:
    """The first block or entry of the matrix that differs: key of its sentence, and places."""
    for key, a, b in (
        ("rebuild.columns", one.columns, other.columns),
        ("rebuild.rows", one.rows, other.rows),
    ):
        for name in sorted(set(a) | set(b)):
            if a.get(name) != b.get(name):
                return key, {"block": name}
    apart = (one.matrix - other.matrix).tocoo()
    some = np.flatnonzero(apart.data)
    if not len(some):
        return "rebuild.order", {}
    row, column = one.row_label(int(apart.row[some[0]])), one.column_label(int(apart.col[some[0]]))
    return "rebuild.entry", {"block": column[0], "element": column[1], "row": row[0], "of": row[1]}


def _moved(delta: Delta, column_at: Ints, row_at: Ints, constants: Floats) -> Delta:
    c, r, k = column_at[delta.columns], row_at[delta.rows], column_at[delta.costs]
    kept_rows = r[r >= 0]
    low, high = (limit[r >= 0] - constants[kept_rows] for limit in (delta.row_lower, delta.row_upper))
    columns = (c[c >= 0], delta.lower[c >= 0], delta.upper[c >= 0])
    return Delta(*columns, kept_rows, low, high, k[k >= 0], delta.cost[k >= 0])


def _layered(
    at: Ints,
    values: tuple[Floats, ...],
    start: int,
    size: int,
    count: int,
    share: Callable[[Floats, Ints], Floats],
) -> tuple[np.ndarray, ...]:
    """Positions before, in and behind a block that now stands in layers; values inside become those of each layer."""
    inside = (at >= start) & (at < start + size)
    behind = at >= start + size
    plain = np.where(behind, at + size * (count - 1), at)[~inside]
    layers = (at[inside][None, :] + size * np.arange(count)[:, None]).ravel()
    own = at[inside] - start
    return (
        np.concatenate([plain, layers]),
        *(np.concatenate([v[~inside], share(v[inside], own).ravel()]) for v in values),
    )
