"""Published answers that tests find again: each is asserted, and noted for the page docs/published-answers.md.

`python -m tools.published` runs the tests that use this and writes the page; in any other run an answer must stand on the page already.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

PAGE = Path(__file__).parents[2] / "docs" / "published-answers.md"
NOTES = "KELISIM_PUBLISHED"  # file to which answers are noted, a line of JSON for each
SOURCES = {
    "pglib": "IEEE PES Power Grid Library for benchmarking optimal power flow, v23.07",
    "rts24": "IEEE Reliability Test System, 24 buses (Task Force 1979); all sets of lines looked at",
    "factors": "Factors of the same 24 buses, from the inverse of the susceptance matrix",
    "rts79": "IEEE Reliability Test System, 1979; exact convolution of its 32 units",
    "billinton": "R. Billinton and R. N. Allan, Reliability Evaluation of Power Systems (1996)",
    "gasmodels": "GasModels.jl, case-6-ls and case-6-ls-priority (Los Alamos National Laboratory)",
    "pypsa": "PyPSA, example ac-dc-meshed",
    "farmer": "J. R. Birge and F. Louveaux, Introduction to Stochastic Programming, chapter 1",
    "talmud": "R. J. Aumann and M. Maschler, Journal of Economic Theory 36 (1985)",
    "games": "L. S. Shapley (1953) and D. Schmeidler (1969), from the definitions in exact fractions",
    "n1": "Regulation (EU) 2017/1938, Annex II, formula of N-1",
    "indices": "Herfindahl, Hirschman and Shannon, from the formulas by hand",
    "house": "F. S. Hillier and G. J. Lieberman, Introduction to Operations Research, Reliable Construction",
}


@cache
def _page() -> str:
    return PAGE.read_text(encoding="utf-8")


def reproduces(
    answer: str,
    ours: Any,
    theirs: Any,
    source: str,
    unit: str = "",
    *,
    rel: float | None = None,
    abs: float | None = None,
) -> None:
    """Assert that an answer is the published one, within what a test allows.

    answer        what is asked, as the page names it
    ours, theirs  a number, or an array of them of one shape
    source        a key of SOURCES
    rel, abs      as pytest.approx has them
    """
    assert ours == pytest.approx(theirs, rel=rel, abs=abs)
    mine, given = (np.atleast_1d(np.asarray(value, dtype=float)).ravel() for value in (ours, theirs))
    apart, size = float(np.abs(mine - given).max()), float(np.abs(given).max())
    row = {
        "answer": answer,
        "source": SOURCES[source],
        "unit": unit,
        "ours": mine.tolist(),
        "theirs": given.tolist(),
        "error": apart / size if size else apart,
        "allowed": max(rel or 0.0, (abs or 0.0) / size if size else abs or 0.0),
        "test": os.environ.get("PYTEST_CURRENT_TEST", "").partition("::")[0],
    }
    if file := os.environ.get(NOTES):
        with Path(file).open("a", encoding="utf-8") as out:
            out.write(json.dumps(row) + "\n")
    else:
        assert f"\n| {answer} |" in _page(), f'"{answer}" is not on the page: python -m tools.published'
