"""Made-up cases by a seed, with booked transit as streams of its own."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from kelisim.case import schema
from kelisim.case.case import Case
from tests.cases.random_case import random_case

CARRIERS = ("natural_gas", "crude", "coal_low_ash", "electricity")


@cache
def with_streams(seed: int) -> Case:
    """A random case with a stream or two of each of some carriers, over one to three links, forwards or backwards."""
    case = random_case(seed)
    return case.with_table("contracts", pd.concat([case.table("contracts"), _streams(case, seed)]))


def without_streams(case: Case) -> Case:
    """The same case without them."""
    rows = case.table("contracts")
    return case.with_table("contracts", rows[~rows["stream"].astype(bool)])


def _streams(case: Case, seed: int) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    links = case.table("links")
    rows = []
    for carrier in CARRIERS:
        mine = links[
            (links["carrier"] == carrier)
            & (links["shared_with"] == "")
            & ~links["link"].str.endswith("_more")
        ]
        for number in range(int(draw.integers(1, 3))):
            over, end = _walk(draw, mine)
            row = {
                "contract": f"stream_{carrier}_{number}",
                "kind": "transport",
                "carrier": carrier,
                "over": ";".join(over),
            }
            row |= {
                "delivery_place": end,
                "stream": "yes",
                "seller": "North",
                "daily_max": str(round(draw.uniform(5, 90), 2)),
            }
            if draw.random() < 0.5:
                year = round(draw.uniform(0.2, 0.9) * float(row["daily_max"]) * 8784, 1)
                row |= {
                    "annual_quantity": str(year),
                    "swing_down": "0.6",
                    "shortfall_price": str(round(draw.uniform(1, 40), 2)),
                }
            if draw.random() < 0.2:
                row["start"] = "2024-01-02"
            rows.append(row)
    cells = pd.DataFrame(rows, dtype=object).fillna("")
    cells.index = pd.RangeIndex(1000, 1000 + len(cells))
    frame, problems = schema.parse(schema.tables()["contracts"], cells, "contracts.csv")
    assert problems == []
    return frame


def _walk(draw: np.random.Generator, links: pd.DataFrame) -> tuple[list[str], str]:
    """Links of a way that begins at some place and never turns back, each open in its direction; and where it ends."""
    steps = [(row.link, row.from_place, row.to_place) for row in links.itertuples(index=False)]
    steps += [
        (row.link, row.to_place, row.from_place)
        for row in links.itertuples(index=False)
        if row.capacity_back > 0
    ]
    link, start, end = steps[int(draw.integers(len(steps)))]
    over, seen = [link], {start, end}
    for _ in range(int(draw.integers(0, 3))):
        onward = [step for step in steps if step[1] == end and step[2] not in seen]
        if onward:
            link, _, end = onward[int(draw.integers(len(onward)))]
            over.append(link)
            seen.add(end)
    return over, end
