"""What every format must hold; a new module in kelisim/io is tested without a line here."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from kelisim import io
from kelisim.case.case import Case
from kelisim.errors import UserError

FORMATS = io.formats()
WRITTEN = {name: module for name, module in FORMATS.items() if hasattr(module, "write")}
WRONG = {
    "empty": b"",
    "noise": b"\x00\xff\xfeKelisim" * 50,
    "text": b"place,name\na,b\n",
    "object": b'{"type": "nothing"}',
    "list": b"[1, [2, [3]]]",
    "deep": b"[" * 100_000,
    "packed": b"PK\x03\x04" + b"\x00" * 60,
}


def each(modules: dict[str, ModuleType]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "module", [pytest.param(module, id=name) for name, module in modules.items()]
    )


def path_for(module: ModuleType, home: Path, name: str = "carried") -> Path:
    return home / f"{name}{module.SUFFIXES[0]}"


def content(path: Path) -> dict[str, bytes]:
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    return {file.name: file.read_bytes() for file in files}


@each(FORMATS)
def test_help(module: ModuleType) -> None:
    """The list of formats in the help is made of these lines."""
    assert (module.__doc__ or "").split("\n")[0].endswith((".", ";", ":"))
    assert module.SUFFIXES and all(ending == ending.lower() for ending in module.SUFFIXES)
    parts = [getattr(module, name) for name in ("read", "check", "write") if hasattr(module, name)]
    assert parts and all(part.__doc__ for part in parts)


def test_endings_belong_to_one_format() -> None:
    """Two formats with one ending, and the reader depends on the order of files."""
    endings = [ending for module in FORMATS.values() for ending in module.SUFFIXES]
    assert len(endings) == len(set(endings))


@each(WRITTEN)
def test_round_trip(module: ModuleType, case: Case, tmp_path: Path) -> None:
    """A format that loses a place or a link changes every answer."""
    path = io.write(case, path_for(module, tmp_path))
    back, problems = io.check(path)
    if getattr(module, "carries_all", False):
        assert problems == []
        assert back.diff(case).empty
        assert back.fingerprint == case.fingerprint
        assert io.read(path).fingerprint == case.fingerprint
        return
    for table, columns in {"places": ["place"], "links": ["link", "from_place", "to_place"]}.items():
        here, there = (which.table(table)[columns].reset_index(drop=True) for which in (back, case))
        assert here.equals(there)


@each(WRITTEN)
def test_same_case_same_file(module: ModuleType, case: Case, tmp_path: Path) -> None:
    """A file that differs each time cannot be kept under version control."""
    first, second = (module.write(case, path_for(module, tmp_path / name)) for name in ("one", "two"))
    assert content(first) == content(second)


@each(WRITTEN)
def test_nothing_lies_about(module: ModuleType, case: Case, tmp_path: Path) -> None:
    """Half-written files beside the case would be read as part of it."""
    path = module.write(case, path_for(module, tmp_path / "new" / "folder"))
    module.write(case, path)
    assert list(path.parent.iterdir()) == [path]


@each(WRITTEN)
def test_place_is_taken(module: ModuleType, case: Case, tmp_path: Path) -> None:
    """A folder where a file should be, or a file where a folder should be, is for the user to settle."""
    path = path_for(module, tmp_path)
    if module.SUFFIXES[0]:
        path.mkdir()
    else:
        path.write_text("mine")
    with pytest.raises(UserError, match=path.name):
        module.write(case, path)


@each(FORMATS)
@pytest.mark.parametrize("wrong", list(WRONG))
def test_wrong_file(module: ModuleType, wrong: str, tmp_path: Path) -> None:
    """A traceback tells a user nothing."""
    path = path_for(module, tmp_path, "wrong")
    if module.SUFFIXES[0]:
        path.write_bytes(WRONG[wrong])
    else:
        path.mkdir()
        (path / "places.csv").write_bytes(WRONG[wrong])
        (path / "case.toml").write_bytes(WRONG[wrong])
    try:
        _, problems = module.check(path)
    except UserError as error:
        assert path.name in str(error)
    else:
        assert problems
    with pytest.raises(UserError):
        io.read(path)


def test_unknown_ending() -> None:
    """Who has another file must learn which ones are read."""
    with pytest.raises(UserError) as caught:
        io.format_of(Path("net.docx"))
    endings = sorted(ending for module in FORMATS.values() for ending in module.SUFFIXES if ending)
    assert (
        str(caught.value)
        == f'"net.docx": no format ends in ".docx". Known: a folder of CSV files, {", ".join(endings)}.'
    )
