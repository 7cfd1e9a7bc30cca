"""Events: every change can be made on some days, and every effect says what to hold it against."""

from __future__ import annotations

from collections.abc import Iterator

from kelisim.case import schema
from kelisim.case.checks.view import CaseView
from kelisim.case.events import row_problems
from kelisim.errors import InputProblem, KelisimError

# tables whose mistakes make it unsafe to say anything about an event
_ELEMENTS = ("places", "links", "assets", "asset_ports", "storages", "markets", "contracts", "demand")
_LEANS_ON = ("carriers", "profiles", *_ELEMENTS, "resources", "events")


def changes(view: CaseView) -> Iterator[InputProblem]:
    """A change that cannot be made for some days, or an effect that names no result; told once the tables it leans on are right."""
    rows = view.rows("event_changes")
    if rows.empty or view.unread & set(_LEANS_ON) or view.settings:
        return
    for table in _LEANS_ON:
        columns = [column.name for column in schema.tables()[table].columns]
        if view.wrong(table, *columns).any():
            return
    every = [column.name for column in schema.tables()["event_changes"].columns]
    for row in view.sure("event_changes", *every).itertuples():
        try:
            yield from row_problems(view.case, row)
        except KelisimError:
            return  # the case itself cannot be read: its own problems are told
