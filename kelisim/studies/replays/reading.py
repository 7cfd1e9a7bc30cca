"""What the model has for the effects of an event that were seen: each in its unit and over its period."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.dated import keys
from kelisim.case.effects import DAYS, EffectTerm, elements, is_rate
from kelisim.case.events import Effect, Event, carrier_of
from kelisim.case.streams import streams
from kelisim.case.territory import region_of_places
from kelisim.results.answer import Answer
from kelisim.results.coverage import days, in_days
from kelisim.results.facts import Fact, said
from kelisim.tolerances import NO_POWER, ROUNDING

Floats = npt.NDArray[np.float64]
MONTH = "1mo"
STOCK = ("level", "injection", "withdrawal")
_IN_FIRST_HOUR = {
    "first_hour.unserved": "demand.unserved", "first_hour.flow": "links.flow", "first_hour.activity": "assets.activity",
}  # fmt: skip


@dataclass(frozen=True)
class Stretch:
    """An answer beside the plan on consecutive steps of the horizon, [first, last)."""

    answer: Answer
    plan: Answer
    first: int
    last: int


@dataclass(frozen=True)
class Read:
    """What the model has for an effect, in its unit.

    value  with the event; plan: without it; scale: what a null is small beside (use of the customers, or the plan)
    covers share of the period that lies in the case
    reason why there is no value; None if there is one
    """

    value: float = float("nan")
    plan: float = float("nan")
    scale: float = float("nan")
    covers: float = 1.0
    reason: Fact | None = None


def _unread(why: str, **places: str) -> Read:
    return Read(reason=said(f"replays.unread.{why}", **places))


@dataclass(frozen=True)
class Replayed:
    """One event in the model.

    days   window of its days, or the snapshot of its day; None where it was not asked
    hour   first hour of the loss; None where no power is lost at once
    year   plan of the whole horizon; what lies outside the window is as planned
    """

    case: Case
    event: Event
    days: Stretch | None
    hour: Stretch | None
    year: Answer

    # ---- reading
    def read(self, effect: Effect) -> Read:
        """The model's value for an effect."""
        if effect.compared is None:
            return _unread("in_words" if effect.text else "unnamed", text=effect.text)
        first_hour = effect.compared.in_first_hour
        if first_hour and any(not term.quantity.startswith("first_hour.") for term in effect.compared.terms):
            return _unread("hour_and_days")
        stretch = self.hour if first_hour else self.days
        if stretch is None:
            return _unread("no_power_lost" if first_hour else "not_asked")
        if stretch.answer.status != "optimal":
            return _unread("limits")
        one_step = first_hour or self.event.step == "hour"
        steps, weights, covers = self._weights(effect, stretch, one_step)
        if not weights.sum() > 0:
            return _unread("outside")
        if effect.statistic == "coverage":
            return self._coverage(effect, stretch)
        return self._value(effect, stretch, one_step, steps, weights, covers)

    def _weights(self, effect: Effect, stretch: Stretch, one_step: bool) -> tuple[slice, Floats, float]:
        """Steps that are read, hours of each that lie in the period, and the share of the period that the case holds."""
        hours = self.case.horizon.hours
        if one_step:
            within = slice(stretch.first, stretch.last)
            first_hour = effect.compared is not None and effect.compared.in_first_hour
            return within, np.ones(1) if first_hour else hours[within], 1.0
        weights = self.case.horizon.share_between(effect.start, effect.end) * hours
        period = (effect.end - effect.start).total_seconds() / 3600.0
        return slice(0, len(hours)), weights, min(1.0, float(weights.sum()) / period) if period > 0 else 0.0

    def _value(
        self, effect: Effect, stretch: Stretch, one_step: bool, steps: slice, weights: Floats, covers: float
    ) -> Read:  # fmt: skip
        assert effect.compared is not None
        months = self.case.horizon.step == MONTH and not one_step
        if effect.statistic == "days" and (one_step or months):
            return _unread("days_in_months")
        if effect.statistic == "change_before" and (one_step or months):
            return _unread("day_before_in_months")
        unit = effect.compared.per_unit or effect.unit
        with_event, plan, scale = (np.zeros(steps.stop - steps.start) for _ in range(3))
        for term in effect.compared.terms:
            for element in elements(self.case, term):
                per = self._per(unit, carrier_of(self.case, term.quantity, element))
                now, before = self._series(stretch, term, element, one_step)
                with_event += term.factor * per * now
                plan += term.factor * per * before
                scale += abs(term.factor) * per * self._scale(term, element, before, steps)
        hours, total = float(weights.sum()), float(effect.compared.per)
        if effect.statistic == "days":
            cut = (with_event - plan) * np.sign(effect.observed or 1.0) > NO_POWER
            # a day with lack in one of its parts is a day with lack
            of = self.case.horizon.step_of[steps]
            lacking = np.isin(of, of[cut & (weights > 0)])
            return Read(float(weights[lacking].sum() / 24.0), 0.0, hours / 24.0, covers)
        if effect.statistic == "change_before":
            return self._before(effect, with_event, plan, weights, covers)
        first = effect.compared.terms[0]
        carrier = carrier_of(self.case, first.quantity, elements(self.case, first)[0])
        rate = self._is_rate(unit, carrier) or all(
            t.quantity == "storages.level" for t in effect.compared.terms
        )
        # a quantity of a period that the case holds in part is that of the whole period at the same rate
        weight = weights / hours if rate or effect.unit.split(" ", 1)[0] == "share" else weights / covers
        have, planned, beside = (float(series @ weight) / total for series in (with_event, plan, scale))
        if effect.statistic == "share":
            beside = beside or float("nan")
            return Read(have / beside, planned / beside, 1.0, covers)
        if effect.statistic != "change":
            return Read(have, planned, beside, covers)
        change = have - planned
        if abs(change) <= ROUNDING * max(abs(have), abs(planned)):
            change = 0.0
        if effect.unit.split(" ", 1)[0] == "share" and not effect.compared.per_unit:
            return Read(change / abs(planned) if planned else float("nan"), 0.0, 1.0, covers)
        return Read(change, 0.0, beside, covers)

    def _before(
        self, effect: Effect, with_event: Floats, plan: Floats, weights: Floats, covers: float
    ) -> Read:
        """Change against the day before the event."""
        horizon = self.case.horizon
        at = int(horizon.step_of[horizon.index_of(pd.Timestamp(self.event.start))]) - 1
        if at < 0:
            return _unread("no_day_before")
        day = horizon.step_of == at
        before = float(np.average(plan[day], weights=horizon.hours[day]))
        now = float(with_event @ weights / weights.sum())
        if effect.unit.split(" ", 1)[0] == "share":
            return Read((now - before) / before if before else float("nan"), 0.0, 1.0, covers)
        return Read(now - before, 0.0, abs(before), covers)

    def _coverage(self, effect: Effect, stretch: Stretch) -> Read:
        """Days that stocks cover at the start of the event: over the use of a day, by the plan, of those who hang on them."""
        assert effect.compared is not None
        names = [e for term in effect.compared.terms for e in elements(self.case, term)]
        share = self.case.horizon.share_within(self.event.start, self.event.end)
        inside = share[stretch.first : stretch.last] > 0
        level, into, out_of = (stretch.answer.power(f"storages.{part}", names).sum(axis=0) for part in STOCK)
        at = int(np.argmax(inside))
        start = float(
            level[at] * stretch.answer.mean_hours + (out_of[at] - into[at]) * stretch.answer.hours[at]
        )
        frame = in_days(self.case, self.year, self.event.start, self.event.end)
        use = dict(zip(zip(frame["region"], frame["carrier"], strict=True), frame["use_day"], strict=True))
        rows, region = self.case.table("storages"), region_of_places(self.case)
        mine = rows[rows["storage"].isin(names)]
        users = {(region[p], c) for p, c in zip(mine["place"], mine["carrier"], strict=True)}
        a_day = sum(use.get(key, 0.0) for key in sorted(users))
        if a_day <= NO_POWER * 24.0:
            return _unread("nobody_uses")
        return Read(days(start, a_day), float("nan"), 1.0)

    # ---- arrays
    def _series(
        self, stretch: Stretch, term: EffectTerm, element: str, one_step: bool
    ) -> tuple[Floats, Floats]:
        """MW of an element with the event and by the plan; MWh for levels."""
        now, before = (
            self._power(answer, term.quantity, element) for answer in (stretch.answer, stretch.plan)
        )
        if one_step:
            return now, before
        whole = self._power(self.year, term.quantity, element)
        found = []
        for part in (now, before):
            series = whole.copy()
            series[stretch.first : stretch.last] = part
            found.append(series)
        return found[0], found[1]

    def _power(self, answer: Answer, quantity: str, element: str) -> Floats:
        name = _IN_FIRST_HOUR.get(quantity, quantity)
        if name == "links.flow":
            return np.asarray(
                answer.power(name, [element])[0] - answer.power("links.flow_back", [element])[0]
            )
        if name == "demand.unserved":
            return answer.by_demand(len(self.case.table("demand")))[self._rows_of[element]].sum(axis=0)
        if name == "contracts.delivery" and element in self._streams:
            return np.asarray(answer.power("streams.flow", self._streams[element]).sum(axis=0))
        if name == "contracts.delivery" and self._booked[element]:
            # a contract over links counts what they carry forward
            return np.asarray(answer.power("links.flow", self._booked[element]).sum(axis=0))
        if name == "storages.level":
            return np.asarray(answer.power(name, [element])[0] * answer.mean_hours)
        return np.asarray(answer.power(name, [element])[0])

    @cached_property
    def _streams(self) -> dict[str, list[str]]:
        """Columns by which each stream enters its way."""
        return {one.contract: [one.label(leg) for leg in one.first] for one in streams(self.case)}

    @cached_property
    def _booked(self) -> dict[str, list[str]]:
        """Links that a contract books; none where it delivers at a place."""
        contracts = self.case.table("contracts")
        effects = self.case.table("contract_kinds").set_index("kind")["effect"]
        rows = contracts["kind"].map(effects) == "row"
        over = contracts["over"].where(rows, "")
        return {
            contract: [link for link in str(links).split(";") if link]
            for contract, links in zip(contracts["contract"], over, strict=True)
        }

    @cached_property
    def _rows_of(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for at, key in enumerate(keys(self.case, "demand")):
            found.setdefault(key, []).append(at)
        return found

    @cached_property
    def _wanted(self) -> Floats:
        """Demand of each row, MW, (rows, steps of the horizon)."""
        return self.year.by_demand(len(self.case.table("demand")), "upper")

    def _scale(self, term: EffectTerm, element: str, before: Floats, steps: slice) -> Floats:
        """What a change is small or large beside: the use of customers, or the plan."""
        if term.quantity in ("demand.unserved", "first_hour.unserved"):
            return np.asarray(self._wanted[self._rows_of[element]].sum(axis=0)[steps])
        return np.abs(before)

    # ---- units
    def _per(self, unit: str, carrier: str) -> float:
        """What to multiply MW, or MWh of a stretch, with."""
        if unit in DAYS or unit.split(" ", 1)[0] == "share":
            return 1.0
        dimension = "power" if is_rate(self.case, unit, carrier) else "energy"
        return 1.0 / self.case.units.factor(unit, dimension, carrier)

    def _is_rate(self, unit: str, carrier: str) -> bool:
        if unit in DAYS or unit.split(" ", maxsplit=1)[0] == "share":
            return False
        return is_rate(self.case, unit, carrier)
