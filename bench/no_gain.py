"""Whether anything is gained by a loss in the reference case: every element out, in a month or in January by days.

    python -m bench.no_gain 12            each element out in the month of the highest use
    python -m bench.no_gain 366           each element out in January, in a window of the days
    python -m bench.no_gain 366 --part 2/6   of all elements the second of each six

No answer is cheaper without an element, but for what its loss frees (MODEL, see `kelisim.engine.gains`). The exceptions are printed, with the
row that each frees. The program ends with 1 where a row of another kind is freed, or where something is gained without one.
`python -m bench --only no_gain` starts it too.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.change import Outage
from kelisim.engine import Engine, Rules, Window
from kelisim.engine.gains import MAY_GAIN, freed_rows, is_gain
from kelisim.io import reference
from kelisim.lp.delta import Delta
from kelisim.lp.problem import Floats

TABLES = (
    ("links", "link"), ("assets", "asset"), ("storages", "storage"), ("places", "place"), ("markets", "market"),
    ("contracts", "contract"),
)  # fmt: skip
STEPS = {12: "1mo", 366: "1d"}
JANUARY = (date(2024, 1, 1), date(2024, 1, 31))


def opened(engine: Engine, size: int, help_rule: str) -> tuple[Window, date, date]:
    """The window in which elements are lost, and the first and last day of that."""
    rules = Rules("cooperative", "none", engine.rules.span, engine.rules.tranches, help_rule)
    if size == 12:
        demand = engine.base.columns["demand.unserved"].upper.sum(axis=0)
        steps = engine.case.horizon.steps
        window = engine.snapshot(steps["step"].iloc[int(np.argmax(demand))].date(), rules)
        last = (window.steps["end"].iloc[-1] - pd.Timedelta(hours=1)).date()
        return window, window.steps["step"].iloc[0].date(), last
    return engine.window(JANUARY[0], 31, rules), *JANUARY


def gained(
    window: Window, first: date, last: date, say: Any = None, part: tuple[int, int] = (1, 1)
) -> dict[str, Any]:
    """Every element lost by itself: the losses that make the answer cheaper or free a row, and the smallest extra cost of all others.

    part        (k, n): of all elements the k-th of each n
    proven      of all elements those whose loss cannot make the answer cheaper, by the prices of the undisturbed one
    exceptions  table, element, extra cost in currency, rows freed as [block, element, kind]
    wrong       of them those that no kind of row explains
    """
    undisturbed = _cost(window, window.start)
    found: dict[str, Any] = {
        "elements": 0,
        "proven": 0,
        "solved": 0,
        "freeing": 0,
        "exceptions": [],
        "wrong": [],
    }
    least = 0.0
    every = [(table, str(element)) for table, key in TABLES for element in window.case.table(table)[key]]
    for table, element in every[part[0] - 1 :: part[1]]:
        found["elements"] += 1
        delta = window.delta([Outage(element, first, last, 1.0, table)])
        if window.leaves_untouched(delta):
            continue
        rows = freed_rows(window.problem, delta).to_numpy().tolist()
        kinds = {kind for _, _, kind in rows}
        found["freeing"] += bool(rows)
        more = least_more(window, delta)
        if is_gain([more], undisturbed)[0]:
            found["solved"] += 1
            more = _cost(window, window.session.solve(delta)) - undisturbed
        else:
            found["proven"] += 1
        gains = bool(is_gain([more], undisturbed)[0])
        if gains:
            found["exceptions"].append([table, element, more, rows])
        else:
            least = min(least, more)
        if "other" in kinds or (gains and not kinds & MAY_GAIN):
            found["wrong"].append([table, element, more, rows])
        if say and found["elements"] % 100 == 0:
            say(found["solved"], found["elements"])
    return found | {"undisturbed": undisturbed, "least": least}


def least_more(window: Window, delta: Delta) -> float:
    """What a delta costs at least beyond the undisturbed window, by weak duality: its prices hold for any bounds, currency.

    Of a bound that only gets narrower it is never below 0, so nothing is gained and no solve is needed to know it.
    """
    p, start = window.problem, window.start
    columns, rows = delta.columns, delta.rows
    if len(delta.costs):
        return -np.inf
    now = _held(start.reduced_costs[columns], delta.lower, delta.upper) + _held(
        start.duals[rows], delta.row_lower, delta.row_upper
    )
    before = _held(start.reduced_costs[columns], p.lower[columns], p.upper[columns])
    before += _held(start.duals[rows], p.row_lower[rows], p.row_upper[rows])
    return (now - before) * p.scale


def _held(price: Floats, lower: Floats, upper: Floats) -> float:
    """The least that what lies within limits can cost at some prices, (n,) each."""
    side = np.where(price > 0.0, lower, upper)
    return float((price * np.where(price == 0.0, 0.0, side)).sum())


def _cost(window: Window, solution: Any) -> float:
    """What the solver minimises, currency: nothing clipped, what breaks ties included."""
    if solution.status != "optimal":
        return float("inf")
    return float(solution.objective + window.problem.tilt @ solution.values * window.problem.scale)


def told(found: dict[str, Any]) -> list[str]:
    """The list of exceptions, the largest gain first, a row for each row of the problem that is freed."""
    lines = []
    for table, element, more, rows in sorted(found["exceptions"], key=lambda one: (one[2], one[:2])):
        freed = "; ".join(f"{block} of {of} ({kind})" for block, of, kind in rows) or "nothing"
        lines.append(f"{table} {element}: {-more:,.2f} USD less, frees {freed}")
    return lines


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.no_gain", description=__doc__)
    parser.add_argument("size", type=int, choices=sorted(STEPS), help="steps of the reference case")
    parser.add_argument("--help-rule", default="planned", choices=("planned", "open"))
    parser.add_argument("--part", default="1/1", help="k/n: of all elements the k-th of each n")
    asked = parser.parse_args(arguments)
    k, n = (int(word) for word in asked.part.split("/"))
    engine = Engine(reference(STEPS[asked.size]))
    window, first, last = opened(engine, asked.size, asked.help_rule)
    began = time.perf_counter()
    say = lambda done, of: print(f"{done} solved of {of} seen", file=sys.stderr, flush=True)  # noqa: E731
    found = gained(window, first, last, say, (k, n))
    found["whole"] = time.perf_counter() - began
    print("\n".join(told(found)))
    for table, element, more, rows in found["wrong"]:
        print(f"WRONG {table} {element}: {more:,.2f} USD, frees {rows}")
    print("RESULT " + json.dumps(found))
    return 1 if found["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
