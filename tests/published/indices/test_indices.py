"""Worked examples of the indices of security and diversity."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kelisim.results import indices as measures
from tests.published.answers import reproduces

GIVEN = json.loads((Path(__file__).parent / "indices.json").read_text(encoding="utf-8"))

TITLES = {
    "HHI": "Concentration (HHI) of four suppliers",
    "HHI_pct": "Concentration (HHI) in points of up to 10,000",
    "effective_number_HHI": "Effective number of suppliers, by HHI",
    "Shannon": "Diversity (Shannon) of four suppliers",
    "effective_number_Shannon": "Effective number of suppliers, by Shannon",
}


@pytest.mark.parametrize("row", GIVEN["eu_n1"])
def test_n1_formula(row: dict[str, float]) -> None:
    """An authority that checks the standard against the formula must find the same number."""
    names = ("EPm", "Pm", "Sm", "LNGm", "Im", "Dmax", "Deff")
    found = 100 * measures.n1_formula(*(row[name] for name in names))
    reproduces("N-1 formula", found, row["N1_pct"], "n1", "%", abs=1e-9, rel=0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HHI", measures.hhi),
        ("HHI_pct", lambda shares: 1e4 * measures.hhi(shares)),
        ("effective_number_HHI", measures.effective_number),
        ("Shannon", measures.shannon),
        ("effective_number_Shannon", measures.shannon_number),
    ],
)
def test_concentration_and_diversity(name: str, value: object) -> None:
    """A concentration that differs in the tenth digit was computed by another formula."""
    given = GIVEN["hhi_shannon"]
    assert callable(value)
    reproduces(TITLES[name], value(given["shares"]), given[name], "indices", abs=1e-9, rel=0)
