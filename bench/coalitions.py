"""Twelve partners, each with a project of his own, on the day of the highest use of the reference case: all 4,096 groups.

`python -m bench.coalitions [STEP] [PROCESSES]` prints how long the worths take, and the value of Shapley, the nucleolus and the core from
them (promised: 60 s on two cores that are free for it). STEP is 1mo or 1d; by days the base is solved first where it is not kept.
"""

from __future__ import annotations

import sys
import time

from kelisim.case.building import Building
from kelisim.engine import Engine
from kelisim.io import reference
from kelisim.ledger.cores import least_core
from kelisim.ledger.games import shapley
from kelisim.ledger.nucleolus import has_gain, nucleolus
from kelisim.lp.work import Work
from kelisim.lp.workers import processes
from kelisim.studies.outage_fields import peak_day
from kelisim.studies.partnership.worths import COMPANIES, Outlay, SharedWorth, Worths

PROJECTS = (
    "ishim_astana",
    "aktobe_kostanay",
    "saryarka_2_3",
    "beineu_shymkent_2",
    "barnaul_oskemen",
    "gres2_unit_3",
    "kokshetau_chp",
    "semey_chp",
    "oskemen_chp",
    "west_500kv",
    "north_south_dc",
    "turkistan_ccgt",
)


def main(step: str = "1mo", count: str = "2") -> None:
    """Prints the time of each part."""
    engine = Engine(reference().at_step(step))
    day = peak_day(engine)
    building = Building(engine.case, PROJECTS)
    worths = Worths(engine, building, day)
    can = {project: frozenset({project}) for project in PROJECTS}
    outlay = {project: Outlay(0.0, 0.0, 0.0, 25.0) for project in PROJECTS}
    with processes(int(count)) as executor:
        game = SharedWorth(worths, PROJECTS, can, outlay, COMPANIES, True, Work(executor))
        begun = time.perf_counter()
        table = game.game
        solved = time.perf_counter()
    rows, columns = worths.window.problem.shape
    print(
        f"{day}, {rows:,} rows, {columns:,} columns, {count} processes: {len(table.worth):,} groups in {solved - begun:.1f} s"
    )
    share, core = shapley(table), least_core(table)
    center = nucleolus(table, individually=has_gain(table))
    ended = time.perf_counter()
    print(
        f"Shapley, nucleolus and least core: {ended - solved:.1f} s; core: {'yes' if core.has_core else 'empty'}"
    )
    for at, project in enumerate(PROJECTS):
        print(
            f"  {project:20} Shapley {share[at] / 1e6:10.2f}, nucleolus {center.share[at] / 1e6:10.2f} million a year of such days"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
