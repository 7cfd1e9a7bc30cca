"""How the map opens."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd

from kelisim.web.opening import cover_looks, cover_words
from kelisim.web.session import MapSession


def test_a_region_has_the_colour_of_its_least_cover(plan: MapSession) -> None:
    """The worst carrier decides; what hangs on nothing across the border, or is never cut, is not coloured."""
    columns = [
        "region",
        "carrier",
        "protected_days",
        "n1_value",
        "share_across_now",
        "share_with_fuel",
        "supply",
    ]
    rows = [
        ["a_town", "natural_gas", 12.0, 5.0, 1.0, 1.0, "pipe_a"],
        ["a_town", "electricity", 0.0, 1.0, 0.5, 0.5, "line"],
        ["b_town", "natural_gas", float("inf"), 9.0, 1.0, 1.0, "pipe_b"],
        ["field", "natural_gas", 0.0, 9.0, 0.0, 0.0, "pipe_b"],
    ]
    border: Any = {"border": pd.DataFrame(rows, columns=columns)}
    sheet: Any = SimpleNamespace(data={"areas": [{"k": key} for key in ("b_town", "a_town", "field")]})
    looks, words = cover_looks(plan, sheet, border)
    assert looks == {1: "n0"}
    assert words[1].startswith("A town: 0 days of cover for electricity if ") and "B town" in words[1]
    assert [look for look, _ in cover_words(set(looks.values()))] == ["n0"]
    assert cover_looks(plan, sheet, None) == ({}, {})
