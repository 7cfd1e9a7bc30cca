"""The worst sets of power networks beside a look at every set, with and without the voltage law.

    python -m bench.worst            a network of 24 buses and 38 lines by chance, sets of up to 4
    python -m bench.worst --seeds 300    so many small networks, lines and plants lost, sets of up to 2, 3 and 4

RESULT has the sets there are, the seconds of a look at all of them and of the search, and the largest difference of a cost as a share of
it; where there is one the program ends with 1.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.assemble import assemble, require
from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.lp.highs import Session
from kelisim.lp.interdiction import Element, Interdiction
from kelisim.lp.problem import Floats, Problem
from kelisim.lp.removals import together
from kelisim.model.build import compile_case
from kelisim.model.delta import Deltas

YEAR, VOLL = 8760.0, 1000.0
WIDE = 1e4  # MW, for flows that no limit holds
SAME = 1e-6  # share of a cost


# ---- networks by chance
def network(buses: int, lines: int, seed: int, has_law: bool = True) -> Case:
    """A day of a connected network: each line carries 1.1 to 2 times what it would without limits, or what a tenth of the busiest
    one would; a plant at every other bus, use at two in three."""
    draw = np.random.default_rng(seed)
    ends = [(int(draw.integers(max(0, at - 3), at)), at) for at in range(1, buses)]
    while len(ends) < lines:
        start, end = sorted(draw.choice(buses, 2, replace=False).tolist())
        if (start, end) not in ends:
            ends.append((start, end))
    use = np.where(draw.random(buses) < 0.66, draw.uniform(20, 200, buses), 0.0)
    use[0] = 50.0
    made = np.where(np.arange(buses) % 2 == 0, draw.uniform(0.5, 1.5, buses), 0.0)
    made *= 1.3 * use.sum() / made.sum()
    reactance, cost = draw.uniform(0.01, 0.3, lines), draw.uniform(10, 60, buses)
    problem = compile_case(_case(ends, use, made, cost, reactance, np.full(lines, WIDE)))
    values = Session(problem, threads=1).start().values
    ahead, back = (problem.columns[f"links.{name}"].take(values)[:, 0] for name in ("flow", "flow_back"))
    carried = np.abs(ahead - back)
    capacity = np.maximum(carried, 0.1 * carried.max()) * draw.uniform(1.1, 2.0, lines)
    return _case(ends, use, made, cost, reactance if has_law else None, capacity)


def _case(
    ends: list[tuple[int, int]],
    use: Floats,
    made: Floats,
    cost: Floats,
    reactance: Floats | None,
    capacity: Floats,
) -> Case:
    plants, users = np.flatnonzero(made > 0), np.flatnonzero(use > 0)
    bus = [f"b{at:02}" for at in range(len(use))]
    rows: dict[str, list[dict[str, Any]]] = {
        "places": [{"place": name, "name": name, "country": "KZ"} for name in bus],
        "links": [
            {
                "link": f"l{at:02}", "carrier": "electricity", "kind": "line", "from_place": bus[a], "to_place": bus[b],
                "capacity": capacity[at], "capacity_back": capacity[at], "reactance": "" if reactance is None else reactance[at],
            }
            for at, (a, b) in enumerate(ends)
        ],
        "assets": [
            {"asset": f"g{at:02}", "kind": "supply", "place": bus[at], "capacity": made[at], "cost": cost[at]}
            for at in plants
        ],
        "asset_ports": [{"asset": f"g{at:02}", "carrier": "electricity", "ratio": 1} for at in plants],
        "demand": [
            {"place": bus[at], "carrier": "electricity", "customer_class": "other", "amount": use[at] * YEAR, "voll": VOLL}
            for at in users
        ],
    }  # fmt: skip
    day = {"start": "2023-01-01", "end": "2023-01-01", "step": "1d"}
    tables = {
        name: pd.DataFrame(
            [{key: str(cell) for key, cell in row.items()} for row in part],
            index=range(2, len(part) + 2),
            dtype=object,
        )
        for name, part in rows.items()
    }
    return require(assemble({"name": "network", "horizon": day}, tables, {}))


# ---- both ways
def elements(case: Case, problem: Problem, tables: Sequence[str]) -> list[Element]:
    """What can be lost: every row of some tables."""
    deltas = Deltas(case, problem)
    ids = [(table, str(one)) for table in tables for one in case.table(table).iloc[:, 0]]
    return [Element(one, deltas.of([Outage(one, table=table)])) for table, one in ids]


def compared(case: Case, sizes: Sequence[int], tables: Sequence[str] = ("links",)) -> dict[str, Any]:
    """Largest difference of the worst cost from that of all sets, and the seconds of both ways; all sizes together."""
    problem = compile_case(case)
    lost = elements(case, problem, tables)
    session = Session(problem, threads=1)
    session.start()
    found: dict[str, Any] = {"elements": len(lost), "sets": 0, "difference": 0.0, "every": 0.0, "search": 0.0}
    for size in sizes:
        began = time.perf_counter()
        worst = Interdiction(problem, lost, session.solve, near=session.near).worst(size)
        found["search"] += time.perf_counter() - began
        began = time.perf_counter()
        most = -np.inf
        for count in range(size + 1):
            for some in combinations(lost, count):
                delta = together(problem, [one.out for one in some])
                most = max(most, session.solve(delta).objective)
                found["sets"] += 1
        found["every"] += time.perf_counter() - began
        apart = abs(worst.best.value - most) / max(1.0, abs(most))
        found["difference"] = max(found["difference"], apart if worst.is_proven else np.inf)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.worst", description=__doc__)
    parser.add_argument("--seeds", type=int, default=0, help="small networks to compare")
    parser.add_argument("--seed", type=int, default=1, help="of the large network")
    parser.add_argument("--size", type=int, default=4, help="most lines that are lost of the large network")
    arguments = parser.parse_args()
    results = []
    if not arguments.seeds:
        results = [compared(network(24, 38, arguments.seed), (arguments.size,))]
    for seed in range(arguments.seeds):
        buses = 4 + seed % 4
        lines = min(buses + 1 + seed % 3, buses * (buses - 1) // 2)
        for has_law in (True, False):
            case = network(buses, lines, seed, has_law)
            results.append(compared(case, (2, 3, 4), ("links", "assets")))
    keys = ("sets", "every", "search")
    whole = {key: round(sum(result[key] for result in results), 3) for key in keys}
    whole["networks"], whole["difference"] = len(results), max(result["difference"] for result in results)
    print("RESULT " + json.dumps(whole))
    return 0 if whole["difference"] <= SAME else 1


if __name__ == "__main__":
    sys.exit(main())
