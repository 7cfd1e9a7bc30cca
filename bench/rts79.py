"""Generating adequacy of the reliability test system, in a process of its own: `python -m bench.rts79 SEEDS`.

How long importance sampling takes to a coefficient of variation of 2 %, and how often the interval of plain samples of
100,000 states (units and an hour) holds the exact answer.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from kelisim.engine.sampling import Sample, importance, joined, learn, plain
from kelisim.results.adequacy import capacity_table, indices
from kelisim.results.intervals import enough

HERE = Path(__file__).parents[1] / "tests" / "published" / "rts79"
STATES, BATCH, LEARN, TARGET = 100_000, 2_000, 2_000, 0.02
MOST_BATCHES = 500


def main(seeds: int) -> dict[str, float]:
    units = pd.read_csv(HERE / "units.csv")
    load = pd.read_csv(HERE / "hourly_load_mw.csv")["load_mw"].to_numpy(dtype=float)
    table = capacity_table(units["capacity_mw"], units["forced_outage_rate"], units["units"])
    exact = indices(table, load)
    size = np.repeat(units["capacity_mw"].to_numpy(dtype=float), units["units"])
    rate = np.repeat(units["forced_outage_rate"].to_numpy(dtype=float), units["units"])
    total = int(size.sum())
    began, processor = time.perf_counter(), time.process_time()
    ordered = np.sort(load)
    above = np.searchsorted(ordered, np.arange(total + 1), side="right")
    energy = np.concatenate([np.cumsum(ordered[::-1])[::-1], [0.0]])[above]
    energy -= (len(load) - above) * np.arange(total + 1)
    rng = np.random.default_rng(1)

    def there(out: np.ndarray) -> np.ndarray:
        return total - (out @ size).astype(np.int64)

    learned = learn(rate, lambda out: load.max() - there(out), LEARN, rng)
    drawn: list[Sample] = []
    while len(drawn) < MOST_BATCHES:
        drawn.append(importance(rate, learned.rates, BATCH, rng))
        sample = joined(drawn).times(1.0 / len(drawn))
        short = energy[there(sample.out)]
        found = sample.of(short)
        if enough(found, int((short > 0).sum()), TARGET):
            break
    result = {
        "whole": time.perf_counter() - began, "processor": time.process_time() - processor,
        "variation": float(found.variation[0]), "states": float(learned.asked + BATCH * len(drawn)),
        "off": float(found.mean[0] / exact.eue - 1.0), "seeds": float(seeds),
    }  # fmt: skip
    processor = time.process_time()
    held = np.zeros(2)
    truth = np.array([exact.lole, exact.eue])
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        sample = plain(rate, STATES, rng)
        lacking = np.maximum(load[rng.integers(0, len(load), STATES)] - there(sample.out), 0.0) * len(load)
        found = sample.of(np.column_stack([(lacking > 0) * float(len(load)), lacking]))
        held += (found.low <= truth) & (truth <= found.high)
    return result | {
        "lole_held": float(held[0] / seeds), "eue_held": float(held[1] / seeds), "covering": time.process_time() - processor,
    }  # fmt: skip


if __name__ == "__main__":
    print(f"RESULT {json.dumps(main(int(sys.argv[1])))}")
