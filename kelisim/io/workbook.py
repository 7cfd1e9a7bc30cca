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
MOST_TOLD = 160  # letters of what is wrong with an archive, which may quote its bytes
MOST_DAYS = (
    999_999_999  # of a span of time that can be counted; the last date of a spreadsheet is day 2,958,465
)

NEVER_COMPUTED = "a formula that was never computed"

_CELL = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_DATES = {
    *range(14, 23),
    *range(27, 37),
    *range(45, 48),
    *range(50, 59),
}  # formats of dates and times that have no text
_NO_DATE = re.compile(
    r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]|general', re.IGNORECASE
)  # parts of a format that only look like one
DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError)  # what zipfile raises for broken bytes
_UNSOUND = (RuntimeError, ValueError, IndexError, KeyError, expat.ExpatError, CalamineError)


@dataclass(frozen=True)
class WorkbookSheet:
    """One sheet as text.

    rows    number of the row in the sheet and its cells, rows without any text left out
    errors  row, column (from 0) and what stands there, of cells that hold an error such as #REF!, or a formula without its value
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
        found = _by_sheet(scans)
        _refuse_far_dates(path, list(scans.values()), found)
        is_uncomputed = any(scan.is_uncomputed for scan in scans.values())
        return _cells(parts, {name: scan.without_value(is_uncomputed) for name, scan in found.items()})
    except OSError as error:
        raise UserError(f'"{path}" cannot be read: {error.strerror or error}.') from error
    except DAMAGED as error:
        with path.open("rb") as handle:
            is_zip = handle.read(4) == b"PK\x03\x04"
        if is_zip:
            raise UserError(
                f'"{path}" cannot be read, the file is damaged ({_first_line(error)}). '
                "Take another copy, or save it again as .xlsx."
            ) from error
        raise _not_a_workbook(path, error) from error
    except _UNSOUND as error:
        raise _not_a_workbook(path, error) from error


def _not_a_workbook(path: Path, error: Exception) -> UserError:
    return UserError(
        f'"{path}" is not a sound Excel workbook ({_first_line(error)}). '
        "Save it as .xlsx, without a password; an .xls file only renamed does not do."
    )


def _first_line(error: Exception) -> str:
    line = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
    return line if len(line) <= MOST_TOLD else f"{line[:MOST_TOLD]} ..."


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
        self.formulas: list[tuple[int, int, bool]] = []  # those without a value; True where it may be 0
        self.is_uncomputed = False  # the book asks whoever opens it to compute all formulas
        self.sheets: list[tuple[str, str]] = []  # name and relation of each sheet
        self.targets: dict[str, str] = {}  # relation to part
        self.far: list[tuple[int, int, int]] = []  # row, column and style of numbers that would be no dates
        self.formats: dict[int, str] = {}  # formats of numbers that the book has of its own
        self.styles: list[int] = []  # format of each style
        self._row = self._column = 0
        self._kind = self._inside = self._value = self._style = ""
        self._is_styles = False
        self._is_formula = self._has_value = False
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
            self._kind, self._value, self._style = values.get("t", ""), "", values.get("s", "")
            self._is_formula = self._has_value = False
            self._move_to(values.get("r", ""))
        elif tag in ("v", "is"):
            self._inside, self._has_value = tag, True
            self.rows, self.columns = max(self.rows, self._row), max(self.columns, self._column)
            if self.rows * self.columns > MOST_CELLS:
                raise UserError(
                    f'"{self._path}" has a sheet of {self.rows:,} rows and {self.columns:,} columns; '
                    f"at most {MOST_CELLS:,} cells are read. Remove what stands far outside the table."
                )
        elif tag == "row":
            self._row = int(values["r"][:8]) if "r" in values else self._row + 1
            self._column = 0
        elif tag == "f":
            self._is_formula = True
        elif tag == "calcPr":
            self.is_uncomputed = values.get("fullCalcOnLoad") in ("1", "true")
        elif tag == "t":
            self._inside = tag
        elif tag == "numFmt":
            self.formats[int(values["numFmtId"][:8])] = values.get("formatCode", "")
        elif tag in ("cellXfs", "cellStyleXfs"):
            self._is_styles = tag == "cellXfs"
        elif tag == "xf" and self._is_styles:
            self.styles.append(int(values.get("numFmtId", "0")[:8]))
        elif tag == "si":
            self.lengths.append(0)
        elif tag == "sheet":
            relation = next((value for key, value in values.items() if key.endswith(":id")), "")
            self.sheets.append((values.get("name", ""), relation))
        elif tag == "Relationship":
            self.targets[values.get("Id", "")] = values.get("Target", "")

    def without_value(self, is_uncomputed: bool) -> list[tuple[int, int, str]]:
        """Cells that hold an error, and those whose formula has no value; a writer without a calculator puts 0."""
        missing = [
            (row, column, NEVER_COMPUTED)
            for row, column, is_zero in self.formulas
            if is_uncomputed or not is_zero
        ]
        return sorted(self.errors + missing)

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
        if self._is_formula and name.rpartition(":")[2] == "c":
            is_text = self._kind == "str" and self._has_value
            if not is_text and self._value.strip() in ("", "0"):
                self.formulas.append((self._row, self._column - 1, bool(self._value.strip())))

    def _text(self, text: str) -> None:
        if self._inside == "v" and self._is_formula:
            self._value += text
        if self._inside == "v" and self._kind == "s":
            self.shared.append(int(text[:12]))
        elif self._inside == "v" and self._kind == "e":
            self.errors.append((self._row, self._column - 1, f"the error {text[:20]}"))
        elif self._inside == "v" and self._style and self._kind in ("", "n"):
            if (len(text) > 9 or "e" in text.lower()) and not abs(float(text)) <= MOST_DAYS:
                self.far.append((self._row, self._column, int(self._style[:8])))
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


def _by_sheet(scans: dict[str, _Scan]) -> dict[str, _Scan]:
    """What was found in each sheet, by its name."""
    found = {}
    for part, scan in scans.items():
        folder, file = posixpath.split(part)
        relations = scans.get(f"{folder}/_rels/{file}.rels")
        for name, relation in scan.sheets if relations else []:
            target = relations.targets.get(relation, "") if relations else ""
            sheet = scans.get(posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/"))
            if sheet:
                found[name] = sheet
    return found


def _refuse_far_dates(path: Path, scans: list[_Scan], sheets: dict[str, _Scan]) -> None:
    """Raises UserError for a number in a format of dates or times that is no date; the reader would stop at it."""
    formats = {number: code for scan in scans for number, code in scan.formats.items()}
    styles = [number for scan in scans for number in scan.styles]
    for name, sheet in sheets.items():
        for row, column, style in sheet.far:
            number = styles[style] if style < len(styles) else 0
            shown = _NO_DATE.sub("", formats.get(number, ""))
            if number in _DATES or re.search("[dmyhs]", shown, re.IGNORECASE):
                raise UserError(
                    f'"{path}" sheet {name}, row {row}, column {column}: a number that is no date, in a cell with the format of one. '
                    "Give the cell the format General, or write a date."
                )


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
