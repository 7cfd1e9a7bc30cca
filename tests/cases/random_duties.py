"""Made-up cases by a seed, with duties to supply home markets."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from kelisim.case import schema
from kelisim.case.case import Case
from tests.cases.random_case import random_case

# carrier, MW of the year in the mean, over
OWED = (("crude", 90, "year"), ("diesel", 25, "step"), ("natural_gas", 120, "step"))


@cache
def with_duties(seed: int) -> Case:
    """A random case whose crude is owed to plants over the year, diesel and gas to a place or a country in each step."""
    case = random_case(seed)
    draw = np.random.default_rng(seed)
    places = list(case.table("places")["place"])
    rows = []
    for carrier, size, over in OWED:
        is_place = draw.random() < 0.5
        row = {"duty": f"home_{carrier}", "carrier": carrier, "over": over}
        row |= {"place": str(draw.choice(places))} if is_place else {"country": "KZ"}
        row["quantity"] = repr(float(np.round(draw.uniform(0.3, 1.6) * size * 8784, 2)))
        row["profile"] = "season" if over == "step" and draw.random() < 0.5 else ""
        row["price_cap"] = "20" if draw.random() < 0.5 else ""
        row["shortfall_price"] = repr(float(np.round(draw.uniform(5, 150), 2))) if draw.random() < 0.7 else ""
        row["start"] = "2024-01-02" if draw.random() < 0.2 else ""
        rows.append(row)
    cells = pd.DataFrame(rows, index=range(2, len(rows) + 2), dtype=object).fillna("")
    frame, problems = schema.parse(schema.tables()["duties"], cells, "duties.csv")
    assert problems == []
    return case.with_table("duties", frame)
