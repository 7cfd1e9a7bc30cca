"""Files and folders that are written whole or not at all."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from kelisim.errors import UserError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_WRITING = ".writing-"


def cache_folder() -> Path:
    """Where kelisim keeps solved bases and where runs were written: KELISIM_CACHE, or the user's cache folder."""
    chosen = os.environ.get("KELISIM_CACHE")
    if chosen:
        return Path(chosen)
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "kelisim"


def put(path: Path, content: bytes) -> Path:
    """Write a file beside its place and move it there. Raises UserError where that is not possible."""
    if path.is_dir():
        raise UserError(f'"{path}" is a folder; a file cannot be written there.')
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        raise UserError(f'"{path}" cannot be written: {error.strerror or error}.') from error
    finally:
        with suppress(OSError):
            beside.unlink()
    return path


def put_folder(path: Path, fill: Callable[[Path], None]) -> Path:
    """Fill a folder beside its place and move it there; what killed writers left beside it is removed.

    path  of the folder; one that is there is replaced when the new one is whole. One writer at a time works in its parent
    fill  writes into the folder that it is given
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone(path.parent):
        for left in path.parent.glob(f"{_WRITING}*"):
            shutil.rmtree(left, ignore_errors=True)
        beside, before = (path.with_name(_WRITING + name) for name in (path.name, f"before-{path.name}"))
        try:
            beside.mkdir()
            fill(beside)
            if path.is_dir():
                path.rename(before)
            beside.rename(path)
        except BaseException:
            if before.is_dir() and not path.exists():
                before.rename(path)
            shutil.rmtree(beside, ignore_errors=True)
            raise
        shutil.rmtree(before, ignore_errors=True)
    return path


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder; it falls with the process that holds it."""
    with (folder / ".lock").open("ab") as handle:
        _lock(handle)
        try:
            yield
        finally:
            _unlock(handle)


if sys.platform == "win32":

    def _lock(handle: IO[bytes]) -> None:
        handle.seek(0)
        msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)

    def _unlock(handle: IO[bytes]) -> None:
        handle.seek(0)
        msvcrt.locking(handle.fileno(), msvcrt.LK_UNLCK, 1)

else:

    def _lock(handle: IO[bytes]) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)

    def _unlock(handle: IO[bytes]) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
