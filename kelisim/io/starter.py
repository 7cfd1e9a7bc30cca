"""A new case: a small one that runs at once, or an empty workbook to be filled in."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from kelisim.errors import UserError
from kelisim.io import REFERENCE, csv_folder, excel

FOREIGN = (".csv", ".geojson", ".json", ".nc", ".ods", ".toml", ".xls", ".xlsm", ".zip")


def first_case() -> dict[str, str]:
    """File name -> text of the small case that ships."""
    folder = files("kelisim") / "first_case"
    return {entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir()}


def start(path: Path, force: bool = False) -> Path:
    """Write the small case into a folder, or an empty workbook where the path ends in .xlsx.

    force   write over what is there: a workbook, or the case in a folder; other files in it stay
    raises  UserError where something is there already, unless it is the same small case, or nothing can be written
    """
    if str(path) == REFERENCE:
        raise UserError(f'"{REFERENCE}" is the name of the shipped case. Name the folder otherwise.')
    if path.suffix.lower() in FOREIGN:
        raise UserError(f'"{path}": a new case is a folder, or a workbook whose name ends in .xlsx.')
    if path.suffix.lower() in excel.SUFFIXES:
        if path.exists() and not force:
            raise UserError(f'"{path}" is there already. Name another file, or write over it with --force.')
        return excel.template(path)
    texts = first_case()
    found = {file.name: file for file in path.iterdir()} if path.is_dir() else {}
    same = found.keys() == texts.keys() and all(
        found[name].read_bytes() == texts[name].encode() for name in texts
    )
    if found and not same and not force:
        raise UserError(
            f'There is something in "{path}" already. Name another folder, or write over the case in it with --force.'
        )

    def fill(folder: Path) -> None:
        for name, text in texts.items():
            (folder / name).write_bytes(text.encode())

    try:
        return csv_folder.put_case(path, fill)
    except OSError as error:
        raise UserError(f'"{path}" cannot be written: {error.strerror or error}.') from error
