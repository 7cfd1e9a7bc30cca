"""Ways that measures open in a problem: the cells that a measure changes, and the columns that stand for it.

Cells before and after are in internal units; a measure whose cells can help nobody opens no way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from kelisim.case import schema
from kelisim.case.acts import instead, targets
from kelisim.case.case import Case, carrier_of_rows
from kelisim.case.dated import keys
from kelisim.errors import UnitError
from kelisim.lp.problem import INF, Floats, Ints, Problem
from kelisim.model.assembly import OUT_OF_BASE
from kelisim.model.rules import UNSERVED
from kelisim.tolerances import ROUNDING

REPLACED = 1.1  # times the plan's price: what a released reserve is filled up again for
ORDER = "order"  # mode of a measure that is the order for what the answer does by itself
CALL_PRICE = 0.1  # times the value of lost load, where a call on demand has no price
SECOND: Mapping[tuple[str, str], str] = {
    ("links", "capacity"): "links.flow",
    ("links", "capacity_back"): "links.flow_back",
    ("assets", "capacity"): "assets.activity",
    ("assets", "availability"): "assets.activity",
    ("storages", "withdrawal"): "storages.withdrawal",
    ("storages", "injection"): "storages.injection",
    ("contracts", "daily_max"): "contracts.delivery",
    ("markets", "ceiling"): "markets.taken",
}


@dataclass(frozen=True)
class Act:
    """One thing that a measure changes: a cell of the case, before and after, in internal units."""

    measure: str
    table: str
    element: str
    column: str
    before: float
    after: float

    @property
    def label(self) -> str:
        return f"{self.measure}|{self.table}:{self.element}:{self.column}"


@dataclass(frozen=True)
class MeasureWay:
    """Columns of one act: what they enter, how much a step can take, what a MWh costs, and what all steps together can.

    entries  (rows of the problem, columns of the way)
    most, cost  (columns,), MW and objective per MW
    tilt     objective per MW that is left out of reported costs: what the way would earn at the plan's prices. A measure is for
             an emergency; where it would pay without one, that is a matter of trade and no reason to use it
    total    MWh over all steps, infinite if there is no such limit
    called   position of the row of demand that a call reduces, else -1
    is_coarse  whether it has one column a step and not one a cell
    """

    act: Act
    entries: sp.csc_array
    most: Floats
    cost: Floats
    total: float
    called: int = -1
    tilt: float = 0.0
    is_coarse: bool = False


def acts(case: Case) -> tuple[list[Act], dict[str, str]]:
    """What the measures of a case change, and the measures that change nothing that could help, with the reason."""
    found: list[Act] = []
    left_out: dict[str, str] = {}
    rows = _Rows(case)
    for row in case.table("measures").itertuples(index=False):
        if row.mode == ORDER:
            left_out[row.measure] = "measures.order"
            continue
        mine = [_act(case, rows, row, *target) for target in targets(row.acts_on)]
        kept = [act for act in mine if _helps(act)]
        if kept:
            found += kept
        else:
            left_out[row.measure] = _reason(mine)
    return found, left_out


def _helps(act: Act) -> bool:
    if act.table == "demand":
        return act.after < act.before - ROUNDING
    return act.after > act.before + ROUNDING


def _reason(mine: list[Act]) -> str:
    if mine and mine[0].table == "markets":
        return "measures.gives_way"
    return "measures.takes_away"


class _Rows:
    """Where the rows of each table stand, and of which carrier they are; looked up once for all measures."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._at: dict[str, dict[str, int]] = {}
        self._carriers: dict[str, list[str]] = {}

    def at(self, table: str, element: str) -> int:
        """Position of a row, the first of its name."""
        if table not in self._at:
            names = [str(name) for name in keys(self._case, table)]
            self._at[table] = {name: at for at, name in reversed(list(enumerate(names)))}
        return self._at[table][element]

    def carrier(self, table: str, at: int) -> str:
        """Carrier of a row, the first where it has several."""
        if table not in self._carriers:
            found = carrier_of_rows(self._case, table, self._case.table(table))
            self._carriers[table] = [str(carrier).split(";")[0] for carrier in found]
        return self._carriers[table][at]


def _act(case: Case, rows: _Rows, row: object, table: str, element: str, column: str) -> Act:
    frame = case.quantities(table)
    at = rows.at(table, element)
    before = float(frame[column].iloc[at])
    factor = _factor(case, rows, table, column, at, str(row.unit))  # type: ignore[attr-defined]
    value, mode = float(row.value), str(row.mode)  # type: ignore[attr-defined]
    after = before * value if mode == "scale" else value * factor + (before if mode == "add" else 0.0)
    if "status" in frame and frame["status"].iloc[at] in OUT_OF_BASE:
        before = 0.0
    return Act(str(row.measure), table, element, column, before, after)  # type: ignore[attr-defined]


def _factor(case: Case, rows: _Rows, table: str, column: str, at: int, unit: str) -> float:
    """What turns a value in the measure's unit, or else in that of the row, into internal units."""
    described = schema.tables()[table][column]
    written = case.table(table)
    carrier = rows.carrier(table, at)
    if described.dimension in ("", "any"):
        own = str(written["unit"].iloc[at]) if described.dimension == "any" else ""
        if not unit or unit == own or not own:
            return 1.0
        try:
            return case.units.factor(unit, "power", carrier) / case.units.factor(own, "power", carrier)
        except UnitError:
            return 1.0
    return case.units.factor(
        unit or str(written[described.unit_column].iloc[at]), described.dimension, carrier
    )


class Ways:
    """Makes the ways of all acts for one problem."""

    def __init__(self, case: Case, problem: Problem, hours: Floats, prices: Floats) -> None:
        self.case = case
        self.problem = problem
        self.hours = hours
        self.prices = prices
        self.weight = hours / float(case.horizon.hours.mean())
        self.costs = case.table("measures").set_index("measure")

    @cached_property
    def _by_column(self) -> sp.csc_array:
        return sp.csc_array(self.problem.matrix)

    def way(self, act: Act) -> MeasureWay | None:
        """None where the element has no part in the problem."""
        second = SECOND.get((act.table, act.column))
        if act.table == "storages" and act.column == "level_start":
            return self._release(act)
        if act.table == "demand":
            return self._call(act)
        if act.table == "contracts" and act.column == "annual_quantity":
            return self._wider(act, "contracts.annual")
        if act.table == "contracts" and act.column == "daily_max":
            return self._second(act, "contracts.delivery") or self._wider(act, "contracts.daily")
        if act.table == "resources":
            return self._wider(act, "resources.step") or self._wider(act, "resources.year")
        return self._second(act, second) if second else None

    def _second(self, act: Act, name: str) -> MeasureWay | None:
        """A second column of the same element, up to what it gains."""
        mirrored = False
        found = self._columns(name, act.element)
        if found is None and name == "links.flow_back":
            found, mirrored = self._columns("links.flow", act.element), True
        if found is None:
            return None
        columns, coarse = found
        own = self.problem.upper[columns]
        gain = act.after - act.before
        most = (
            own * (gain / act.before)
            if act.before > 0 and own.max() > 0 and not mirrored
            else np.full(len(own), gain)
        )
        if act.column == "availability" and act.before <= 0:
            capacity = self.case.quantities("assets").set_index("asset")["capacity"][act.element]
            most = np.full(len(own), gain * float(capacity))
        entries = self._by_column[:, columns]
        if mirrored:
            entries = self._turned(act.element)
        return MeasureWay(
            act,
            entries,
            np.where(np.isfinite(most), most, 0.0),
            self.problem.cost[columns] + self._cost(act, coarse),
            INF,
            is_coarse=coarse,
        )

    def _turned(self, link: str) -> sp.csc_array:
        """Flow against the usual direction, in the step in which it leaves."""
        links = self.case.table("links").set_index("link")
        row = links.loc[link]
        start, end = (self._node(str(row[end]), str(row["carrier"]))[0] for end in ("from_place", "to_place"))
        return self._entries([(end, -1.0), (start, 1.0 - float(row["loss"]))])

    def _wider(self, act: Act, name: str) -> MeasureWay | None:
        """A column that gives to a limit over several columns."""
        block = self.problem.rows.get(name)
        if block is None or act.element not in block.elements:
            return None
        at = block.elements.index(act.element)
        rows, coarse = block.own(at), bool(block.is_coarse[at])
        limit = float(
            np.nanmax(np.where(np.isfinite(self.problem.row_upper[rows]), self.problem.row_upper[rows], 0.0))
        )
        share = act.after / act.before - 1.0 if act.before > 0 else 0.0
        steps = len(self.hours)
        if block.steps == steps:
            upper = self.problem.row_upper[rows]  # what has no limit in a step needs no wider one
            most = np.where(np.isfinite(upper), np.maximum(upper, 0.0), 0.0) * share
            widened = [(rows, -1.0), *((row, -1.0) for row in self._sections(act.element))]
            cost = self._cost(act, coarse)
            return MeasureWay(act, self._entries(widened), most, cost, INF, is_coarse=coarse)
        # a row over the year counts mean MW; the window has its days' part of what is added
        all_hours = float(self.case.horizon.hours.sum())
        part = self.hours / all_hours
        more = self._of_the_year(act, limit) * share * all_hours
        entries = sp.csc_array(
            (-part, (np.full(steps, rows[0]), np.arange(steps))), shape=(self.problem.shape[0], steps)
        )
        total = more * float(self.hours.sum()) / all_hours
        return MeasureWay(act, entries, np.full(steps, total / self.hours.min()), self._cost(act), total)

    def _sections(self, resource: str) -> list[Ints]:
        """Rows by which a section falls with lines that are out."""
        block = self.problem.rows.get("resources.section")
        names = block.elements if block else ()
        return [block.own(at) for at, name in enumerate(names) if block and name.startswith(f"{resource}|")]

    def _of_the_year(self, act: Act, limit: float) -> float:
        """Mean MW of the whole year's amount; what is left of it in a window may be less."""
        if act.table == "contracts":
            return act.before * self.case.horizon.year_share / float(self.case.horizon.hours.sum())
        return limit

    def _release(self, act: Act) -> MeasureWay | None:
        """A reserve that comes out at its place, at its rate, until it is used up; it is filled again at the plan's price."""
        rows = self.case.quantities("storages").set_index("storage")
        row = rows.loc[act.element]
        out = float(row["efficiency_out"])
        energy = (act.after - act.before) * float(row["working_capacity"]) * out
        node, coarse = self._node(str(row["place"]), str(row["carrier"]))
        hours = self._over(self.hours, coarse)
        rate = float(row["withdrawal"]) if np.isfinite(row["withdrawal"]) else energy / hours.min()
        price = REPLACED * np.maximum(self.prices[node], 0.0)
        most = np.minimum(rate, energy / hours)
        cost = price.max() * np.ones(len(hours)) + self._cost(act, coarse)
        return MeasureWay(act, self._entries([(node, 1.0)]), most, cost, energy, is_coarse=coarse)

    def _call(self, act: Act) -> MeasureWay | None:
        """Use that customers give up at a price, before anybody is cut."""
        block = self.problem.columns.get(UNSERVED)
        names = list(keys(self.case, "demand"))
        if block is None:
            return None
        row = names.index(act.element)
        count, coarse = len(block.elements) // len(names), bool(block.is_coarse[row])
        layers = np.array([block.own(layer * len(names) + row) for layer in range(count)])
        wanted = self.problem.upper[layers].sum(axis=0)
        place, carrier, _ = act.element.split(":")
        cost = self._cost(act, coarse)
        if not cost.any():
            cost = CALL_PRICE * self.problem.cost[layers].max(axis=0)
        share = 1.0 - act.after / act.before
        entries = self._entries([(self._node(place, carrier)[0], 1.0)])
        for other, ratio in instead(self.costs["instead"][act.measure]):
            taken = self._taken(place, other, ratio, coarse, len(cost))
            if taken is None:
                return None
            entries = sp.csc_array(entries + taken)
        return MeasureWay(act, entries, wanted * share, cost, INF, row, is_coarse=coarse)

    def _taken(
        self, place: str, carrier: str, ratio: float, coarse: bool, columns: int
    ) -> sp.csc_array | None:
        """What a call takes of another carrier at its place; None where the place has none of it.

        Use that is given up evenly over a day is replaced evenly over it, and a day of the other carrier is the sum of its parts.
        """
        if f"{place}:{carrier}" not in self.problem.rows["places.balance"].elements:
            return None
        rows, other = self._node(place, carrier)
        grid = self.problem.grid
        at, value = np.arange(columns), np.full(len(rows), -ratio)
        if coarse != other and grid is not None and coarse:
            at = grid.step_of  # one column a step, a row in each part
        elif coarse != other and grid is not None:
            at, rows, value = np.arange(columns), rows[grid.step_of], -ratio * grid.share
        shape = (self.problem.shape[0], columns)
        return sp.csc_array((value, (rows, at)), shape=shape)

    def _over(self, cells: Floats, coarse: bool) -> Floats:
        """Values of cells as sums over steps, where an element has one column a step."""
        grid = self.problem.grid
        return grid.over_step(cells) if coarse and grid is not None else cells

    def _cost(self, act: Act, coarse: bool = False) -> Floats:
        """What the measure itself costs, objective per MW."""
        row = self.costs.loc[act.measure]
        price, unit = float(row["cost"]), str(row["cost_unit"])
        if price and unit:
            written = self.case.table(act.table)
            at = int(np.flatnonzero(keys(self.case, act.table) == act.element)[0])
            carrier = str(list(carrier_of_rows(self.case, act.table, written))[at]).split(";")[0]
            price *= self.case.units.factor(unit, "energy_price", carrier)
        return price * self._over(self.weight, coarse)

    def _columns(self, name: str, element: str) -> tuple[Ints, bool] | None:
        """Columns of an element, and whether there is one a step and not one a cell."""
        block = self.problem.columns.get(name)
        if block is None or element not in block.elements:
            return None
        at = block.elements.index(element)
        return block.own(at), bool(block.is_coarse[at])

    def _node(self, place: str, carrier: str) -> tuple[Ints, bool]:
        block = self.problem.rows["places.balance"]
        at = block.elements.index(f"{place}:{carrier}")
        return block.own(at), bool(block.is_coarse[at])

    def _entries(self, parts: list[tuple[Ints, float]]) -> sp.csc_array:
        steps = np.arange(len(parts[0][0]))
        rows = np.concatenate([at for at, _ in parts])
        values = np.concatenate([np.full(len(steps), value) for _, value in parts])
        return sp.csc_array(
            (values, (rows, np.tile(steps, len(parts)))), shape=(self.problem.shape[0], len(steps))
        )
