"""What a region on a border lacks in the answer to an outage, and what takes over there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kelisim.results.against_plan import AgainstPlan
from kelisim.studies.border.supply import Border, Floats
from kelisim.tolerances import NO_ENERGY as NONE
from kelisim.tolerances import SMALL_SHARE as LITTLE


def short_in(disrupted: AgainstPlan, border: Border, region: str) -> pd.DataFrame:
    """What a region lacks beyond the plan: a row for each carrier and class of customers, or buyer, the largest first.

    unserved  MWh that customers do not get; less_taken, MWh that buyers on the spot do not take
    rate      share of the demand, or of what they would have taken, in the days of the outage
    first_short, days_served  start of the first step that is short, and days from the start of the outage to it
    """
    hours, out = disrupted.hours, disrupted.out
    within = np.where(out, hours, 0.0)
    found: dict[tuple[str, str], _Loss] = {}
    for at, carrier, customer_class, protected in border.customers(region):
        loss = found.setdefault((carrier, customer_class), _Loss(protected))
        loss.add(disrupted.more[at], hours, disrupted.demand[at], within)
    buyers = border.buyers(region)
    ids = [market for market, _ in buyers]
    taken, base = (answer.power("markets.taken", ids) for answer in (disrupted.answer, disrupted.base))
    for at, (market, carrier) in enumerate(buyers):
        loss = found.setdefault((carrier, market), _Loss(False, True))
        loss.add(np.maximum(base[at] - taken[at], 0.0), within, base[at], within)
    order = sorted(
        (item for item in found.items() if item[1].energy > NONE), key=lambda item: (not item[1].protected, -item[1].energy, item[0])
    )  # fmt: skip
    firsts = [loss.first for _, loss in order]
    return pd.DataFrame(
        {
            "carrier": pd.Series([key[0] for key, _ in order], dtype=object),
            "customer_class": pd.Series([key[1] for key, _ in order], dtype=object),
            "protected": np.array([loss.protected for _, loss in order], dtype=bool),
            "unserved": np.array([0.0 if loss.is_buyer else loss.energy for _, loss in order], dtype=float),
            "less_taken": np.array([loss.energy if loss.is_buyer else 0.0 for _, loss in order], dtype=float),
            "rate": np.array([loss.rate for _, loss in order], dtype=float),
            "first_short": disrupted.starts[firsts] if firsts else pd.DatetimeIndex([]),
            "days_served": np.array([disrupted.days_from_start(at) for at in firsts], dtype=float),
        }
    )  # fmt: skip


@dataclass
class _Loss:
    """What one class of customers, or a buyer, does not get: MWh in all, MWh and use while the outage lasts, first step."""

    protected: bool
    is_buyer: bool = False
    energy: float = 0.0
    within: float = 0.0
    wanted: float = 0.0
    first: int = 10**9

    def add(self, more: Floats, hours: Floats, wanted: Floats, within: Floats) -> None:
        """One row more.

        more, wanted   MW that is lost, and that was asked for or would have been taken, (steps)
        hours, within  hours that count, and those of the outage, (steps)
        """
        self.wanted += float(wanted @ within)
        energy = float(more @ hours)
        if energy > NONE:
            self.energy += energy
            self.within += float(more @ within)
            self.first = min(self.first, int(((more > 0) & (hours > 0)).argmax()))

    @property
    def rate(self) -> float:
        return min(self.within / self.wanted, 1.0) if self.wanted > 0 else 0.0


def replaced_by(
    disrupted: AgainstPlan, border: Border, region: str, carrier: str, lost: Iterable[str], energy: float
) -> tuple[str, str, float]:
    """What takes over in a region: table, element and share of what is lost; empty if nothing rises by 1 % of it.

    lost    elements that are out
    energy  MWh that they would have brought in the days of the outage

    Supplies of the same carrier come first, then plants of the region that make something else.
    """
    gone = set(lost)
    weights = np.where(disrupted.out, disrupted.hours, 0.0)
    supply = border.supply(region, carrier)
    supply = supply[~supply["element"].isin(gone)]
    found = [
        (float(rise), str(table), str(element))
        for rise, table, element in zip(
            _rises(disrupted, border, region, carrier, supply, weights),
            supply["table"],
            supply["element"],
            strict=True,
        )
    ]
    known = gone | set(supply["element"])
    others = [
        a for a in dict.fromkeys(border.makers["asset"][border.makers["region"] == region]) if a not in known
    ]
    change = _change(disrupted, "assets.activity", others, weights)
    other = [(float(rise), "assets", str(asset)) for rise, asset in zip(change, others, strict=True)]
    for candidates in (found, other):
        best = max(candidates, key=lambda item: (item[0], item[2]), default=(0.0, "", ""))
        if energy > NONE and best[0] > LITTLE * energy:
            return best[1], best[2], min(best[0] / energy, 1.0)
    return "", "", 0.0


def _change(disrupted: AgainstPlan, block: str, ids: list[str], weights: Floats) -> Floats:
    """Energy of elements beyond the plan, MWh."""
    return (disrupted.answer.power(block, ids) - disrupted.base.power(block, ids)) @ weights


def _rises(
    disrupted: AgainstPlan, border: Border, region: str, carrier: str, supply: pd.DataFrame, weights: Floats
) -> Floats:
    """Energy that each supply of a region brings beyond the plan, MWh."""
    found = pd.Series(0.0, index=supply["element"].to_numpy())
    ids = {table: list(rows["element"]) for table, rows in supply.groupby("table")}
    if links := ids.get("links"):
        ends = border.ends.set_index("link").loc[links]
        ahead, keep = (ends["to"] == region).to_numpy(), 1.0 - ends["loss"].to_numpy()
        forward, back = (
            _change(disrupted, block, links, weights) for block in ("links.flow", "links.flow_back")
        )
        found[links] = np.where(ahead, forward, back) * keep - np.where(ahead, back, forward)
    if assets := ids.get("assets"):
        made = border.makers
        ratio = made[made["carrier"] == carrier].groupby("asset")["ratio"].sum()
        found[assets] = _change(disrupted, "assets.activity", assets, weights) * ratio[assets].to_numpy()
    if storages := ids.get("storages"):
        found[storages] = _change(disrupted, "storages.withdrawal", storages, weights) - _change(
            disrupted, "storages.injection", storages, weights
        )
    if markets := ids.get("markets"):
        found[markets] = _change(disrupted, "markets.taken", markets, weights)
    return found.to_numpy()


def price_rise(disrupted: AgainstPlan, place: str, carrier: str) -> float:
    """Nodal price in the days of the outage less that of the plan, mean, currency/MWh."""
    weights = np.where(disrupted.out, disrupted.hours, 0.0)
    now, base = (
        a.row_price("places.balance", [f"{place}:{carrier}"])[0] for a in (disrupted.answer, disrupted.base)
    )
    return float((now - base) @ weights / weights.sum()) if weights.sum() > 0 else float("nan")
