"""A run that is not finished: what was asked, and what is done of it, in the folder that the run will have.

`unfinished/question.json` says what was asked, `unfinished/done.jsonl` holds a line for each lot of pieces that came together.
A line that was cut off or changed is passed over and its pieces are done again. Who works on a folder holds its lock, which falls
with the process.
"""

from __future__ import annotations

import json
import os
import shutil
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from kelisim import catalog
from kelisim.errors import RunError
from kelisim.results import files
from kelisim.results.records import record, recorded

FOLDER, QUESTION, DONE, LOCK = "unfinished", "question.json", "done.jsonl", ".working"
FORMAT = 1
_HEAD = len('["00000000", ')  # before what a line holds
PAUSE = 0.5  # seconds from one lot of lines to the next
SAME = ("format", "study", "fields", "case", "rules", "versions")  # what must be equal to go on
Row = tuple[str, Mapping[str, float]]


# ---- who works on a folder
@contextmanager
def claimed(folder: Path, about: str) -> Iterator[None]:
    """The folder for this process alone; gone at the end where nothing came into it.

    about  what is being done, for who comes second
    Raises RunError where another process works on it, or it cannot be written.
    """
    made = [one for one in (folder, *folder.parents) if not one.exists()]
    with _opened(folder) as handle:
        handle.truncate(0)
        since = f"{datetime.now():%Y-%m-%d %H:%M}"
        words = catalog.text("run.at_work").format(about=about, process=os.getpid(), since=since)
        handle.write(words.encode())
        handle.flush()
        try:
            yield
        finally:
            with suppress(OSError):
                (folder / LOCK).unlink(missing_ok=True)
            for one in made:
                with suppress(OSError):
                    one.rmdir()


def must_be_alone(folder: Path) -> None:
    """Raises RunError where another process works on a folder."""
    if (folder / LOCK).exists():
        _opened(folder).close()


def _opened(folder: Path) -> IO[bytes]:
    """The lock of a folder, held. Raises RunError where another process holds it, or nothing can be written."""
    file = folder / LOCK
    while True:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle = file.open("a+b")
        except OSError as error:
            raise RunError(f'The run cannot be written to "{folder}": {error.strerror or error}.') from error
        if not files.locked(handle):
            with handle:
                raise RunError(
                    f'Another process is at work in "{folder}"{_who(handle)}. Wait for it, stop it, or name another folder with --out.'
                )
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle.fileno()), file.stat()):
                return handle
        handle.close()  # who held it before has just taken it away


def _who(handle: IO[bytes]) -> str:
    with suppress(OSError):
        handle.seek(0)
        text = handle.read(300).decode(errors="replace")
        return f" ({text})" if text else ""
    return ""


# ---- what was asked
@dataclass(frozen=True)
class Unfinished:
    """An unfinished run as its folder tells it.

    question  what was asked: study, fields, case, rules, versions, words of the command
    done, all pieces that are done, and that were asked for so far
    """

    folder: Path
    question: dict[str, Any]
    done: int
    all: int
    rows: list[tuple[str, str, Mapping[str, float]]] = field(default_factory=list)

    @property
    def words(self) -> str:
        """How far it is."""
        return catalog.text("run.partial").format(done=f"{self.done:,}", all=f"{self.all:,}")


def is_unfinished(folder: Path) -> bool:
    return (folder / FOLDER / QUESTION).is_file()


def unfinished(folder: Path) -> Unfinished:
    """What is done of a run so far. Raises RunError where the folder holds no unfinished run."""
    question = _question(folder)
    found, counts = _read(folder / FOLDER / DONE)
    rows = [
        (loop, *_row_of(one["row"])) for loop, pieces in found.items() for _, one in sorted(pieces.items())
    ]
    most = {loop: max(counts.get(loop, 0), len(pieces)) for loop, pieces in found.items()}
    return Unfinished(folder, question, len(rows), sum((counts | most).values()), rows)


def _row_of(row: Any) -> Row:
    return str(row[0]), {str(name): float(value) for name, value in dict(row[1]).items() if value is not None}


def _question(folder: Path) -> dict[str, Any]:
    try:
        question = json.loads((folder / FOLDER / QUESTION).read_bytes())
        if not isinstance(question, dict) or any(name not in question for name in (*SAME, "words")):
            raise ValueError("something is missing in it")
    except FileNotFoundError as error:
        raise RunError(f'"{folder}" holds no unfinished run, so there is nothing to go on with.') from error
    except (OSError, ValueError) as error:
        raise RunError(
            f'The unfinished run in "{folder}" cannot be read: {QUESTION} is damaged ({error}).'
        ) from error
    return question


def must_be_same(folder: Path, asked: Mapping[str, Any]) -> None:
    """Raises RunError that names all that differs between what was asked then and what is asked now."""
    before = _question(folder)
    now: dict[str, Any] = json.loads(json.dumps(dict(asked)))
    differing = []
    for name in SAME:
        here, there = before[name], now[name]
        if isinstance(here, dict) and isinstance(there, dict):
            keys = [key for key in {**here, **there} if here.get(key) != there.get(key)]
            differing += [(f"{name}, {key}", here.get(key), there.get(key)) for key in keys]
        elif here != there:
            differing.append((name, here, there))
    told = catalog.text("run.differs")
    lines = [f"  {told.format(what=what, then=then, now=now)}" for what, then, now in differing]
    if lines:
        text = "\n".join(lines)
        raise RunError(
            f'"{folder}" cannot be gone on with: it was asked something else.\n{text}\nAsk the same, or begin a new run.'
        )


# ---- what is done
class Journal:
    """Keeps the pieces of a run in its folder as they are done.

    folder  of the run; made with the first piece
    asked   what is asked: the names of SAME, and words
    """

    def __init__(self, folder: Path, asked: Mapping[str, Any]) -> None:
        self.folder = folder
        self.reused = self.kept = 0
        self._asked = dict(asked)
        self._found: dict[str, dict[int, dict[str, Any]]] = {}
        self._counts: dict[str, int] = {}
        self._lot: dict[str, dict[str, Any]] = {}
        self._begun: dict[str, int] = {}
        self._last = time.monotonic()
        if is_unfinished(folder):
            must_be_same(folder, asked)
            self._found, self._counts = _read(folder / FOLDER / DONE)

    def begin(self, loop: str, count: int) -> None:
        """So many pieces are asked for."""
        if self._counts.get(loop) != count:
            self._begun[loop] = self._counts[loop] = count

    def known(self, loop: str, keys: Sequence[str]) -> dict[int, Any]:
        """Answers of an earlier sitting, by position."""
        found = {}
        for at, one in self._found.pop(loop, {}).items():
            if at < len(keys) and one.get("key") == keys[at]:
                with suppress(ValueError):
                    found[at] = recorded(one["answer"])
        self.reused += len(found)
        return found

    def keep(self, loop: str, at: int, key: str, answer: Any, row: Row) -> None:
        """Keep an answer; at the latest with the next one after half a second it is on the disk."""
        figures = {name: value for name, value in row[1].items() if value == value}
        one = {"key": key, "answer": record(answer), "row": [row[0], figures]}
        self._lot.setdefault(loop, {})[str(at)] = one
        self.kept += 1
        if time.monotonic() - self._last >= PAUSE:
            self.flush()

    def flush(self) -> None:
        """Let all that is kept reach the disk."""
        self._last = time.monotonic()
        if not self._lot:
            return
        lot, counts = self._lot, self._begun
        self._lot, self._begun = {}, {}
        file = self._file()
        with file.open("ab") as handle:
            start = b"" if handle.tell() == 0 or _ends(file) else b"\n"
            handle.write(start + _line({"of": counts, "done": lot}))
            handle.flush()
            os.fsync(handle.fileno())

    def _file(self) -> Path:
        home = self.folder / FOLDER
        if not is_unfinished(self.folder):
            home.mkdir(parents=True, exist_ok=True)
            begun = {**self._asked, "created": datetime.now(UTC).isoformat(timespec="seconds")}
            files.put(home / QUESTION, json.dumps(begun, indent=1, ensure_ascii=False).encode())
        return home / DONE

    @property
    def about(self) -> dict[str, int]:
        """How many pieces came from an earlier sitting, and how many were done now."""
        return {"reused": self.reused, "done": self.kept}


def forget(folder: Path) -> None:
    """Take away what is unfinished in a folder."""
    shutil.rmtree(folder / FOLDER, ignore_errors=True)


def _line(content: dict[str, Any]) -> bytes:
    text = json.dumps(content, ensure_ascii=True)
    return f'["{zlib.crc32(text.encode()):08x}", {text}]\n'.encode()


def _ends(file: Path) -> bool:
    with file.open("rb") as handle:
        handle.seek(-1, os.SEEK_END)
        return handle.read(1) == b"\n"


def _read(file: Path) -> tuple[dict[str, dict[int, dict[str, Any]]], dict[str, int]]:
    """Pieces that are done, by loop and position; and how many each loop asks for."""
    found: dict[str, dict[int, dict[str, Any]]] = {}
    counts: dict[str, int] = {}
    with suppress(FileNotFoundError), file.open("rb") as handle:
        for line in handle:
            text = line[_HEAD:-2]
            if line[:_HEAD] != b'["%08x", ' % zlib.crc32(text) or line[-2:] != b"]\n":
                continue  # cut off or changed
            content = json.loads(text)
            counts |= content["of"]
            for loop, pieces in content["done"].items():
                found.setdefault(loop, {}).update({int(at): one for at, one in pieces.items()})
    return found, counts
