"""What persons decided of names that were found: a log that is only ever added to, and is taken over by the next screening."""

from __future__ import annotations

import csv
import io
import os
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from kelisim.errors import UserError

SAME, DIFFERENT, OPEN = "same", "different", "open"
DECISIONS = (SAME, DIFFERENT, OPEN)


@dataclass(frozen=True)
class Decision:
    """Who decided when, on which list, whether a name is the party of an entry, and why.

    decided  time in UTC
    by       who
    name     that was looked for
    family   of lists, and the list's own number of the entry
    listed   main name of the entry
    state    mark of what the entry said then
    decision same, different or open
    """

    decided: str
    by: str
    decision: str
    reason: str
    name: str
    family: str
    entry: str
    listed: str
    state: str
    score: str
    list_title: str
    list_version: str
    list_sha256: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.name.casefold(), self.family, self.entry


COLUMNS = tuple(field.name for field in fields(Decision))


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_log(path: Path) -> dict[tuple[str, str, str], Decision]:
    """The latest decision on each name and entry; empty where there is no log yet.

    Raises UserError for a file that is not such a log.
    """
    if not path.exists():
        return {}
    try:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path.name}: not a log of decisions: {error}.") from None
    if not rows or tuple(rows[0]) != COLUMNS:
        raise UserError(f"{path.name}: not a log of decisions. Its columns are {', '.join(COLUMNS)}.")
    found, problems = {}, []
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(COLUMNS):
            problems.append(f"row {number}: it has {len(row)} cells, and {len(COLUMNS)} are meant.")
            continue
        decision = Decision(*row)
        if decision.decision not in DECISIONS:
            problems.append(f'row {number}, decision: "{decision.decision}". Known: {", ".join(DECISIONS)}.')
        found[decision.key] = decision
    if problems:
        raise UserError(
            "\n".join([f"{path.name}: not a log of decisions:", *(f"  {p}" for p in problems[:20])])
        )
    return found


def append(path: Path, decision: Decision) -> None:
    """Writes a decision behind those that are there, and on the disk before it returns."""
    is_new = not path.exists() or path.stat().st_size == 0
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if is_new:
        writer.writerow(COLUMNS)
    writer.writerow(asdict(decision).values())
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write(text.getvalue())
        file.flush()
        os.fsync(file.fileno())
