"""Cases whose steps stand in a table: representative days and steps of uneven length, by a seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from kelisim.case.case import Case, empty
from kelisim.case.listed import with_steps
from kelisim.case.schema import tables


def in_listed_steps(case: Case, seed: int) -> Case:
    """The case in steps of 3 to 12 hours of a few days of its year, which count up to a hundred times."""
    draw = np.random.default_rng(seed)
    rows = []
    for at in range(int(draw.integers(1, 4))):
        begin = case.horizon.start + pd.DateOffset(months=int(at))
        weight = float(np.round(draw.uniform(5, 100), 2)) if draw.random() < 0.7 else 1.0
        for hours in draw.choice([3.0, 4.5, 6.0, 12.0], size=int(draw.integers(2, 5))):
            rows.append({"step": begin, "hours": hours, "weight": weight})
            begin += pd.Timedelta(hours=hours)
    frame = pd.DataFrame(rows, index=range(2, len(rows) + 2))
    texts = dict.fromkeys((c.name for c in tables()["steps"].columns if c.name not in frame), "")
    frame = frame.assign(**texts)[list(empty(tables()["steps"]))]
    year = replace(case.horizon, start=pd.Timestamp(2024, 1, 1), end=pd.Timestamp(2025, 1, 1), parts=())
    horizon, problems = with_steps(year, {}, frame, "steps.csv", "case.toml")
    assert not problems
    return replace(case.with_table("steps", frame), horizon=horizon)
