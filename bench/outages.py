"""Outages of the reference case as kelisim asks them: cuts of a month in an open day, and all that a snapshot can lose.

`python -m bench --only cuts` and `--only snapshot` start it; by hand `python -m bench.outages cuts 366 planned 60`. The base of
the year is solved first if it is not kept.
"""

from __future__ import annotations

import json
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from multiprocessing import get_context
from typing import Any

import numpy as np

from kelisim.case.change import Outage
from kelisim.engine import Contingencies, Engine, Lost, Rules
from kelisim.io import reference

STEPS = {12: "1mo", 366: "1d"}
START, DAYS = date(2024, 1, 12), 30
CUTS = 276  # by chance
TABLES = (("links", "link"), ("assets", "asset"), ("storages", "storage"), ("places", "place"))
FEW = 60.0  # seconds for the worst set of each size
WORST = (2, 3, 4, 5)
PAIRS = 1000
RULES = Rules("cooperative", "late")


def cuts(engine: Engine, help_rule: str = "open", count: int = CUTS, seed: int = 7) -> dict[str, Any]:
    """Seconds to open a day, of its first cut, and of cuts of 30 days by chance with who goes short read out, norms' second
    solve included."""
    rules = replace(RULES, help=help_rule)
    last = START + timedelta(days=DAYS - 1)
    elements = [str(e) for table, key in TABLES[:3] for e in engine.case.table(table)[key]]
    chosen = random.Random(seed).sample(elements, min(count, len(elements)))
    engine.base  # noqa: B018 - the plan of the year is there before a day is opened
    began = time.perf_counter()
    opened = engine.window(START, DAYS, rules)
    opening = time.perf_counter() - began
    _cut(opened, chosen[0], last)
    first = time.perf_counter() - began
    times, solved = [], []
    for element in chosen:
        began = time.perf_counter()
        pruned = _cut(opened, element, last)
        times.append(time.perf_counter() - began)
        if not pruned:
            solved.append(times[-1])
    return {"opening": opening, "first": first, "cuts": times, "solved": solved}


def _cut(opened: Any, element: str, last: date) -> bool:
    asked = opened.ask([Outage(element, START, last)])
    block = asked.answer.columns["demand.unserved"]
    rows = len(opened.case.table("demand"))
    block.values.reshape(-1, rows, len(opened.hours)).sum(axis=0)
    return bool(asked.pruned)


def snapshot(engine: Engine, help_rule: str = "open", workers: int = 2) -> dict[str, Any]:
    """Seconds of all single losses, the worst pairs, all pairs, and the worst sets on the day of the highest use."""
    demand = engine.base.columns["demand.unserved"].upper.sum(axis=0)
    day = engine.case.horizon.steps["step"].iloc[int(np.argmax(demand))].date()
    opened = engine.snapshot(day, Rules("cooperative", "none", help=help_rule))
    elements = [
        Lost(f"{table}:{e}", ((table, str(e)),))
        for table, key in TABLES
        for e in _base(engine.case.table(table))[key]
    ]
    found: dict[str, Any] = {"elements": len(elements), "sets": []}
    say = lambda: print(f"so far: {found}", file=sys.stderr, flush=True)  # noqa: E731
    asked = Contingencies(opened, elements)
    found["untouched"], found["singles"] = _timed(lambda: int((~asked.touched).sum()))
    found["singles"] += _timed(asked.singles)[1]
    ranking, found["worst_pairs"] = _timed(lambda: asked.worst_pairs(PAIRS))
    found["worst_pairs_proven"] = bool(ranking.is_proven)
    for size in WORST:
        worst, seconds = _timed(lambda size=size: asked.worst(size, FEW))
        say()
        found["sets"].append([size, seconds, bool(worst.is_proven), float(worst.gap), worst.work.solved])
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        _, found["all_pairs"] = _timed(lambda: Contingencies(opened, elements, pool).all_pairs())
    return found


def _base(frame: Any) -> Any:
    return frame[frame["status"] == "base"] if "status" in frame else frame


def _timed(of: Any) -> tuple[Any, float]:
    began = time.perf_counter()
    value = of()
    return value, time.perf_counter() - began


def main(arguments: list[str]) -> int:
    """Phase, steps of the reference case, rule of help from abroad, and how many cuts; prints one line of JSON."""
    phase, size, rule = arguments[0], int(arguments[1]), arguments[2] if len(arguments) > 2 else "open"
    count = int(arguments[3]) if len(arguments) > 3 else CUTS
    engine = Engine(reference().at_step(STEPS[size]))
    found = cuts(engine, rule, count) if phase == "cuts" else snapshot(engine, rule)
    print("RESULT " + json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
