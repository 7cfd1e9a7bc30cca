"""The cells of an Excel workbook; one that would fill the memory is refused before it is read.

Every part is measured as plain XML without entities, and only measured parts are handed to the reader: a part
may be small in the file and endless in memory, and two cells in far corners span a
table of 17 thousand million.
"""

from __future__ import annotations

import datetime
import io
import posixpath
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from kelisim.errors import UserError

MOST_BYTES = 200_000_000  # of all parts together, and of all texts together, once unpacked
MOST_PARTS = 1_000
MOST_CELLS = 5_000_000  # of one sheet, empty ones included

_CELL = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    RuntimeError,
    ValueError,
    IndexError,
    expat.ExpatError,
    CalamineError,
)


@dataclass(frozen=True)
class WorkbookSheet:
    """One sheet as text.

    rows    number of the row in the sheet and its cells, rows without any text left out
    errors  row, column (from 0) and text of cells that hold an error such as #REF!
    """

    rows: list[tuple[int, list[str]]]
    errors: list[tuple[int, int, str]]


def sheets(path: Path) -> dict[str, WorkbookSheet]:
    """The sheets of a workbook by name, in order. Raises UserError for what is not a sound workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = _parts(path, archive)
        scans = {name: _Scan(path, content) for name, content in parts.items()}
        _refuse_long_texts(path, list(scans.values()))
        return _cells(parts, _errors(scans))
    except OSError as error:
        raise UserError(f'"{path}" cannot be read: {error.strerror or error}.') from error
    except _BROKEN as error:
        raise UserError(
            f'"{path}" is not a sound Excel workbook ({_first_line(error)}). '
            "Save it as .xlsx, without a password; an .xls file only renamed does not do."
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def _parts(path: Path, archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = archive.infolist()
    size = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_PARTS:
        raise UserError(
            f'"{path}" has {len(entries):,} parts inside; a workbook of at most {MOST_PARTS:,} is read.'
        )
    if size > MOST_BYTES:
        raise UserError(
            f'"{path}" unpacks to {_megabytes(size)}; a workbook of at most {_megabytes(MOST_BYTES)} is read.'
        )
    if len({entry.filename.casefold() for entry in entries}) < len(entries):
        raise ValueError("a part stands in it twice")
    if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
        raise ValueError("it is packed in an unusual way")
    # read() gives no more than the size stated, and checks it
    return {e.filename: archive.read(e) for e in entries if e.filename.casefold().endswith((".xml", ".rels"))}


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


class _Scan:
    """What one part holds, counted while it streams by: extent, texts, error cells, names of sheets."""

    def __init__(self, path: Path, content: bytes) -> None:
        self._path = path
        self.rows = self.columns = 0
        self.shared: list[int] = []  # index of the shared text of each text cell
        self.lengths: list[int] = []  # length of each shared text
        self.errors: list[tuple[int, int, str]] = []
        self.sheets: list[tuple[str, str]] = []  # name and relation of each sheet
        self.targets: dict[str, str] = {}  # relation to part
        self._row = self._column = 0
        self._kind = self._inside = ""
        parser = expat.ParserCreate("utf-8")  # the reader counts bytes too, whatever the part declares
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.Parse(content, True)

    def _refuse(self, *_: object) -> None:
        raise ValueError("it declares a document type, which a workbook never does")

    def _start(self, name: str, values: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag == "c":
            self._kind = values.get("t", "")
            self._move_to(values.get("r", ""))
        elif tag in ("v", "is"):
            self._inside = tag
            self.rows, self.columns = max(self.rows, self._row), max(self.columns, self._column)
            if self.rows * self.columns > MOST_CELLS:
                raise UserError(
                    f'"{self._path}" has a sheet of {self.rows:,} rows and {self.columns:,} columns; '
                    f"at most {MOST_CELLS:,} cells are read. Remove what stands far outside the table."
                )
        elif tag == "row":
            self._row = int(values["r"][:8]) if "r" in values else self._row + 1
            self._column = 0
        elif tag == "t":
            self._inside = tag
        elif tag == "si":
            self.lengths.append(0)
        elif tag == "sheet":
            relation = next((value for key, value in values.items() if key.endswith(":id")), "")
            self.sheets.append((values.get("name", ""), relation))
        elif tag == "Relationship":
            self.targets[values.get("Id", "")] = values.get("Target", "")

    def _move_to(self, cell: str) -> None:
        if not cell:
            self._column += 1
            return
        found = _CELL.fullmatch(cell)
        if not found:
            raise ValueError(f'"{cell[:20]}" is no cell')
        self._row, self._column = int(found[2]), 0
        for letter in found[1].upper():
            self._column = self._column * 26 + ord(letter) - 64

    def _end(self, name: str) -> None:
        self._inside = ""

    def _text(self, text: str) -> None:
        if self._inside == "v" and self._kind == "s":
            self.shared.append(int(text[:12]))
        elif self._inside == "v" and self._kind == "e":
            self.errors.append((self._row, self._column - 1, text[:20]))
        elif self._inside == "t" and self.lengths:
            self.lengths[-1] += len(text)


def _refuse_long_texts(path: Path, scans: list[_Scan]) -> None:
    """A text is stored once and read into each cell that shows it."""
    lengths = [length for scan in scans for length in scan.lengths]
    if any(not 0 <= index < len(lengths) for scan in scans for index in scan.shared):
        raise ValueError("a cell shows a text that is not in it")
    size = sum(lengths[index] for scan in scans for index in scan.shared)
    if size > MOST_BYTES:
        raise UserError(
            f'"{path}" holds {_megabytes(size)} of text; at most {_megabytes(MOST_BYTES)} is read.'
        )


def _errors(scans: dict[str, _Scan]) -> dict[str, list[tuple[int, int, str]]]:
    """Error cells by name of the sheet; the reader gives them as empty."""
    found = {}
    for part, scan in scans.items():
        folder, file = posixpath.split(part)
        relations = scans.get(f"{folder}/_rels/{file}.rels")
        for name, relation in scan.sheets if relations else []:
            target = relations.targets.get(relation, "") if relations else ""
            sheet = scans.get(posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/"))
            found[name] = sheet.errors if sheet else []
    return found


def _cells(
    parts: dict[str, bytes], errors: dict[str, list[tuple[int, int, str]]]
) -> dict[str, WorkbookSheet]:
    measured = io.BytesIO()
    with zipfile.ZipFile(measured, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    measured.seek(0)
    found = {}
    with CalamineWorkbook.from_filelike(measured) as book:
        for entry in book.sheets_metadata:
            if entry.typ == SheetTypeEnum.WorkSheet:
                lines = book.get_sheet_by_name(entry.name).to_python(skip_empty_area=False)
                text = ((number, [_text(cell) for cell in cells]) for number, cells in enumerate(lines, 1))
                filled = [(number, cells) for number, cells in text if any(cell.strip() for cell in cells)]
                found[entry.name] = WorkbookSheet(filled, errors.get(entry.name, []))
    return found


def _text(cell: Any) -> str:
    """A cell as the text a CSV file would hold."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, (int, float)):
        return str(int(cell)) if float(cell).is_integer() and abs(cell) < 1e15 else repr(float(cell))
    if isinstance(cell, (datetime.datetime, datetime.date)):
        return cell.isoformat().removesuffix("T00:00:00")
    return str(cell)
