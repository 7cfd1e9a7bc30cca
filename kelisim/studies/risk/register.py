"""Risk events and what each does: how often it happens, how long it lasts, what it costs, whose homes it cuts; in classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.customers import protected, voll_of
from kelisim.case.territory import countries_of, region_of_places
from kelisim.engine import Contingencies, Lost, Singles
from kelisim.errors import StudyError
from kelisim.lp.problem import Floats
from kelisim.model.demand import labels
from kelisim.results.outage_rates import Failing
from kelisim.results.schema import framed
from kelisim.studies.risk.prevention import Actions
from kelisim.tolerances import NO_COST, NO_ENERGY

CLASSES = 5  # of each scale, and of the matrix
UNIT, WHOLE = "unit", "whole"
SCALES = ("likelihood", "money", "people")
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


def events(parts: Sequence[Failing], common_cause: float) -> list[RiskEvent]:
    """What can happen: a single unit fails as a whole; of several, one does, or all by one cause.

    common_cause  share b of the failures of a unit that take all units of the element with them

    With n units that fail f times a year each: one unit n (1 - b) f, all of them b f (beta-factor model: IEC 61508-6, annex D;
    Fleming 1975).
    """
    found = []
    for part in parts:
        if part.units == 1:
            found.append(RiskEvent(part, WHOLE, 1.0, part.failures))
            continue
        found.append(
            RiskEvent(part, UNIT, 1.0 / part.units, part.units * (1.0 - common_cause) * part.failures)
        )
        if common_cause > 0:
            found.append(RiskEvent(part, WHOLE, 1.0, common_cause * part.failures))
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
        """Level of each risk, 0 low to 3 very high, by the product of both classes."""
        return np.searchsorted(np.array(self.level), likelihood * consequence, side="right")

    def frame(self) -> pd.DataFrame:
        """The classes with their limits."""
        rows = []
        for scale in (*SCALES, "level"):
            limits = getattr(self, scale)
            for at, (low, high) in enumerate(zip((0.0, *limits), (*limits, np.nan), strict=True), 1):
                rows.append((scale, at, low, high))
        return framed("risk", "classes", rows)


@dataclass(frozen=True)
class Hit:
    """Customers as risk looks at them: rows of demand with their worth, those at home, and the groups whose homes count.

    home     mask of rows of demand of the home country; all where the case names none
    groups   region|carrier of each row
    """

    case: Case
    country: str
    home: np.ndarray = field(init=False)
    shield: np.ndarray = field(init=False)
    value: Floats = field(init=False)
    groups: pd.Series = field(init=False)
    names: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        demand = self.case.quantities("demand")
        country = demand["place"].map(self.case.table("places").set_index("place")["country"])
        home = np.asarray((country == self.country) if self.country else country.notna(), dtype=bool)
        found = {
            "home": home,
            "shield": protected(self.case) & home,
            "value": np.nan_to_num(voll_of(self.case, demand)),
            "groups": demand["place"].map(region_of_places(self.case)) + "|" + demand["carrier"],
            "names": np.array(labels(self.case.table("demand")), dtype=object),
        }
        for name, value in found.items():
            object.__setattr__(self, name, value)

    def is_home(self, members: Sequence[tuple[str, str]]) -> bool:
        """Whether one of the elements lies in the home country or ends there."""
        return not self.country or any(
            self.country in countries_of(self.case, table, element) for table, element in members
        )


def register(
    asked: Contingencies,
    found: Singles,
    risks: Sequence[RiskEvent],
    scales: Scales,
    hit: Hit,
    actions: Actions,
) -> pd.DataFrame:
    """One row per event that costs the home country anything, the risk to work on first.

    The loss of the step is scaled to the hours of a repair. What the home country bears is the value of what its own customers
    lack and, for an element that lies in it or ends there, what else it costs: supply that is dearer, sales that are not made.
    """
    opened = asked.opened
    hours = float(opened.hours.sum())
    energy = found.unserved @ opened.hours  # (events, rows)
    wanted = opened.base.by_demand(energy.shape[1], "upper") @ opened.hours
    scale = np.array([risk.of.repair / hours for risk in risks])
    costs = np.where(np.abs(found.costs) > NO_COST, found.costs, 0.0)
    other = np.maximum(costs - energy @ hit.value, 0.0) * np.array(
        [hit.is_home(risk.of.members) for risk in risks]
    )
    money = (energy[:, hit.home] @ hit.value[hit.home] + other) * scale
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
        keys = hit.groups[mine > NO_ENERGY].to_numpy(dtype=str)
        call = actions.of(
            part.members, {(one.partition("|")[0], one.partition("|")[2]) for one in keys.tolist()}
        )
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
                "is_home": hit.is_home(part.members),
                **{name: getattr(part, name) for name in ("is_general", "confidence", "source")},
                **{name: getattr(call, name) for name in ("action", "by", "touches")},
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


def matrix(rows: pd.DataFrame, scales: Scales) -> pd.DataFrame:
    """Each field of the matrix with its level and how many risks lie in it; the rarest and least first."""
    counts = rows.groupby(["likelihood", "consequence"]).size()
    found = []
    for likelihood in range(1, CLASSES + 1):
        for consequence in range(1, CLASSES + 1):
            level = LEVELS[int(scales.levels(np.array([likelihood]), np.array([consequence]))[0])]
            found.append((likelihood, consequence, level, int(counts.get((likelihood, consequence), 0))))
    return framed("risk", "matrix", found)
