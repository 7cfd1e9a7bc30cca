"""Where runs were written: a list of paths on this machine, so that a run is found again by its name.

The list is a file in the user's cache folder, one line a run. It is never sent anywhere, a run that was moved or
deleted is passed over, and without the right to write there is no list and no error.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

MOST = 500  # runs that are remembered; twice as many lines are cut back to these
HEAD = "run.json"  # what a folder holds that is a run
BEGUN = "unfinished/question.json"  # one that is not finished


def cache_folder() -> Path:
    """Where this list and solved bases are kept: KELISIM_CACHE, or the user's cache folder. Raises OSError without a home."""
    chosen = os.environ.get("KELISIM_CACHE")
    if chosen:
        return Path(chosen)
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kelisim"
    except RuntimeError as error:
        raise OSError(str(error)) from error


def list_file() -> Path:
    """The list."""
    return cache_folder() / "runs.jsonl"


def remember(folder: Path) -> None:
    """Put a run that has just been written at the end of the list."""
    with contextlib.suppress(OSError):
        file = list_file()
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as handle:
            handle.write("\n" + json.dumps(str(folder.resolve())))  # a line that was cut off ends here
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        if len(lines) > 2 * MOST:
            shorter = file.with_suffix(f".{os.getpid()}")
            shorter.write_text("\n".join(lines[-MOST:]), encoding="utf-8")
            shorter.replace(file)


def remembered() -> list[Path]:
    """Folders of the runs that are still where they were written, the latest first."""
    try:
        lines = list_file().read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    found: dict[Path, None] = {}
    for line in reversed(lines):
        with contextlib.suppress(ValueError, OSError):
            path = json.loads(line)
            if isinstance(path, str) and any((Path(path) / name).is_file() for name in (HEAD, BEGUN)):
                found.setdefault(Path(path))
    return list(found)
