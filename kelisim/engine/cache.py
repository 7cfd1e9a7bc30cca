"""Solved bases kept on disk, each under the fingerprint of the arrays of its problem, its rules and the solver.

A file begins with the checksum of its name and of the rest: one that is damaged or stands in another's place is not used.
"""

from __future__ import annotations

import hashlib
import io
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kelisim.errors import UserError
from kelisim.lp.problem import Floats, Problem, Statuses
from kelisim.results.answer import Answer, BlockValues
from kelisim.results.files import put_filled
from kelisim.results.known_runs import cache_folder

FORMAT = 3  # of the files
SUM = hashlib.sha256().digest_size  # bytes of the checksum
PARTS = ("values", "duals", "lower", "upper")
Basis = tuple[Statuses, Statuses]


def file_of(key: str) -> Path:
    """Where a base with this name is kept. Raises OSError where the user has no folder for it."""
    return cache_folder() / f"{key}.npz"


def _checksum(key: str, data: bytes) -> bytes:
    return hashlib.sha256(key.encode() + data).digest()


def fingerprint(problem: Problem, hours: Floats, made_by: str) -> str:
    """Hash of all that decides the answer: bounds, costs, matrix, right-hand sides, index of blocks, hours and made_by."""
    digest = hashlib.sha256(f"{FORMAT}|{made_by}|{problem.scale}|{problem.offset}".encode())
    for block in (*problem.columns.values(), *problem.rows.values()):
        digest.update(repr(block).encode())
    matrix = problem.matrix
    vectors = (
        hours,
        problem.cost,
        problem.tilt,
        problem.lower,
        problem.upper,
        problem.row_lower,
        problem.row_upper,
    )
    for array in (*vectors, matrix.data, matrix.indices, matrix.indptr):
        digest.update(array.tobytes())
    return digest.hexdigest()[:20]


def keep(key: str, answer: Answer, basis: Basis) -> None:
    """Write an answer and its basis, whole or not at all. Raises OSError or UserError."""
    arrays = {}
    sides = {"columns": answer.columns, "rows": answer.rows}
    for side, blocks in sides.items():
        for name, block in blocks.items():
            for part in PARTS:
                arrays[f"{side}/{name}/{part}"] = getattr(block, part)
    head = {"objective": answer.objective, "facts": dict(answer.facts), "mean_hours": answer.mean_hours}
    for side, blocks in sides.items():
        head[side] = {name: list(block.elements) for name, block in blocks.items()}
    arrays |= {"basis/columns": basis[0], "basis/rows": basis[1]}
    content = io.BytesIO()
    np.savez(content, head=np.frombuffer(json.dumps(head).encode(), dtype=np.uint8), **arrays)
    data = content.getvalue()
    for left in cache_folder().glob("*.part"):  # of versions before
        left.unlink(missing_ok=True)
    put_filled(file_of(key), lambda file: file.write_bytes(_checksum(key, data) + data))


def load(key: str, hours: np.ndarray) -> tuple[Answer, Basis] | None:
    """A kept answer and its basis; None if there is none. Raises OSError, ValueError or KeyError if it is damaged."""
    file = file_of(key)
    if not file.exists():
        return None
    content = file.read_bytes()
    data = content[SUM:]
    if _checksum(key, data) != content[:SUM]:
        raise ValueError(f"{file.name} is not as it was written")
    with np.load(io.BytesIO(data), allow_pickle=False) as kept:
        head = json.loads(kept["head"].tobytes().decode())
        sides = {
            side: {
                name: BlockValues(tuple(elements), *(kept[f"{side}/{name}/{part}"] for part in PARTS))
                for name, elements in head[side].items()
            }
            for side in ("columns", "rows")
        }
        basis = (kept["basis/columns"], kept["basis/rows"])
    answer = Answer(
        "optimal",
        float(head["objective"]),
        hours,
        sides["columns"],
        sides["rows"],
        head["facts"],
        float(head["mean_hours"]),
    )
    return answer, basis


@dataclass(frozen=True)
class KeptBase:
    """A base in the cache: its file, the case and step that it was solved for, bytes, and when (a time stamp)."""

    file: Path
    case: str
    step: str
    size: int
    made: float


def kept() -> list[KeptBase]:
    """The bases in the cache, the latest first."""
    found = []
    for file in cache_folder().glob("*-*-*.npz"):
        case, step, _ = file.stem.rsplit("-", 2)
        with suppress(OSError):
            found.append(KeptBase(file, case, step, file.stat().st_size, file.stat().st_mtime))
    return sorted(found, key=lambda base: (-base.made, base.file))


def clear() -> None:
    """Delete the bases, and what killed writers left of them. Raises UserError where that is not allowed."""
    try:
        for file in (*cache_folder().glob("*.npz"), *cache_folder().glob("*.part")):
            file.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f'"{cache_folder()}" cannot be cleared: {error.strerror or error}.') from error
