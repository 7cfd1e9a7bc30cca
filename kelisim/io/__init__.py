"""Formats: one module per format, found by its SUFFIXES.

A format module has `SUFFIXES` (endings, "" for a folder), `read(path) -> Case`, `check(path)` and `write(case, path)`.
One that shares a folder or an ending with another has `claims(path)`; one that cannot carry all says what it leaves
out: `lost(case)` when it writes, `left_out(path)` when it reads.
"""

from __future__ import annotations

from importlib import import_module
from importlib.resources import files
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.errors import InputProblem, UserError
from kelisim.io.text_file import unopenable
from kelisim.results.files import must_end

REFERENCE = "reference"  # the name under which the shipped case goes
SETTINGS_FILE = "case.toml"


def formats() -> dict[str, ModuleType]:
    """Format modules by name."""
    modules = {info.name: import_module(f"kelisim.io.{info.name}") for info in iter_modules(__path__)}
    return {name: module for name, module in modules.items() if hasattr(module, "SUFFIXES")}


def format_of(path: Path, name: str = "") -> ModuleType:
    """The module that reads or writes a path: the one named, or by what stands there, or by the ending.

    Raises UserError with the known formats or endings.
    """
    known = formats()
    if name:
        if name not in known:
            raise UserError(f'"{name}" is not a format. Known: {", ".join(known)}.')
        return known[name]
    if path.exists():
        for module in known.values():
            if hasattr(module, "claims") and module.claims(path):
                return module
    if path.suffix == "" or path.is_dir():
        return known["csv_folder"]
    for module in known.values():
        if path.suffix.lower() in module.SUFFIXES:
            return module
    endings = sorted(ending for module in known.values() for ending in module.SUFFIXES if ending)
    near = schema.nearest(path.suffix.lower(), endings)
    hint = f' Did you mean "{path.with_suffix(near).name}"?' if near else ""
    raise UserError(
        f'"{path.name}": no format ends in "{path.suffix}".{hint} Known: a folder of CSV files, {", ".join(endings)}.'
    )


def read(path: str | Path) -> Case:
    """A case from a folder or file. Raises CaseError with all problems."""
    if str(path) == REFERENCE:
        return reference()
    where = existing(path)
    case: Case = format_of(where).read(where)
    return case


def check(path: str | Path) -> tuple[Case, list[InputProblem]]:
    """A case from a folder or file with all that is wrong in it, without raising."""
    where = reference_path() if str(path) == REFERENCE else existing(path)
    result: tuple[Case, list[InputProblem]] = format_of(where).check(where)
    return result


def existing(path: str | Path) -> Path:
    """A path at which there is something. Raises UserError with the nearest case beside it."""
    where = Path(path)
    if not where.is_dir() and str(path).strip() and (unread := unopenable(where)):
        raise UserError(f'"{path}" {unread}. Give a case folder or a workbook.')
    if where.is_file() and where.suffix in (".csv", ".toml") and (where.parent / SETTINGS_FILE).is_file():
        raise UserError(f'"{path}" is a file of a case. Give its folder: "{where.parent}".')
    if where.exists() and str(path).strip():
        return where
    near = schema.nearest(str(path), [*cases_in(where.parent), REFERENCE])
    hint = f' Did you mean "{near}"?' if near else ""
    if not near and (Path() / SETTINGS_FILE).is_file():
        hint = ' The folder in which you are is a case: its name here is "."'
    raise UserError(
        f'"{path}" does not exist.{hint} '
        'Give a case folder, a workbook, or "reference" for the shipped case; kelisim new NAME makes a case.'
    )


def cases_in(folder: Path) -> list[str]:
    """Paths of the cases in a folder, as one would type them."""
    endings = {ending for module in formats().values() for ending in module.SUFFIXES if ending}
    try:
        inside = sorted(folder.iterdir())
    except OSError:
        return []
    return [
        str(path) for path in inside if path.suffix.lower() in endings or (path / SETTINGS_FILE).is_file()
    ]


def write(case: Case, path: str | Path, name: str = "") -> Path:
    """Write a case to a folder or file, in the named format or by its ending; whole, or not at all with a UserError."""
    where = Path(path)
    module = format_of(where, name)
    if not hasattr(module, "write"):
        raise UserError(f'"{where.name}": kelisim reads this format and does not write it.')
    if name and not where.is_dir():
        must_end(where, getattr(module, "WRITTEN", module.SUFFIXES), f"a case in the format {name}")
    try:
        written: Path = module.write(case, where)
    except OSError as error:
        raise UserError(f'"{path}" cannot be written: {error.strerror or error}.') from error
    return written


def must_be_free(case: Case, path: str | Path) -> None:
    """Raises UserError where something would be written over that is not this very case."""
    where = Path(path)
    if not where.exists() or (where.is_dir() and not any(where.iterdir())):
        return
    try:
        there, _ = check(where)
    except UserError:
        what = "something that is not a case"
    else:
        if there.fingerprint == case.fingerprint:
            return
        same = there.name == case.name
        what = f'{"other content under the name" if same else "another case,"} "{there.name}"'
    kind, verb = ("folder", "holds") if where.is_dir() else ("file", "is")
    raise UserError(
        f'"{path}" {verb} {what}. Name another {kind}, or put this one in its place with --force.'
    )


def lost(case: Case, path: str | Path, name: str = "") -> list[str]:
    """What a case holds and its file in another format would not, a line for each thing."""
    module = format_of(Path(path), name)
    found: list[str] = module.lost(case) if hasattr(module, "lost") else []
    return found


def left_out(path: str | Path) -> list[str]:
    """What a folder or file holds and the case read from it does not, a line for each thing."""
    where = Path(path)
    if str(path) == REFERENCE or not where.exists():
        return []
    module = format_of(where)
    found: list[str] = module.left_out(where) if hasattr(module, "left_out") else []
    return found


def reference_path() -> Path:
    """Folder of the reference case that ships."""
    return Path(str(files("kelisim") / "reference"))


def reference(step: str = "1mo") -> Case:
    """The reference case: Russia - Kazakhstan and their neighbours, 2024."""
    return read(reference_path()).at_step(step)
