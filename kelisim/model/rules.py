"""Who goes short, and when: tranches, floors, prices and seeded ties.

Least cost alone lets a tariff of a cent decide who freezes and leaves open which day is cut; a rule makes it part of
the problem (place rule, time rule), and the result bears its name.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.lp.problem import Floats, Ints
from kelisim.model.frame import Frame

TIE = 1e-5
LATE_PER_DAY = 0.001


@dataclass(frozen=True)
class Rules:
    """The rules of one problem.

    place      none, own_first, cooperative, by_contract
    time       none, late, even
    span       half width of the spread of VOLL over the tranches, share
    tranches   number of tranches
    since      first step in which `late` lets VOLL fall; None: from the first step
    alone      unserved MW that each country could not serve alone, (country|carrier|class, steps), for own_first
    """

    place: str = "none"
    time: str = "none"
    span: float = 0.05
    tranches: int = 5
    since: int | None = None
    alone: tuple[tuple[str, ...], Floats] | None = None

    @classmethod
    def of(cls, case: Case) -> Rules:
        """The rules written in case.toml."""
        return cls(
            place=case.setting("rules", "place", "none"),
            time=case.setting("rules", "time", "none"),
            span=float(case.setting("rules", "tranche_span", 0.05)),
            tranches=int(case.setting("rules", "tranches", 5)),
        )

    @property
    def count(self) -> int:
        """Tranches in use: a rule that spreads the cut needs several."""
        return self.tranches if self.place == "cooperative" or self.time == "even" else 1

    @property
    def breaks_ties(self) -> bool:
        return self.place != "none" or self.time != "none"


def add_unserved(frame: Frame, rule: Rules, demand: pd.DataFrame, power: Floats, voll: Floats) -> list[Ints]:
    """Columns `demand.unserved`, tranche by tranche; each tranche holds an equal part of the demand.

    VOLL of tranche k is VOLL * (1 + s_k), s_k evenly from -span to +span, so that all are cut a little before
    anybody is cut a lot. Returns positions (rows, steps) for each tranche.
    """
    ids = list(demand["place"] + ":" + demand["carrier"] + ":" + demand["customer_class"])
    count = rule.count
    spread = np.linspace(-rule.span, rule.span, count) if count > 1 else np.zeros(1)
    time = _time_weights(frame, rule)
    tilt = (
        ties(ids, frame.steps) * voll[:, None] * frame.weight[None, :]
        if rule.breaks_ties
        else np.zeros((1, 1))
    )
    names = [f"{label}#{k}" if count > 1 else label for k in range(count) for label in ids]
    cost = np.concatenate([frame.price(voll * (1.0 + s)) * time for s in spread])
    positions = frame.build.add_columns(
        "demand.unserved", names, frame.steps, 0.0, np.tile(power / count, (count, 1)), cost,
        np.tile(tilt, (count, 1)) if rule.breaks_ties else 0.0,
    )  # fmt: skip
    return list(positions.reshape(count, len(ids), frame.steps))


def _time_weights(frame: Frame, rule: Rules) -> Floats:
    """1, or falling by 0.1 % a day from the start of the outage: then stocks are used as long as they last."""
    if rule.time != "late":
        return np.ones((1, frame.steps))
    days = np.concatenate([[0.0], np.cumsum(frame.hours)[:-1]]) / 24.0
    since = days[rule.since] if rule.since is not None else days[0]
    return (1.0 - LATE_PER_DAY * np.clip(days - since, 0.0, 90.0))[None, :]


def ties(ids: list[str], steps: int) -> Floats:
    """Numbers in [0, 1e-5), fixed by element and step, that decide between equal answers; (elements, steps)."""
    seeds = np.array([zlib.crc32(label.encode()) for label in ids], dtype=np.uint64)[:, None]
    mixed = (
        seeds * np.uint64(2654435761) + np.arange(steps, dtype=np.uint64)[None, :] * np.uint64(40503)
    ) & np.uint64(0xFFFFFFFF)
    mixed ^= mixed >> np.uint64(15)
    mixed = (mixed * np.uint64(2246822519)) & np.uint64(0xFFFFFFFF)
    mixed ^= mixed >> np.uint64(13)
    return mixed.astype(float) / 2.0**32 * TIE


def groups_of(case: Case, demand: pd.DataFrame) -> pd.Series:
    """country|carrier|class of each row of demand."""
    country = demand["place"].map(case.table("places").set_index("place")["country"])
    return country + "|" + demand["carrier"] + "|" + demand["customer_class"]


def add_own_first(
    frame: Frame, rule: Rules, demand: pd.DataFrame, unserved: list[Ints], voll: Floats
) -> None:
    """Rows `rules.own_first`: a country's unserved demand is at most what it could not serve alone.

    The floor comes from a solve with all links between countries closed, which all countries can keep at once. A
    shortfall priced above every VOLL keeps each scenario solvable.
    """
    if rule.alone is None:
        return
    names, floor = rule.alone
    position = {name: at for at, name in enumerate(names)}
    rows = frame.build.add_rows("rules.own_first", names, frame.steps, upper=floor)
    at = [position[group] for group in groups_of(frame.case, demand)]
    for tranche in unserved:
        frame.build.add_entries(rows[at], tranche, 1.0)
    price = np.full(len(names), 1.2 * float(voll.max()))
    excess = frame.build.add_columns("rules.own_first_shortfall", names, frame.steps, cost=frame.price(price))
    frame.build.add_entries(rows, excess, -1.0)
