"""Risk events and what each does: how often it happens, how long it lasts, what it costs, whose homes it cuts; in classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.customers import protected
from kelisim.case.territory import region_of_places
from kelisim.engine import Contingencies, Lost, Window
from kelisim.engine.flaring import Flares
from kelisim.engine.repair import for_repair
from kelisim.errors import StudyError
from kelisim.lp.problem import Floats
from kelisim.lp.work import Work
from kelisim.model.demand import labels
from kelisim.results.outage_rates import Failing
from kelisim.results.schema import framed
from kelisim.results.weakest import Hurt
from kelisim.studies.risk.prevention import TOGETHER, Actions
from kelisim.tolerances import NO_COST, NO_ENERGY

CLASSES = 5  # of each scale, and of the matrix
UNIT, WHOLE = "unit", "whole"
AT_ONCE = (
    "gas",
    "electricity",
    "heat",
    "hydrogen",
)  # families of carriers that nobody has in a tank of his own
SCALES = ("likelihood", "money", "people")
# share of b that takes all of so many units, for more those of six: IEC 61508-6:2010, annex D, table D.5, one out of N
ALL_OF = {2: 1.0, 3: 0.5, 4: 0.3, 5: 0.2, 6: 0.15}
WEIGHT = 2  # of the class of consequence beside that of likelihood
LEVELS = ("low", "medium", "high", "very_high")


@dataclass(frozen=True)
class RiskEvent:
    """One failure of something: of one of its units, or of all of it.

    frequency  a year; share of the capacity that is out
    """

    of: Failing
    scope: str
    share: float
    frequency: float

    @property
    def lost(self) -> Lost:
        return Lost(f"{self.of.name}|{self.scope}", self.of.members, self.share)


def events(case: Case, parts: Sequence[Failing], common_cause: float) -> list[RiskEvent]:
    """What can happen: a single unit fails as a whole; of several, one does, or all by one cause.

    common_cause  share b of the failures of one of two units that takes the other with it

    With n units that fail f times a year each: one unit n (1 - b) f, all of them b c_n f (beta-factor model: Fleming 1975; c_n, which
    falls with n, by IEC 61508-6, annex D). Boiler houses of a town, wells and pits that one row adds up have no cause in common.
    """
    kinds = {
        (table, str(row[0])): str(row[1])
        for table, key in (("assets", "asset"), ("links", "link"))
        for row in case.table(table)[[key, "kind"]].itertuples(index=False, name=None)
    }
    found = []
    for part in parts:
        shared = common_cause if kinds.get(part.members[0]) in TOGETHER else 0.0
        if part.units == 1:
            found.append(RiskEvent(part, WHOLE, 1.0, part.failures))
            continue
        found.append(RiskEvent(part, UNIT, 1.0 / part.units, part.units * (1.0 - shared) * part.failures))
        if shared > 0:
            often = shared * ALL_OF[min(part.units, max(ALL_OF))] * part.failures
            found.append(RiskEvent(part, WHOLE, 1.0, often))
    return found


@dataclass(frozen=True)
class Scales:
    """Limits between the classes: four each for likelihood (1/year), money (currency), people (share), three for the level."""

    likelihood: tuple[float, ...]
    money: tuple[float, ...]
    people: tuple[float, ...]
    level: tuple[float, ...]

    @classmethod
    def read(cls, texts: dict[str, Sequence[str]]) -> Scales:
        """Limits from texts; money in million. Raises StudyError with all that is wrong."""
        wrong, found = [], {}
        for name, given in texts.items():
            count = CLASSES - 1 if name in SCALES else len(LEVELS) - 1
            try:
                limits = tuple(float(text) for text in given)
            except ValueError:
                wrong.append(
                    f"{name}: give {count} numbers separated by commas, not {', '.join(map(str, given))}."
                )
                continue
            if len(limits) != count or min(limits) <= 0 or list(limits) != sorted(set(limits)):
                wrong.append(f"{name}: give {count} numbers above 0, each larger than the one before.")
            found[name] = tuple(limit * 1e6 for limit in limits) if name == "money" else limits
        if wrong:
            raise StudyError("\n".join(wrong))
        return cls(**found)

    def classes(self, scale: str, values: Floats) -> np.ndarray:
        """Class of each value, 1 to 5: a value at a limit is in the class above it."""
        return np.searchsorted(np.array(getattr(self, scale)), values, side="right") + 1

    def levels(self, likelihood: np.ndarray, consequence: np.ndarray) -> np.ndarray:
        """Level of each risk, 0 low to 3 very high: the class of likelihood plus twice that of consequence."""
        return np.searchsorted(np.array(self.level), likelihood + WEIGHT * consequence, side="right")

    def frame(self) -> pd.DataFrame:
        """The classes with their limits."""
        rows = []
        for scale in (*SCALES, "level"):
            limits = getattr(self, scale)
            for at, (low, high) in enumerate(zip((0.0, *limits), (*limits, np.nan), strict=True), 1):
                rows.append((scale, at, low, high))
        return framed("risk", "classes", rows)


class Hit(Hurt):
    """Customers as risk looks at them: those at home that are protected, the groups whose homes count, and own tanks.

    tanks   days that customers of fuels carried by rail, road or pipe live on their own tanks and yards
    shield  mask of protected rows of demand at home
    groups  region|carrier of each row
    tanked  mask of rows that have such tanks
    """

    def __init__(self, case: Case, country: str, tanks: float = 0.0) -> None:
        super().__init__(case, country)
        demand = case.table("demand")
        family = case.table("carriers").set_index("carrier")["family"]
        self.tanks = tanks
        self.shield = protected(case) & self.home
        self.groups = demand["place"].map(region_of_places(case)) + "|" + demand["carrier"]
        self.tanked = ~demand["carrier"].map(family).isin(AT_ONCE).to_numpy(dtype=bool)
        self.names = np.array(labels(demand), dtype=object)

    def left(self, hours: float) -> Floats:
        """Share of some hours that is left when the own tanks of each customer are empty, (rows)."""
        return np.where(self.tanked, max(hours - self.tanks * 24.0, 0.0) / hours, 1.0)

    def grade(self, member: tuple[str, str]) -> str:
        """Grade of the row of an element."""
        rows = self.case.table(member[0])
        found = rows["confidence"][rows.iloc[:, 0] == member[1]]
        return str(found.iloc[0]) if len(found) else ""

    def by_region(self, energy: Floats) -> dict[tuple[str, str], float]:
        """Region and carrier -> value of what customers lack."""
        value = pd.Series(energy * self.value).groupby(self.groups.to_numpy()).sum()
        return {(key.partition("|")[0], key.partition("|")[2]): v for key, v in value.items() if v > NO_COST}


@dataclass(frozen=True)
class RiskLosses:
    """What all events do: cost of the step, MWh of the step that each row of demand lacks, hours of the step."""

    costs: Floats
    energy: Floats
    hours: float


def losses(window: Window, risks: Sequence[RiskEvent], work: Work | None = None) -> tuple[RiskLosses, bool]:
    """Each event on its own, with stocks as they are for the hours of its repair; and whether it was interrupted."""
    rows = len(window.case.table("demand"))
    costs, energy, stopped = np.zeros(len(risks)), np.zeros((len(risks), rows)), False
    repairs = np.array([risk.of.repair for risk in risks])
    for hours in sorted(set(repairs.tolist())):
        at = np.flatnonzero(repairs == hours).tolist()
        opened = for_repair(window, hours)
        flares = Flares(window.case, opened.problem)
        asked = Contingencies(opened, [risks[i].lost for i in at], work, flares)
        found = asked.singles()
        costs[at] = np.where(np.abs(found.costs) > NO_COST, found.costs, 0.0)
        energy[at] = found.unserved @ window.hours
        stopped |= found.interrupted
    return RiskLosses(costs, energy, float(window.hours.sum())), stopped


def register(
    window: Window, done: RiskLosses, risks: Sequence[RiskEvent], scales: Scales, hit: Hit, actions: Actions
) -> pd.DataFrame:
    """One row per event that costs the home country anything, the risk to work on first.

    The loss of the step is scaled to the hours of a repair, for customers with tanks of their own to the hours after these are empty.
    What the home country bears is the value of what its own customers lack and, for an element that lies in it or ends there, what
    else it costs: supply that is dearer, sales that are not made.
    """
    costs, wanted = done.costs, window.base.by_demand(done.energy.shape[1], "upper") @ window.hours
    scale = np.array([risk.of.repair / done.hours for risk in risks])
    # what customers lack while it lasts, as in a step of which their own tanks cover a part
    energy = done.energy * np.array([hit.left(risk.of.repair) for risk in risks])
    at_home = np.array([hit.is_home(risk.of.members) for risk in risks])
    # what tanks cover is neither lacked nor paid for
    spared = (done.energy - energy) @ hit.value
    money = hit.cost(np.maximum(costs - spared, 0.0), energy, at_home) * scale
    shares, group = _shares(energy, wanted, hit)
    likelihood = scales.classes("likelihood", np.array([risk.frequency for risk in risks]))
    by_money, by_people = scales.classes("money", money), scales.classes("people", shares)
    consequence = np.maximum(by_money, by_people)
    level = scales.levels(likelihood, consequence)
    rows = []
    for at, risk in enumerate(risks):
        mine = np.where(hit.home, energy[at], 0.0)
        if money[at] <= NO_COST and mine.sum() <= NO_ENERGY:
            continue
        part = risk.of
        region, _, carrier = group[at].partition("|")
        call = actions.of(part.members, hit.by_region(mine))
        rows.append(
            {
                "rank": 0,
                "risk": risk.lost.name,
                "element": part.first,
                "scope": risk.scope,
                "units": part.units,
                "share": risk.share,
                "frequency": risk.frequency,
                "repair_hours": part.repair,
                "likelihood": int(likelihood[at]),
                "cost": costs[at] * scale[at],
                "cost_home": money[at],
                "unserved_home": mine.sum() * scale[at],
                "protected_home": energy[at][hit.shield].sum() * scale[at],
                "most_in": hit.names[mine.argmax()] if mine.max(initial=0.0) > NO_ENERGY else "",
                "people": shares[at],
                "region": region,
                "carrier": carrier,
                "by_money": int(by_money[at]),
                "by_people": int(by_people[at]),
                "consequence": int(consequence[at]),
                "level": LEVELS[level[at]],
                "expected": risk.frequency * money[at],
                "is_home": bool(at_home[at]),
                **{name: getattr(part, name) for name in ("is_general", "confidence", "source")},
                "element_grade": hit.grade(part.members[0]),
                **{name: getattr(call, name) for name in ("action", "by", "touches", "ready")},
            }
        )
    rows.sort(key=lambda row: (-LEVELS.index(row["level"]), -row["expected"], -row["cost_home"], row["risk"]))
    return framed("risk", "register", [row | {"rank": at} for at, row in enumerate(rows, 1)])


def _shares(energy: Floats, wanted: Floats, hit: Hit) -> tuple[Floats, list[str]]:
    """Largest share of the use of protected customers of one region and carrier at home that is lost, and whose."""
    keys = hit.groups[hit.shield]
    names = sorted(set(keys))
    if not names:
        return np.zeros(len(energy)), [""] * len(energy)
    at = pd.Categorical(keys, categories=names).codes
    lost = np.zeros((len(energy), len(names)))
    use = np.zeros(len(names))
    np.add.at(lost.T, at, energy[:, hit.shield].T)
    np.add.at(use, at, wanted[hit.shield])
    share = np.divide(lost, use, out=np.zeros_like(lost), where=use > 0)
    # equal shares: the group with more energy
    best = np.lexsort((lost, np.round(share, 9)), axis=1)[:, -1] if len(energy) else np.zeros(0, dtype=int)
    most = share[np.arange(len(energy)), best]
    return most, [names[one] if most[row] > 0 else "" for row, one in enumerate(best.tolist())]


def to_work_on(rows: pd.DataFrame, most: int) -> pd.DataFrame:
    """The first risks of the register, of each element the first one only."""
    return rows.drop_duplicates("element").head(most)


def matrix(rows: pd.DataFrame, scales: Scales) -> pd.DataFrame:
    """Each field of the matrix with its level and how many risks lie in it; the rarest and least first."""
    counts = rows.groupby(["likelihood", "consequence"]).size()
    found = []
    for likelihood in range(1, CLASSES + 1):
        for consequence in range(1, CLASSES + 1):
            level = LEVELS[int(scales.levels(np.array([likelihood]), np.array([consequence]))[0])]
            found.append((likelihood, consequence, level, int(counts.get((likelihood, consequence), 0))))
    return framed("risk", "matrix", found)
