"""A case of another year: its calendar moved, its numbers changed by factors, and what belongs to the new year named.

The rows of the table `years` say in the grammar of event changes what is otherwise in a year: demand:kz_*:electricity:amount, 1.04,
factor. A contract that has no day in the new year is a problem until a row gives it new days, or it is taken out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from kelisim.case import checks, schema
from kelisim.case.case import Case
from kelisim.case.dated import keys
from kelisim.case.of_year import TABLE, applied, row_problems
from kelisim.errors import CaseError, StudyError

DATED = ("contracts", "duties", "outages")  # rows without a day have no effect, and are a problem


@dataclass(frozen=True)
class OfYear:
    """A case of another year.

    changed   acts_on, value, unit, rows: each row of `years` that was applied, with how many rows of the case it changed
    lapsed    contracts, duties and outages that have no day in the year and were taken out
    turning   element, table, day, turn: what goes into or out of service within the year
    """

    case: Case
    changed: pd.DataFrame
    lapsed: tuple[str, ...]
    turning: pd.DataFrame


def in_year(case: Case, year: int, drop_lapsed: bool = False) -> OfYear:
    """The case in another year, with the rows of its table `years` for it.

    drop_lapsed  take out contracts, duties and outages without a day in the year instead of calling them a problem

    Raises StudyError for a horizon that lists its steps, CaseError with all that is wrong: rows of `years` that cannot be read, lapsed
    contracts, and whatever no longer fits.
    """
    if case.horizon.listed:
        raise StudyError("year: the case lists its steps, and they cannot be moved to another year.")
    by = year - case.horizon.start.year
    horizon = replace(case.horizon, start=_moved(case.horizon.start, by), end=_moved(case.horizon.end, by))
    there = replace(case, horizon=horizon, settings=_settings(case, year))
    rows = case.table(TABLE)
    rows = rows[rows["year"] == year].sort_values("change_no", key=lambda column: column.astype(int))
    problems = [problem for row in rows.itertuples() for problem in row_problems(there, row)]
    if problems:
        raise CaseError(case.name, problems)
    told = []
    for row in rows.itertuples():
        there, count = applied(there, row)
        told.append((str(row.acts_on), float(row.value), str(row.unit), count))
    gone: list[str] = []
    for table, rows in without_a_day(there).items() if drop_lapsed else ():
        gone += rows.astype(str).tolist()
        there = there.with_table(table, there.table(table).drop(index=rows.index))
    wrong = [*checks.references(there), *checks.run(there, already=[])]
    if wrong:
        raise CaseError(there.name, wrong)
    columns = ["acts_on", "value", "unit", "rows"]
    return OfYear(there, pd.DataFrame(told, columns=columns), tuple(gone), _turning(there))


def without_a_day(case: Case) -> dict[str, pd.Series]:
    """Contracts, duties and outages that have no day in the horizon: their names by table, the index being their lines."""
    found = {}
    for table in DATED:
        rows = case.table(table)
        days = zip(rows["start"], rows["end"], strict=True)
        lost = [not case.horizon.share_within(start, end).any() for start, end in days]
        found[table] = rows[schema.tables()[table].columns[0].name][lost]
    return found


def _moved(moment: pd.Timestamp, years: int) -> pd.Timestamp:
    return moment + pd.DateOffset(years=years)


def _settings(case: Case, year: int) -> dict[str, Any]:
    """Settings of the new case: name and title say its year."""
    old = str(case.horizon.start.year)
    title = case.title.replace(old, str(year)) if old in case.title else f"{case.title}, {year}"
    return {**case.settings, "name": f"{case.name}_{year}", "title": title}


def _turning(case: Case) -> pd.DataFrame:
    """Links, assets and storages that go into or out of service within the horizon."""
    found = []
    for table in ("links", "assets", "storages"):
        rows = case.table(table)
        for column, turn in (("in_service_from", "into service"), ("in_service_to", "out of service")):
            inside = (rows[column] > case.horizon.start) & (rows[column] < case.horizon.end)
            found += [
                (name, table, day, turn)
                for name, day in zip(keys(case, table)[inside], rows[column][inside], strict=True)
            ]
    frame = pd.DataFrame(found, columns=["element", "table", "day", "turn"])
    return frame.astype({"day": "datetime64[ns]"})
