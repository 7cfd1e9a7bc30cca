"""Files and folders that are written whole or not at all.

What is written is made in a folder of its own beside its place, is on the disk before it counts, and then moves there.
A writer that fails takes its folder away; those of killed writers are taken away by the next one, which puts back
what they were about to replace.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from kelisim.case import schema
from kelisim.errors import UserError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_ASIDE = ".writing-"
_LOCK = ".lock"
_NEW = "new"
_OLD = "old"  # what is being replaced
_NAMES = "names"  # of what is new


# ---- files
def must_end(path: Path, endings: Iterable[str], what: str) -> None:
    """Raises UserError with the nearest right name where something would have an ending that it is not; "" is a folder."""
    known = list(endings)
    if path.suffix.lower() not in known:
        near = path.with_suffix(schema.nearest(path.suffix.lower(), known) or known[0]).name
        words = [f"ends in {ending}" if ending else "is a folder" for ending in known]
        raise UserError(f'"{path.name}": {what} {" or ".join(words)}. Did you mean "{near}"?')


def put(path: Path, content: bytes) -> Path:
    """Write a file whole. Raises UserError where that is not possible."""
    try:
        return put_filled(path, lambda file: file.write_bytes(content))
    except OSError as error:
        raise UserError(f'"{path}" cannot be written: {error.strerror or error}.') from error


def put_filled(path: Path, fill: Callable[[Path], Any]) -> Path:
    """Write a file whole; `fill` writes the file that it is given. Raises OSError, and UserError where a folder stands."""
    if path.is_dir():
        raise UserError(f'"{path}" is a folder; a file cannot be written there.')
    with _aside(path.parent) as aside:
        file = aside / f"{_NEW}{path.suffix}"
        fill(file)
        _sync(file)
        file.replace(path)
        _sync(path.parent)
    return path


# ---- folders
def must_be_writable(folder: Path) -> None:
    """Raises OSError where nothing can be written into a folder, or a folder cannot be made."""
    with _aside(folder):
        pass


def put_folder(path: Path, fill: Callable[[Path], Any], head: str, is_own: Callable[[Path], bool]) -> Path:
    """Write a folder whole. Raises OSError.

    path    of the folder; of one that is there what is its own is replaced, all of it, and the rest stays
    fill    writes into the folder that it is given
    head    file without which the folder is nothing: it is moved away first and comes last
    is_own  whether something in the folder belongs to what is replaced
    """
    if not path.is_dir():
        with _aside(path.parent) as aside:
            _filled(aside / _NEW, fill).rename(path)
            _sync(path.parent)
        return path
    with _aside(path) as aside:
        _filled(aside / _NEW, fill)
        mine = [entry for entry in path.iterdir() if not entry.name.startswith(_ASIDE) and is_own(entry)]
        _swap(path, aside, sorted(mine, key=lambda entry: entry.name != head), head)
    return path


def _filled(folder: Path, fill: Callable[[Path], Any]) -> Path:
    folder.mkdir()
    fill(folder)
    for entry in (*folder.rglob("*"), folder):
        _sync(entry)
    return folder


def _swap(path: Path, aside: Path, mine: list[Path], head: str) -> None:
    """Move what is replaced away and what is new into its place; all the way back where one step fails."""
    came = sorted((aside / _NEW).iterdir(), key=lambda entry: entry.name == head)
    (aside / _NAMES).write_text("\n".join(entry.name for entry in came), encoding="utf-8")
    (aside / _OLD).mkdir()
    try:
        for entry in mine:
            entry.rename(aside / _OLD / entry.name)
        for entry in came:
            if (path / entry.name).exists():
                raise FileExistsError(0, f'"{entry.name}" is in the way')
            entry.rename(path / entry.name)
        _sync(path)
    except BaseException:
        _swap_back(path, aside)
        raise
    shutil.rmtree(aside / _OLD, ignore_errors=True)


def _swap_back(path: Path, aside: Path) -> None:
    """Undo a swap, also one whose writer was killed."""
    for name in (aside / _NAMES).read_text(encoding="utf-8").splitlines():
        if not (aside / _NEW / name).exists():
            (path / name).rename(aside / _NEW / name)
    for entry in (aside / _OLD).iterdir():
        entry.rename(path / entry.name)
    (aside / _OLD).rmdir()


def broken_off(path: Path, head: str) -> Path | None:
    """Where the files of a folder lie that a killed writer was about to replace."""
    if (path / head).exists():
        return None
    return next((file.parent for file in path.glob(f"{_ASIDE}*/{_OLD}/{head}")), None)


# ---- beside its place
@contextmanager
def _aside(home: Path) -> Iterator[Path]:
    """A folder of one's own in a folder, gone at the end; folders that are made for it go too if nothing came into them."""
    made = [folder for folder in (home, *home.parents) if not folder.exists()]
    try:
        home.mkdir(parents=True, exist_ok=True)
        _sweep(home)
        aside, lock = _claimed(home)
        try:
            with lock:
                yield aside
        finally:
            if not (aside / _OLD).exists():
                with suppress(OSError):
                    _remove(aside)
    finally:
        for folder in made:
            with suppress(OSError):
                folder.rmdir()


def _claimed(home: Path) -> tuple[Path, IO[bytes]]:
    """A new folder and its lock, which falls with the process that holds it."""
    while True:
        aside = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=home))
        with suppress(FileNotFoundError):  # another writer swept it before it was locked
            lock = (aside / _LOCK).open("ab")
            with suppress(OSError):  # a disk that knows no locks
                _lock(lock, waits=True)
            if (aside / _LOCK).exists():
                return aside, lock
            lock.close()


def _sweep(home: Path) -> None:
    """Take away what killed writers left: the folders whose lock nobody holds."""
    for left in home.glob(f"{_ASIDE}*"):
        with suppress(OSError):
            left.rmdir()  # there is not even a lock in it
        with suppress(OSError), (left / _LOCK).open("rb+") as lock:
            _lock(lock, waits=False)
            new = left / _NEW
            if (left / _OLD).exists() and new.exists() and any(new.iterdir()):
                _swap_back(home, left)
            _remove(left)


def _remove(aside: Path) -> None:
    """Take a folder away, its lock last: without one nobody could tell that its writer is gone."""
    for entry in aside.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        elif entry.name != _LOCK:
            entry.unlink(missing_ok=True)
    shutil.rmtree(aside, ignore_errors=True)


def _sync(path: Path) -> None:
    """Let what is written reach the disk; a folder where the system can do that."""
    if path.is_dir():
        if sys.platform != "win32":
            with suppress(OSError):
                _sync_open(path, os.O_RDONLY)
        return
    _sync_open(path, os.O_RDWR)


def _sync_open(path: Path, how: int) -> None:
    handle = os.open(path, how)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def locked(handle: IO[bytes]) -> bool:
    """Take the lock of a file for as long as it is open; False where another process holds it. Without locks on a disk nobody does."""
    try:
        _lock(handle, waits=False)
    except OSError as error:
        return error.errno not in (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
    return True


if sys.platform == "win32":

    def _lock(handle: IO[bytes], waits: bool) -> None:
        handle.seek(0)
        msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK if waits else msvcrt.LK_NBLCK, 1)

else:

    def _lock(handle: IO[bytes], waits: bool) -> None:
        """Take the lock. Raises OSError where it is not waited for and another process holds it."""
        fcntl.flock(handle, fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB)
