"""Elements out of service in a compiled problem: their columns closed, and goods on their way held or lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.case.resolution import in_steps
from kelisim.case.streams import Leg, Stream, streams
from kelisim.lp.delta import Delta
from kelisim.lp.problem import INF, Floats, Ints, Problem
from kelisim.lp.slice import Slice
from kelisim.model import arrivals, line_fill
from kelisim.model.links import transit_steps
from kelisim.model.sections import IN_SERVICE
from kelisim.model.streams import BALANCE, FLOW

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
class Base:
    """Base plan that a window was cut from: flows of the steps before it, activity inside it."""

    values: Floats
    problem: Problem


@dataclass
class OutageDeltas:
    """Makes deltas of outages for one problem: a whole one, or a window cut out of it.

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
        key = (outage.start, outage.end, outage.at)
        if key not in self._shares:
            first, last = self._span
            horizon = self.case.horizon
            within = horizon.share_within(outage.start, outage.end) * horizon.from_part(
                outage.start, outage.at
            )
            self._shares[key] = within[first:last]
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
                block = self.problem.columns[name]
                here, left_of = block.own(at), block.mean_of(at, share)
                upper[here] = (
                    np.where(left_of > 0.0, upper[here], 0.0) * left_of
                )  # nothing is left of what has no limit
                columns.append(here)
            if table == "links":
                slack = self._position("links.slack", element)
                if slack is not None:
                    block = self.problem.columns["links.slack"]
                    here = block.own(slack)[block.mean_of(slack, share) <= 0.0]
                    lower[here], upper[here] = -INF, INF
                    columns.append(here)
            if table == "assets":
                rows += self._asset_rows(element, share, low, high)
        rows += self._shared_rows(left, high)
        return bounds_at(columns, lower, upper, rows, low, high)

    def _asset_rows(self, element: str, share: Floats, low: Floats, high: Floats) -> list[Ints]:
        found = []
        at = self._position("assets.minimum", element, rows=True)
        if at is not None:
            block = self.problem.rows["assets.minimum"]
            here = block.own(at)
            low[here] *= block.mean_of(at, share)
            found.append(here)
        at = self._position("assets.annual", element, rows=True)
        activity = self._position("assets.activity", element)
        if at is not None and activity is not None and self.base is not None:
            # what is not made while out is not made up for: the most of the year falls by it, and the least stays
            first, last = self._span
            made = self.base.problem.columns["assets.activity"].take(self.base.values)[activity, first:last]
            hours = self.case.horizon.hours
            lost = float(((1.0 - share) * made) @ hours[first:last] / hours.sum())
            here = self.problem.rows["assets.annual"].own(at)
            high[here] = np.maximum(high[here] - lost, low[here])
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
                    block = self.problem.rows[name]
                    here, left_of = block.own(at), block.mean_of(at, share)
                    # where no link is left, there is no flow that a limit could hold
                    high[here] *= np.where(left_of > 0.0, left_of, 1.0)
                    found.append(here)
        return found

    def closes_track(self, outage: Outage) -> bool:
        """Whether an outage takes a whole link that shares its capacity with others."""
        return outage.table == "links" and outage.share >= 1.0 and outage.element in self._groups

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
            rows += self._shift_streams(link, share, in_transit, low, high)
        found = bounds_at([], low, high, rows, low, high)
        _, lower, upper, was, _ = before.applied(self.problem)
        columns, most = arrivals.moved(self.problem, found.rows, was[found.rows], found.row_lower, upper)
        return replace(found, columns=columns, lower=lower[columns], upper=most)

    def _refilled(self, left: Mapping[tuple[str, str], Floats], before: Delta) -> Delta:
        """The fill of cut pipes that is put back when they are whole again."""
        first, last = self._span
        hours = self.case.horizon.hours
        links = self.case.quantities("links")
        return line_fill.refilled(self.problem, links, left, before, (hours[first:last], float(hours.mean())))

    def _shift(
        self, link: str, share: Floats, name: str, end: str, in_transit: str, low: Floats, high: Floats
    ) -> list[Ints]:
        row, links = self._link_rows[link], self.case.table("links")
        node = f"{links[end].iat[row]}:{links['carrier'].iat[row]}"
        return self._shifted(row, share, (name, link), ("places.balance", node), in_transit, low, high)

    def _shift_streams(
        self, link: str, share: Floats, in_transit: str, low: Floats, high: Floats
    ) -> list[Ints]:
        """What of the goods on a cut link belongs to streams that go on from its end."""
        rows: list[Ints] = []
        for stream, leg in self._legs.get(link, []):
            column, row = (FLOW, stream.label(leg)), (BALANCE, f"{stream.contract}|{leg.end}")
            rows += self._shifted(self._link_rows[link], share, column, row, in_transit, low, high)
        return rows

    @cached_property
    def _legs(self) -> dict[str, list[tuple[Stream, Leg]]]:
        """Link -> the streams over it."""
        found: dict[str, list[tuple[Stream, Leg]]] = {}
        for stream in streams(self.case):
            for leg in stream.legs:
                found.setdefault(leg.link, []).append((stream, leg))
        return found

    def _shifted(
        self,
        row: int,
        share: Floats,
        column: tuple[str, str],
        onto: tuple[str, str],
        in_transit: str,
        low: Floats,
        high: Floats,
    ) -> list[Ints]:
        """Limits of a row moved by what a column sent over a link before the window and the link holds back or loses.

        row     of the link
        column  block and element of what it carries
        onto    block and element of the row at its end
        """
        assert self.window is not None and self.base is not None
        name = column[0]
        at, node = self._position(*column), self._position(*onto, rows=True)
        if at is None or node is None or self._delays[row] == 0 or share[0] >= 1.0:
            return []
        links = self.case.table("links")
        whole = self.base.problem.columns[name]
        flow = self.base.values[whole.own(at)]
        hours = whole.over_step(at, self.case.horizon.hours)
        count = len(hours)
        share = self.problem.columns[name].mean_of(at, share)
        kept = 1.0 - float(links["loss"].iat[row])
        first, last = self._span
        if whole.is_coarse[at]:
            first, last = (int(self.case.horizon.step_of[cell]) for cell in (first, last - 1))
            last += 1
        back = int(np.argmax(share >= 1.0)) if (share >= 1.0).any() else len(share)
        balance = self.problem.rows[onto[0]].own(node)
        for step in range(self._delays[row]):
            sent = (first - self._delays[row] + step) % count
            if first + step >= last or share[step] >= 1.0:
                break
            amount = flow[sent] * kept * hours[sent] * (1.0 - share[step])
            move(low, high, balance[step], amount / hours[first + step])
            if in_transit == "held" and back + step < len(share):
                move(low, high, balance[back + step], -amount / hours[first + back + step])
        return [balance]

    @cached_property
    def _delays(self) -> Ints:
        links = self.case.table("links")
        return transit_steps(self.case, links, in_steps(self.case, links["carrier"]))

    @cached_property
    def _link_rows(self) -> dict[str, int]:
        return {link: at for at, link in enumerate(self.case.table("links")["link"])}

    # ---- positions
    def _columns_of(self, table: str, element: str) -> list[tuple[str, int]]:
        found = [(name, self._position(name, element)) for name in COLUMNS.get(table, ())]
        kept = [(name, at) for name, at in found if at is not None]
        if table == "contracts":
            kept += [(FLOW, at) for at in self._streams.get(element, [])]
        return kept + [(IN_SERVICE, at) for at in self._rooms.get(element, [])] if table == "links" else kept

    @cached_property
    def _streams(self) -> dict[str, list[int]]:
        """Contract -> its elements of the block of streams."""
        block = self.problem.columns.get(FLOW)
        found: dict[str, list[int]] = {}
        for at, label in enumerate(block.elements if block else ()):
            found.setdefault(label.partition("|")[0], []).append(at)
        return found

    @cached_property
    def _rooms(self) -> dict[str, list[int]]:
        """Link -> its elements of the block of what lines add to their sections."""
        block = self.problem.columns.get(IN_SERVICE)
        found: dict[str, list[int]] = {}
        for at, label in enumerate(block.elements if block else ()):
            found.setdefault(label.rpartition("|")[2], []).append(at)
        return found

    def _position(self, name: str, element: str, rows: bool = False) -> int | None:
        key = f"{'rows' if rows else 'columns'}:{name}"
        if key not in self._positions:
            block = (self.problem.rows if rows else self.problem.columns).get(name)
            self._positions[key] = {e: at for at, e in enumerate(block.elements)} if block else {}
        return self._positions[key].get(element)


def move(low: Floats, high: Floats, row: int, amount: float) -> None:
    """Shift both limits of a row."""
    low[row] += amount
    high[row] += amount


def bounds_at(
    columns: Sequence[Ints], lower: Floats, upper: Floats, rows: Sequence[Ints], low: Floats, high: Floats
) -> Delta:
    """The delta with these limits at some columns and rows."""
    c = np.unique(np.concatenate(columns)) if len(columns) else np.zeros(0, dtype=np.int64)
    r = np.unique(np.concatenate(rows)) if len(rows) else np.zeros(0, dtype=np.int64)
    return Delta(c, lower[c], upper[c], r, low[r], high[r])
