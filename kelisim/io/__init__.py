"""Formats: one module per format, found by its SUFFIXES.

A format module has `SUFFIXES` (endings, "" for a folder), `read(path) -> Case`, `write(case, path) -> Path`, and
`raw(path)` where its text can be checked.
"""

from __future__ import annotations

from importlib import import_module
from importlib.resources import files
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

from kelisim.case.case import Case
from kelisim.errors import Problem, UserError


def formats() -> dict[str, ModuleType]:
    """Format modules by name."""
    return {
        info.name: import_module(f"kelisim.io.{info.name}")
        for info in iter_modules(__path__)
        if not info.name.startswith("_")
    }


def format_of(path: Path) -> ModuleType:
    """The module that reads or writes a path. Raises UserError with the known endings."""
    if path.suffix == "" or path.is_dir():
        return import_module("kelisim.io.csv_folder")
    known = formats()
    for module in known.values():
        if path.suffix.lower() in module.SUFFIXES:
            return module
    endings = sorted(ending for module in known.values() for ending in module.SUFFIXES if ending)
    raise UserError(
        f'"{path.name}": no format ends in "{path.suffix}". Known: a folder of CSV files, {", ".join(endings)}.'
    )


def read(path: str | Path) -> Case:
    """A case from a folder or file. Raises CaseError with all problems."""
    if str(path) == "reference":
        return reference()
    where = Path(path)
    if not where.exists():
        raise UserError(
            f'"{path}" does not exist. Give a case folder, a workbook, or "reference" for the shipped case.'
        )
    case: Case = format_of(where).read(where)
    return case


def check(path: str | Path) -> tuple[Case, list[Problem]]:
    """A case from a folder or file with all that is wrong in it, without raising."""
    where = reference_path() if str(path) == "reference" else Path(path)
    if not where.exists():
        raise UserError(
            f'"{path}" does not exist. Give a case folder, a workbook, or "reference" for the shipped case.'
        )
    result: tuple[Case, list[Problem]] = format_of(where).check(where)
    return result


def write(case: Case, path: str | Path) -> Path:
    """Write a case to a folder or file, by its ending."""
    where = Path(path)
    written: Path = format_of(where).write(case, where)
    return written


def reference_path() -> Path:
    """Folder of the reference case that ships."""
    return Path(str(files("kelisim") / "reference"))


def reference(step: str = "1mo") -> Case:
    """The reference case: Russia - Kazakhstan and their neighbours, 2024."""
    return read(reference_path()).at_step(step)
