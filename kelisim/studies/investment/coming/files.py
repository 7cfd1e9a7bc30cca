"""Outlooks from the text of a file: a row for each thing that is otherwise, in the grammar of event changes, with probabilities.

    outlook,      probability, acts_on,                                     value, unit,   start,      end
    as planned,   0.6,         none
    cold winter,  0.3,         demand:*:natural_gas:household:load,         1.2,   factor, 2024-01-01, 2024-02-29
    cold winter,  ,            links:pipe:share_out,                        0.5,   ,       2024-01-10, 2024-01-20
    listed,       0.1,         listed:ent_north

A row may also hold a word of an outlook (outlooks.py) in acts_on, with nothing in value. The probability stands in one row of an outlook at least.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import pandas as pd

from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.case.effects import Unreadable
from kelisim.case.events import FACTORS, NOTHING
from kelisim.case.scenario_rows import TABLE, applied, is_always, row_changes
from kelisim.errors import InputProblem, StudyError, UnitError
from kelisim.studies.investment.coming.outlooks import (
    DEMAND,
    KINDS,
    PLANNED,
    ROW,
    ComingYear,
    OutlookPart,
    part_of,
    probability_of,
    summing_to_one,
)

FILE = "outlooks"
COLUMNS = ("outlook", "probability", "acts_on", "value", "unit", "start", "end", "note")
NEEDED = COLUMNS[:3]
RESERVED = set(":+=;")


def coming_from(case: Case, text: str, projects: tuple[str, ...], wrong: list[str]) -> list[ComingYear]:
    """The outlooks of a file; what is wrong goes into `wrong`, by row and column with the nearest right value."""
    problems: list[InputProblem] = []
    raw = _cells(text, problems)
    if any(one.row <= 1 for one in problems):  # of the columns themselves
        wrong += [str(one) for one in problems]
        return []
    changes = _typed(raw, problems)
    found = []
    for name, rows in raw.groupby("outlook", sort=False):
        probability = _probability(rows, problems)
        parts = _parts(case, rows, changes, projects, problems)
        if probability is not None:
            found.append(ComingYear(_label(str(name), rows, problems), probability, tuple(parts)))
    wrong += [str(one) for one in sorted(problems, key=lambda one: one.row)]
    return summing_to_one(found, raw["outlook"].nunique(), FILE, wrong)


def _label(name: str, rows: pd.DataFrame, problems: list[InputProblem]) -> str:
    """How an outlook is called; "as planned" is the one in which nothing is otherwise."""
    if name.replace(" ", "_") != PLANNED:
        return name
    for line, text in rows["acts_on"].items():
        if text not in ("", NOTHING):
            message = f'"{name}" is the outlook in which nothing is otherwise.'
            problems.append(InputProblem(FILE, int(str(line)), "outlook", message, "Call it otherwise."))
    return PLANNED


def _cells(text: str, problems: list[InputProblem]) -> pd.DataFrame:
    """Text cells by line in the file; semicolons or tabs between cells are read as well."""
    lines = text.lstrip("\ufeff")
    first = next((line for line in lines.splitlines() if line.strip()), "")
    reader = csv.reader(
        io.StringIO(lines, newline=""), delimiter=max(",;\t", key=first.count), skipinitialspace=True
    )
    read = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    read = [(line, row) for line, row in read if any(row)]
    head = [cell.casefold() for cell in read[0][1]] if read else []
    for one in head:
        if one not in COLUMNS:
            near = schema.nearest(one, COLUMNS)
            remedy = "" if near else f"Known: {', '.join(COLUMNS)}."
            problems.append(InputProblem(FILE, 1, one, "unknown column.", remedy, near))
    problems += [InputProblem(FILE, 1, one, "this column is missing.") for one in NEEDED if one not in head]
    if len(read) < 2:
        problems.append(InputProblem(FILE, 0, "", "has no rows below the names of its columns."))
    body, at = [], []
    for line, row in read[1:]:
        if any(row[len(head) :]):
            message = f"has {len(row)} cells, the header {len(head)}."
            problems.append(InputProblem(FILE, line, "", message, "Put text with commas in quotes."))
        body.append([*row[: len(head)], *[""] * (len(head) - len(row))])
        at.append(line)
    frame = pd.DataFrame(body, columns=head, index=at, dtype=object)
    frame = frame.reindex(columns=COLUMNS, fill_value="")
    for line, name in frame["outlook"].items():
        if not name or RESERVED & set(name):
            message = f'"{name}" is no name.' if name else "is empty."
            problems.append(
                InputProblem(FILE, int(str(line)), "outlook", message, "Use words without : + = and ;")
            )
    return frame


def _typed(raw: pd.DataFrame, problems: list[InputProblem]) -> pd.DataFrame:
    """Numbers and days of the rows that are changes of the case."""
    own = raw[[not _is_word(text) for text in raw["acts_on"]]]
    text = own[["acts_on", "value", "unit", "start", "end"]]
    text = text.assign(scenario="one", change_no=[str(at + 1) for at in range(len(own))])
    share = text["acts_on"].str.endswith(":share_out") & (text["value"] == "")
    frame, wrong = schema.parse(
        schema.tables()[TABLE], text.assign(value=text["value"].mask(share, "1")), FILE
    )
    problems += wrong
    return frame


def _is_word(text: str) -> bool:
    """Whether a cell is a word of an outlook, or says that nothing is otherwise."""
    kind, *rest = text.split(":")
    return text in ("", NOTHING) or (kind in KINDS and (kind != DEMAND or len(rest) == 1))


def _probability(rows: pd.DataFrame, problems: list[InputProblem]) -> float | None:
    """The one probability that the rows of an outlook name."""
    given = rows["probability"][rows["probability"] != ""]
    if given.empty:
        message = "no row of this outlook has one."
        problems.append(InputProblem(FILE, int(str(rows.index[0])), "probability", message))
        return None
    found = None
    for line, text in given.items():
        value = probability_of(text)
        if value is None:
            message = f'"{text}" is no probability above 0 and up to 1.'
        elif found is not None and value != found:
            message = f"{value:g} here, {found:g} in a row above."
        else:
            found = value
            continue
        problems.append(InputProblem(FILE, int(str(line)), "probability", message))
    return found


def _parts(
    case: Case,
    rows: pd.DataFrame,
    typed: pd.DataFrame,
    projects: tuple[str, ...],
    problems: list[InputProblem],
) -> list[OutlookPart]:
    """What is otherwise in an outlook; each change takes what those before it left."""
    found, there = list[OutlookPart](), case
    bad = {one.row for one in problems if one.column in COLUMNS[2:]}
    for line, text in rows["acts_on"].items():
        row_no = int(str(line))
        if _is_word(text):
            wrong: list[str] = []
            part = part_of(case, text, projects, wrong) if text not in ("", NOTHING) else None
            found += [part] if part else []
            problems += [
                InputProblem(FILE, row_no, "acts_on", one.removeprefix("scenarios: ")) for one in wrong
            ]
            if rows.at[line, "value"]:
                message = f'"{text}" says all by itself.'
                problems.append(InputProblem(FILE, row_no, "value", message, "Leave it empty."))
        elif row_no not in bad and typed.at[line, "unit"] in FACTORS and typed.at[line, "value"] < 0:
            message = f"{typed.at[line, 'value']:g} is below 0."
            problems.append(InputProblem(FILE, row_no, "value", message, "A factor is 0 or more."))
        elif row_no not in bad:
            there = _with_row(there, next(typed.loc[[line]].itertuples()), found, problems)
    return found


def _with_row(case: Case, row: Any, found: list[OutlookPart], problems: list[InputProblem]) -> Case:
    """The case after one row, whose changes go into `found`."""
    try:
        changes = row_changes(case, row)
        if not changes:
            raise Unreadable("its days lie outside the case.")
        found.append(OutlookPart(ROW, str(row.acts_on), changes=tuple(changes)))
        return applied(case, row) if is_always(row) else case
    except Unreadable as wrong:
        column = getattr(wrong, "column", "acts_on")
        problems.append(
            InputProblem(FILE, int(row.Index), column, wrong.message, wrong.remedy, wrong.nearest)
        )
    except UnitError as wrong:
        problems.append(InputProblem(FILE, int(row.Index), "unit", f"{wrong}."))
    except StudyError as wrong:
        problems.append(InputProblem(FILE, int(row.Index), "acts_on", str(wrong)))
    return case
