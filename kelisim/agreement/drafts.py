"""A draft of an agreement as CSV text: its provisions read and checked as any table of a case, all problems at once."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pandas as pd

from kelisim.agreement.gaps.gap import places_of
from kelisim.agreement.words import months_of
from kelisim.agreement.writing import WORDS, near, usual
from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.case.checks.references import actions, dangling
from kelisim.case.checks.units import free_units
from kelisim.case.checks.view import CaseView
from kelisim.errors import CaseError, InputProblem

NAME = "draft"
ALIASES = {
    "counterpart": "beneficiary",
    "value": "quantity",
    "from": "from_place",
    "to": "to_place",
    "clause": "text",
    "element": "acts_on",
}


def with_draft(case: Case, text: str, name: str = NAME) -> Case:
    """The case with the provisions of a draft in the place of its own, and its agreements beside those of the case.

    text  CSV with the columns of the table provisions; `agreement` may be left out, and may name one that the case does not have
    name  of the file in problems
    Raises CaseError with all that is wrong: row, column, nearest right value.
    """
    problems: list[InputProblem] = []
    raw = _cells(text, name, problems)
    table = schema.tables()["provisions"]
    for column in ("agreement", "topic"):  # a draft need not repeat what it is
        if len(raw.columns):
            given = raw[column] if column in raw.columns else pd.Series("", index=raw.index, dtype=object)
            raw = raw.assign(**{column: given.where(given != "", NAME)})
    frame, wrong = schema.parse(table, usual(case, raw), name)
    problems += wrong
    problems += [*_seasons(frame, name), *_places(case, frame, name)]
    made = _joined(case, frame)
    files = {**case.files, "provisions": name}
    made = replace(made, files=files)
    known = {(problem.row, problem.column) for problem in problems}
    found = [*dangling(made), *_rules(made, problems)]
    problems += [p for p in found if p.file == name and (p.row, p.column) not in known]
    if problems:
        raise CaseError(name, [_hinted(case, raw, problem) for problem in problems])
    return made


def _hinted(case: Case, raw: pd.DataFrame, problem: InputProblem) -> InputProblem:
    """A problem with the nearest right value in words of the trade, where the table knows none."""
    if problem.nearest or problem.column not in WORDS or problem.row not in raw.index:
        return problem
    return replace(problem, nearest=near(case, problem.column, str(raw.at[problem.row, problem.column])))


def _cells(text: str, name: str, problems: list[InputProblem]) -> pd.DataFrame:
    """Text cells by line; semicolons or tabs between cells are read as well."""
    lines = text.lstrip("\ufeff").splitlines()
    first = next((line for line in lines if line.strip()), "")
    between = max(",;\t", key=first.count)
    reader = csv.reader(
        io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=between, skipinitialspace=True
    )
    rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    rows = [(line, row) for line, row in rows if any(row)]
    if not rows:
        problems.append(
            InputProblem(name, 0, "", "has no rows.", "The first line names the columns.", rule="file")
        )
        return pd.DataFrame()
    head = [ALIASES.get(cell.strip().casefold(), cell.strip().casefold()) for cell in rows[0][1]]
    for line, row in rows[1:]:
        if len(row) > len(head) and any(row[len(head) :]):
            problems.append(
                InputProblem(
                    name,
                    line,
                    "",
                    f"has {len(row)} cells, the header {len(head)}.",
                    "Put text with commas in quotes.",
                    rule="file",
                )
            )
    body = [[*row[: len(head)], *[""] * (len(head) - len(row))] for _, row in rows[1:]]
    return pd.DataFrame(body, columns=head, index=[line for line, _ in rows[1:]], dtype=object)


def _seasons(frame: pd.DataFrame, name: str) -> list[InputProblem]:
    found = []
    for line, season in frame["season"].items():
        try:
            months_of(season)
        except ValueError:
            message = f'"{season}" is no season.'
            near = schema.nearest(str(season), ["year", "winter", "summer", "January", "December-February"])
            remedy = "Write year, winter, summer, or months such as December-February."
            found.append(
                InputProblem(name, int(str(line)), "season", message, "" if near else remedy, near, "season")
            )
    return found


def _places(case: Case, frame: pd.DataFrame, name: str) -> list[InputProblem]:
    """Cells that say from where or to where and mean nothing in the case: without them nothing is held against the network."""
    known = list(case.table("places")["name"])
    found = []
    for column in ("from_place", "to_place"):
        for line, word in frame[column].items():
            if not word or places_of(case, str(word)):
                continue
            near = schema.nearest(str(word), known)
            remedy = "Write one of the case, or leave the cell empty."
            message = f'"{word}" is no place, region or country of the case.'
            found.append(InputProblem(name, int(str(line)), column, message, remedy, near, "place"))
    return found


def _joined(case: Case, frame: pd.DataFrame) -> Case:
    """The case with these provisions, and a row for each agreement that it does not have."""
    agreements = case.table("agreements")
    fresh = [
        one
        for one in dict.fromkeys(frame["agreement"].astype(str))
        if one and one not in set(agreements["agreement"])
    ]
    rows = []
    for one in fresh:
        mine = frame[(frame["agreement"] == one).to_numpy()]
        words = ";".join(
            dict.fromkeys(
                word
                for column in ("obligor", "beneficiary")
                for cell in mine[column]
                for word in str(cell).split(";")
                if word
            )
        )
        rows.append({"agreement": one, "name": one, "parties": words, "status": "draft"})
    table = schema.tables()["agreements"]
    if rows:
        text = pd.DataFrame(rows, dtype=object).reindex(
            columns=[c.name for c in table.columns], fill_value=""
        )
        more, _ = schema.parse(table, text, "agreements")
        agreements = pd.concat([agreements, more], ignore_index=True)
    return case.with_table("agreements", agreements).with_table("provisions", frame)


def _rules(case: Case, problems: list[InputProblem]) -> list[InputProblem]:
    """Rules of single cells, for the draft alone."""
    view = CaseView(case, problems)
    return [problem for rule in (actions, free_units) for problem in rule(view)]
