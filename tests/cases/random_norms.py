"""Made-up cases by a seed, with norms of stocks and levels by a date."""

from __future__ import annotations

from functools import cache

import numpy as np

from kelisim.case.case import Case
from tests.cases.random_case import random_case


@cache
def with_norms(seed: int) -> Case:
    """A random case whose stocks have norms, some of a use of their own, and levels by a day."""
    case = random_case(seed)
    draw = np.random.default_rng(seed)
    rows = case.table("storages")
    count = len(rows)
    strategic = (rows["role"] == "strategic").to_numpy()
    norms = {
        "norm_days": np.where(strategic, np.nan, np.round(draw.uniform(0.0, 6.0, count), 2)),
        "norm_use": np.where(
            strategic | (draw.random(count) < 0.7), np.nan, np.round(draw.uniform(5, 90, count), 1)
        ),
        "opens_at": draw.choice(["early_warning", "alert", "emergency"], count),
        "target": draw.choice(["", "01-03:0.4", "01-05:0.8;02-01:0.3"], count),
    }
    return case.with_table("storages", rows.assign(**norms))
