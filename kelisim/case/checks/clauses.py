"""Clauses of contracts: parameters that a clause has, in units that fit, none missing."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from kelisim.case import schema
from kelisim.case.checks.units import suggestion
from kelisim.case.checks.view import CaseView, about
from kelisim.case.clauses import BILLED_UNDER, Parameter, parameters
from kelisim.errors import InputProblem, UnitError

_OTHER = (BILLED_UNDER, "seasonal_exchange")  # whose item is another contract


@about("clauses")
def values(view: CaseView) -> Iterator[InputProblem]:
    """A parameter that the clause does not have, a value that is missing, out of range or in a unit that does not fit, an item."""
    rows = view.sure("clauses", "contract", "clause")
    carriers = view.rows("contracts").drop_duplicates("contract").set_index("contract")["carrier"].to_dict()
    unread = view.wrong("clauses", "value")
    for line in rows.itertuples():
        known = parameters().get(str(line.clause), {})
        one = known.get(str(line.parameter))
        if one is None:
            near = schema.nearest(str(line.parameter), known)
            message = f'the clause {line.clause} has no parameter "{line.parameter}".'
            remedy = (
                f"It has {schema.some([name for name in known if name])}."
                if any(known)
                else "Leave it empty."
            )
            yield view.problem("clauses", line.Index, "parameter", message, remedy, near, "reference")
            continue
        yield from _item(view, line, one)
        if line.parameter and not unread[line.Index]:
            yield from _value(view, line, one, str(carriers.get(line.contract, "")))


def _item(view: CaseView, line: object, one: Parameter) -> Iterator[InputProblem]:
    row, item, clause = line.Index, str(line.item), str(line.clause)  # type: ignore[attr-defined]
    if bool(item) == one.several and (not item or clause not in _OTHER or item in view.ids("contracts")):
        return
    if not item:
        message, near = f"is empty, and {clause} has it: {one.description}.", ""
    elif not one.several:
        message, near = f'"{item}" stands where there is only one.', ""
    else:
        message, near = f'no contract "{item}".', schema.nearest(item, view.ids("contracts"))
    yield view.problem("clauses", row, "item", message, "", near, "reference" if near else "missing")


def _value(view: CaseView, line: object, one: Parameter, carrier: str) -> Iterator[InputProblem]:
    row, value, unit = line.Index, float(line.value), str(line.unit)  # type: ignore[attr-defined]
    name = f"{line.parameter} of {line.clause}"  # type: ignore[attr-defined]
    if pd.isna(value):
        yield view.problem("clauses", row, "value", f"is empty: {one.description}.", rule="missing")
        return
    low, high = one.minimum, one.maximum
    if low is not None and value < low:
        yield view.problem(
            "clauses",
            row,
            "value",
            f"{value:g} is below {low:g}.",
            f"{name}: at least {low:g}.",
            rule="range",
        )
    if high is not None and value > high:
        yield view.problem(
            "clauses",
            row,
            "value",
            f"{value:g} is above {high:g}.",
            f"{name}: at most {high:g}.",
            rule="range",
        )
    if not one.dimension:
        if unit:
            message = f'"{unit}" stands where no unit is meant.'
            yield view.problem("clauses", row, "unit", message, f"{name}: {one.description}.", rule="unit")
        return
    if carrier not in view.carriers:
        return
    try:
        view.case.units.factor(unit, one.dimension, carrier)
    except UnitError as error:
        near = suggestion(view, unit, lambda word: view.case.units.factor(word, one.dimension, carrier))
        yield view.problem("clauses", row, "unit", f"{error}.", f"{name}: {one.description}.", near, "unit")


@about("clauses")
def complete(view: CaseView) -> Iterator[InputProblem]:
    """A clause that lacks a parameter, told at its first row."""
    rows = view.sure("clauses", "contract", "clause", "parameter")
    for (_, clause), group in rows.groupby(["contract", "clause"], sort=False):
        known = parameters().get(str(clause), {})
        needed = {name for name, one in known.items() if one.is_required}
        several = {name for name in needed if known[name].several}
        items = sorted(set(group["item"]) - {""})
        lacking = sorted(needed - several - set(group["parameter"]))
        for item in items or ([""] if several else []):
            here = set(group["parameter"][group["item"] == item])
            lacking += [f"{name} of {item}" if item else name for name in sorted(several - here)]
        if lacking:
            message = f"the clause {clause} of this contract lacks {schema.some(lacking)}."
            yield view.problem(
                "clauses", group.index[0], "clause", message, "Add a row for each.", rule="missing"
            )
