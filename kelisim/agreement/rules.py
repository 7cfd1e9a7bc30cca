"""Rules of both sides that differ: the change that each stands for, and its effect on the year, solved again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from kelisim.case import schema
from kelisim.case.acts import Target, targets
from kelisim.case.case import Case
from kelisim.case.change import Dated
from kelisim.case.dated import TABLES, matching, may_change
from kelisim.engine import Engine
from kelisim.engine.country_money import CountryMoney
from kelisim.errors import UnitError
from kelisim.tolerances import VANISHING


@dataclass(frozen=True)
class RuleEffect:
    """A rule and what its change does in a year.

    regulation  identifier of its row
    cost        currency that it costs all beside the case as it is, and the two sides; not a number where it changes nothing
    """

    regulation: str
    cost: float
    first: float
    second: float


def effects(engine: Engine, pair: tuple[str, str]) -> list[RuleEffect]:
    """The effect of each row of `regulations`, in their order."""
    case = engine.case
    rows = case.table("regulations").to_dict("records")
    asked = [(str(row["regulation"]), changes_of(case, row)) for row in rows]
    if not any(changes for _, changes in asked):
        return [RuleEffect(name, np.nan, np.nan, np.nan) for name, _ in asked]
    window = engine.whole_window()
    money = CountryMoney(case, engine.base, window.problem)
    before = money.money(window.base)
    found = []
    for name, changes in asked:
        if not changes:
            found.append(RuleEffect(name, np.nan, np.nan, np.nan))
            continue
        answer = window.ask(changes).answer
        now = money.money(answer, window.delta(changes).applied(window.problem)[0])
        more = now.sub(before, fill_value=0.0)
        sides = [float(more.get(side, 0.0)) for side in pair]
        found.append(RuleEffect(name, float(answer.objective - window.base.objective), *sides))
    return found


def changes_of(case: Case, row: dict[Any, Any]) -> list[Dated]:
    """The change that a rule stands for; none where it names no value or nothing that can change."""
    if not np.isfinite(float(row["value"])):
        return []
    found = []
    for one in targets(str(row["acts_on"]), "maybe"):
        if one.table in TABLES and one.column in may_change(one.table):
            found += list(_changes(case, one, row))
    return found


def _changes(case: Case, one: Target, row: dict[Any, Any]) -> Iterator[Dated]:
    how = str(row["how"]) or "set"
    value = float(row["value"])
    column = schema.tables()[one.table][one.column]
    rows = tuple(name for name in matching(case, one.table, one.element))
    if not rows:
        return
    if how == "scale":
        yield Dated(one.table, rows, one.column, max(value, VANISHING), how=how)
        return
    frame = case.table(one.table).set_index(case.table(one.table).columns[0])
    for name in rows:
        own = str(frame.at[name, column.unit_column]) if column.unit_column else ""
        before = float(frame.at[name, one.column]) if how == "add" else 0.0
        try:
            size = value * _ratio(
                case,
                str(row["unit"]),
                own,
                column.dimension,
                str(frame.at[name, "carrier"]) if "carrier" in frame else "",
            )
        except UnitError:
            continue
        yield Dated(one.table, (name,), one.column, max(before + size, 0.0))


def _ratio(case: Case, unit: str, own: str, dimension: str, carrier: str) -> float:
    """What turns a number in a unit into that of a row."""
    if unit in ("", own):
        return 1.0
    kind = dimension if dimension not in ("", "any") else "power"
    return case.units.factor(unit, kind, carrier) / case.units.factor(own, kind, carrier)
