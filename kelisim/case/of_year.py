"""A row of `years`: what is otherwise in a case of another year, in the grammar of event changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from kelisim.case import schema
from kelisim.case.acts import target
from kelisim.case.case import Case
from kelisim.case.change import Change, Dated
from kelisim.case.dated import changed, keys, matching
from kelisim.case.effects import Unreadable
from kelisim.case.event_days import Placing
from kelisim.case.events import changes_of
from kelisim.errors import InputProblem, UnitError

TABLE = "years"
DAYS = {
    "start": "start",
    "in_service_from": "start",
    "end": "end",
    "in_service_to": "end",
}  # column -> its day

YEARS = ("year", "years")  # units by which a day moves


def row_problems(case: Case, row: Any, table: str = TABLE) -> Iterator[InputProblem]:
    """What is wrong in a row of `years` or of another table of its grammar.

    row  one of `itertuples`, its Index the line in the file
    """
    file, rule = case.files.get(table, f"{table}.csv"), table.removesuffix("s")
    try:
        applied(case, row)
    except Unreadable as wrong:
        column = getattr(wrong, "column", "acts_on")
        yield InputProblem(file, int(row.Index), column, wrong.message, wrong.remedy, wrong.nearest, rule)
    except UnitError as wrong:
        yield InputProblem(file, int(row.Index), "unit", f"{wrong}.", rule=rule)


def applied(case: Case, row: Any) -> tuple[Case, int]:
    """The case with one row of `years` or of another table of its grammar, and how many rows of it changed."""
    table, element, column = target(str(row.acts_on))
    if column in DAYS and column in schema.tables().get(table, ()):
        return _with_day(case, row, table, element, column)
    others: list[Change] = []
    count = 0
    for change in changes_in(case, row):
        if isinstance(change, Dated):
            case, others = changed(case.with_(*others), [change]), []
            count += len(change.elements)
        else:
            others.append(change)
            count += 1
    return case.with_(*others), count


def changes_in(case: Case, row: Any) -> list[Change]:
    """What a row changes, on the calendar of the case; not of a row with another first or last day."""
    start, end = case.horizon.start, case.horizon.end - pd.Timedelta(days=1)
    return changes_of(case, row, Placing(case, start, end, 0))


def _with_day(case: Case, row: Any, table: str, element: str, column: str) -> tuple[Case, int]:
    """The case with another first or last day of some rows."""
    found = matching(case, table, element)
    if not found:
        near = schema.nearest(element, list(keys(case, table)))
        raise Unreadable(
            f'"{element}" is not in {table}.', near and str(row.acts_on).replace(element, near, 1)
        )
    day, by = getattr(row, DAYS[column]), float(row.value)
    frame = case.table(table).copy()
    chosen = keys(case, table).isin(found).to_numpy()
    if row.unit in YEARS and by == by:
        frame.loc[chosen, column] = [one + pd.DateOffset(years=int(by)) for one in frame.loc[chosen, column]]
    elif pd.isna(day):
        remedy = f"Fill {DAYS[column]}, or write by how many years it moves, with the unit year."
        raise Unreadable(f"no day for {column}.", remedy=remedy)
    else:
        frame.loc[chosen, column] = day
    return case.with_table(table, frame), int(chosen.sum())
