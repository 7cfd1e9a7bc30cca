"""What a first answer promises: where it names a number, it is near the exact one in 95 of 100 elements, in years by a seed."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import numpy as np

from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.engine import Engine, Preliminary, Rules, Window
from kelisim.engine.preliminary import OF_LOST, OF_UNSERVED, FirstLooks, carried, shortage
from tests.cases.border_year import border_year

SEEDS, HELD = 12, 0.95
TABLES = ("links", "assets", "storages", "places")


def year_of(seed: int) -> Case:
    """The border year with other capacities, stocks, use and days on the way."""
    case, draw = border_year(days=60), np.random.default_rng(seed)
    for table, column, low, high in (
        ("links", "capacity", 0.8, 1.6), ("assets", "capacity", 0.9, 1.5), ("demand", "amount", 0.6, 1.0),
        ("storages", "working_capacity", 0.6, 2.0),
    ):  # fmt: skip
        frame = case.table(table)
        case = case.with_table(
            table, frame.assign(**{column: frame[column] * draw.uniform(low, high, len(frame))})
        )
    links = case.table("links")
    return case.with_table(
        "links", links.assign(days=np.where(links["days"] > 0, float(draw.integers(1, 5)), 0.0))
    )


def judged(opened: Window, lost: list[Outage], first: Preliminary) -> str:
    """silent, right or wrong."""
    if first.unserved is None:
        return "silent"
    exact = shortage(opened, opened.ask(lost))
    total = exact.unserved or 0.0
    off = max(OF_UNSERVED * total, OF_LOST * carried(opened, opened.delta(lost)))
    return "right" if first.who == exact.who and abs(first.unserved - total) <= off else "wrong"


def test_promise() -> None:
    """A first answer that is wrong is worse than none; one that is never there is none."""
    found: Counter[str] = Counter()
    for seed in range(SEEDS):
        case, looks = year_of(seed), FirstLooks()
        rules = Rules("cooperative", ("late", "none")[seed % 2], help=("open", "planned")[seed // 2 % 2])
        start = case.horizon.start.date() + timedelta(days=5 + seed)
        opened = Engine(case, cache=False).window(start, 10, rules)
        for element in (str(one) for table in TABLES for one in case.table(table).iloc[:, 0]):
            lost = [Outage(element, start, start + timedelta(days=9))]
            if not opened.leaves_untouched(opened.delta(lost)):
                found[judged(opened, lost, looks.ask(opened, lost))] += 1
    assert found["right"] >= HELD * (found["right"] + found["wrong"]), found
    assert found["right"] >= 0.8 * found.total() and found.total() >= 8 * SEEDS, found
