"""A case of another year: its calendar moved, its numbers changed by factors, and what belongs to the new year named.

The rows of the table `years` say in the grammar of event changes what is otherwise in a year: demand:kz_*:electricity:amount, 1.04,
factor. A contract that has no day in the new year is a problem until a row gives it new days, or it is taken out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from kelisim.case import checks
from kelisim.case.case import Case
from kelisim.case.dated import keys
from kelisim.case.of_year import TABLE, applied, row_problems
from kelisim.errors import CaseError, StudyError


@dataclass(frozen=True)
class OfYear:
    """A case of another year.

    changed   acts_on, value, unit, rows: each row of `years` that was applied, with how many rows of the case it changed
    lapsed    contracts that have no day in the year and were taken out
    turning   element, table, day, turn: what goes into or out of service within the year
    """

    case: Case
    changed: pd.DataFrame
    lapsed: tuple[str, ...]
    turning: pd.DataFrame


def in_year(case: Case, year: int, drop_lapsed: bool = False) -> OfYear:
    """The case in another year, with the rows of its table `years` for it.

    drop_lapsed  take out contracts without a day in the year instead of calling them a problem

    Raises StudyError for a horizon that lists its steps, CaseError with all that is wrong: rows of `years` that cannot be read, lapsed
    contracts, and whatever no longer fits.
    """
    if case.horizon.listed:
        raise StudyError("year: the case lists its steps, and they cannot be moved to another year.")
    by = year - case.horizon.start.year
    horizon = replace(case.horizon, start=_moved(case.horizon.start, by), end=_moved(case.horizon.end, by))
    there = replace(case, horizon=horizon, settings=_settings(case, year))
    rows = case.table(TABLE)
    rows = rows[rows["year"] == year]
    problems = [problem for row in rows.itertuples() for problem in row_problems(there, row)]
    if problems:
        raise CaseError(case.name, problems)
    told = []
    for row in rows.itertuples():
        there, count = applied(there, row)
        told.append((str(row.acts_on), float(row.value), str(row.unit), count))
    gone = lapsed(there) if drop_lapsed else ()
    if gone:
        contracts = there.table("contracts")
        there = there.with_table("contracts", contracts[~contracts["contract"].isin(gone)])
    wrong = [*checks.references(there), *checks.run(there, already=[])]
    if wrong:
        raise CaseError(there.name, wrong)
    columns = ["acts_on", "value", "unit", "rows"]
    return OfYear(there, pd.DataFrame(told, columns=columns), gone, _turning(there))


def lapsed(case: Case) -> tuple[str, ...]:
    """Contracts that have no day in the horizon."""
    rows = case.table("contracts")
    last = case.horizon.end - pd.Timedelta(days=1)
    before, after = rows["end"] < case.horizon.start, rows["start"] > last
    return tuple(rows["contract"][before | after])


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
    return pd.DataFrame(found, columns=["element", "table", "day", "turn"])
