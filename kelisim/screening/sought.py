"""The names that are looked for: a text file with a name a line, or a CSV with names and what is known of them."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from kelisim.errors import UserError
from kelisim.screening.entries import KINDS
from kelisim.screening.evidence import country, span
from kelisim.screening.matching import forms

MOST_BYTES = 50_000_000
MOST_NAMES = 100_000
LONGEST_NAME = 300
MOST_PROBLEMS = 20  # that are told
COLUMNS = ("name", "aliases", "kind", "born", "country")


class Sought(NamedTuple):
    """A name that is looked for, its other names, and what is known of its bearer; lists stand with ";" between them in a cell."""

    name: str
    aliases: tuple[str, ...] = ()
    kind: str = ""
    births: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()


def read_names(path: Path) -> tuple[Sought, ...]:
    """Names of a file; raises UserError with every row that cannot be read."""
    if path.is_dir():
        raise UserError(
            f"{path.name}: it is a folder. Names stand in a CSV with a column name, or one a line in a .txt."
        )
    if path.stat().st_size > MOST_BYTES:
        raise UserError(f"{path.name}: it is larger than {MOST_BYTES / 1e6:.0f} MB.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(
            f"{path.name}: it is not in UTF-8 (byte {error.start:,}). Save it as CSV UTF-8."
        ) from None
    problems: list[str] = []
    if path.suffix.lower() == ".txt":
        found = [Sought(line.strip()) for line in text.splitlines() if line.strip()]
        for row, sought in enumerate(found, 1):
            problems += _of_names(row, (sought.name,))
    else:
        found = _of_table(text, problems)
    if not found and not problems:
        problems.append("it has no names.")
    if len(found) > MOST_NAMES:
        problems.append(f"it has {len(found):,} names, and at most {MOST_NAMES:,} are looked for at a time.")
    if problems:
        more = [f"  and {len(problems) - MOST_PROBLEMS} more"] if len(problems) > MOST_PROBLEMS else []
        count = f"{len(problems)} problem{'' if len(problems) == 1 else 's'} in {path.name}"
        raise UserError("\n".join([count, *(f"  {one}" for one in problems[:MOST_PROBLEMS]), *more]))
    return tuple(found)


def _of_table(text: str, problems: list[str]) -> list[Sought]:
    try:
        rows = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        problems.append(f"it is no CSV: {error}.")
        return []
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    for name in head:
        if name not in COLUMNS:
            near = process.extractOne(name, COLUMNS, scorer=JaroWinkler.normalized_similarity)
            hint = (
                f' Did you mean "{near[0]}"?' if near and near[1] > 0.7 else f" Known: {', '.join(COLUMNS)}."
            )
            problems.append(f'row 1: no column "{name}".{hint}')
    if "name" not in head:
        problems.append("row 1: the column name is missing.")
    if problems:
        return []
    found = []
    for number, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) > len(head):
            problems.append(f"row {number}: it has {len(row)} cells, and the head {len(head)}.")
            continue
        cells = dict(zip(head, (cell.strip() for cell in row), strict=False))
        lists = {
            key: tuple(p.strip() for p in cells.get(key, "").split(";") if p.strip()) for key in COLUMNS[1:]
        }
        kind = cells.get("kind", "").lower()
        found.append(Sought(cells["name"], lists["aliases"], kind, lists["born"], lists["country"]))
        problems += _of_names(number, (cells["name"], *lists["aliases"]))
        if kind and kind not in KINDS:
            near = process.extractOne(kind, KINDS, scorer=JaroWinkler.normalized_similarity)
            problems.append(
                f'row {number}, kind: "{kind}". Known: {", ".join(KINDS)}. Did you mean "{near[0]}"?'
            )
        problems += [
            f'row {number}, born: "{t}" is no date such as 1961, 1961-02 or 1961-02-03.'
            for t in lists["born"]
            if not span(t)
        ]
        problems += [
            f'row {number}, country: "{t}" is no country. Write its name or its code in two letters.'
            for t in lists["country"]
            if not country(t)
        ]
    return found


def _of_names(row: int, names: tuple[str, ...]) -> list[str]:
    found = []
    for name in names:
        if len(name) > LONGEST_NAME:
            found.append(f"row {row}, name: it is longer than {LONGEST_NAME} letters.")
        elif not name or not forms(name):
            found.append(f'row {row}, name: "{name}" holds no letters to compare.')
    return found
