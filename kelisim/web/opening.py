"""How the map opens: regions by the cover they have if their largest supply from across the border is lost."""

from __future__ import annotations

import numpy as np

from kelisim.results.results import Results
from kelisim.results.weakest import leaning
from kelisim.web.map_geometry import MapGeometry
from kelisim.web.session import MapSession
from kelisim.web.texts import text

DAYS = (0.0, 3.0, 30.0)  # of cover, at most; with more of them a region is not coloured


def cover_looks(
    plan: MapSession, sheet: MapGeometry, border: Results | None
) -> tuple[dict[int, str], dict[int, str]]:
    """Looks of areas and their words: the least cover of any carrier under N-1; nothing before the border study has answered.

    Cover is the days until protected customers are cut, as the border study has it.
    """
    looks: dict[int, str] = {}
    words: dict[int, str] = {}
    if border is None or "border" not in border:
        return looks, words
    numbers = {area["k"]: at for at, area in enumerate(sheet.data["areas"])}
    rows = leaning(border["border"]).sort_values(["protected_days", "n1_value"], ascending=[True, False])
    for row in rows[np.isfinite(rows["protected_days"])].itertuples():
        at, days = numbers.get(str(row.region)), float(row.protected_days)
        if at is None or at in looks or days > DAYS[-1]:
            continue
        looks[at] = f"n{next(i for i, most in enumerate(DAYS) if days <= most)}"
        about = {"region": row.region, "carrier": row.carrier, "days": days}
        words[at] = plan.book.text("web.map.cover", supply=plan.book.label(row.supply), **about)
    return looks, words


def cover_words(looks: set[str]) -> list[tuple[str, str]]:
    """The colours that are on the map, in words."""
    return [(f"n{at}", text(f"legend.cover_{at}")) for at in range(len(DAYS)) if f"n{at}" in looks]
