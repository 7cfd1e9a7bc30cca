"""A table of scenarios as text: thousands of ways in which a case may become otherwise, in the grammar of event changes.

Columns are those of `scenario_changes`; `change_no` may be left out. A row with days takes something out of service for these days; any
other change holds for the whole horizon.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from kelisim.case import checks, schema
from kelisim.case.acts import target
from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.case.of_year import DAYS, changes_in
from kelisim.case.scenario_rows import TABLE, applied, row_problems
from kelisim.errors import CaseError, InputProblem, UserError

DATED = (
    "share_out",
    "available",
    "in_service_from",
    "in_service_to",
    "start",
    "end",
)  # columns of changes that have days
FILE = "table"  # what messages call a text that has no file


@dataclass(frozen=True)
class ScenarioTable:
    """Scenarios in the order in which they first stand, each with its rows in the order of their numbers.

    rows  of a scenario: what `itertuples` gives, Index the line in the file
    """

    names: tuple[str, ...]
    called: dict[str, str]
    rows: dict[str, tuple[Any, ...]]


def read(case: Case, text: str, file: str = FILE) -> ScenarioTable:
    """The scenarios of a text in CSV; those of the case if it is empty. Raises CaseError with all that is wrong, by row and column."""
    if text.strip():
        rows, problems = _parsed(text, file)
    else:
        rows, problems, file = case.table(TABLE), [], case.files.get(TABLE, f"{TABLE}.csv")
    there = replace(case, files={**case.files, TABLE: file})
    if not problems:
        problems = [problem for row in rows.itertuples() for problem in _problems(there, row, file)]
    if not problems and rows.empty:
        problems = [
            InputProblem(file, 0, "", "holds no scenario.", "Write a row for each change.", rule="scenario")
        ]
    if problems:
        raise CaseError(case.name, problems)
    names = tuple(dict.fromkeys(map(str, rows["scenario"])))
    ordered = rows.assign(change_no=rows["change_no"].astype(int)).sort_values("change_no", kind="stable")
    found: dict[str, list[Any]] = {name: [] for name in names}
    called: dict[str, str] = {}
    for row in ordered.itertuples():
        found[str(row.scenario)].append(row)
        called.setdefault(str(row.scenario), "")
        called[str(row.scenario)] = called[str(row.scenario)] or str(row.name or "")
    return ScenarioTable(
        names, {n: called[n] or n.replace("_", " ") for n in names}, {n: tuple(r) for n, r in found.items()}
    )


def _parsed(text: str, file: str) -> tuple[pd.DataFrame, list[InputProblem]]:
    lines = [
        line for line in csv.reader(io.StringIO(text), skipinitialspace=True) if any(map(str.strip, line))
    ]
    numbers = [at for at, line in enumerate(csv.reader(io.StringIO(text)), 1) if any(map(str.strip, line))]
    head = [name.strip() for name in lines[0]]
    wide = [at for at, line in zip(numbers, lines, strict=True) if len(line) > len(head)]
    problems = [
        InputProblem(
            file, at, "", "has more cells than the header.", "Put a text with a comma in quotes.", rule="file"
        )
        for at in wide
    ]
    cells = [
        [cell.strip() for cell in line[: len(head)]] + [""] * (len(head) - len(line)) for line in lines[1:]
    ]
    frame = pd.DataFrame(cells, columns=head, index=numbers[1:], dtype=str)
    if "change_no" not in frame and "scenario" in frame:
        frame.insert(1, "change_no", (frame.groupby("scenario").cumcount() + 1).astype(str))
    rows, wrong = schema.parse(schema.tables()[TABLE], frame, file)
    return rows, [*problems, *wrong]


def _problems(case: Case, row: Any, file: str) -> Iterator[InputProblem]:
    """What is wrong in a row, on the case as it stands."""
    yield from row_problems(case, row)
    column = target(str(row.acts_on)).column
    for name in ("start", "end"):
        if not pd.isna(getattr(row, name)) and column not in DATED:
            message = f"{column} changes for the whole horizon; only what is out of service has days."
            yield InputProblem(file, int(row.Index), name, message, "Leave it empty.", rule="scenario")


def under(case: Case, table: ScenarioTable, scenario: str) -> Case:
    """The case in one scenario. Raises CaseError with what no longer fits."""
    there = case
    for row in table.rows[scenario]:
        try:
            there = applied(there, row)
        except UserError as error:
            wrong = list(row_problems(there, row))
            if not wrong:
                raise
            raise CaseError(case.name, wrong) from error
    title = f"{case.title}: {table.called[scenario]}"
    there = replace(there, settings={**there.settings, "title": title})
    problems = checks.run(there, already=[], rules=checks.OF_NUMBERS)
    if problems:
        raise CaseError(there.name, problems)
    return there


def outages_of(case: Case, table: ScenarioTable, scenario: str) -> list[Outage] | None:
    """What a scenario takes out of service; None where it changes something else too."""
    found: list[Outage] = []
    for row in table.rows[scenario]:
        home, _, column = target(str(row.acts_on))
        if home == "projects" or (column in DAYS and column in schema.tables()[home]):
            return None
        changes = changes_in(case, row)
        outages = [one for one in changes if isinstance(one, Outage)]
        if len(outages) < len(changes):
            return None
        found += outages
    return found
