"""Outages of the reference case as kelisim asks them: cuts of a month in an open day, and all that a snapshot can lose.

`python -m bench --only cuts`, `--only preliminary` and `--only snapshot` start it; by hand `python -m bench.outages cuts 366 planned 60`. The base of
the year is solved first if it is not kept.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from multiprocessing import get_context
from typing import Any

import numpy as np

from kelisim.case.change import Outage
from kelisim.engine import Contingencies, Engine, Lost, Preliminary, Rules, Window, WindowAnswer
from kelisim.engine.preliminary import OF_LOST, OF_UNSERVED, FirstLooks, carried, shortage
from kelisim.io import reference
from kelisim.lp.work import Work

STEPS = {12: "1mo", 366: "1d"}
START, DAYS = date(2024, 1, 12), 30
CUTS = 276  # by chance
TABLES = (("links", "link"), ("assets", "asset"), ("storages", "storage"), ("places", "place"))
FEW = 60.0  # seconds for the worst set of each size
WORST = (2, 3, 4, 5)
PAIRS = 1000
RULES = Rules("cooperative", "late")


def cuts(engine: Engine, help_rule: str = "planned", count: int = CUTS, seed: int = 7) -> dict[str, Any]:
    """Seconds to open a day, of its first cut, and of cuts of 30 days by chance with who goes short read out, norms' second
    solve included."""
    rules = replace(RULES, help=help_rule)
    last = START + timedelta(days=DAYS - 1)
    chosen = _chosen(engine, count, seed)
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


def _chosen(engine: Engine, count: int, seed: int) -> list[str]:
    """Links, assets and storages by chance."""
    elements = [str(e) for table, key in TABLES[:3] for e in engine.case.table(table)[key]]
    return random.Random(seed).sample(elements, min(count, len(elements)))


def _cut(opened: Any, element: str, last: date) -> bool:
    asked = opened.ask([Outage(element, START, last)])
    block = asked.answer.columns["demand.unserved"]
    rows = len(opened.case.table("demand"))
    block.values.reshape(-1, rows, len(opened.hours)).sum(axis=0)
    return bool(asked.pruned)


def preliminary(
    engine: Engine, help_rule: str = "planned", count: int = CUTS, seed: int = 7
) -> dict[str, Any]:
    """Seconds of the first answers to cuts of 30 days by chance that need a solve, and how near the exact ones they are.

    right   names the same ones first, and is within 10 % of what is unserved or 1 % of what is lost
    """
    last = START + timedelta(days=DAYS - 1)
    rules = replace(RULES, help=help_rule)
    opened, looks = engine.window(START, DAYS, rules), FirstLooks()
    found: dict[str, Any] = {"help": help_rule, "first": [], "processor": [], "exact": [], "elements": {}}
    began = time.perf_counter()
    looks.beside(opened, [Outage(_chosen(engine, 1, seed)[0], START, last)])
    found["opening"] = time.perf_counter() - began
    for element in _chosen(engine, count, seed):
        lost = [Outage(element, START, last)]
        if opened.leaves_untouched(opened.delta(lost)):
            continue
        began, spent = time.perf_counter(), time.process_time()
        first = looks.ask(opened, lost)
        found["first"].append(time.perf_counter() - began)
        found["processor"].append(time.process_time() - spent)
        began = time.perf_counter()
        exact = opened.ask(lost)
        found["exact"].append(time.perf_counter() - began)
        found["elements"][element] = _judged(opened, first, exact, carried(opened, opened.delta(lost)))
        print(
            element,
            found["elements"][element],
            *(found[k][-1] for k in ("processor", "exact")),
            file=sys.stderr,
            flush=True,
        )
    kinds = list(found["elements"].values())
    counted = {kind: kinds.count(kind) for kind in ("right", "silent", "other", "far")}
    return found | counted | {"solved": len(kinds)}


def _judged(opened: Window, first: Preliminary, exact: WindowAnswer, lost: float) -> str:
    """silent; other: names others first; far: the same ones, but too much or too little; or right."""
    if first.unserved is None:
        return "silent"
    found = shortage(opened, exact)
    if first.who != found.who:
        return "other"
    total = found.unserved or 0.0
    return "right" if abs(first.unserved - total) <= max(OF_UNSERVED * total, OF_LOST * lost) else "far"


def snapshot(engine: Engine, help_rule: str = "planned", workers: int = 2) -> dict[str, Any]:
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
        _, found["all_pairs"] = _timed(lambda: Contingencies(opened, elements, Work(pool)).all_pairs())
    return found


def _base(frame: Any) -> Any:
    return frame[frame["status"] == "base"] if "status" in frame else frame


def _timed(of: Any) -> tuple[Any, float]:
    began = time.perf_counter()
    value = of()
    return value, time.perf_counter() - began


def main(arguments: list[str]) -> int:
    """Phase, steps of the reference case, rule of help from abroad, and how many cuts; prints one line of JSON."""
    phase, size, rule = arguments[0], int(arguments[1]), arguments[2] if len(arguments) > 2 else "planned"
    count = int(arguments[3]) if len(arguments) > 3 else CUTS
    engine = Engine(reference().at_step(STEPS[size]))
    asks: dict[str, Callable[[], dict[str, Any]]] = {
        "cuts": lambda: cuts(engine, rule, count),
        "preliminary": lambda: preliminary(engine, rule, count),
        "snapshot": lambda: snapshot(engine, rule),
    }
    print("RESULT " + json.dumps(asks[phase]()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
