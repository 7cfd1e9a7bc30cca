"""Twenty projects before it is known what comes, in January of the reference case: the choice of least expected cost by cuts.

`python -m bench.investment [--scenarios N] [--step 1d|1mo] [--year] [--gap SHARE] [--workers N] [--monolith]` prints the bounds after each
round (promised: 20 scenarios to 0.5 % in 15 minutes, 200 to 2 % in 40 minutes). With --step 1mo January is one step with its parts of the
day, and with --year the whole year is solved. The scenarios are drawn:
demand, the price of Russian gas, a link or a plant out of service, projects that are late. What a project costs is what the case has, and
500 million where it has nothing. With --monolith the first three scenarios are solved as one problem too.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

import numpy as np
import pandas as pd

from kelisim.case.building import Building
from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.io import reference
from kelisim.ledger.outlays import outlays
from kelisim.lp.two_stage import BoundStep, benders, monolith
from kelisim.lp.work import Work
from kelisim.lp.workers import processes
from kelisim.studies.investment.coming.outlooks import ComingYear, coming_years
from kelisim.studies.investment.portfolio import Portfolio

PROJECTS = (
    "ishim_astana",
    "aktobe_kostanay",
    "saryarka_2_3",
    "beineu_shymkent_2",
    "barnaul_oskemen",
    "central_asia_centre_11",
    "aktobe_third_string",
    "saryarka_stations",
    "bozoy_wells",
    "kashagan_gpp1",
    "gres2_unit_3",
    "gres2_unit_4",
    "kokshetau_chp",
    "semey_chp",
    "oskemen_chp",
    "turkistan_ccgt",
    "west_500kv",
    "north_south_dc",
    "pavlodar_9",
    "shymkent_12",
)
UNPAID = 500e6  # currency, of a project whose investment nobody has published
OUT = (
    "gas_saryarka_kar_astana",
    "power_pavlodar_chp1",
    "power_petropavl_chp2",
    "power_karaganda_chp3",
    "refinery_pavlodar",
)
SEED = 19


def january(step: str) -> Case:
    """January of the reference case; stocks end as they began."""
    case = reference(step)
    return replace(case, horizon=replace(case.horizon, end=pd.Timestamp("2024-02-01")))


def drawn(case: Case, count: int) -> list[ComingYear]:
    """So many things that may come, all as likely."""
    draw, wrong, texts = np.random.default_rng(SEED), list[str](), list[str]()
    for _ in range(count):
        parts = [
            f"demand:{draw.uniform(0.9, 1.15):.4f}",
            f"price:russia_gas_supply:{draw.uniform(0.8, 1.6):.4f}",
        ]
        if draw.random() < 0.4:
            parts.append(f"outage:{draw.choice(OUT)}")
        if draw.random() < 0.3:
            parts.append(f"late:{draw.choice(PROJECTS)}")
        texts.append(f"{'+'.join(parts)}={1 / count:.9f}")
    found = coming_years(case, tuple(texts), PROJECTS, wrong)
    if wrong:
        raise SystemExit("\n".join(wrong))
    return found


def main() -> None:
    """Prints the time of each part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenarios", type=int, default=20)
    parser.add_argument("--step", default="1d")
    parser.add_argument("--gap", type=float, default=0.005)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--year", action="store_true")
    parser.add_argument("--monolith", action="store_true")
    asked = parser.parse_args()
    case = reference(asked.step) if asked.year else january(asked.step)
    begun = time.perf_counter()

    def say(text: str) -> None:
        print(
            f"{time.perf_counter() - begun:7.1f} s, {time.process_time():7.1f} s of processor  {text}",
            flush=True,
        )

    def told(step: BoundStep) -> None:
        apart = (step.upper - step.lower) / max(1.0, abs(step.upper))
        say(
            f"at least {step.lower / 1e6:.3f}, at most {step.upper / 1e6:.3f} million: {apart:.5%} apart, {step.cuts} cuts"
        )

    building = Building(case, PROJECTS)
    outlay = outlays(building.rows, {}, 0.08, 25, 0.03, 3)
    given = {name: UNPAID for name in PROJECTS if not np.isfinite(outlay[name].capex)}
    outlay = outlays(building.rows, given, 0.08, 25, 0.03, 3)
    portfolio = Portfolio(
        Engine(case, cache=False), building, drawn(case, 3 if asked.monolith else asked.scenarios), outlay
    )
    rows, columns = portfolio.problem.shape
    say(f"{rows:,} rows, {columns:,} columns; the case with all projects is solved")
    two = portfolio.two
    say(f"{len(two.choices.names)} choices, {len(two.outlooks)} scenarios")
    with processes(asked.workers) as pool:
        gap = 1e-6 if asked.monolith else asked.gap
        found = benders(two, portfolio.session, Work(pool), gap, asked.rounds, progress=told)
    say(f"{found.cost / 1e6:.3f} million, {found.gap:.5%} apart: {', '.join(portfolio.named(found.x))}")
    if asked.monolith:
        whole = monolith(two)
        say(f"as one problem {whole.cost / 1e6:.3f} million: {', '.join(portfolio.named(whole.x))}")


if __name__ == "__main__":
    main()
