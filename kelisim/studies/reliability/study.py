"""How often, and by how much, customers go short because things fail: sampled outages, each state solved on the network."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case import schema
from kelisim.case.case import PLACE_RULES, TIME_RULES, Case
from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.results.results import Results
from kelisim.results.sentences import rounded
from kelisim.studies.outage_fields import peak_day
from kelisim.studies.reliability import indices as reliability
from kelisim.studies.reliability import sampling
from kelisim.studies.reliability.indices import Groups
from kelisim.studies.reliability.monte_carlo import Drawing, SampledPaths, SampledSteps, Span
from kelisim.studies.reliability.rates import failing
from kelisim.studies.reliability.words import energy_interval, interval, said, share_words
from kelisim.studies.study import Study, Told, param, provenance

TABLES = ("links", "assets", "storages")
# own_first would need a look at each country alone for every state
RULES = tuple(rule for rule in PLACE_RULES if rule != "own_first")
LEAST_STATES = 2
TOLD = 12
FIRST = 3  # elements named for each carrier
LIMITS = (
    "Outages are independent of each other and of the weather; what fails together (one fault that takes several plants, a cold "
    "spell that breaks pipes and raises demand) is not in it, except for links that share one track.",
    "Rates by kind that ship with kelisim are graded C; the answer is as good as they are. Where the availability of a case holds "
    "forced outages already, they count twice.",
    "What counts is what is unserved beyond the plan with nothing out; the plan has perfect foresight and no reserve.",
    "Intervals are those of sampling alone, 95 %; that the case itself is uncertain is not in them.",
    "Gas answers count capacities only and no pressures: shortages of gas are a lower bound.",
)  # fmt: skip
BY_STEP = (
    "Each state stands by itself for one step: storages stand at the level of the plan and help as on any other day, so a long "
    "outage that empties them is not seen; the sequential mode sees it.",
    "A single step knows no goods on their way, so what is unserved in it with nothing out may differ from the plan of the year.",
)
BY_PATH = (
    "Each path is known in advance to the answer, so stocks are used as well as they can be: shortages are a lower bound.",
    "What is out at the middle of a step is out for all of it: outages shorter than a step are fewer, and count in full.",
)


@dataclass(frozen=True)
class Reliability(Study):
    """How many hours, and how much energy, customers of each region go short because links and plants fail.

    States of what is out are drawn from rates of failure and repair times, for each day of the span, and the network is
    solved for each state that differs. Every figure comes with its 95 % interval.
    """

    name = "reliability"
    start: date | None = param("first day; that of the month of the highest use if not given", default=None)
    days: int = param("length of the span", unit="day", default=31)
    states: int = param("states that are drawn, over all steps", default=10_000)
    draw: str = param(
        "how states are drawn: plain, stratified by the number that is out, or importance (cross-entropy)",
        choices=sampling.METHODS, default="plain",
    )  # fmt: skip
    target: float = param(
        "coefficient of variation of the unserved energy at which drawing stops, never before 100 states short; 0: all states",
        unit="share", default=0.0,
    )  # fmt: skip
    of: tuple[str, ...] = param("what can fail: links, assets, storages", default=TABLES)
    carriers: tuple[str, ...] = param(
        "carriers whose shortage the stopping rule and importance look at; all if empty",
        refers_to=("carriers",),
        default=(),
    )
    demand_spread: float = param(
        "demand of all customers lies within plus or minus this share, evenly", unit="share", default=0.0
    )
    capacity_spread: float = param(
        "capacities of rows graded C are this share lower, as written, or higher, kind by kind",
        unit="share",
        default=0.0,
    )
    sequential: bool = param("follow paths over time, with storages, in place of single steps", default=False)
    paths: int = param("paths that are followed in the sequential mode", default=20)
    place_rule: str = param("who goes short first", choices=RULES, default="cooperative")
    time_rule: str = param("when the cut falls, in the sequential mode", choices=TIME_RULES, default="none")
    seed: int = param("start of the random numbers", default=1)
    workers: int = param("processes that solve at the same time", default=1)

    def run(self, engine: Engine) -> Results:
        began = time.perf_counter()
        case = engine.case
        self._check(case)
        parts = failing(case, self.of)
        if not parts:
            raise StudyError(
                "of: nothing here has a rate of failure. Give rows in outage_rates: table, element or kind, failures_per_year, repair_hours."
            )
        span = Span.of(engine, self.start or _month_of(peak_day(engine)), self.days)
        groups = Groups.of(case)
        drawing = Drawing(
            self.states, self.paths, self.draw, self.target, self.carriers, self.demand_spread,
            self.capacity_spread, self.seed, self.place_rule, self.time_rule,
        )  # fmt: skip
        with _workers(self.workers) as executor:
            asker = (SampledPaths if self.sequential else SampledSteps)(
                drawing, engine, span, parts, groups, executor
            )
            asker.run()
        seen, aim = asker.seen(), groups.of_carriers(self.carriers)
        table = reliability.indices(seen, groups, asker.demand, asker.planned)
        frames = {
            "regions": reliability.level_of(table, "regions"), "carriers": reliability.level_of(table, "carriers"),
            "places": reliability.level_of(table, "places"), "drivers": reliability.drivers(seen, groups, parts),
            "convergence": pd.DataFrame(asker.convergence), "elements": reliability.parts_table(parts),
        }  # fmt: skip
        if not self.sequential:
            frames["by_failed"] = reliability.by_failed(seen, parts, aim)
        if asker.varied:
            names, members = zip(*asker.varied.items(), strict=True)
            frames["ranges"] = reliability.by_level(seen, names, [len(m) for m in members], aim)
        limits = LIMITS + (BY_PATH if self.sequential else BY_STEP)
        work = vars(asker.work)
        meta = provenance(engine, began, limits) | {
            "rules": {"place": self.place_rule, "time": self.time_rule if self.sequential else "none"}, "start": str(span.start),
            "hours": float(span.hours.sum()), "steps": len(span.steps), "samples": len(seen.weight),
            "short": int((seen.energy[:, aim].sum(axis=1) > 0).sum()), "pieces": int(sum(part.units for part in parts)),
            "states": {**work, "pilot": asker.pilot}, "by_rate": sum(bool(p.assumed.startswith("rate by kind")) for p in parts),
        }  # fmt: skip
        units = {
            name: {c: reliability.UNITS[c] for c in frame.columns if c in reliability.UNITS}
            for name, frame in frames.items()
        }
        return Results(self.name, self.values() | {"start": span.start}, case, frames, units, meta)

    def _check(self, case: Case) -> None:
        wrong = [
            f'of: "{word}" is nothing that can fail. Known: {", ".join(TABLES)}.'
            for word in self.of
            if word not in TABLES
        ]
        known = list(case.table("carriers")["carrier"])
        for word in self.carriers:
            if word not in known:
                near = schema.nearest(word, known)
                hint = f'Did you mean "{near}"?' if near else f"Known: {schema.some(known)}."
                wrong.append(f'carriers: no carrier "{word}". {hint}')
        least = {"days": 1, "states": LEAST_STATES, "paths": 2, "workers": 1, "seed": 0}
        wrong += [
            f"{name}: {self.values()[name]} is below {low}."
            for name, low in least.items()
            if self.values()[name] < low
        ]
        for name in ("target", "demand_spread", "capacity_spread"):
            if not 0.0 <= self.values()[name] < 1.0:
                wrong.append(f"{name}: {self.values()[name]:g} is not a share from 0 to below 1.")
        if self.sequential and (self.draw != "plain" or self.demand_spread or self.capacity_spread):
            wrong.append(
                "sequential: paths are drawn plainly; leave draw, demand_spread and capacity_spread as they are."
            )
        if case.table("demand").empty:
            wrong.append("The case has no demand, so nobody can go short. Give rows in demand.")
        if wrong:
            raise StudyError("\n".join(wrong))

    @classmethod
    def told(cls, results: Results) -> Told:
        """The regions most at risk, what is out when they are short, and how sure that is."""
        case, meta, fields = results.case, results.meta, results.fields
        return Told(tuple(said(results)), tuple(_told_tables(case, results, meta, fields)))


def _told_tables(
    case: Case, results: Results, meta: Mapping[str, Any], fields: Mapping[str, Any]
) -> list[tuple[str, pd.DataFrame]]:
    carriers = case.table("carriers").set_index("carrier")["name"]
    found = []
    regions = results["regions"]
    regions = regions[regions["events"] > 0].head(TOLD)
    if len(regions):
        found.append(("Regions and carriers most at risk, beyond the plan", _told_indices(
            regions, regions["name"] + ", " + regions["carrier"].map(carriers), meta["hours"], "region, carrier", fields["sequential"]
        )))  # fmt: skip
    by_carrier = results["carriers"]
    by_carrier = by_carrier[by_carrier["carrier"] != reliability.ALL]
    if len(by_carrier):
        found.append(
            (
                "By carrier",
                _told_indices(
                    by_carrier,
                    by_carrier["carrier"].map(carriers),
                    meta["hours"],
                    "carrier",
                    fields["sequential"],
                ),
            )
        )
    drivers = results["drivers"]
    order = {carrier: at for at, carrier in enumerate(by_carrier["carrier"])}
    drivers = drivers[(drivers["region"] == "") & drivers["carrier"].isin(order)]
    drivers = drivers.assign(_order=drivers["carrier"].map(order)).sort_values("_order", kind="stable")
    drivers = drivers.groupby("carrier", sort=False).head(FIRST).head(TOLD)
    if len(drivers):
        words = drivers["carrier"].map(carriers)
        found.append(("What is out when energy is short", pd.DataFrame({
            "shortage of": words, "element": drivers["name"],
            "of it out when short": [f"{interval(*(v * 100.0))} %" for v in drivers[["share_out", "share_out_low", "share_out_high"]].to_numpy()],
            "at any time": [f"{rounded(v * 100, 2)} %" for v in drivers["usual"]],
        })))  # fmt: skip
    steps = results["convergence"]
    if len(steps) > 1:
        found.append(("How it settled", pd.DataFrame({
            "paths" if fields["sequential"] else "states": [f"{n:,}" for n in steps["samples"]],
            "unserved": [energy_interval(*v) for v in steps[["eue", "eue_low", "eue_high"]].to_numpy()],
            "variation": [f"{rounded(v * 100, 2)} %" if np.isfinite(v) else "-" for v in steps["variation"]],
            "short": [f"{n:,}" for n in steps["short"]],
        })))  # fmt: skip
    return found


def _told_indices(
    rows: pd.DataFrame, names: pd.Series, hours: float, head: str, by_path: bool
) -> pd.DataFrame:
    worst = "worst 5 % of paths" if by_path else "worst 5 % of steps"
    return pd.DataFrame({
        head: names, f"hours short of {hours:,.0f}": [interval(*v) for v in rows[["lole", "lole_low", "lole_high"]].to_numpy()],
        "unserved": [
            energy_interval(*v) if n else "none seen" for n, v in zip(rows["events"], rows[["eue", "eue_low", "eue_high"]].to_numpy(), strict=True)
        ],
        "of the demand": [share_words(v) for v in rows["neue"]],
        worst: [energy_interval(*v) if v[0] else "-" for v in rows[["cvar", "cvar_low", "cvar_high"]].to_numpy()],
    })  # fmt: skip


def _month_of(moment: date) -> date:
    return moment.replace(day=1)


@contextmanager
def _workers(count: int) -> Iterator[Executor | None]:
    if count < 2:
        yield None
        return
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        yield pool
