"""What the study of a border says: is every region supplied, what is the weakest point, on what does each region live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.results.border_regions import BorderRegions
from kelisim.results.facts import Fact, said
from kelisim.results.parts import over_steps
from kelisim.results.weakest import leaning, weakest
from kelisim.tolerances import SMALL_ENERGY, SMALL_MONEY, SMALL_SHARE

WINTER = (10, 11, 12, 1, 2, 3)  # months of the heating season
FINE = 1.5  # days; longer steps do not tell on which day a cut begins
GAS = "gas"  # family of carriers whose pressures are not counted
REGION = "region_"  # how the keys of facts of one region begin
Row = Mapping[Any, Any]


def cover(case: Case, days: float, stock_days: float) -> Fact:
    """Days of cover as far as the steps of the case tell them: "4.0", "less than 31", "no cut", "-" for nobody protected.

    A cut in the first step of a month says little where there is a stock; without one it begins at once.
    """
    if np.isnan(days):
        return said("border.cover_of_nobody")
    if np.isinf(days):
        return said("border.no_cut")
    step = _longest_step(case)
    if days <= 0 and step > FINE and stock_days > 0:
        return said("border.less_than", days=round(step))
    return said("border.days", days=days)


def _longest_step(case: Case) -> float:
    return float(over_steps(case, case.horizon.hours).max()) / 24.0


class BorderFacts:
    """Facts of a border, each with the number it rests on.

    table         rows of `border`, the answers included
    lost, closed  rows of `border.n1` and `border.closed`
    help_         what is said of help from abroad
    """

    def __init__(
        self,
        border: BorderRegions,
        table: pd.DataFrame,
        lost: pd.DataFrame,
        closed: pd.DataFrame,
        start: date,
        days: int,
        help_: Sequence[Fact] = (),
    ) -> None:
        self.case, self.border, self.table = border.case, border, table
        self.lost, self.closed = lost, closed
        self.period = {"days": days, "start": start}
        self.help = list(help_)
        self.family = self.case.table("carriers").set_index("carrier")["family"]
        self.markets = set(self.case.table("markets")["market"])

    def facts(self) -> list[Fact]:
        """What hurts most first: the weakest point, the border closed; then supplied, each region, what to know beside it."""
        first = [*self._weakest(), self._across(), self._today(), self._winter()]
        found = [*first, *self.help, *self._regions()]
        step = _longest_step(self.case)
        if step >= FINE:
            found.append(Fact("steps", step, "day", "border.steps", days=round(step)))
        is_said = any(fact.places.get("gas") for fact in first)
        if not is_said and self.table["carrier"].map(self.family).eq(GAS).any():
            found.append(Fact("gas", say="border.gas"))
        return found

    # ---- supplied?
    def _today(self) -> Fact:
        first, second = self.border.pair
        count, short = self.table["region"].nunique(), float(self.table["unserved_now"].sum())
        who = said("border.one" if count == 1 else "border.several", count=count)
        say, rows = "border.supplied", None
        if self.table.empty:
            say = "border.nothing_used"
        elif short > SMALL_ENERGY:
            say, rows = "border.not_supplied", self._short_rows(self.table, "unserved_now")
        value = short if rows else 0.0
        return Fact(
            "today", value, "MWh", say, first=first, second=second, who=who, short=rows, **self.period
        )

    def _winter(self) -> Fact:
        short, months = self._winter_short()
        if not months:
            return Fact("winter", say="border.no_winter")
        total = float(short["unserved"].sum())
        if total <= SMALL_ENERGY:
            return Fact("winter", 0.0, "MWh", "border.winter_served", months=months)
        rows = self._short_rows(short, "unserved")
        return Fact("winter", total, "MWh", "border.winter_short", months=months, short=rows)

    def _winter_short(self) -> tuple[pd.DataFrame, list[Fact]]:
        """Unserved energy by region and carrier in the winter months of the case, and these months."""
        tables, steps = self.border.tables, self.case.horizon.steps
        cold = steps["step"][steps["month"].isin(WINTER)]
        frame = tables.demand_unserved
        hours = frame["step"].map(dict(zip(steps["step"], tables.hours, strict=True)))
        frame = frame.assign(region=self.border.region(frame), energy=frame["unserved"] * hours)
        frame = frame[frame["step"].isin(cold) & frame["region"].isin(self.border.found)]
        energy = frame.groupby(["region", "carrier"])["energy"].sum()
        return energy.rename("unserved").reset_index(), _months(cold)

    def _short_rows(self, frame: pd.DataFrame, column: str, most: int = 3) -> Fact:
        rows = frame[frame[column] > SMALL_ENERGY].sort_values(column, ascending=False, kind="stable")
        parts = [
            said("border.short_row", energy=row[column], carrier=row["carrier"], region=row["region"])
            for row in rows.head(most).to_dict("records")
        ]
        rest = len(rows) - most
        return said("border.short", rows=parts, more=said("border.and_more", count=rest) if rest > 0 else "")

    # ---- the weakest point
    def _weakest(self) -> list[Fact]:
        """The supply without which most is lost, and who goes short without it."""
        row = weakest(leaning(self.table), "n1_value")
        if row is None:
            return [Fact("weakest", 0.0, "MWh", "border.no_weakest", **self.period)]
        whole = said("border.whole") if row["largest"] != row["supply"] else ""
        places = {"region": row["region"], "carrier": row["carrier"], "supply": row["supply"], "whole": whole}
        losses = self._losses(self.lost, row) or said("border.nobody")
        gas = self._gas(row)
        return [
            Fact("weakest", row["n1_value"], self.case.currency, "border.weakest", **places),
            Fact("weakest_losses", None, "", "border.weakest_losses", losses=losses, gas=gas, **self.period),
        ]

    def _across(self) -> Fact:
        """The region that is hit most if the border is closed for one carrier."""
        rows = self.table[self.table["share_across_now"] > SMALL_SHARE]
        row = weakest(rows, "closed_value")
        if row is None:
            return Fact("across", 0.0, "MWh", "border.no_across", **self.period)
        places = {
            "region": row["region"],
            "carrier": row["carrier"],
            "losses": self._losses(self.closed, row),
        }
        gas = self._gas(row)
        return Fact(
            "across", row["closed_unserved"], "MWh", "border.across", **places, gas=gas, **self.period
        )

    def _gas(self, row: Row) -> Fact | str:
        return said("border.and_gas") if self.family.get(row["carrier"]) == GAS else ""

    def _losses(self, details: pd.DataFrame, row: Row, most: int = 2) -> Fact | None:
        """Who goes short in the region of a row, the protected and the largest first; None if nobody does."""
        mine = details[(details["region"] == row["region"]) & (details["carrier"] == row["carrier"])]
        mine = mine[mine["customer_class"] != ""]
        if mine.empty:
            return None
        parts, rest = [self._loss(one) for one in mine.head(most).to_dict("records")], len(mine) - most
        return said(
            "border.short_there", parts=parts, more=said("border.more", count=rest) if rest > 0 else ""
        )

    def _loss(self, one: Row) -> Fact:
        carrier, who = one["short_carrier"], one["customer_class"]
        when = said("border.at_once" if one["days_served"] < 0.5 else "border.after", days=one["days_served"])
        say = "border.loss_of_buyers" if who in self.markets else "border.loss"
        named = "" if who == carrier else said("border.class", customer_class=who)
        lost = one["unserved"] + one["less_taken"]
        return said(say, lost=lost, carrier=carrier, who=named, share=one["rate"], when=when)

    # ---- each region
    def _regions(self) -> list[Fact]:
        """Each region that leans on the other side or would lack something, what hurts most first, with the carriers that matter."""
        found = []
        for region, rows in ranked(self.table):
            hurts = rows[rows["hurt"] > SMALL_MONEY]
            parts = [
                said("border.carrier", parts=self._parts(row, same))
                for row, same in _by_supply(hurts.to_dict("records"))
            ]
            spared = list(rows["carrier"][rows["hurt"] <= SMALL_MONEY])
            if spared:
                parts.append(said("border.spared", carriers=spared, **self.period))
            places = {"region": region, "parts": parts}
            hurt = float(rows["hurt"].max())
            found.append(Fact(f"{REGION}{region}", hurt, self.case.currency, "border.region", **places))
        return found

    def _parts(self, row: Row, same: Sequence[str]) -> list[Fact]:
        """One region and carrier: how much, from where, for how long, what hangs on it, what its largest supply is worth.

        same  carriers that come from the same supply and have nothing else to say
        """
        parts = [said("border.use", carrier=row["carrier"], use=row["use_day"])]
        if row["share_across_now"] > SMALL_SHARE:
            parts.append(said("border.from_across", share=row["share_across_now"]))
            parts.append(self._cover(row))
            if row["protected_share"] > SMALL_SHARE:
                parts.append(said("border.protected", share=row["protected_share"]))
        if row["heat_share"] > SMALL_SHARE:
            parts.append(self._heat(row))
        if row["n1_value"] > SMALL_MONEY:
            what = said("border.whole") if row["largest"] != row["supply"] else ""
            parts.append(said("border.without_it", supply=row["supply"], whole=what, value=row["n1_value"]))
        if same:
            parts.append(said("border.same", carriers=list(same)))
        return parts

    def _cover(self, row: Row) -> Fact:
        """Days until the first protected customer of the region is cut, if the border is closed for the carrier."""
        if np.isfinite(row["protected_days"]):
            return said("border.cover", cover=cover(self.case, row["protected_days"], row["stock_days"]))
        losses = self._losses(self.closed, row, 1)
        return said("border.if_closed" if losses else "border.nobody_if_closed", losses=losses, **self.period)

    def _heat(self, row: Row) -> Fact:
        """Places whose heat is made from the carrier."""
        kind = self.case.table("places").set_index("place")["kind"]
        are_towns = all(kind.get(place) == "town" for place in row["heat_at"].split(";"))
        say = "border.heat_of_towns" if are_towns else "border.heat_of_places"
        return said(say, count=int(row["heat_places"]), share=row["heat_share"])


def ranked(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Regions with the carriers that matter to them, what hurts most first.

    A carrier matters where more than a hundredth of it, fuels included, comes from across the border.
    """
    hurt = table[["n1_value", "closed_value"]].max(axis=1)
    rows = leaning(table.assign(hurt=hurt))
    rows = rows.sort_values(["hurt", "use_day"], ascending=False, kind="stable")
    order = list(dict.fromkeys(rows["region"]))
    return [(region, rows[rows["region"] == region]) for region in order]


def _by_supply(rows: Sequence[Row]) -> list[tuple[Row, list[str]]]:
    """Rows of a region, those told once whose largest supply is that of a row before and whose border may be closed."""
    found: list[tuple[Row, list[str]]] = []
    for row in rows:
        before = next(
            (same for one, same in found if one["largest"] and one["largest"] == row["largest"]), None
        )
        if before is None or row["closed_value"] > SMALL_MONEY:
            found.append((row, []))
        else:
            before.append(str(row["carrier"]))
    return found


def _months(moments: pd.Series) -> list[Fact]:
    """Months of some steps, those in a row together: January to March 2024, October to December 2024."""
    runs: list[list[pd.Period]] = []
    for month in dict.fromkeys(pd.PeriodIndex(moments, freq="M")):
        if runs and month == runs[-1][-1] + 1:
            runs[-1].append(month)
        else:
            runs.append([month])
    found = []
    for run in runs:
        first, last = run[0], run[-1]
        say = "month" if first == last else "months" if first.year == last.year else "months_of_years"
        found.append(said(f"border.{say}", first=first.start_time, last=last.start_time))
    return found
