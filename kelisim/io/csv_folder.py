"""A case as a folder of CSV files and one case.toml."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from kelisim.case import schema
from kelisim.case.assemble import assemble, require
from kelisim.case.case import Case, to_text
from kelisim.case.series import parts
from kelisim.errors import InputProblem, UserError
from kelisim.io.headers import below_titles
from kelisim.io.routes import join_routes
from kelisim.io.settings import lines_of, to_toml, with_lines
from kelisim.io.text_file import table_files, text_of
from kelisim.results.files import broken_off, put_folder

SUFFIXES = ("",)
_HEAD = "case.toml"

MOST_CELLS = 20_000_000  # of one table, the empty ones of short rows included
_FORM = "A line is a section [rules] or a setting key = value, a text stands in straight quotes, a date is 2024-01-31."
_PARTS = re.compile(r"\((?:'[^']*',? ?)+\)")  # how the reader of TOML names a section


def read(path: Path) -> Case:
    """The case in a folder. Raises CaseError with all problems."""
    return require(check(path))


def check(path: Path) -> tuple[Case, list[InputProblem]]:
    """The case in a folder and all that is wrong in it."""
    if before := broken_off(path, _HEAD):
        raise UserError(
            f'"{path}": a command that wrote a case there was stopped. What stood there before lies in "{before}"; '
            "the next command that writes there puts it back."
        )
    if not (path / _HEAD).exists() and not table_files(path):
        inside = next((f' There is one inside: "{file.parent}".' for file in path.glob("*/case.toml")), "")
        raise UserError(f'"{path}" holds neither case.toml nor CSV files: it is not a case.{inside}')
    problems: list[InputProblem] = []
    settings, lines = _settings(path / "case.toml", problems)
    settings.setdefault("name", path.resolve().name)
    tables, files = {}, {"case": "case.toml"}
    for file in table_files(path):
        if file.stem in files:
            message = f"holds the same table as {files[file.stem]}."
            problems.append(InputProblem(file.name, 0, "", message, "Remove one of them.", rule="file"))
            continue
        files[file.stem] = file.name
        frame = text_table(file, problems, schema.tables().get(file.stem))
        if frame is not None:
            tables[file.stem] = frame
    if "links" in tables:
        tables["links"] = join_routes(path, tables["links"], problems)
    case, found = assemble(settings, tables, files, problems)
    return case, problems + with_lines(found, "case.toml", lines)


def _settings(file: Path, problems: list[InputProblem]) -> tuple[dict[str, Any], dict[str, int]]:
    """The settings of a file, and the line of each."""
    if not file.exists() and not file.is_symlink():
        near = next(
            (other.name for other in sorted(file.parent.iterdir()) if "toml" in other.name.lower()), ""
        )
        remedy = "Write one with the name of the case and its horizon: start, end and step."
        problems.append(InputProblem(file.name, 0, "", "is missing.", remedy, near, "file"))
        return {}, {}
    text, wrong = text_of(file)
    if wrong is None:
        try:
            return tomllib.loads(text), lines_of(text)
        except (ValueError, RecursionError) as error:
            told = (
                str(error)
                if isinstance(error, tomllib.TOMLDecodeError)
                else "a number too long, or lists too deep"
            )
            words, _, where = told.partition(" (at line ")
            line = int(digits[0]) if (digits := re.match("[0-9]+", where)) else 0
            words = _PARTS.sub(lambda found: ".".join(re.findall("'(.*?)'", found[0])), words)
            remedy = "Remove one." if re.search("twice|overwrite", words) else _FORM
            if line and re.search("[“”«»„]", text.splitlines()[line - 1]):
                remedy = 'Write straight quotation marks: ".'
            message = f"cannot be read: {words[:1].lower()}{words[1:]}."
            wrong = InputProblem(file.name, line, "", message, remedy, rule="file")
    problems.append(wrong)
    return {}, {}


def text_table(
    file: Path, problems: list[InputProblem], table: schema.Table | None = None
) -> pd.DataFrame | None:
    """The text cells of a CSV file by the line they stand in; None where it cannot be read, with the problem noted.

    table  whose columns the header should name; rows above such a header are a problem
    """
    text, wrong = text_of(file)
    lines: list[tuple[int, list[str]]] = []
    if wrong is None:
        lines, wrong = _lines(file.name, text)
    if wrong is None and table is not None:
        wrong = below_titles(file.name, lines, table)
    if wrong:
        problems.append(wrong)
        return None
    if not lines:
        problems.append(
            InputProblem(file.name, 1, "", "has no header.", "The first line names the columns.", rule="file")
        )
        return None
    _, head = lines[0]
    head = [name.strip() for name in head]
    body = []
    for number, cells in lines[1:]:
        if len(cells) > len(head) and any(cell.strip() for cell in cells[len(head) :]):
            problems.append(
                InputProblem(
                    file.name,
                    number,
                    "",
                    f"has {len(cells)} cells, the header {len(head)}.",
                    "Put text with commas in quotes, and write numbers with a point.",
                    rule="file",
                )
            )
        body.append([*cells[: len(head)], *[""] * (len(head) - len(cells))])
    twice = sorted({name for name in head if head.count(name) > 1})
    problems += [
        InputProblem(file.name, 1, name, "this column stands twice.", "Remove one.", rule="file")
        for name in twice
    ]
    keep = [i for i, name in enumerate(head) if name and name not in head[:i]]
    index = [number for number, _ in lines[1:]]
    return pd.DataFrame({head[i]: [row[i] for row in body] for i in keep}, index=index, dtype=object)


def _lines(name: str, text: str) -> tuple[list[tuple[int, list[str]]], InputProblem | None]:
    """Non-empty lines with the number of the line on which each starts, and why the file is not read."""
    found: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start, width = 1, 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((start, cells))
                width = width or len(cells)
                if len(found) * width > MOST_CELLS:
                    message = (
                        f"has more than {MOST_CELLS:,} cells in {width:,} columns, the most that are read."
                    )
                    remedy = "Remove what does not belong to the table."
                    return [], InputProblem(name, 0, "", message, remedy, rule="file")
            start = reader.line_num + 1
    except csv.Error as error:
        message, remedy = f"cannot be read: {error}.", "Close each quotation mark, and keep texts short."
        return [], InputProblem(name, start, "", message, remedy, rule="file")
    return found, None


def write(case: Case, path: Path) -> Path:
    """Write the tables as they were given, whole or not at all; of a case that stands there no table stays."""
    return put_case(path, lambda folder: fill(case, folder))


def put_case(path: Path, fill: Callable[[Path], None]) -> Path:
    """Put the files of a case, which `fill` writes into an empty folder, in the place of those that stand there.

    Raises UserError where the name is taken by a file, or where something would be read as a table of the case.
    """
    if path.exists() and not path.is_dir():
        raise UserError(f'"{path}" is a file; a case folder cannot be written there.')
    there = table_files(path) if path.is_dir() else []
    strange = [file.name for file in there if file.stem not in schema.tables()]
    if strange:
        raise UserError(
            f'"{path}" holds {schema.some(strange, 3)}, which would be read as part of the case. Name another folder.'
        )
    return put_folder(path, fill, _HEAD, _is_own)


def _is_own(file: Path) -> bool:
    return file.name == _HEAD or (file.suffix.lower() == ".csv" and file.stem in schema.tables())


def fill(case: Case, path: Path) -> None:
    """Write the files of a case into an empty folder."""
    (path / _HEAD).write_text(to_toml(case.settings, case.horizon), encoding="utf-8")
    for name, frame in case.tables.items():
        table = schema.tables()[name]
        text = to_text(table, frame)
        used = [c.name for c in table.columns if c.required or c.is_key or (text[c.name] != c.default).any()]
        with (path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            pieces = (part for _, part in parts(case)) if name == "profiles" and case.series else [frame]
            for at, piece in enumerate(pieces):  # series one by one: all of them at once could be too much
                words = text if piece is frame else to_text(table, piece)
                words[used].to_csv(file, header=not at, index=False, lineterminator="\n")
