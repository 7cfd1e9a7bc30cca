"""From flows of a solved case to lines of invoices: one contract, one month, one clause.

Quantities and prices are in the unit of the contract's price; money in the currency of the case, above 0 where the buyer pays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.clauses import BILLED_UNDER, Terms
from kelisim.ledger import power, prices, quantities, risk, transport
from kelisim.results.answer import Answer
from kelisim.results.schema import framed
from kelisim.results.streams import StreamFlows
from kelisim.tolerances import NO_ENERGY

Floats = npt.NDArray[np.float64]
# month, clause, item, quantity, unit, price, amount, MWh
Line = tuple[str, str, str, float, str, float, float, float]
Dropped = tuple[str, str]  # contract and clause that is left out
GOODS = "goods"


class Billing:
    """Invoices of all contracts of a solved case."""

    def __init__(self, case: Case, answer: Answer) -> None:
        self.case, self.answer = case, answer
        self.hours = answer.hours
        first = case.horizon.start.to_period("M")
        last = (case.horizon.end - pd.Timedelta(hours=1)).to_period("M")
        self.months = pd.period_range(first, last, freq="M")
        days = self.months.to_timestamp()
        self.days = pd.DatetimeIndex(days)
        ends = [one.end_time.normalize() for one in self.months]
        self.of_month = np.array(
            [case.horizon.share_within(a, b) * self.hours for a, b in zip(days, ends, strict=True)]
        )  # hours of each step in each month, (months, steps)

    @cached_property
    def contracts(self) -> pd.DataFrame:
        """Contracts that hold on a day of the horizon, as written."""
        rows = self.case.table("contracts").set_index("contract", drop=False)
        holds = [float(self.active(row).sum()) > 0 for _, row in rows.iterrows()]
        return rows[holds] if len(rows) else rows

    def active(self, row: pd.Series) -> Floats:
        """Share of each step in which a contract holds, (steps)."""
        return self.case.horizon.share_within(row["start"], row["end"])

    @cached_property
    def billed_under(self) -> dict[str, str]:
        """Contract -> the one under which its quantities are billed."""
        rows = self.case.table("clauses")
        rows = rows[rows["clause"] == BILLED_UNDER]
        return dict(zip(rows["contract"], rows["item"], strict=True))

    @cached_property
    def _streams(self) -> dict[str, Floats]:
        flows = StreamFlows(self.case, self.answer)
        return {one.contract: flows.entered(one) for one in flows.all}

    def flow(self, contract: str) -> Floats:
        """MW that count against a contract, (steps): delivered, or what enters the way of booked transit, or moves over its links."""
        row = self.contracts.loc[contract]
        if contract in self._streams:
            moved = self._streams[contract]
        elif over := [word for word in str(row["over"]).split(";") if word]:
            moved = self.answer.power("links.flow", over).sum(axis=0)
        else:
            moved = self.answer.power("contracts.delivery", [contract])[0]
        return np.maximum(moved, 0.0) * (self.active(row) > 0)

    def by_month(self, steps: Floats) -> Floats:
        """MWh of each month of MW by step."""
        return self.of_month @ steps

    # ---- the table
    def lines(self, without: Dropped = ("", ""), only: str = "") -> pd.DataFrame:
        """All lines; without one clause of a contract, or of one contract only."""
        found: list[tuple[str | float, ...]] = []
        for contract in self.contracts["contract"]:
            if contract in self.billed_under or (only and contract != only):
                continue
            bill = Bill(self, contract, without[1] if without[0] == contract else "")
            own = [line for line in bill.lines() if line[3] or line[6]]
            if any(line[1] != GOODS or line[6] for line in own):  # goods without a price are no invoice
                found += [(contract, *line) for line in own]
        return framed("invoices", "invoices", found)

    def unpriced(self) -> list[str]:
        """Contracts whose goods move and that have neither a price nor a line."""
        some = set(self.lines()["contract"])
        names = [name for name in self.contracts["contract"] if name not in some | set(self.billed_under)]
        return [name for name in names if float(self.flow(name) @ self.hours) > NO_ENERGY]


@dataclass(frozen=True)
class Bill:
    """The lines of one contract. Each: month, clause, item, quantity, unit, price, amount.

    dropped  a clause that is left out
    """

    billing: Billing
    contract: str
    dropped: str = ""

    # ---- what it is made of
    @cached_property
    def row(self) -> pd.Series:
        return self.billing.contracts.loc[self.contract]

    @cached_property
    def terms(self) -> Terms:
        return Terms(self.billing.case, self.row)

    @cached_property
    def clauses(self) -> list[str]:
        return [name for name in self.terms.clauses if name not in (self.dropped, BILLED_UNDER)]

    @cached_property
    def rate(self) -> Floats:
        """Units per hour, (steps)."""
        return self.billing.flow(self.contract) / self.terms.size

    @cached_property
    def quantity(self) -> Floats:
        """Units of each month."""
        return self.billing.by_month(self.rate)

    @cached_property
    def price(self) -> Floats:
        """Price of each month, without the clauses that add to it."""
        days, terms = self.billing.days, self.terms
        found = np.full(len(days), float(self.row["price"]))
        if "indexed_price" in self.clauses:
            found = self._indexed()
        if "hub_netback" in self.clauses:
            hub = terms.over("hub_netback", "hub", days)
            less = terms.value("hub_netback", "transport"), terms.value("hub_netback", "margin", 0.0)
            found = prices.hub_netback(hub, *less)
        if "price_review" in self.clauses:
            asked = ("reference", "threshold", "months")
            reference, threshold, months = (terms.value("price_review", name) for name in asked)
            part = terms.value("price_review", "part", 1.0)
            found = prices.reopened(found, reference, threshold, int(months), part)
        return found

    def _indexed(self) -> Floats:
        terms, name = self.terms, "indexed_price"
        begins = terms.begins(name, "index") or self.billing.days[0]
        first = min(begins, self.billing.days[0]).to_period("M")
        months = pd.period_range(first, self.billing.months[-1], freq="M").to_timestamp()
        items = terms.items(name)
        series = np.array([terms.over(name, "index", pd.DatetimeIndex(months), item=one) for one in items])
        weights, starts = (
            [terms.value(name, parameter, item=one) for one in items]
            for parameter in ("weight", "index_start")
        )
        each = [terms.value(name, "conversion", 1.0, item=one) for one in items]
        window, lag, keep = (
            int(terms.value(name, p, d)) for p, d in (("window", 1), ("lag", 0), ("keep", 1))
        )
        low, high = terms.value(name, "floor", -np.inf), terms.value(name, "ceiling", np.inf)
        count = len(self.billing.months)
        return prices.indexed(
            terms.value(name, "base"),
            series,
            weights,
            starts,
            len(months) - count,
            count,
            window,
            lag,
            keep,
            each,
            low,
            high,
        )

    # ---- lines
    def lines(self) -> Iterator[Line]:
        """Every line of the contract, its goods first."""
        yield from self._monthly(GOODS, self.quantity, self.price)
        yield from self._of_limits()
        for clause in self.clauses:
            make = getattr(self, f"_{clause}", None)
            if make is not None:
                yield from make()

    def _line(self, at: int, clause: str, quantity: float, price: float, item: str = "") -> Line:
        month, energy = str(self.billing.months[at]), float(quantity) * self.terms.size
        return month, clause, item, float(quantity), self.terms.unit, float(price), quantity * price, energy

    def _monthly(
        self, clause: str, quantity: Floats, price: Floats | float, item: str = "", sign: float = 1.0
    ) -> Iterator[Line]:
        """A line for each month with a quantity; sign -1 where the seller pays."""
        each = sign * np.broadcast_to(np.asarray(price, dtype=float), quantity.shape)
        for at in np.flatnonzero(quantity * self.terms.size > NO_ENERGY):
            yield self._line(int(at), clause, quantity[at], each[at], item)

    # ---- limits of the contract's row
    @cached_property
    def years(self) -> list[tuple[int, Floats]]:
        """Calendar years of the horizon: position of the last month in which the contract holds, months of the year."""
        of = np.array([month.year for month in self.billing.months])
        holds = self.billing.by_month((self.billing.active(self.row) > 0).astype(float)) > 0
        found = []
        for year in sorted(set(of)):
            months = (of == year) & holds
            if months.any():
                found.append((int(np.flatnonzero(months)[-1]), months.astype(float)))
        return found

    @cached_property
    def annual(self) -> Floats:
        """Quantity due in each year, of the days on which the contract holds, (years)."""
        case, row = self.billing.case, self.row
        whole = case.units.factor(str(row["unit"]), "energy", str(row["carrier"])) / self.terms.size
        hours = self.billing.by_month(self.billing.active(row))
        left = np.ones(len(hours))
        if "force_majeure" in self.clauses:
            left = risk.force_majeure(
                left, self.terms.over("force_majeure", "available", self.billing.days, 1.0)
            )
        share = (
            np.array([float((hours * left) @ months) for _, months in self.years]) / case.horizon.year_hours
        )
        return float(row["annual_quantity"]) * whole * share

    @cached_property
    def taken(self) -> Floats:
        """Quantity of each year, (years)."""
        return np.array([float(self.quantity @ months) for _, months in self.years])

    @cached_property
    def paid(self) -> quantities.TakeOrPayYears:
        """Take-or-pay of the years."""
        terms, carries = self.terms, "carry_forward" in self.clauses
        share = 0.0 if self.dropped == "take_or_pay" else float(self.row["take_or_pay"])
        make_up = 0 if self.dropped == "make_up" else int(self.row["make_up_years"])
        return quantities.take_or_pay(
            self.annual,
            self.taken,
            share,
            make_up,
            terms.value("carry_forward", "cap", 0.0) if carries else 0.0,
            int(terms.value("carry_forward", "years", 0)) if carries else 0,
            terms.value("take_or_pay", "bank", 0.0),
            terms.value("carry_forward", "credit", 0.0) if carries else 0.0,
        )

    def _of_limits(self) -> Iterator[Line]:
        """What take-or-pay, ship-or-pay and the least and the most of a year and a day add."""
        row = self.row
        if not pd.isna(row["annual_quantity"]):
            yield from self._of_year()
        size = (
            self.billing.case.units.factor(str(row["daily_unit"]), "power", str(row["carrier"]))
            / self.terms.size
        )
        active = self.billing.active(row)
        if float(row["daily_min"] or 0.0) > 0 and self.dropped != "least_of_day":
            less = np.maximum(float(row["daily_min"]) * size * active - self.rate, 0.0)
            yield from self._monthly("least_of_day", self.billing.by_month(less), self._shortfall_price)
        if (
            not pd.isna(row["daily_max"])
            and not pd.isna(row["excess_price"])
            and self.dropped != "excess_of_day"
        ):
            more = np.maximum(self.rate - float(row["daily_max"]) * size * active, 0.0)
            yield from self._monthly("excess_of_day", self.billing.by_month(more), float(row["excess_price"]))

    @property
    def _shortfall_price(self) -> float:
        own = float(self.row["shortfall_price"])
        return float(self.row["price"]) if np.isnan(own) else own

    def _of_year(self) -> Iterator[Line]:
        row, paid = self.row, self.paid
        rises = bool(self.terms.value("take_or_pay", "price_difference", 0.0))
        price = np.array([self._mean_price(months) for _, months in self.years])
        for at, (last, _) in enumerate(self.years):
            due, taken = float(self.annual[at]), float(self.taken[at])
            some = NO_ENERGY / self.terms.size
            if paid.unpaid[at] > some:
                yield self._line(last, "take_or_pay", paid.unpaid[at], price[at])
            if paid.made_up[at] > some:
                yield self._line(last, "make_up", paid.made_up[at], -price[at])
                more = quantities.take_or_pay_invoice(paid, self.taken, price, True)[at]
                more -= quantities.take_or_pay_invoice(paid, self.taken, price)[at]
                if rises and more > 0:
                    yield self._line(last, "price_difference", paid.made_up[at], more / paid.made_up[at])
            share = 0.0 if self.dropped == "ship_or_pay" else float(row["ship_or_pay"])
            whole = transport.ship_or_pay(due, taken, float(row["price"]), share)
            less = (whole - float(row["price"]) * taken) / float(row["price"]) if row["price"] else 0.0
            if less > some:
                yield self._line(last, "ship_or_pay", less, float(row["price"]))
            least, most = due * (1.0 - float(row["swing_down"])), due * (1.0 + float(row["swing_up"]))
            if least - taken > some and self.dropped != "least_of_year":
                yield self._line(last, "least_of_year", least - taken, self._shortfall_price)
            if taken - most > some and not pd.isna(row["excess_price"]) and self.dropped != "excess_of_year":
                yield self._line(last, "excess_of_year", taken - most, float(row["excess_price"]))

    def _mean_price(self, months: Floats) -> float:
        """Mean price of a year by what was taken; of its months alike where nothing was."""
        taken = self.quantity * months
        weight = taken if taken.sum() > 0 else months
        return float((self.price * weight).sum() / weight.sum())

    # ---- clauses of the table, by their names
    def _ship_or_pay(self) -> Iterator[Line]:
        moving = self.terms.value("ship_or_pay", "moving", 0.0) * self.terms.value(
            "ship_or_pay", "length", 1.0
        )
        if moving:
            yield from self._monthly("ship_or_pay", self.quantity, moving)

    def _fixed_tariff(self) -> Iterator[Line]:
        tariff = self.terms.value("fixed_tariff", "tariff")
        yield from self._monthly("fixed_tariff", self.quantity, transport.fixed_tariff(1.0, tariff))

    def _deliver_or_pay(self) -> Iterator[Line]:
        terms, days = self.terms, self.billing.days
        hours = self.billing.by_month(self.billing.active(self.row))
        due = terms.over("deliver_or_pay", "nominated", days, 0.0) * hours
        if "force_majeure" in self.clauses:
            due = risk.force_majeure(due, terms.over("force_majeure", "available", days, 1.0))
        discount = terms.value("deliver_or_pay", "discount")
        cheaper, _ = quantities.deliver_or_pay(due, self.quantity, self.price, discount)
        yield from self._monthly("deliver_or_pay", cheaper, self.price * discount, sign=-1.0)

    def _quality_bank(self) -> Iterator[Line]:
        for bank in self.terms.items("quality_bank"):
            rows = self.billing.case.table("clauses")
            chosen = (rows["clause"] == "quality_bank") & (rows["item"] == bank)
            members = [
                m for m in dict.fromkeys(rows["contract"][chosen]) if m in self.billing.contracts.index
            ]
            bills = [self if m == self.contract else Bill(self.billing, m) for m in members]
            grades = [one.terms.value("quality_bank", "quality", item=bank) for one in bills]
            worth = self.terms.value("quality_bank", "worth", item=bank)
            mine = members.index(self.contract)
            for at in range(len(self.billing.months)):
                amounts = [one.quantity[at] * one.terms.size / self.terms.size for one in bills]
                got = transport.quality_bank(amounts, grades, worth)[mine]
                if amounts[mine] * self.terms.size > NO_ENERGY and got:
                    yield self._line(at, "quality_bank", amounts[mine], -got / amounts[mine], item=bank)

    def _swap(self) -> Iterator[Line]:
        yield from self._monthly(
            "swap", transport.swapped(self.quantity, self.terms.value("swap", "ratio")), 0.0
        )

    def _tolling(self) -> Iterator[Line]:
        yields = {one: self.terms.value("tolling", "yield", item=one) for one in self.terms.items("tolling")}
        fee = self.terms.value("tolling", "fee")
        _, back = transport.tolling(self.quantity, fee, yields)
        yield from self._monthly("tolling", self.quantity, fee)
        for item, amount in back.items():
            yield from self._monthly("tolling", amount, 0.0, item=item)

    def _compensation_in_kind(self) -> Iterator[Line]:
        lost = self.terms.over("compensation_in_kind", "lost", self.billing.days, 0.0)
        found = transport.compensation_in_kind(lost, self.terms.value("compensation_in_kind", "price"))
        yield from self._monthly("compensation_in_kind", found, 0.0)

    def _deviation_band(self) -> Iterator[Line]:
        terms, steps = self.terms, pd.DatetimeIndex(self.billing.case.horizon.steps["step"])
        plan = terms.over("deviation_band", "plan", steps, 0.0) * (self.billing.active(self.row) > 0)
        margins = (terms.value("deviation_band", name, 0.0) for name in ("inside", "outside", "network"))
        price = self.price[np.searchsorted(self.billing.days, steps, side="right") - 1]
        band = terms.value("deviation_band", "band")
        found = power.deviation_band(self.rate - plan, 1.0, band, price, *margins)
        for name, money in (("margin", found.margin), ("network", found.network)):
            amount, off = (
                self.billing.by_month(money),
                self.billing.by_month(np.abs(self.rate - plan) * (money > 0)),
            )
            for at in np.flatnonzero(amount):
                yield self._line(int(at), "deviation_band", off[at], amount[at] / off[at], item=name)

    def _emergency_power(self) -> Iterator[Line]:
        steps = pd.DatetimeIndex(self.billing.case.horizon.steps["step"])
        plan = self.terms.over("emergency_power", "plan", steps, 0.0)
        above = self.billing.by_month(np.maximum(self.rate - plan, 0.0))
        multiple = self.terms.value("emergency_power", "multiple")
        yield from self._monthly(
            "emergency_power", above, power.emergency_power(1.0, self.price, multiple) - self.price
        )

    def _seasonal_exchange(self) -> Iterator[Line]:
        for other in self.terms.items("seasonal_exchange"):
            back = self.billing.by_month(self.billing.flow(other)) / self.terms.size
            price = self.terms.value("seasonal_exchange", "price", item=other)
            balance, _ = power.seasonal_exchange(self.quantity, back, price)
            yield self._line(len(balance) - 1, "seasonal_exchange", balance[-1], price, item=other)

    def _solidarity(self) -> Iterator[Line]:
        transported, curtailed = (
            self.terms.value("solidarity", name, 0.0) for name in ("transport", "curtailed")
        )
        yield from self._monthly("solidarity", self.quantity, transported, item="transport")
        for at in np.flatnonzero(self.quantity * self.terms.size > NO_ENERGY):
            if curtailed:
                yield self._line(
                    int(at),
                    "solidarity",
                    self.quantity[at],
                    curtailed / self.quantity[at],
                    item="customers cut",
                )
