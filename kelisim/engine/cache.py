"""Solved bases kept on disk, each under the fingerprint of the arrays of its problem, its rules and the solver."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kelisim.errors import UserError
from kelisim.lp.problem import Floats, Problem, Statuses
from kelisim.results.answer import Answer, BlockValues
from kelisim.results.files import cache_folder

FORMAT = 2  # of the files
PARTS = ("values", "duals", "lower", "upper")
Basis = tuple[Statuses, Statuses]


def file_of(key: str) -> Path:
    """Where a base with this name is kept."""
    return cache_folder() / f"{key}.npz"


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
    """Write an answer and its basis, whole or not at all. Raises OSError."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
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
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as handle:
        np.savez(handle, head=np.frombuffer(json.dumps(head).encode(), dtype=np.uint8), **arrays)
    os.replace(handle.name, file_of(key))


def load(key: str, hours: np.ndarray) -> tuple[Answer, Basis] | None:
    """A kept answer and its basis; None if there is none. Raises OSError, ValueError or KeyError if it is broken."""
    file = file_of(key)
    if not file.exists():
        return None
    with np.load(file, allow_pickle=False) as kept:
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
