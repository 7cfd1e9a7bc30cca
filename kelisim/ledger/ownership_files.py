"""Ownership from files: a table of shares, or statements of the Beneficial Ownership Data Standard (BODS 0.2 to 0.4)."""

from __future__ import annotations

import csv
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

from kelisim.errors import CaseError, InputProblem
from kelisim.ledger.ownership import Ownership, Shareholding

COLUMNS = ("owner", "owned", "share", "most", "control", "start", "end", "source", "confidence")
NEEDED = ("owner", "owned")
SHARE_KINDS = ("shareholding", "votingRights")  # interests with a share; all others are control
_PERSON, _ENTITY, _RELATION = "person", "entity", "relationship"
_KINDS = {"personStatement": _PERSON, "entityStatement": _ENTITY, "ownershipOrControlStatement": _RELATION}


def read_csv(path: str | Path) -> Ownership:
    """A table with the columns owner, owned, and any of share (0-1), most, control (yes, no), start, end, source, confidence.

    Raises CaseError that lists every wrong row and column.
    """
    path = Path(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        names = [str(name).strip() for name in reader.fieldnames or []]
        problems = [
            InputProblem(path.name, 1, name, "the column is missing.", f"Columns: {', '.join(COLUMNS)}.")
            for name in NEEDED
            if name not in names
        ]
        problems += [
            InputProblem(path.name, 1, name, "no such column.", f"Columns: {', '.join(COLUMNS)}.")
            for name in names
            if name not in COLUMNS
        ]
        if problems:
            raise CaseError(path.stem, problems)
        reader.fieldnames = names
        found = [_row(path.name, line, row, problems) for line, row in enumerate(reader, start=2)]
    if problems:
        raise CaseError(path.stem, problems)
    return Ownership(found)


def _row(file: str, line: int, row: dict[str, Any], problems: list[InputProblem]) -> Shareholding:
    cells = {name: str(row.get(name) or "").strip() for name in COLUMNS}

    def wrong(column: str, message: str, remedy: str = "") -> None:
        problems.append(InputProblem(file, line, column, message, remedy))

    def share(column: str) -> float | None:
        text = cells[column]
        try:
            value = float(text) if text else None
        except ValueError:
            value = -1.0
        if value is not None and not 0.0 <= value <= 1.0:
            wrong(column, f'"{text}" is no share between 0 and 1.', "Write 0.5 for 50 %.")
            value = 0.0
        return value

    def day(column: str) -> date | None:
        try:
            return date.fromisoformat(cells[column]) if cells[column] else None
        except ValueError:
            wrong(column, f'"{cells[column]}" is no date.', "Write 2025-10-22.")
            return None

    for column in NEEDED:
        if not cells[column]:
            wrong(column, "it is empty.")
    if cells["control"] not in ("", "yes", "no"):
        wrong("control", f'"{cells["control"]}" is neither yes nor no.')
    if cells["confidence"] not in ("", "A", "B", "C"):
        wrong("confidence", f'"{cells["confidence"]}" is no grade.', "Grades are A, B and C.")
    start, end = day("start"), day("end")
    if start and end and end < start:
        wrong("end", f"it ends on {end}, before it begins on {start}.")
        end = None
    return Shareholding(
        cells["owner"],
        cells["owned"],
        share("share") or 0.0,
        start,
        end,
        share("most"),
        cells["control"] == "yes",
        cells["source"],
        cells["confidence"],
    )


def read_bods(path: str | Path) -> Ownership:
    """Statements of the Beneficial Ownership Data Standard: a JSON list, or one statement a line.

    Names of people and companies stand for them; those that share a name are told apart by their statement. A share in percent becomes
    0-1, a range keeps its two ends, interests without a share are control. Closed records and replaced statements are left out.
    Raises CaseError that lists every statement that cannot be read.
    """
    path = Path(path)
    text = path.read_text(encoding="utf-8-sig")
    problems: list[InputProblem] = []
    numbered = enumerate(_statements(path.name, text, problems), start=1)
    statements = [(number, one) for number, one in numbered if isinstance(one, dict)]
    kept = _kept(statements)
    names = _names([one for _, one in kept])
    found: list[Shareholding] = []
    for number, statement in kept:
        if _kind(statement) != _RELATION:
            continue
        try:
            found += _relation(path.name, number, statement, names, problems)
        except (AttributeError, TypeError, ValueError, OverflowError):
            message = "the statement about owners cannot be read."
            problems.append(InputProblem(path.name, number, "interests", message, "See the standard, BODS."))
    if problems:
        raise CaseError(path.stem, problems)
    return Ownership(found, names.values())


def _kept(statements: list[tuple[int, dict[str, Any]]]) -> list[tuple[int, dict[str, Any]]]:
    """Statements that nothing replaces or closes; of a record the last one."""
    gone: set[str] = set()
    for _, one in statements:
        old = one.get("replacesStatements")
        gone |= {str(name) for name in old} if isinstance(old, list) else set()
    latest = {_id(one): number for number, one in statements if "recordId" in one}
    return [
        (number, one)
        for number, one in statements
        if _id(one) not in gone
        and one.get("recordStatus") != "closed"
        and latest.get(_id(one), number) == number
    ]


def _statements(file: str, text: str, problems: list[InputProblem]) -> list[Any]:
    try:
        read = json.loads(text)
        return read if isinstance(read, list) else [read]
    except RecursionError as error:
        raise CaseError(Path(file).stem, [InputProblem(file, 0, "", "it is nested too deep.")]) from error
    except json.JSONDecodeError as error:
        if text.lstrip().startswith("["):
            problems.append(InputProblem(file, error.lineno, "", f"it is not JSON: {error.msg}."))
            raise CaseError(Path(file).stem, problems) from error
    found = []
    for line, row in enumerate(text.splitlines(), start=1):
        try:
            found += [json.loads(row)] if row.strip() else []
        except RecursionError:
            problems.append(InputProblem(file, line, "", "it is nested too deep."))
        except json.JSONDecodeError as error:
            problems.append(InputProblem(file, line, "", f"it is not JSON: {error.msg}."))
    return found


def _id(statement: dict[str, Any]) -> str:
    """By which others refer to it: the record since 0.4, the statement before."""
    return str(
        statement.get("recordId") or statement.get("statementId") or statement.get("statementID") or ""
    )


def _kind(statement: dict[str, Any]) -> str:
    return str(statement.get("recordType") or _KINDS.get(str(statement.get("statementType")), ""))


def _names(statements: list[dict[str, Any]]) -> dict[str, str]:
    """Identifier of a statement about a person or company -> its name, with the identifier where two share one."""
    found: dict[str, str] = {}
    for statement in statements:
        if _kind(statement) not in (_PERSON, _ENTITY):
            continue
        about = _about(statement)
        told = about.get("names")
        people = (
            [n.get("fullName", "") for n in told if isinstance(n, dict)] if isinstance(told, list) else []
        )
        found[_id(statement)] = str(about.get("name") or next(iter(people), "") or _id(statement))
    often = [name for name in found.values()]
    return {key: name if often.count(name) == 1 else f"{name} ({key})" for key, name in found.items()}


def _about(statement: dict[str, Any]) -> dict[str, Any]:
    """What a statement says: a part of its own since 0.4."""
    about = statement.get("recordDetails")
    return about if isinstance(about, dict) else statement


def _party(told: Any) -> str:
    """Identifier of one side: a text since 0.4, one of several keys before."""
    if isinstance(told, str):
        return told
    if isinstance(told, dict):
        return next((str(v) for k, v in told.items() if k.startswith("describedBy")), "")
    return ""


def _relation(
    file: str, number: int, statement: dict[str, Any], names: dict[str, str], problems: list[InputProblem]
) -> list[Shareholding]:
    about = _about(statement)
    owned, owner = _party(about.get("subject")), _party(about.get("interestedParty"))
    if not owned or not owner:
        return []  # a side that the publisher left open
    for key in (owned, owner):
        if key not in names:
            problems.append(
                InputProblem(file, number, "subject", f'nobody is described by "{key}".', "", "", "bods")
            )
    found = []
    for interest in about.get("interests") or ():
        told = interest.get("share") or {}
        low = told.get("exact", told.get("minimum", told.get("exclusiveMinimum")))
        high = told.get("exact", told.get("maximum", told.get("exclusiveMaximum")))
        is_share = interest.get("type") in SHARE_KINDS and (low is not None or high is not None)
        shares = [float(value or 0.0) / 100.0 for value in (low, high)] if is_share else [0.0, 0.0]
        days = [_day(interest.get(key)) for key in ("startDate", "endDate")]
        if not all(0.0 <= share <= 1.0 for share in shares):
            raise ValueError(shares)
        is_vote = interest.get("type") == "votingRights"
        found.append(
            Shareholding(
                names.get(owner, owner),
                names.get(owned, owned),
                0.0 if is_vote else shares[0],
                days[0],
                days[1],
                None if is_vote or shares[0] == shares[1] else shares[1],
                is_vote or not is_share,
                "BODS",
            )
        )
    return found


def _day(text: Any) -> date | None:
    """A date of BODS: a day, a month, a year or a moment; None if empty."""
    if not text:
        return None
    match = re.match(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", str(text))
    if match is None:
        raise ValueError(text)
    return date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
