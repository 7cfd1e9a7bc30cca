"""A row of `scenario_changes`: what is otherwise in a scenario, in the grammar of event changes, or a project that is built."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from kelisim.case import of_year, schema
from kelisim.case.acts import target
from kelisim.case.building import Building
from kelisim.case.case import Case
from kelisim.case.change import Change, Dated
from kelisim.case.event_days import Placing, moved_by
from kelisim.case.events import changes_of
from kelisim.errors import InputProblem, StudyError

TABLE = "scenario_changes"
BUILT = "built"  # column of a project: with the value 1 it is in service


def row_problems(case: Case, row: Any) -> Iterator[InputProblem]:
    """What is wrong in a row; row is one of `itertuples`, its Index the line in the file."""
    file = case.files.get(TABLE, f"{TABLE}.csv")
    for end, is_outside in (("low", row.low > row.value), ("high", row.high < row.value)):
        if is_outside:
            side = "above" if end == "low" else "below"
            message = f"{getattr(row, end):g} is {side} the value {row.value:g}."
            yield InputProblem(file, int(row.Index), end, message, rule="scenario")
    if target(str(row.acts_on)).table != "projects":
        yield from of_year.row_problems(case, row, TABLE)
        return
    _, project, column = target(str(row.acts_on))
    known = list(case.table("projects")["project"])
    if project not in known:
        near = schema.nearest(project, known)
        yield InputProblem(
            file, int(row.Index), "acts_on", f'"{project}" is not in projects.', nearest=near, rule="scenario"
        )
    elif column != BUILT:
        message, remedy = (
            f'a project has nothing called "{column}" here.',
            f"Write projects:{project}:{BUILT}.",
        )
        yield InputProblem(file, int(row.Index), "acts_on", message, remedy, rule="scenario")
    elif row.value != 1.0:
        message = f"{row.value:g}: a project is built, 1, or its row is left out."
        yield InputProblem(file, int(row.Index), "value", message, rule="scenario")
    else:
        try:
            _ = Building(case, (project,)).cells
        except StudyError as error:
            yield InputProblem(file, int(row.Index), "acts_on", str(error), rule="scenario")


def applied(case: Case, row: Any) -> Case:
    """The case with one row. Raises what of_year.applied does."""
    table, project, _ = target(str(row.acts_on))
    return Building(case, (project,)).full if table == "projects" else of_year.applied(case, row)[0]


def row_changes(case: Case, row: Any) -> list[Change]:
    """A row as changes of a problem that is solved already. Raises StudyError where it makes another case, Unreadable for what cannot be read."""
    table, element, column = target(str(row.acts_on))
    if table == "projects":
        raise StudyError(
            f"{row.acts_on}: a project is no outlook. Put it into the case with --scenario, or name it in --projects."
        )
    if column in of_year.DAYS and column in schema.tables().get(table, ()):
        raise StudyError(f"{element}: another {column} is no outlook. Put it into the case with --scenario.")
    start, end = case.horizon.start, case.horizon.end - pd.Timedelta(days=1)
    own = (start if pd.isna(row.start) else row.start, end if pd.isna(row.end) else row.end)
    found = changes_of(case, row, Placing(case, start, end, moved_by(case, *own, strict=False)))
    if any(isinstance(one, Dated) and one.column == "level" for one in found):
        raise StudyError(f"{element}: what it holds on a day is no outlook of a year.")
    return found


def is_always(row: Any) -> bool:
    """Whether a row holds on all days."""
    return bool(pd.isna(row.start) and pd.isna(row.end))
