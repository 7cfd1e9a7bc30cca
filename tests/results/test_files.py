"""Files and folders are written whole or not at all, whatever happens on the way."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from kelisim.errors import UserError
from kelisim.results import files


def content(home: Path) -> dict[str, str]:
    """All files under a folder, hidden ones as well."""
    return {path.relative_to(home).as_posix(): path.read_text() for path in home.rglob("*") if path.is_file()}


def fill(**texts: str) -> object:
    def write(folder: Path) -> None:
        for name, text in texts.items():
            (folder / f"{name}.csv").write_text(text)

    return write


def put_case(home: Path, **texts: str) -> None:
    files.put_folder(home, fill(**texts), "head.csv", lambda entry: entry.suffix == ".csv")


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_folder_is_replaced_whole_and_what_is_not_its_own_stays(tmp_path: Path) -> None:
    """A table of what stood there before would come alive in what is written over it."""
    home = tmp_path / "case"
    put_case(home, head="one", storages="old")
    (home / "notes.txt").write_text("mine")
    put_case(home, head="two", links="new")
    assert content(tmp_path) == {"case/head.csv": "two", "case/links.csv": "new", "case/notes.txt": "mine"}


def test_the_head_goes_first_and_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stops between two files would leave a folder that reads as a mixture of two cases."""
    home = tmp_path / "case"
    put_case(home, head="one", a="1", z="1")
    seen, rename = [], Path.rename
    monkeypatch.setattr(Path, "rename", lambda file, to: (seen.append(file.name), rename(file, to))[1])
    put_case(home, head="two", a="2", z="2")
    assert seen[0] == seen[-1] == "head.csv" and sorted(seen[1:3]) == sorted(seen[3:5]) == ["a.csv", "z.csv"]


@pytest.mark.parametrize("step", range(1, 7))
def test_a_step_that_fails_is_taken_back(step: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the old and half of the new is neither."""
    home = tmp_path / "case"
    put_case(home, head="one", a="1", z="1")
    before, left, rename = content(tmp_path), [step], Path.rename

    def fails_once(file: Path, to: Path) -> Path:
        left[0] -= 1
        return full() if left[0] == 0 else rename(file, to)

    monkeypatch.setattr(Path, "rename", fails_once)
    with pytest.raises(OSError, match="No space"):
        put_case(home, head="two", a="2", b="2")
    assert content(tmp_path) == before and [path.name for path in tmp_path.iterdir()] == ["case"]


@pytest.mark.parametrize(
    "call", ["tempfile.mkdtemp", "os.fsync", "pathlib.Path.write_bytes", "pathlib.Path.replace"]
)
def test_a_file_that_cannot_be_written_leaves_nothing(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full or read-only disk must cost neither the file of before nor leave folders and pieces about."""
    files.put(tmp_path / "report.html", b"before")
    with monkeypatch.context() as patch:
        patch.setattr(call, full)
        for name in ("report.html", "new/folder/report.html"):
            with pytest.raises(UserError) as caught:
                files.put(tmp_path / name, b"after")
            assert str(caught.value) == f'"{tmp_path / name}" cannot be written: No space left on device.'
    assert content(tmp_path) == {"report.html": "before"}
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_data_are_on_the_disk_before_they_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a power cut a file of the right name and no content would stand where the old one was."""
    done: list[str] = []
    sync, replace, rename = os.fsync, Path.replace, Path.rename
    monkeypatch.setattr(os, "fsync", lambda handle: (done.append("sync"), sync(handle))[1])
    monkeypatch.setattr(Path, "replace", lambda file, to: (done.append("move"), replace(file, to))[1])
    monkeypatch.setattr(Path, "rename", lambda file, to: (done.append("move"), rename(file, to))[1])
    files.put(tmp_path / "file", b"x")
    assert done == ["sync", "move", "sync"]
    done.clear()
    put_case(tmp_path / "case", head="1", a="1")
    assert done == ["sync", "sync", "sync", "move", "sync"]


def test_what_killed_writers_left_is_taken_away(tmp_path: Path) -> None:
    """Pieces would pile up; those of a writer that still works must stay."""
    (tmp_path / ".writing-dead" / "new").mkdir(parents=True)
    (tmp_path / ".writing-dead" / ".lock").touch()
    files.put_filled(
        tmp_path / "outer", lambda file: (files.put(tmp_path / "inner", b"x"), file.write_bytes(b"y"))
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["inner", "outer"]


@pytest.mark.parametrize("step", range(1, 7))
def test_the_next_writer_puts_back_what_a_killed_one_was_replacing(
    step: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that stopped in the middle would have cost the old case, and the new one would not be whole."""
    home, left, rename = tmp_path / "case", [step], Path.rename
    put_case(home, head="one", a="1", z="1")

    def stops(file: Path, to: Path) -> Path:
        left[0] -= 1
        return full() if left[0] == 0 else rename(file, to)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", stops)
        patch.setattr(files, "_swap_back", lambda *_: None)
        patch.setattr("shutil.rmtree", lambda *_, **__: None)
        with pytest.raises(OSError, match="No space"):
            put_case(home, head="two", a="2", b="2")
    assert content(home) != {"head.csv": "one", "a.csv": "1", "z.csv": "1"}
    before = files.broken_off(home, "head.csv")
    assert (before is None) == (step == 1) and (before is None or (before / "head.csv").read_text() == "one")
    files.put(home / "note", b"x")
    assert content(home) == {"head.csv": "one", "a.csv": "1", "z.csv": "1", "note": "x"}


def test_another_ending_is_refused_with_the_near_one(tmp_path: Path) -> None:
    """HTML under the name of a PDF opens nowhere."""
    files.must_end(tmp_path / "a.HTML", [".html", ".md"], "a report")
    for name, near in {"x.pdf": "x.html", "x.htm": "x.html", "x.mdx": "x.md"}.items():
        with pytest.raises(UserError) as caught:
            files.must_end(tmp_path / name, [".html", ".md"], "a report")
        assert str(caught.value) == f'"{name}": a report ends in .html or ends in .md. Did you mean "{near}"?'
