"""How long a year of verdicts takes: `python -m bench.verdicts`.

All rules, licences, shares, elements, contracts, dealings and companies of the reference case, from day to day, three times from nothing.
Promised: 2 s for the whole case, on a machine that is free for it.
"""

from __future__ import annotations

import time
from datetime import date

from kelisim.compliance.world import World
from kelisim.io import reference

YEAR = (date(2025, 10, 22), date(2026, 10, 21))
RUNS = 3


def main() -> None:
    case = reference()
    for _ in range(RUNS):
        began = time.process_time()
        world = World(case)
        subjects = world.subjects
        verdicts = world.judge.verdicts(subjects, *YEAR)
        seconds = time.process_time() - began
        pieces = sum(len(world.judge.pieces(*YEAR, name)) for name in world.judge.authorities)
        print(
            f"{len(world.rules)} rules, {len(world.licences)} licences, {len(subjects)} subjects, {pieces} pieces of the year, "
            f"{len(verdicts)} verdicts: {seconds:.2f} s of the processor"
        )


if __name__ == "__main__":
    main()
