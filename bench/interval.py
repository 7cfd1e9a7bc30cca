"""How long the interval of a cut takes: `python -m bench.interval [months|days] [samples] [workers]`.

The reference case loses the gas main Kartaly-Rudny for 30 days from 12 January. Seconds of the answer alone, of the answer with its interval, and
processor seconds of all processes; what must be solved before (the year) is not counted, and kept for the next time.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import date

from kelisim.engine import Engine
from kelisim.io import reference
from kelisim.results.results import Results
from kelisim.studies import run

CUT = {"lost": ("gas_kartaly_rudny",), "start": date(2024, 1, 12), "days": 30}


def timed(engine: Engine, **fields: object) -> tuple[Results, float, float]:
    """An answer, its seconds, and the processor seconds of this process and those that it started and ended."""
    began, before = time.perf_counter(), os.times()
    found = run("disruption", engine, **CUT, **fields)
    after = os.times()
    return found, time.perf_counter() - began, sum(after[:4]) - sum(before[:4])


def main(arguments: list[str]) -> int:
    """Print the times and the interval."""
    step, samples, workers = [*arguments, *["months", "80", "2"][len(arguments) :]]
    case = reference()
    engine = Engine(case.at_step("1d") if step == "days" else case)
    engine.window(CUT["start"], 30)  # the year is solved or read
    alone = timed(engine)
    whole = timed(engine, samples=int(samples), workers=int(workers))
    row = whole[0]["interval"].set_index("what").loc["all"] if len(whole[0]["interval"]) else None
    print(f"{step}, {samples} samples, {workers} workers")
    print(f"answer alone {alone[1]:.1f} s, processor {alone[2]:.1f} s")
    print(f"with its interval {whole[1]:.1f} s, processor {whole[2]:.1f} s")
    if row is not None:
        ends = ", ".join(f"{name} {row[name] / 1e3:.1f}" for name in ("value", "low", "middle", "high"))
        print(f"unserved, GWh: {ends}")
    print(next(iter(whole[0]["facts"].loc[whole[0]["facts"]["key"] == "interval", "places"])))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
