"""A solve that begins at a basis from elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kelisim.errors import SolverError
from kelisim.lp.builder import Builder
from kelisim.lp.highs import Session, Solution


def session() -> Session:
    """A plant of 10 at 2 for a demand of 4."""
    build = Builder(["all"])
    plant = build.add_columns("plant", ["plant"], 1, 0.0, 10.0, 2.0)
    row = build.add_rows("balance", ["all"], 1, 4.0, 4.0)
    build.add_entries(row, plant, 1.0)
    return Session(build.build())


def test_where_the_solver_gives_up_it_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """From a basis that it cannot use the solver stops without an optimum; the answer is that of a solve without a basis."""
    found = session()
    run, asked = found._run, []

    def stops(method: str, presolve: bool) -> Solution:
        asked.append(presolve)
        if not presolve:
            raise SolverError("Solve error", "the solver stopped without an optimum")
        return run(method, presolve)

    monkeypatch.setattr(found, "_run", stops)
    basis: Any = np.array([1], dtype=np.int8), np.array([0], dtype=np.int8)
    assert found.resume(*basis).objective == pytest.approx(8)
    assert (asked, found.counts.fallback) == ([False, True], 1)
