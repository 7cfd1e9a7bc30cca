"""Fields that are files: --decisions @moves.csv and --injects @injects.csv, a move for each row; --draft, --against and --outlooks, text."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kelisim.case.schema import nearest
from kelisim.errors import UserError

# columns of the file of a field, and those that may be empty or left out
COLUMNS = {"decisions": ("hour", "side", "measure", "share"), "injects": ("hour", "verb", "what", "amount")}
MAY_LACK = ("share", "amount")
ENSEMBLE = "ensemble"  # the study that asks another one of many scenarios
TEXTS = ("draft", "against", "outlooks", "table")  # fields that are the text of a file


def from_files(fields: Mapping[str, str]) -> dict[str, Any]:
    """Fields with the rows of a file in the place of its name after @. Raises UserError with all that is wrong, by row and column."""
    found: dict[str, Any] = dict(fields)
    for name, value in fields.items():
        if name in COLUMNS and value.startswith("@"):
            found[name] = _rows(name, Path(value[1:]))
        elif name in TEXTS and value and "\n" not in value:
            found[name] = _text(name, Path(value.removeprefix("@")))
    return found


def _text(field: str, path: Path) -> str:
    """The text of a file in UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f'--{field}: "{path}" cannot be read: {error.strerror or error}.') from error
    except UnicodeDecodeError as error:
        raise UserError(
            f'--{field}: "{path}" is not in UTF-8. Save it as "CSV UTF-8 (comma delimited)".'
        ) from error


def _rows(field: str, path: Path) -> tuple[str, ...]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, skipinitialspace=True)
            head, rows = list(reader.fieldnames or []), [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f'--{field}: "{path}" cannot be read: {error}.') from error
    known = COLUMNS[field]
    wrong = [
        f'{path}: no column "{one}".{_near(one, head)}'
        for one in known
        if one not in head and one not in MAY_LACK
    ]
    wrong += [
        f'{path}: column "{one}" is not expected.{_near(one, known)}' for one in head if one not in known
    ]
    found = []
    for line, row in rows if not wrong else ():
        cells = {name: (row.get(name) or "").strip() for name in known}
        wrong += [
            f"{path} row {line}, {one}: is empty." for one in known if not cells[one] and one not in MAY_LACK
        ]
        for name in ("hour", *MAY_LACK):
            if cells.get(name) and not _is_number(cells[name]):
                wrong.append(f'{path} row {line}, {name}: "{cells[name]}" is not a number.')
        found.append(" ".join(cell for cell in cells.values() if cell))
    if wrong:
        raise UserError("\n".join(wrong))
    return tuple(found)


def _near(word: str, others: list[str] | tuple[str, ...]) -> str:
    near = nearest(word, others)
    return f' Did you mean "{near}"?' if near else ""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def across(ensemble: str, study: str, fields: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The study `ensemble` that asks a study of the scenarios of a file; the study itself without one."""
    if not ensemble:
        return study, dict(fields)
    if study == ENSEMBLE:
        raise UserError(
            "--ensemble: name the study that is asked of each scenario, such as kelisim run balance."
        )
    given = {name: value for name, value in fields.items() if name != "workers"}
    asked = tuple(
        f"{name}={','.join(value) if isinstance(value, tuple) else value}" for name, value in given.items()
    )
    more = {name: value for name, value in fields.items() if name == "workers"}
    return ENSEMBLE, {"study": study, "asked": asked, "table": _text("ensemble", Path(ensemble)), **more}
