"""Text files as people's programs save them: UTF-8 is read, and of any other it is said what to do."""

from __future__ import annotations

import re
from pathlib import Path

from kelisim.errors import InputProblem

_SEPARATORS = {",": "", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SAVE = {
    ".csv": 'Save it as "CSV UTF-8 (comma delimited)", with commas between cells and points in numbers.',
    ".toml": "Save it as UTF-8, in the editor under Save as, Encoding.",
}
_NO_TEXT = {
    b"PK\x03\x04": "a workbook or an archive",
    b"\xd0\xcf\x11\xe0": "an old workbook (.xls)",
    b"%PDF": "a PDF file",
    b"\x89HDF": "a netCDF file",
}
_CYRILLIC = re.compile(r"[А-яЁё]")
MOST_BYTES = 200_000_000
_MOSTLY = 0.7  # share of the letters beyond ASCII that are Russian in a text of Windows-1251


def text_of(file: Path) -> tuple[str, InputProblem | None]:
    """The text of a file without the mark of UTF-8 at its beginning, or what to do to make it readable."""
    if unread := unopenable(file):
        return "", _problem(file, f"{unread}.", "Put the file itself there, or take this away.")
    try:
        if file.stat().st_size > MOST_BYTES:
            most = f"is larger than {MOST_BYTES / 1e6:,.0f} MB, the most that is read."
            return "", _problem(file, most, "Give longer steps, or fewer rows.")
        data = file.read_bytes()
    except OSError as error:
        return "", _problem(file, f"cannot be read: {error.strerror or error}.", "")
    if what := next((name for begin, name in _NO_TEXT.items() if data.startswith(begin)), ""):
        remedy = f"Open it in a spreadsheet program. {_SAVE['.csv']}"
        return "", _problem(file, f"is {what}, not text.", remedy if file.suffix.lower() == ".csv" else "")
    text, faults, line = _decoded(data)
    if file.suffix.lower() == ".csv" and (between := separator(text)):
        faults.append(f"is separated by {between}, not by commas")
    if not faults:
        return text, None
    return "", _problem(file, f"{' and '.join(faults)}.", _SAVE.get(file.suffix.lower(), ""), line)


def table_files(folder: Path) -> list[Path]:
    """What stands in a folder as a table, whatever the letters of its ending: demand.csv as well as demand.CSV."""
    return sorted(file for file in folder.iterdir() if file.suffix.lower() == ".csv")


def unopenable(path: Path) -> str:
    """Why nothing can be read from a path that should be a file: a folder, a pipe or device, a link to nothing; empty if it can."""
    if path.is_dir():
        return "is a folder, not a file"
    if path.is_symlink() and not path.exists():
        return "is a link to a file that is not there"
    if path.exists() and not path.is_file():
        return "is a pipe or a device, not a file"
    return ""


def separator(text: str) -> str:
    """What separates the names in the first line of a table, in words; empty if commas do."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return _SEPARATORS[max(_SEPARATORS, key=first.count)]


def _decoded(data: bytes) -> tuple[str, list[str], int]:
    """The text as well as it can be read, what is wrong with its encoding, and the line where."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) and len(data) % 2 == 0:
        return data.decode("utf-16", "replace"), ["is in UTF-16, not in UTF-8"], 0
    try:
        return data.decode("utf-8-sig"), [], 0
    except UnicodeDecodeError as error:
        text = data.decode("cp1251", "replace")
        beyond = [letter for letter in text if letter.isalpha() and not letter.isascii()]
        is_russian = len(_CYRILLIC.findall(text)) > _MOSTLY * len(beyond)
        seems = " (it seems to be Windows-1251)" if is_russian else ""
        return text, [f"is not in UTF-8{seems}"], data.count(b"\n", 0, error.start) + 1


def _problem(file: Path, message: str, remedy: str, line: int = 0) -> InputProblem:
    return InputProblem(file.name, line, "", message, remedy, rule="file")
