"""Named scenarios of a case: prices, demand or anything else as it may become, in the grammar of event changes, each with a range.

The rows of the table `scenario_changes` say what is otherwise in a scenario: markets:cn_horgos:price, 0.8, factor, from 0.7 to 0.9. A
case under a scenario is a case like any other, and every study can be asked of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from kelisim.case import checks, schema
from kelisim.case.case import Case
from kelisim.case.change import Change
from kelisim.case.scenario_rows import TABLE, applied, is_always, row_changes, row_problems
from kelisim.errors import CaseError, StudyError

ENDS = ("low", "high")


def names(case: Case) -> dict[str, str]:
    """Scenario -> what people call it, in the order of the table."""
    found: dict[str, str] = {}
    for scenario, name in case.table(TABLE)[["scenario", "name"]].itertuples(index=False):
        found[scenario] = found.get(scenario) or str(name)
    return {scenario: name or scenario.replace("_", " ") for scenario, name in found.items()}


def under(case: Case, asked: Sequence[str]) -> Case:
    """The case under some scenarios, one after the other.

    asked  names, each with :low or :high for that end of the ranges of its values

    The name and title of the case say them. Raises StudyError for a scenario that the case does not have, CaseError with all that is
    wrong in its rows or no longer fits.
    """
    for scenario, end in known(case, asked):
        case = _with(case, scenario, end)
    return case


def known(case: Case, asked: Sequence[str]) -> list[tuple[str, str]]:
    """Scenarios that are asked for, each with the end of the range. Raises StudyError for one that the case does not have."""
    return [_asked(case, word) for word in asked]


def of_name(case: Case, name: str) -> str:
    """The scenarios that the name of a case under some of this one's says, separated by commas; empty if it says none."""
    left, found = name.removeprefix(case.name), list[str]()
    ways = [f"{scenario}:{end}" for scenario in names(case) for end in ENDS] + list(names(case))
    while name.startswith(case.name) and left:
        begins = [word for word in ways if (left + "_").startswith(f"_{word.replace(':', '_')}_")]
        if not begins:
            return ""
        found.append(max(begins, key=len))
        left = left.removeprefix(f"_{found[-1].replace(':', '_')}")
    return ",".join(found)


def words_of(text: str) -> list[str]:
    """Scenarios as they are written in one text, separated by commas."""
    return [word.strip() for word in text.split(",") if word.strip()]


def _asked(case: Case, word: str) -> tuple[str, str]:
    """Scenario and end of the range. Raises StudyError with the nearest name."""
    scenario, _, end = word.partition(":")
    known = names(case)
    if not known:
        raise StudyError(f"scenario: the case {case.name} has no table {TABLE}.")
    if scenario not in known:
        near = schema.nearest(scenario, known)
        hint = f'Did you mean "{near}"?' if near else f"Known: {', '.join(known)}."
        raise StudyError(f'scenario: no scenario "{scenario}". {hint}')
    if end not in ("", *ENDS):
        raise StudyError(f'scenario: "{word}" ends in neither :low nor :high.')
    return scenario, end


def changes_under(case: Case, scenario: str, end: str = "") -> list[Change]:
    """What a scenario changes, for a problem that is solved already; each change takes what those before it left.

    end  "low" or "high" for that end of the ranges
    Raises StudyError where it is more than changes: another case.
    """
    found: list[Change] = []
    there = case
    for row in _rows(case, scenario, end).itertuples():
        found += row_changes(there, row)
        there = applied(there, row) if is_always(row) else there
    return found


def _rows(case: Case, scenario: str, end: str) -> pd.DataFrame:
    """Rows of a scenario in their order, with the values of one end of their ranges."""
    rows = case.table(TABLE)
    rows = rows[rows["scenario"] == scenario].sort_values(
        "change_no", key=lambda column: column.astype(int), kind="stable"
    )
    return rows.assign(value=rows[end].where(rows[end].notna(), rows["value"])) if end else rows


def _with(case: Case, scenario: str, end: str) -> Case:
    rows = _rows(case, scenario, end)
    there = case
    for row in rows.itertuples():
        wrong = list(row_problems(there, row))
        if wrong:
            raise CaseError(case.name, wrong)
        there = applied(there, row)
    told = names(case)[scenario] + (f", {end} end of its range" if end else "")
    about = {"name": f"{case.name}_{scenario}" + (f"_{end}" if end else ""), "title": f"{case.title}: {told}"}
    there = replace(there, settings={**there.settings, **about})
    problems = checks.run(there, already=[])
    if problems:
        raise CaseError(there.name, problems)
    return there
