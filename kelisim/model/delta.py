"""What a scenario changes in a compiled problem: a delta of bounds and limits, or the reason for a rebuild.

Outages are put together from the index of blocks. Any other change of the case is compiled and compared: if the
matrix stays as it is, the difference is a delta; if not, the entries that differ are the reason. A value of some days
is compared as if it held always, and taken in the steps of those days, in part where a step lies in them in part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from kelisim.case.case import Case
from kelisim.case.change import Change, Dated, Outage, Scenario, SetValue
from kelisim.case.dated import changed, in_row_units
from kelisim.lp.delta import Delta, between, in_steps
from kelisim.lp.problem import INF, Block, Floats, Ints, Problem
from kelisim.lp.slice import Slice
from kelisim.model.build import compile_case
from kelisim.model.links import transit_steps
from kelisim.model.rules import BASE_LAYER, UNSERVED

IN_TRANSIT = ("held", "lost")
# blocks whose columns an element out of service takes with it
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "links": ("links.flow", "links.flow_back"),
    "assets": ("assets.activity", "assets.below_minimum"),
    "storages": ("storages.injection", "storages.withdrawal"),
    "markets": ("markets.taken",),
    "contracts": ("contracts.delivery",),
}
ENDS: Mapping[str, tuple[str, ...]] = {
    "links": ("from_place", "to_place"),
    **{table: ("place",) for table in ("assets", "storages", "markets")},
}


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


@dataclass(frozen=True)
class Base:
    """Base plan that a window was cut from: flows of the steps before it, activity inside it."""

    values: Floats
    problem: Problem


@dataclass
class Deltas:
    """Makes deltas of one problem: a whole one, or a window cut out of it.

    case     whose problem it is
    problem  the one that is asked, rules included
    window   how it was cut out; None for a whole problem
    base     base plan of the whole problem, for goods on their way and limits of the year; None leaves both as they are
    """

    case: Case
    problem: Problem
    window: Slice | None = None
    base: Base | None = None
    plain: Problem | None = None
    _positions: dict[str, dict[str, int]] = field(default_factory=dict)
    _shares: dict[Any, Floats] = field(default_factory=dict)

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
        return found

    # ---- outages
    @property
    def _span(self) -> tuple[int, int]:
        return (0, self.case.horizon.count) if self.window is None else (self.window.first, self.window.last)

    def left(self, outages: Sequence[Outage]) -> dict[tuple[str, str], Floats]:
        """Share of each element's capacity that is left, per step of the problem; several outages multiply."""
        found: dict[tuple[str, str], Floats] = {}
        for outage in outages:
            share = 1.0 - outage.share * self._within(outage)
            for key in self.members(outage):
                found[key] = found[key] * share if key in found else share
        return found

    def _within(self, outage: Outage) -> Floats:
        """Share of each step that lies in the outage; sets of losses often have the same days."""
        key = (outage.start, outage.end)
        if key not in self._shares:
            first, last = self._span
            self._shares[key] = self.case.horizon.share_within(*key)[first:last]
        return self._shares[key]

    def members(self, outage: Outage) -> list[tuple[str, str]]:
        """(table, element) that an outage takes out: the element itself, all at a place, all links of a shared track."""
        table = outage.table or self.case.home_of(outage.element)
        if table == "groups":
            links = self.case.table("links")
            return [("links", str(link)) for link in links["link"][links["shared_with"] == outage.element]]
        if table != "places":
            return [(table, outage.element)]
        return self._at_place.get(outage.element, [])

    @cached_property
    def _at_place(self) -> dict[str, list[tuple[str, str]]]:
        """Elements that stand at, or end at, each place."""
        found: dict[str, dict[tuple[str, str], None]] = {}
        for name, ends in ENDS.items():
            rows = self.case.table(name)
            ids = rows.iloc[:, 0]
            for end in ends:
                for element, place in zip(ids, rows[end], strict=True):
                    found.setdefault(str(place), {})[name, str(element)] = None
        return {place: list(members) for place, members in found.items()}

    def _outages(self, left: Mapping[tuple[str, str], Floats], before: Delta) -> Delta:
        lower, upper = self.problem.lower.copy(), self.problem.upper.copy()
        lower[before.columns], upper[before.columns] = before.lower, before.upper
        low, high = self.problem.row_lower.copy(), self.problem.row_upper.copy()
        low[before.rows], high[before.rows] = before.row_lower, before.row_upper
        columns: list[Ints] = []
        rows: list[Ints] = []
        for (table, element), share in left.items():
            for name, at in self._columns_of(table, element):
                here = self._at(self.problem.columns[name], at)
                upper[here] *= share
                columns.append(here)
            if table == "links":
                slack = self._position("links.slack", element)
                if slack is not None:
                    here = self._at(self.problem.columns["links.slack"], slack)[share <= 0.0]
                    lower[here], upper[here] = -INF, INF
                    columns.append(here)
            if table == "assets":
                rows += self._asset_rows(element, share, low, high)
        rows += self._shared_rows(left, high)
        return _delta(columns, lower, upper, rows, low, high)

    def _asset_rows(self, element: str, share: Floats, low: Floats, high: Floats) -> list[Ints]:
        found = []
        at = self._position("assets.minimum", element, rows=True)
        if at is not None:
            here = self._at(self.problem.rows["assets.minimum"], at)
            low[here] *= share
            found.append(here)
        at = self._position("assets.annual", element, rows=True)
        activity = self._position("assets.activity", element)
        if at is not None and activity is not None and self.base is not None:
            # what is not made while out is not made up for: the limit of the year falls by it
            first, last = self._span
            made = self.base.problem.columns["assets.activity"].take(self.base.values)[activity, first:last]
            hours = self.case.horizon.hours
            lost = float(((1.0 - share) * made) @ hours[first:last] / hours.sum())
            here = self._at(self.problem.rows["assets.annual"], at)
            low[here] -= lost
            high[here] -= lost
            found.append(here)
        return found

    def _shared_rows(self, left: Mapping[tuple[str, str], Floats], high: Floats) -> list[Ints]:
        """A track is closed by as much as all its links are."""
        found = []
        groups = {
            self._groups[element] for table, element in left if table == "links" and element in self._groups
        }
        for group in sorted(groups):
            members = self._tracks[group]
            if not all(("links", link) in left for link in members):
                continue
            share = np.max([left["links", link] for link in members], axis=0)
            for name in ("links.shared", "links.shared_back"):
                at = self._position(name, group, rows=True)
                if at is not None:
                    here = self._at(self.problem.rows[name], at)
                    # where no link is left, there is no flow that a limit could hold
                    high[here] *= np.where(share > 0.0, share, 1.0)
                    found.append(here)
        return found

    @cached_property
    def _groups(self) -> dict[str, str]:
        """Link -> the group whose capacity it shares; links that are not in use do not hold a track open."""
        links = self.case.table("links")
        some = links[(links["shared_with"] != "") & (links["status"] == "base")]
        return dict(zip(some["link"], some["shared_with"], strict=True))

    @cached_property
    def _tracks(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for link, group in self._groups.items():
            found.setdefault(group, []).append(link)
        return found

    # ---- goods on their way
    def _under_way(self, left: Mapping[tuple[str, str], Floats], before: Delta, in_transit: str) -> Delta:
        """Goods that a cut link carries when the window opens: held until it is back, or lost."""
        if self.window is None or self.base is None:
            return Delta()
        links = {element: share for (table, element), share in left.items() if table == "links"}
        low = self.problem.row_lower.copy()
        high = self.problem.row_upper.copy()
        low[before.rows], high[before.rows] = before.row_lower, before.row_upper
        rows: list[Ints] = []
        for link, share in links.items():
            for name, end in (("links.flow", "to_place"), ("links.flow_back", "from_place")):
                rows += self._shift(link, share, name, end, in_transit, low, high)
        return _delta([], low, high, rows, low, high)

    def _shift(
        self, link: str, share: Floats, name: str, end: str, in_transit: str, low: Floats, high: Floats
    ) -> list[Ints]:
        assert self.window is not None and self.base is not None
        row = self._link_rows.get(link)
        at = self._position(name, link)
        if row is None or at is None or self._delays[row] == 0 or share[0] >= 1.0:
            return []
        links = self.case.table("links")
        node = self._position(
            "places.balance", f"{links[end].iat[row]}:{links['carrier'].iat[row]}", rows=True
        )
        if node is None:
            return []
        hours, count = self.case.horizon.hours, self.case.horizon.count
        flow = self.base.problem.columns[name].take(self.base.values)[at]
        kept = 1.0 - float(links["loss"].iat[row])
        first, last = self._span
        back = int(np.argmax(share >= 1.0)) if (share >= 1.0).any() else len(share)
        balance = self._at(self.problem.rows["places.balance"], node)
        for step in range(self._delays[row]):
            sent = (first - self._delays[row] + step) % count
            if first + step >= last or share[step] >= 1.0:
                break
            amount = flow[sent] * kept * hours[sent] * (1.0 - share[step])
            _move(low, high, balance[step], amount / hours[first + step])
            if in_transit == "held" and back + step < len(share):
                _move(low, high, balance[back + step], -amount / hours[first + back + step])
        return [balance]

    @cached_property
    def _delays(self) -> Ints:
        frame_days = self.case.table("links")["days"]
        return transit_steps(self.case, frame_days)

    @cached_property
    def _link_rows(self) -> dict[str, int]:
        return {link: at for at, link in enumerate(self.case.table("links")["link"])}

    # ---- any other change
    def _compared(self, change: Change, to: Case, days: Floats | None = None) -> Delta:
        """The delta between the case and the changed case, both compiled; of the steps of some days. Raises RebuildNeeded."""
        whole = self.plain if self.plain is not None else compile_case(self.case)
        other = compile_case(to)
        found = between(whole, other)
        if found is None:
            raise RebuildNeeded(RebuildReason(change, *difference(whole, other)))
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
            here = self._at(self.problem.rows["storages.balance"], row)[[step - first]]
            _move(low, high, int(here[0]), kept * (level - plan))
            rows.append(here)
            # more than the store is known to hold is there all the same
            room = self._at(self.problem.columns["storages.level"], column)[step - first :]
            upper[room] = np.maximum(upper[room], kept * level)
            columns.append(room)
        return _delta(columns, lower, upper, rows, low, high)

    def _content(self, element: str, step: int) -> tuple[float, float, float]:
        """Of a storage: share kept over a step, content by the plan before it, and size of the unit of its row, as levels."""
        assert self.base is not None
        written = self.case.table("storages").set_index("storage").loc[element]
        row = self.case.quantities("storages").set_index("storage").loc[element]
        hours = self.case.horizon.hours
        mean = float(hours.mean())
        at = self._whole_level[element]
        plan = self.base.problem.columns["storages.level"].take(self.base.values)[at, step - 1]
        if step == 0 and not bool(row["is_cyclic"]):
            plan = float(row["level_start"]) * float(row["working_capacity"]) / mean
        unit = self.case.units.factor(str(written["unit"]), "energy", str(written["carrier"])) / mean
        return (1.0 - float(row["loss"])) ** (float(hours[step]) / 24.0), float(plan), unit

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
        size = len(self._unserved) * block.steps
        count = len(block.elements) // max(1, len(self._unserved))
        layers = self.problem.upper[block.start : block.start + size * count].reshape(count, size)
        own = self.problem.cost[block.start : block.start + size * count].reshape(count, size)
        plain = self._plain_costs(size)
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

    def _plain_costs(self, size: int) -> Floats:
        """Cost of unserved demand without rules, at the steps of the problem."""
        assert self.plain is not None
        block = self.plain.columns[UNSERVED]
        first, last = self._span
        return block.take(self.plain.cost)[:, first:last].ravel()[:size]

    @cached_property
    def _unserved(self) -> tuple[str, ...]:
        block = (self.plain.columns if self.plain is not None else {}).get(UNSERVED)
        if block is not None:
            return block.elements
        rows = self.case.table("demand")
        return tuple(rows["place"] + ":" + rows["carrier"] + ":" + rows["customer_class"])

    # ---- positions
    def _columns_of(self, table: str, element: str) -> list[tuple[str, int]]:
        found = [(name, self._position(name, element)) for name in COLUMNS.get(table, ())]
        return [(name, at) for name, at in found if at is not None]

    def _position(self, name: str, element: str, rows: bool = False) -> int | None:
        key = f"{'rows' if rows else 'columns'}:{name}"
        if key not in self._positions:
            block = (self.problem.rows if rows else self.problem.columns).get(name)
            self._positions[key] = {e: at for at, e in enumerate(block.elements)} if block else {}
        return self._positions[key].get(element)

    def _at(self, block: Block, row: int) -> Ints:
        return np.arange(
            block.start + row * block.steps, block.start + (row + 1) * block.steps, dtype=np.int64
        )


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


def _move(low: Floats, high: Floats, row: int, amount: float) -> None:
    low[row] += amount
    high[row] += amount


def _delta(
    columns: Sequence[Ints], lower: Floats, upper: Floats, rows: Sequence[Ints], low: Floats, high: Floats
) -> Delta:
    c = np.unique(np.concatenate(columns)) if len(columns) else np.zeros(0, dtype=np.int64)
    r = np.unique(np.concatenate(rows)) if len(rows) else np.zeros(0, dtype=np.int64)
    return Delta(c, lower[c], upper[c], r, low[r], high[r])


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
