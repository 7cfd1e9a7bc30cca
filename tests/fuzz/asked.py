"""What the command line makes of a file, in this process: its exit code, and what is wrong with that."""

from __future__ import annotations

import io
import re
import sys
import warnings
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from random import Random

from kelisim.cli import main
from kelisim.errors import MOST_LISTED

LONGEST = 4_000  # letters of a line that a person is asked to read
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
PYTHON = re.compile(
    r"Traceback|\b[A-Z]\w+(?:Error|Exception|Warning)\b|<class |\bNoneType\b|\bdtype\b|\bkelisim/"
)
TARGETS = ("b", "b.xlsx", "b.geojson", "b.nc")


@dataclass(frozen=True)
class Told:
    """Exit code and what was printed; `wrong` says what no user should see, empty if nothing."""

    code: int
    out: str
    error: str
    wrong: str


def ask(*words: str) -> Told:
    """`kelisim WORDS` with what a terminal would show."""
    out, error = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    code, raised = -1, ""
    before, sys.argv = sys.argv, ["kelisim", *words]
    with warnings.catch_warnings(record=True) as warned, redirect_stdout(out), redirect_stderr(error):
        warnings.simplefilter("always")
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1 if end.code else 0
        except KeyboardInterrupt:
            raise
        except BaseException as fault:  # also the panics of libraries
            at = fault.__traceback__
            while at and at.tb_next:
                at = at.tb_next
            where = f"{Path(at.tb_frame.f_code.co_filename).name}:{at.tb_lineno}" if at else ""
            raised = f"traceback: {type(fault).__name__} in {where}: {str(fault)[:200]}"
    sys.argv = before
    texts = [stream.buffer.getvalue().decode() for stream in (out, error)]  # type: ignore[attr-defined]
    found = raised or _wrong(code, *texts)
    if not found and warned:
        found = f"a warning of Python: {warned[0].category.__name__}: {str(warned[0].message)[:200]}"
    return Told(code, *texts, found)


def _wrong(code: int, out: str, error: str) -> str:
    if code not in (0, 2, 3):
        return f"exit {code}: {error[:300]}"
    if code == 2 and not error.strip():
        return "exit 2 without a word"
    if found := CONTROL.search(out + error):
        return f"a control sign {found[0]!r} on the terminal"
    lines = error.splitlines()
    if long := next((line for line in lines if len(line) > LONGEST), ""):
        return f"a line of {len(long):,} letters: {long[:200]}"
    if found := PYTHON.search(error):
        return f'words of Python, "{found[0]}": {error[max(0, found.start() - 150) : found.end() + 80]}'
    listed = Counter(re.split(r" row |: ", line.strip())[0] for line in lines if line.startswith("  "))
    if listed and max(listed.values()) > MOST_LISTED + 1:
        return f"{max(listed.values())} problems of one file are listed"
    return ""


def tried(path: Path, home: Path, seed: int) -> Told:
    """A file checked; where it is sound, now and then it is written in another format, read again, or solved."""
    told = ask("check", str(path))
    if told.wrong or told.code:
        return told
    random = Random(seed)
    kind = random.random()
    if kind < 0.3:
        target = home / random.choice(TARGETS)
        again = ask("convert", str(path), str(target), "--force")
        if not again.wrong and not again.code:
            again = ask("check", str(target))
            if again.code and target.suffix != ".nc":
                return Told(
                    again.code,
                    again.out,
                    again.error,
                    f"sound, and not when written as {target.name}: {again.error[:600]}",
                )
    elif kind < 0.4 and _steps(told.out) <= 400:
        again = ask("run", "balance", str(path), "--no-cache", "--out", str(home / "run"))
    else:
        return told
    return again if again.wrong else told


def _steps(text: str) -> int:
    found = re.search(r"([\d,]+) steps", text)
    return int(found[1].replace(",", "")) if found else 10**9
