"""What the machine test moves: the bounds and fixed demands of one table, of two tables together, the prices of a carrier."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.lp.delta import Delta, between
from kelisim.lp.problem import Floats, Problem

QUANTITIES = {
    "links": ("capacity", "capacity_back"),
    "assets": ("capacity", "annual_min", "annual_max"),
    "storages": ("working_capacity", "injection", "withdrawal"),
    "demand": ("amount",),
    "markets": ("ceiling", "annual_max"),
    "contracts": ("annual_quantity", "daily_max", "daily_min"),
    "resources": ("amount",),
    "duties": ("quantity",),
}  # bounds and fixed demand by table
PRICES = {
    "links": ("carrier", ("tariff", "tariff_back")),
    "assets": ("kind", ("cost",)),
    "markets": ("carrier", ("price",)),
    "contracts": ("carrier", ("price",)),
}  # what prices are moved by, and their columns
DOWN_AND_UP = (-1.0, 1.0)


@dataclass(frozen=True)
class Move:
    """One change of the inputs.

    tables  the tables that are moved, one or two; of prices one
    of      carrier or kind whose prices are moved; empty for quantities
    sign    -1.0 downward, 1.0 upward
    delta   what it changes of the problem; None where it changes the matrix, so that the case has to be solved anew
    case    with the changed numbers, from which results such as the use of a country are read
    """

    tables: tuple[str, ...]
    of: str
    sign: float
    delta: Delta | None
    case: Case


def scaled(case: Case, table: str, factor: float) -> Case:
    """The case with all bounds and fixed demands of one table multiplied."""
    return _scaled(case, table, QUANTITIES[table], factor)


def quantity_moves(engine: Engine, by: float) -> Iterator[Move]:
    """All bounds and fixed demands of each table, and of each two tables, down and up by a share."""
    case, problem = engine.case, engine.problem
    names = [table for table in QUANTITIES if not case.table(table).empty]
    for sign in DOWN_AND_UP:
        factor = 1.0 + sign * by
        single = {table: _delta(engine, scaled(case, table, factor)) for table in names}
        for table in names:
            yield Move((table,), "", sign, single[table], scaled(case, table, factor))
        for one, two in itertools.combinations(names, 2):
            both = scaled(scaled(case, one, factor), two, factor)
            deltas = [delta for delta in (single[one], single[two]) if delta is not None]
            delta = together(problem, deltas) if len(deltas) == 2 else None
            yield Move((one, two), "", sign, delta, both)


def price_moves(engine: Engine, by: float) -> Iterator[Move]:
    """The prices of each carrier of links, markets and contracts and of each kind of assets, down and up by a share."""
    case = engine.case
    for table, (column, prices) in PRICES.items():
        frame = case.table(table)
        for of in sorted(set(frame[column].astype(str))):
            rows = (frame[column] == of).to_numpy()
            if not frame.loc[rows, list(prices)].fillna(0.0).to_numpy(dtype=float).any():
                continue
            for sign in DOWN_AND_UP:
                moved = _scaled(case, table, prices, 1.0 + sign * by, rows)
                delta = _delta(engine, moved)
                if delta is None or not delta.is_empty:
                    yield Move((table,), of, sign, delta, moved)


def together(problem: Problem, deltas: list[Delta]) -> Delta:
    """All that several deltas change of a problem, added up where they change the same bound."""
    base = (problem.cost, problem.lower, problem.upper, problem.row_lower, problem.row_upper)
    sums = [array.copy() for array in base]
    for delta in deltas:
        for at, (there, here) in enumerate(zip(delta.applied(problem), base, strict=True)):
            changed = there != here  # of two infinite bounds the difference is no number
            sums[at][changed] += there[changed] - here[changed]
    cost, lower, upper, row_lower, row_upper = sums
    columns = np.flatnonzero((lower != problem.lower) | (upper != problem.upper))
    rows = np.flatnonzero((row_lower != problem.row_lower) | (row_upper != problem.row_upper))
    costs = np.flatnonzero(cost != problem.cost)
    return Delta(
        columns, lower[columns], upper[columns], rows, row_lower[rows], row_upper[rows], costs, cost[costs]
    )


def _delta(engine: Engine, case: Case) -> Delta | None:
    """What a case with other numbers changes of the problem; None where it changes the matrix."""
    return between(engine.problem, Engine(case, engine.rules, cache=False).problem)


def _scaled(
    case: Case, table: str, columns: tuple[str, ...], factor: float, rows: Floats | None = None
) -> Case:
    frame: pd.DataFrame = case.table(table).copy()
    for column in columns:
        moved = frame[column] * factor
        frame[column] = moved if rows is None else moved.where(rows, frame[column])
    return replace(case, tables=MappingProxyType({**case.tables, table: frame}))
