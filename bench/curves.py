"""The line of cost of transits of the reference case by months: `python -m bench.curves`.

Of each route: its bends with the room that a page takes (promised: 10 bends in 20 s), how far the exact line lies from solving again at
50 random volumes (promised: 1e-7 of the largest cost), and how long 20 ways take (promised: 1 s).
"""

from __future__ import annotations

import time

import numpy as np

from kelisim.case.ways import cheapest, links_within
from kelisim.engine import Engine
from kelisim.engine.firm import INSIDE, Firm, opened
from kelisim.io import reference
from kelisim.tolerances import STRAIGHT_SHOWN

ROUTES = (
    ("natural_gas", "border_alexandrov_gay", "uz_karakalpakstan", True),
    ("crude", "field_uzen", "market_mediterranean", False),
    ("electricity", "ru_ural_grid", "ru_omsk", False),
)
VOLUMES, WAYS, PRICE = 50, 20, 10.0  # currency/MWh at the last place


def main() -> None:
    engine = Engine(reference("1mo"))
    window, rng = opened(engine, None), np.random.default_rng(3)
    for carrier, start, end, feeds in ROUTES:
        names = links_within(engine.case, carrier, ())
        began = time.process_time()
        ways = cheapest(engine.case, names, start, end, PRICE, WAYS)
        of_ways = time.process_time() - began
        began = time.process_time()
        firm = Firm(window, carrier, start, end, names, None, feeds)
        shown = firm.curve(STRAIGHT_SHOWN)
        seconds = time.process_time() - began
        exact = firm.curve(0.0)
        most = max(1.0, float(np.abs(exact.value).max()))
        apart = max(
            abs(exact(volume) - (firm.at(volume).objective - firm.plan.objective)) / most
            for volume in rng.uniform(0.0, firm.largest * (1.0 - INSIDE), VOLUMES)
        )
        print(
            f"{carrier}, {start} to {end}: {len(shown.at) - 2} bends in {shown.solves} solves, {seconds:.1f} s of the processor; "
            f"exact {len(exact.at) - 2} bends, {apart:.1e} of the largest cost apart at {VOLUMES} volumes; "
            f"{len(ways)} ways in {of_ways:.2f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
