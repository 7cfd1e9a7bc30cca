"""What a disruption does, as tables: who goes short, when, and through which chain of carriers.

Differences from the undisturbed plan of the same days. Energy MWh, power MW, time in days.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.customers import protected
from kelisim.results.answer import Answer
from kelisim.results.crisis import LEVELS, country_levels, groups
from kelisim.tolerances import NO_POWER, ROUNDING

Floats = npt.NDArray[np.float64]
SERVED = ["demand", "unserved", "served_share", "served_share_base"]
PERFORMANCE = ["country", "carrier", "step", *SERVED, "level"]


@dataclass(frozen=True)
class AgainstPlan:
    """An answer to a disruption beside the undisturbed one, on the steps of a window.

    steps   their starts and hours, as the horizon gives them
    out     steps within the outage, mask
    answer, base  by block
    lasts   share of each step within the outage, (steps,); all of those in `out` if not given
    """

    case: Case
    steps: pd.DataFrame
    out: npt.NDArray[np.bool_]
    answer: Answer
    base: Answer
    lasts: Floats | None = None

    # ---- arrays
    @property
    def lasting(self) -> Floats:
        """Share of each step within the outage, (steps,)."""
        return self.out.astype(float) if self.lasts is None else self.lasts

    @property
    def hours(self) -> Floats:
        return np.asarray(self.steps["hours"].to_numpy(), dtype=float)

    @property
    def starts(self) -> pd.DatetimeIndex:
        return pd.DatetimeIndex(self.steps["step"])

    def _unserved(self, answer: Answer) -> Floats:
        found = answer.by_demand(len(self.case.table("demand")))
        return np.where(found > NO_POWER, found, 0.0)

    @cached_property
    def unserved(self) -> Floats:
        """MW of each row of demand, (rows, steps)."""
        return self._unserved(self.answer)

    @cached_property
    def unserved_base(self) -> Floats:
        return self._unserved(self.base)

    @cached_property
    def demand(self) -> Floats:
        return self.base.by_demand(len(self.case.table("demand")), "upper")

    @cached_property
    def more(self) -> Floats:
        """MW unserved beyond the plan, not below 0."""
        found = np.maximum(self.unserved - self.unserved_base, 0.0)
        return np.where(found > NO_POWER, found, 0.0)

    @cached_property
    def felt(self) -> Floats:
        """MW unserved beyond the plan with the norms of all stocks kept: what the level of the crisis is told by."""
        if self.answer.felt is None:
            return self.more
        found = np.maximum(self._kept_norms - self.unserved_base, 0.0)
        return np.where(found > NO_POWER, found, 0.0)

    @property
    def _kept_norms(self) -> Floats:
        assert self.answer.felt is not None
        return np.where(self.answer.felt > NO_POWER, self.answer.felt, 0.0)

    @cached_property
    def protected(self) -> npt.NDArray[np.bool_]:
        """Rows of demand of protected customers."""
        return protected(self.case)

    def days_from_start(self, step: int) -> float:
        """Days from the start of the outage to the start of a step; of typical days to that of the month."""
        first = int(np.argmax(self.out)) if self.out.any() else 0
        if self.case.horizon.is_typical:  # which day of the month is not known
            of = self.steps["of"].to_numpy()
            first, step = (int(np.argmax(of == of[at])) for at in (first, step))
        return float(self.hours[first:step].sum() / 24.0) if step >= first else 0.0

    # ---- tables
    def demand_total(self) -> pd.DataFrame:
        """Rows of demand that are cut in the window, or were to be: energy, share, first day and days served before it."""
        demand = self.case.table("demand")
        unserved, base = self.unserved @ self.hours, self.unserved_base @ self.hours
        wanted = self.demand @ self.hours
        some = (unserved > NO_POWER) | (base > NO_POWER)
        short = self.more > 0
        first = np.where(short.any(axis=1), short.argmax(axis=1), -1)
        own = {name: demand[name].to_numpy() for name in ("place", "carrier", "customer_class")}
        frame = pd.DataFrame(own).assign(protected=self.protected)
        frame = frame.assign(demand=wanted, unserved=unserved, unserved_base=base)
        frame["unserved_rate"] = np.divide(unserved, wanted, out=np.zeros_like(wanted), where=wanted > 0)
        frame["share_lasting"] = self._share_lasting(wanted)
        frame["peak"] = self.more.max(axis=1, initial=0.0)
        frame["first_short"] = [self.starts[at] if at >= 0 else pd.NaT for at in first]
        frame["days_served"] = [self.days_from_start(int(at)) if at >= 0 else np.nan for at in first]
        frame = frame[some].assign(_more=(unserved - base)[some])
        frame["first_short"] = pd.to_datetime(frame["first_short"])
        order = ["_more", "place", "carrier", "customer_class"]
        return frame.sort_values(order, ascending=[False, True, True, True], ignore_index=True).drop(
            columns="_more"
        )

    def _share_lasting(self, wanted: Floats) -> Floats:
        """Unserved beyond the plan while the outage lasts over the use in that time; in steps that are longer than the outage over
        the use of the steps, where more is missing. (rows)
        """
        lost = (self.more * self.hours)[:, self.out].sum(axis=1)
        use = self.demand @ (self.hours * self.lasting)
        use = np.where(
            lost <= use * (1.0 + ROUNDING), use, (self.demand * self.hours)[:, self.out].sum(axis=1)
        )
        return np.divide(lost, use, out=np.zeros_like(wanted), where=use > 0)

    def demand_unserved(self) -> pd.DataFrame:
        """Unserved MW per row and step, where any is, with and without the disruption, and with all norms of stocks kept."""
        demand = self.case.table("demand")
        kept = self.unserved if self.answer.felt is None else self._kept_norms
        row, step = np.nonzero((self.unserved > 0) | (self.unserved_base > 0) | (kept > 0))
        frame = demand[["place", "carrier", "customer_class"]].iloc[row].reset_index(drop=True)
        return frame.assign(
            step=self.starts[step],
            unserved=self.unserved[row, step],
            unserved_base=self.unserved_base[row, step],
            unserved_kept=kept[row, step],
        )

    def links_flow(self) -> pd.DataFrame:
        """Net flow per link and step where a link is used, with and without the disruption."""
        ids = list(self.case.table("links")["link"])
        net, base = (
            a.power("links.flow", ids) - a.power("links.flow_back", ids) for a in (self.answer, self.base)
        )
        forward, back = self.answer.upper("links.flow", ids), self.answer.upper("links.flow_back", ids)
        limit = np.where(net >= 0, forward, back)
        loading = np.divide(np.abs(net), limit, out=np.zeros_like(net), where=limit > NO_POWER).clip(0.0, 1.0)
        return self._long("link", ids, flow=net, flow_base=base).assign(
            loading=self._kept(loading, net, base)
        )

    def assets_activity(self) -> pd.DataFrame:
        """Activity per asset and step where it is used, with and without the disruption."""
        ids = list(self.case.table("assets")["asset"])
        now, base = (a.power("assets.activity", ids) for a in (self.answer, self.base))
        return self._long("asset", ids, activity=now, activity_base=base)

    def storages_level(self) -> pd.DataFrame:
        """Level at the end of each step, with and without the disruption."""
        ids = list(self.case.table("storages")["storage"])
        now, base = (a.power("storages.level", ids) * a.mean_hours for a in (self.answer, self.base))
        return self._long("storage", ids, level=now, level_base=base)

    def _some(self, *arrays: Floats) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        used = np.zeros(arrays[0].shape, dtype=bool)
        for array in arrays:
            used |= np.abs(array) > NO_POWER
        rows = np.flatnonzero(used.any(axis=1))
        count = len(self.hours)
        return np.repeat(rows, count), np.tile(np.arange(count), len(rows))

    def _kept(self, values: Floats, *arrays: Floats) -> Floats:
        row, step = self._some(*arrays)
        return values[row, step]

    def _long(self, name: str, ids: list[str], **arrays: Floats) -> pd.DataFrame:
        row, step = self._some(*arrays.values())
        element = pd.Categorical.from_codes(row, categories=pd.Index(ids, dtype=object)) if ids else []
        return pd.DataFrame(
            {name: element, "step": self.starts[step], **{k: v[row, step] for k, v in arrays.items()}}
        )

    def performance(self) -> pd.DataFrame:
        """Share of demand served per country, carrier and step: the step curve of performance over time."""
        keys = groups(self.case)
        names = sorted(set(keys[(self.unserved > 0).any(axis=1) | (self.more > 0).any(axis=1)]))
        level = dict(zip(*country_levels(self.case, self), strict=True))
        parts = []
        for key in names:
            rows = (keys == key).to_numpy()
            wanted, short, plan = (
                a[rows].sum(axis=0) for a in (self.demand, self.unserved, self.unserved_base)
            )
            share = 1.0 - np.divide(short, wanted, out=np.zeros_like(short), where=wanted > 0)
            before = 1.0 - np.divide(plan, wanted, out=np.zeros_like(plan), where=wanted > 0)
            words = [LEVELS[number] for number in level[key]]
            values = (*key.split("|"), self.starts, wanted, short, share, before, words)
            parts.append(pd.DataFrame(dict(zip(PERFORMANCE, values, strict=True))))
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=PERFORMANCE)

    def lacks(self, carrier: str) -> bool:
        """Whether more of a carrier is missing than by the plan."""
        return bool(
            (self.more[(self.case.table("demand")["carrier"] == carrier).to_numpy()] > NO_POWER).any()
        )

    # ---- figures
    def figures(self) -> dict[str, Any]:
        """Numbers of the whole: energy MWh, power MW, days, currency.

        resilience_loss is the area between 1 and the share served, in per cent hours (Bruneau et al. 2003), beyond the
        plan; robustness the least share served in a step; both over all carriers by energy.
        """
        more, hours = self.more, self.hours
        total = (more @ hours).sum()
        shielded = more[self.protected]
        protected = float((shielded @ hours).sum())
        by_step = more.sum(axis=0)
        wanted = self.demand.sum(axis=0)
        lost = np.divide(by_step, wanted, out=np.zeros_like(by_step), where=wanted > 0)
        cut = (shielded > 0).any(axis=0)
        any_cut = by_step > 0
        after = np.flatnonzero(any_cut & (np.arange(len(hours)) > self._last_out))
        recovery = hours[self._last_out + 1 : after[-1] + 1].sum() / 24.0 if len(after) else 0.0
        return {
            "unserved_energy": float(total),
            "unserved_protected": protected,
            "peak": float(by_step.max(initial=0.0)),
            "rows_short": int((more > 0).any(axis=1).sum()),
            "first_short": self.starts[int(any_cut.argmax())] if any_cut.any() else pd.NaT,
            "first_protected_short": self.starts[int(cut.argmax())] if cut.any() else pd.NaT,
            "protected_days": self.days_from_start(int(cut.argmax())) if cut.any() else np.nan,
            "days_to_recover": float(recovery),
            "extra_cost": self.answer.objective - self.base.objective,
            "resilience_loss": float((lost * 100.0) @ hours),
            "robustness": float(1.0 - lost.max(initial=0.0)),
        }

    @property
    def _last_out(self) -> int:
        return int(np.flatnonzero(self.out)[-1]) if self.out.any() else len(self.hours) - 1
