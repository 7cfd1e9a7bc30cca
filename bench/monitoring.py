"""How long the lights of all provisions take: 36 months of observations of every provision of the reference case.

    python -m bench.monitoring        prints the seconds of the study, without those of reading the case

Promised: no more than 2 s. The program ends with 1 where it takes longer.
"""

from __future__ import annotations

import sys
import time
from datetime import date

import numpy as np
import pandas as pd

from kelisim.case.watched import MONITORED
from kelisim.engine import Engine
from kelisim.io import reference
from kelisim.studies.study import create

PROMISED = 2.0


def main() -> int:
    """Seconds of the best of three."""
    case = reference("1mo")
    rng, rows = np.random.default_rng(1), []
    for row in case.table("provisions").itertuples(index=False):
        about = 1.0 if pd.isna(row.quantity) else float(row.quantity)
        rows += [
            {"observation": f"{row.provision}_{month}", "table": "provisions", "element": row.provision, "period": str(month),
             "value": about * rng.uniform(0.8, 1.2), "unit": row.unit or "1", "use": MONITORED}
            for month in pd.period_range("2023-01", "2025-12", freq="M")
        ]  # fmt: skip
    table = case.table("observations")
    more = pd.DataFrame(rows).reindex(columns=table.columns)
    watched = case.with_table(
        "observations",
        pd.concat([table, more.astype(table.dtypes.to_dict(), errors="ignore")], ignore_index=True),
    )
    found = []
    for _ in range(3):
        began = time.perf_counter()
        results = create("monitoring", {"at": date(2026, 1, 15)}).run(Engine(watched, cache=False))
        found.append(time.perf_counter() - began)
    lights = results["lights"]["light"].value_counts().to_dict()
    print(
        f"{len(results['lights'])} provisions, {len(rows):,} observations: {min(found):.2f} s; lights {lights}"
    )
    return int(min(found) > PROMISED)


if __name__ == "__main__":
    sys.exit(main())
