"""Events: every change can be made on some days, and every effect says what to hold it against."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.case.checks.view import CaseView
from kelisim.case.events import row_problems
from kelisim.case.of_year import row_problems as of_year
from kelisim.case.scenario_rows import row_problems as of_scenario
from kelisim.errors import InputProblem, KelisimError

# tables whose mistakes make it unsafe to say anything about an event
_ELEMENTS = ("places", "links", "assets", "asset_ports", "storages", "markets", "contracts", "demand")
_LEANS_ON = ("carriers", "profiles", *_ELEMENTS, "resources", "events")


def changes(view: CaseView) -> Iterator[InputProblem]:
    """A change that cannot be made for some days, or an effect that names no result; told once the tables it leans on are right."""
    yield from _each(view, "event_changes", row_problems)


def years(view: CaseView) -> Iterator[InputProblem]:
    """A change of another year that acts on nothing, or has no value."""
    yield from _each(view, "years", of_year)


def scenarios(view: CaseView) -> Iterator[InputProblem]:
    """A change of a scenario that acts on nothing, or a value outside its range."""
    yield from _each(view, "scenario_changes", of_scenario)


def _each(
    view: CaseView, table: str, problems: Callable[[Case, Any], Iterator[InputProblem]]
) -> Iterator[InputProblem]:
    rows = view.rows(table)
    if rows.empty or view.unread & set(_LEANS_ON) or view.settings:
        return
    for leaned in _LEANS_ON:
        columns = [column.name for column in schema.tables()[leaned].columns]
        if view.wrong(leaned, *columns).any():
            return
    every = [column.name for column in schema.tables()[table].columns]
    for row in view.sure(table, *every).itertuples():
        try:
            yield from problems(view.case, row)
        except KelisimError:
            return  # the case itself cannot be read: its own problems are told
