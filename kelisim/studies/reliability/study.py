"""How often, and by how much, customers go short because things fail: sampled outages, each state solved on the network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.case.settings import PLACE_RULES, TIME_RULES
from kelisim.engine import Engine, sampling
from kelisim.errors import StudyError
from kelisim.results.facts import Fact, said
from kelisim.results.outage_rates import KEYS, failing
from kelisim.results.results import Results
from kelisim.studies.outage_fields import SWEPT, help_rule, peak_day, place_rule
from kelisim.studies.reliability import indices as tables
from kelisim.studies.reliability.indices import ALL, Groups, Seen
from kelisim.studies.reliability.monte_carlo import Sampled, SampledPaths, SampledSteps, Span
from kelisim.studies.reliability.zones import zones
from kelisim.studies.study import Study, param
from kelisim.tolerances import RARE, SMALL_ENERGY

TABLES = tuple(KEYS)
# own_first would need a look at each country alone for every state
RULES = tuple(rule for rule in PLACE_RULES if rule != "own_first")
LEAST_STATES = 2


@dataclass(frozen=True)
class Reliability(Study):
    """How many hours, and how much energy, customers of each region go short because links and plants fail.

    States of what is out are drawn from rates of failure and repair times, for each day of the span, and the network is
    solved for each state that differs. Every figure comes with its 95 % interval.
    """

    name = "reliability"
    lets_go = False
    start: date | None = param("first day; that of the month of the highest use if not given", default=None)
    days: int = param("length of the span", unit="day", default=31)
    states: int = param("states that are drawn, over all steps", default=10_000)
    draw: str = param(
        "how states are drawn: plain, stratified by the number that is out, or importance (cross-entropy)",
        choices=sampling.METHODS,
        default="plain",
    )
    target: float = param(
        "coefficient of variation of the unserved energy at which drawing stops, never before 100 states short; 0: all states",
        unit="share",
        default=0.0,
    )
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
    place_rule: str = place_rule(RULES)
    time_rule: str = param("when the cut falls, in the sequential mode", choices=TIME_RULES, default="none")
    help_rule: str = help_rule(SWEPT)
    seed: int = param("start of the random numbers", default=1)
    workers: int = param("processes that solve at the same time", default=1)

    def run(self, engine: Engine) -> Results:
        case = engine.case
        self._check(case)
        parts = failing(case, self.of)
        if not parts:
            raise StudyError(
                "of: nothing here has a rate of failure. Give rows in outage_rates: table, element or kind, failures_per_year, repair_hours."
            )
        span = Span.of(engine, self.start or peak_day(engine).replace(day=1), self.days)
        groups = Groups.of(case)
        kind: type[SampledPaths] | type[SampledSteps] = SampledPaths if self.sequential else SampledSteps
        with engine.working(self.workers) as work:
            sampled = kind(self, engine, span, parts, groups, work)
            seen = sampled.run()
        table = tables.indices(seen, groups, sampled.demand, sampled.planned)
        frames = {level: tables.level_of(table, level) for level in ("regions", "carriers", "places")}
        home = str(case.setting("defaults", "home"))
        for level in ("regions", "places"):
            frames[level] = tables.home_first(frames[level], home)
        frames |= {
            "zones": zones(engine, parts),
            "drivers": tables.home_first(tables.drivers(seen, groups, parts), home, ALL),
            "convergence": pd.DataFrame(sampled.convergence),
            "elements": tables.parts_table(parts),
        }
        if not self.sequential:
            frames["by_failed"] = tables.by_failed(seen, parts, sampled.aim)
        if sampled.varied:
            frames["ranges"] = tables.by_level(seen, sampled.varied, sampled.aim)
        facts = [*_zone_facts(frames["zones"], home), *self._facts(frames["carriers"], sampled, seen)]
        time_rule = self.time_rule if self.sequential else "none"
        rules = {"place": self.place_rule, "time": time_rule, "help": self.help_rule}
        return self.results(engine, frames, facts, fields={"start": span.start}, rules=rules)

    def _facts(self, carriers: pd.DataFrame, sampled: Sampled, seen: Seen) -> list[Fact]:
        """How much is unserved and how sure that is, what was drawn, and how much work it was."""
        total, work = carriers.set_index("carrier").loc[ALL], sampled.work
        hours, what = float(sampled.span.hours.sum()), "paths" if self.sequential else "states"
        more = total["planned"] >= SMALL_ENERGY
        planned = said("reliability.planned", planned=total["planned"]) if more else ""
        say = "reliability.unserved" if total["events"] else "reliability.none_short"
        places = {name: total[name] for name in ("eue_low", "eue_high", "neue", "lole_high")}
        unserved = Fact("unserved_energy", total["eue"], "MWh", say, planned=planned, hours=hours, **places)
        aim = said("reliability.aim", carriers=self.carriers) if self.carriers else ""
        unequal = "" if self.draw == "plain" else said("reliability.unequal")
        places = {"days": self.days, "start": sampled.span.start, "short": sampled.convergence[-1]["short"]}
        places |= {"elements": len(sampled.parts), "units": int(sampled.units.sum()), "draw": self.draw}
        say = f"reliability.drawn_{what}"
        drawn = Fact("drawn", len(seen.weight), what, say, aim=aim, unequal=unequal, **places)
        places = {name: getattr(work, name) for name in ("asked", "equal", "pruned")}
        places["general"] = sum(part.is_general for part in sampled.parts)
        eased = said("reliability.eased", count=work.eased) if work.eased else ""
        asked = Fact("solved", work.solved, "problems", f"reliability.solved_{what}", eased=eased, **places)
        numbers = [
            Fact("hours", hours, "h"),
            Fact("hours_short", total["lole"], "h", low=total["lole_low"], high=total["lole_high"]),
            Fact("pilot", sampled.pilot, "states"),
        ]
        return [unserved, drawn, asked, *numbers]

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
        values = self.values()
        wrong += [
            f"{name}: {values[name]} is below {low}." for name, low in least.items() if values[name] < low
        ]
        for name in ("target", "demand_spread", "capacity_spread"):
            if not 0.0 <= values[name] < 1.0:
                wrong.append(f"{name}: {values[name]:g} is not a share from 0 to below 1.")
        if self.sequential and (self.draw != "plain" or self.demand_spread or self.capacity_spread):
            wrong.append(
                "sequential: paths are drawn plainly; leave draw, demand_spread and capacity_spread as they are."
            )
        if case.table("demand").empty:
            wrong.append("The case has no demand, so nobody can go short. Give rows in demand.")
        if wrong:
            raise StudyError("\n".join(wrong))


def _zone_facts(rows: pd.DataFrame, home: str) -> list[Fact]:
    """The power zones of the home country in their highest hour."""
    own = rows[rows["country"] == home] if home else rows
    if own.empty:
        return []
    parts = [
        said(
            f"reliability.zone{'_named' if row['name'] else ''}",
            **{name: row[name] for name in ("zone", "name", "load", "margin", "largest")},
            alone=_chance(row["probability"]),
            helped=_chance(row["probability_with_room"]),
        )
        for row in own.to_dict("records")
    ]
    worst = own.iloc[0]
    return [Fact("zones", worst["probability"], "share", "reliability.in_zones", parts=parts)]


def _chance(probability: float) -> Fact:
    """A probability in words: less than one in a million is hardly any."""
    hardly = probability < RARE
    return said("reliability.hardly" if hardly else "reliability.chance", probability=probability)
