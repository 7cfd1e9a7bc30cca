"""The machine test: which values of the model are inputs in other words.

A value is arithmetic where it moves one to one with the bounds and fixed demands of one table, downward or upward, or with those of
two tables both ways; and where no price moves it, since what no price moves is decided by quantities alone. Each question is a
solve from the basis of the year in months.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import UserError
from kelisim.lp.highs import Session, Solution
from kelisim.results.observations import Counterpart, Totals
from kelisim.results.tables import Tables
from kelisim.studies.backcast.formula import formulas
from kelisim.studies.backcast.moves import DOWN_AND_UP, Move, price_moves, quantity_moves
from kelisim.tolerances import NO_MOVE

AND = " + "  # between two tables that are moved together
Values = dict[str, float]


@dataclass(frozen=True)
class Tested:
    """What the machine test found.

    elasticity  observation, table (one, or two joined by " + "), downward, upward: share per share
    prices      observation, table, of, downward, upward: relative change of the value, where prices moved it
    formula     observation -> the limits that its value is made of, in the unit of the row
    """

    elasticity: pd.DataFrame
    prices: pd.DataFrame
    formula: Mapping[str, str]

    def follows(self, near: float) -> dict[str, str]:
        """Tables that a value follows one to one, by observation; "(down)" or "(up)" where it does so one way only."""
        table = self.elasticity
        close = (table[["downward", "upward"]] - 1.0).abs() <= near
        is_pair = table["table"].str.contains(AND, regex=False)
        both, one = close.all(axis=1), close.any(axis=1) & ~is_pair
        side = np.where(both, "", np.where(close["downward"], " (down)", " (up)"))
        named = table.assign(told=table["table"] + side, is_pair=is_pair)[both | one]
        found: dict[str, str] = {}
        for name, rows in named.groupby("observation", sort=False):
            # a pair says nothing new where a single table is followed
            single = rows[~rows["is_pair"]]
            found[str(name)] = ", ".join((single if len(single) else rows)["told"])
        return found

    def moved_by(self) -> dict[str, str]:
        """The prices that move a value the most, by observation; what no price moves is not there."""
        if self.prices.empty:
            return {}
        size = self.prices[["downward", "upward"]].abs().max(axis=1)
        most = self.prices.loc[size.groupby(self.prices["observation"]).idxmax()]
        return dict(zip(most["observation"], most["table"] + ": " + most["of"], strict=True))


def tested(engine: Engine, wanted: Mapping[str, Counterpart], by: float, price_by: float) -> Tested:
    """The machine test of some observations.

    engine    of the case in months
    wanted    terms, unit and period by observation
    by        how far quantities are moved, a share
    price_by  how far prices are moved, a share
    """
    session = Session(engine.problem)
    base = session.start("simplex")
    totals = _totals(engine, base)
    values = values_of(totals, wanted)
    formula = formulas(session, base, totals, {name: wanted[name] for name in values}, values)

    def moved(moves: Iterable[Move]) -> pd.DataFrame:
        rows = []
        for move in moves:
            there = _after(engine, session, move, wanted)
            for name, value in values.items():
                change = there.get(name, np.nan) / value - 1.0 if value else np.nan
                rows.append((name, AND.join(move.tables), move.of, move.sign, change))
        columns = ["observation", "table", "of", "sign", "change"]
        frame = pd.DataFrame(rows, columns=columns).astype({"sign": float, "change": float})
        keys = ["observation", "table", "of"]
        wide = frame.pivot_table(index=keys, columns="sign", values="change", sort=False)
        wide = wide.reindex(columns=list(DOWN_AND_UP)).dropna()
        return wide.set_axis(["downward", "upward"], axis=1).reset_index()

    elasticity = moved(quantity_moves(engine, by)).drop(columns="of")
    elasticity["downward"] /= -by
    elasticity["upward"] /= by
    prices = moved(price_moves(engine, price_by))
    is_moved = prices[["downward", "upward"]].abs().max(axis=1) > NO_MOVE
    return Tested(elasticity, prices[is_moved].reset_index(drop=True), formula)


def values_of(totals: Totals, wanted: Mapping[str, Counterpart]) -> Values:
    """The model's value of each observation that the results have."""
    found = {}
    for name, (terms, unit, period) in wanted.items():
        try:
            found[name] = totals.value(terms, unit, period)
        except UserError:
            continue  # beside() lists it with the reason
    return found


def totals_of(tables: Tables) -> Totals:
    """Totals of tables that are made when asked for."""
    return Totals(tables.case, lambda name: getattr(tables, name.replace(".", "_")).copy(deep=False))


def _after(engine: Engine, session: Session, move: Move, wanted: Mapping[str, Counterpart]) -> Values:
    """The values after a move, from the basis of the year, or solved anew where the matrix changes; none without a plan."""
    if move.delta is None:
        base = Engine(move.case, engine.rules, cache=False).base
        return values_of(totals_of(Tables(move.case, base)), wanted) if base.status == "optimal" else {}
    solution = session.solve(move.delta)
    return values_of(_totals(engine, solution, move.case), wanted) if solution.status == "optimal" else {}


def _totals(engine: Engine, solution: Solution, case: Case | None = None) -> Totals:
    """Totals of a solution, read by the numbers of the case that was solved."""
    return totals_of(Tables(case or engine.case, engine.answer(engine.problem, solution)))
