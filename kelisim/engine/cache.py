"""Solved bases kept on disk, each under the fingerprint of its case, rules, model and solver."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import numpy as np

from kelisim.lp.problem import Statuses
from kelisim.results.answer import Answer, BlockValues

PARTS = ("values", "duals", "lower", "upper")
Basis = tuple[Statuses, Statuses]


def cache_folder() -> Path:
    """Where solved bases are kept: KELISIM_CACHE, or the user's cache folder."""
    chosen = os.environ.get("KELISIM_CACHE")
    if chosen:
        return Path(chosen)
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "kelisim"


def keep(key: str, answer: Answer, basis: Basis) -> None:
    """Write an answer and its basis, whole or not at all. Raises OSError."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {}
    for side, blocks in (("columns", answer.columns), ("rows", answer.rows)):
        for name, block in blocks.items():
            for part in PARTS:
                arrays[f"{side}/{name}/{part}"] = getattr(block, part)
    head = {
        "objective": answer.objective, "facts": dict(answer.facts), "mean_hours": answer.mean_hours,
        "columns": {k: list(v.elements) for k, v in answer.columns.items()},
        "rows": {k: list(v.elements) for k, v in answer.rows.items()},
    }  # fmt: skip
    arrays |= {"basis/columns": basis[0], "basis/rows": basis[1]}
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as handle:
        np.savez(handle, head=np.frombuffer(json.dumps(head).encode(), dtype=np.uint8), **arrays)
    os.replace(handle.name, folder / f"{key}.npz")


def load(key: str, hours: np.ndarray) -> tuple[Answer, Basis] | None:
    """A kept answer and its basis; None if there is none. Raises OSError, ValueError or KeyError if it is broken."""
    file = cache_folder() / f"{key}.npz"
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
