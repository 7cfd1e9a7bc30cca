"""What an outage loses, whoever bears it, each loss with its worth in the case's currency: what a headline is chosen by.

    customers   energy not served beyond the plan, at its value of lost load; by country and family of carriers
    sales       goods that markets and buyers abroad under contract together take less of, at what they are worth there
    buyers      goods that buyers abroad under contract do not get, at the value of lost load of their contract; by country
    transit     booked transit that is not handed over, at the price of the plan where it ends; by contract
    shut_in     what fields and mines make less of, at the prices of the plan where they stand
    dearer      what the answer costs beyond the plan and none of the above explains: other ways of supply

Prices are those of the plan: what one more MWh would have cost at that place and step; a good that was worth nothing is no
loss. What is not sold, who does not get it and what is shut in for it are one loss and stand once, as the largest of the three.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.customers import of_demand, protected, voll_of
from kelisim.case.territory import region_of_places
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.duties import duties_missed
from kelisim.results.shut_in import shut_in
from kelisim.results.streams import StreamFlows
from kelisim.tolerances import NO_POWER, ROUNDING, SMALL_MONEY, SMALL_SHARE

Floats = npt.NDArray[np.float64]
Row = list[dict[str, object]]
EXPORT = "export_contract"  # class of demand of buyers abroad under contract
MADE = ("field", "mine")  # kinds of sources whose stop is a loss of their owner
CUSTOMERS, SALES, BUYERS = "customers", "sales", "buyers"
TRANSIT, SHUT_IN, DEARER = "transit", "shut_in", "dearer"
FEW_REGIONS = 4  # that a sentence can stand for by one of them and a number
MOSTLY = 0.9  # share of the worth of a family of carriers from which it is called by one of them
LOSSES = [
    "kind",
    "of",
    "family",
    "carrier",
    "value",
    "energy",
    "amount",
    "unit",
    "peak",
    "share",
    "is_month",
    "regions",
]
GROUPS = ["customer_class", "carrier", "country", "is_home", "protected", "value", "amount", "unit", "share"]
GROUPS += ["is_month", "regions", "first"]


@dataclass(frozen=True)
class Losses:
    """The losses of an answer beside the plan.

    all      one row for each loss, the largest worth first. kind; of: country of customers, contract of transit, else empty;
             family; carrier that is most of it, empty where none is; value (currency); energy (MWh beyond the plan in the days
             shown); amount and unit: while the outage lasts, a mean flow or an amount as `[display] units` has it; peak: its
             highest flow; share of the use, sales, transit or output of the plan while the outage lasts; is_month: the share is
             of the months that the outage touches; regions: of customers, the most short first, where the share is of their
             use, and empty where it is of that of the country
    groups   customers that are cut and of which each is a hundredth of the loss or more: homes of the home country first
    small    number of the groups of customers that are less
    shut     rows of the table `shut_in` of fields and mines
    sales    losses of sales, also where what is shut in for them stands in their place
    stopped  losses of what is shut in, also where sales stand in its place
    """

    all: pd.DataFrame
    groups: pd.DataFrame
    small: int
    shut: pd.DataFrame
    sales: pd.DataFrame
    stopped: pd.DataFrame

    @property
    def total(self) -> float:
        """Currency."""
        return float(self.all["value"].sum())

    def tells(self, kind: str) -> bool:
        """Whether losses of a kind are a hundredth of all that is lost or more."""
        rows = pd.concat([self.all, self.sales, self.stopped])
        mine = rows["value"][rows["kind"] == kind]
        return bool((mine >= SMALL_SHARE * self.total).any())


def losses(seen: AgainstPlan, lost: Collection[str] = ()) -> Losses:
    """What an answer loses against the plan.

    lost  elements that are out themselves
    """
    measure = _Measure(seen)
    shut = shut_in(seen, lost)
    kinds = dict(zip(seen.case.table("assets")["asset"], seen.case.table("assets")["kind"], strict=True))
    shut = shut[shut["asset"].map(kinds).isin(MADE)].reset_index(drop=True)
    customers, sales, transit = measure.customers(), measure.sales(), measure.transit()
    stopped, buyers = measure.shut_in(shut), measure.buyers()
    missed = float(duties_missed(seen)["cost"].sum())
    span = float(seen.case.setting("rules", "tranche_span"))  # VOLL of the tranches spreads by that
    known = (1.0 + span) * _worth(customers) + _worth(sales) + _worth(transit) + missed
    rest = seen.answer.objective - seen.base.objective - known
    found = [*customers, *max(sales, buyers, stopped, key=_worth), *transit]
    if rest > SMALL_MONEY:
        found.append({"kind": DEARER, "value": rest})
    frame = _framed(found)
    groups = measure.groups()
    named = groups["value"] >= SMALL_SHARE * float(frame["value"].sum())
    return Losses(
        frame,
        groups[named].reset_index(drop=True),
        int((~named).sum()),
        shut,
        _framed(sales),
        _framed(stopped),
    )


def _worth(rows: Row) -> float:
    return sum(float(str(one["value"])) for one in rows)


def _framed(rows: Row) -> pd.DataFrame:
    """Losses, the largest worth first."""
    frame = pd.DataFrame(rows, columns=LOSSES)
    text, numbers = ["kind", "of", "family", "carrier", "unit", "regions"], ["energy", "amount", "peak"]
    frame[text] = frame[text].astype(object).where(frame[text].notna(), "").astype(str)
    frame = frame.astype(dict.fromkeys([*numbers, "value", "share"], float)).fillna(
        dict.fromkeys(numbers, 0.0)
    )
    frame = frame.assign(is_month=frame["is_month"].eq(True))
    frame = frame[frame["value"] > SMALL_MONEY]
    order = ["value", "kind", "of", "family"]
    return frame.sort_values(order, ascending=[False, True, True, True], ignore_index=True)


class _Measure:
    """Losses of an answer, measured while the outage lasts."""

    def __init__(self, seen: AgainstPlan) -> None:
        self.seen, self.case, self.hours = seen, seen.case, seen.hours
        self.out = seen.out
        self.outage_hours = float(self.hours @ seen.lasting)
        families = self.case.table("carriers").drop_duplicates("carrier").set_index("carrier")["family"]
        self.families = {str(carrier): str(family) or str(carrier) for carrier, family in families.items()}

    @cached_property
    def _prices(self) -> dict[str, Floats]:
        """place:carrier -> currency/MWh by the plan, (steps,); not below 0."""
        block = self.seen.base.rows["places.balance"]
        prices = np.maximum(self.seen.base.row_price("places.balance"), 0.0)
        return dict(zip(block.elements, prices, strict=True))

    def price(self, place: str, carrier: str) -> Floats:
        return self._prices.get(f"{place}:{carrier}", np.zeros(len(self.hours)))

    # ---- one loss
    def row(
        self, kind: str, of: str, parts: Iterable[tuple[str, Floats, Floats, float]]
    ) -> dict[str, object]:
        """One loss of goods of one family whose units are alike.

        parts  carrier, MW less, MW by the plan, each (steps,), and worth in currency
        """
        parts = list(parts)
        value = sum(worth for *_, worth in parts)
        by_carrier: dict[str, float] = {}
        for carrier, *_, worth in parts:
            by_carrier[carrier] = by_carrier.get(carrier, 0.0) + worth
        most = max(by_carrier, key=lambda one: (by_carrier[one], one))
        told = {carrier: self.case.units.told(carrier) for carrier in by_carrier}
        less = sum((told[c].factor * power for c, power, *_ in parts), np.zeros(len(self.hours)))
        plan = sum((told[c].factor * power for c, _, power, _ in parts), np.zeros(len(self.hours)))
        lasting = float((less * self.hours)[self.out].sum())
        share, is_month = self._share(lasting, plan)
        unit = told[most]
        hours = self.outage_hours if unit.is_rate else 1.0
        return {
            "kind": kind, "of": of, "family": self.families.get(most, most),
            "carrier": most if by_carrier[most] >= MOSTLY * value else "", "value": value,
            "energy": sum(float(power @ self.hours) for _, power, *_ in parts),
            "amount": lasting / hours if hours else 0.0, "unit": unit.unit,
            "peak": float(less.max(initial=0.0)) if unit.is_rate else 0.0, "share": share, "is_month": is_month,
        }  # fmt: skip

    def _share(self, lasting: float, plan: Floats) -> tuple[float, bool]:
        """Share of the plan while the outage lasts; where a step is longer than it and more is lost, of the whole steps."""
        use = float(plan @ (self.hours * self.seen.lasting))
        if lasting <= use * (1.0 + ROUNDING):
            return (lasting / use if use > 0 else np.nan), False
        whole = float((plan * self.hours)[self.out].sum())
        return (lasting / whole if whole > 0 else np.nan), True

    def _families(self, kind: str, parts: Iterable[tuple[str, str, Floats, Floats, float]]) -> Row:
        """Losses by whom they are of, family of carriers and unit."""
        grouped: dict[tuple[str, str, str], list[tuple[str, Floats, Floats, float]]] = {}
        for of, carrier, less, plan, worth in parts:
            key = (of, self.families.get(carrier, carrier), self.case.units.told(carrier).unit)
            grouped.setdefault(key, []).append((carrier, less, plan, worth))
        rows = [self.row(kind, of, mine) for (of, *_), mine in grouped.items()]
        return [row for row in rows if float(str(row["value"])) > SMALL_MONEY]

    # ---- kinds
    @cached_property
    def _demand(self) -> pd.DataFrame:
        demand = self.case.table("demand")
        places = self.case.table("places").set_index("place")
        home = str(self.case.setting("defaults", "home"))
        country = demand["place"].map(places["country"]).to_numpy()
        return demand[["place", "carrier", "customer_class"]].reset_index(drop=True).assign(
            country=country, is_home=(country == home) | (home == ""), protected=protected(self.case),
            region=demand["place"].map(region_of_places(self.case)).to_numpy(), voll=voll_of(self.case, demand),
            order=of_demand(self.case, "order", demand).to_numpy(dtype=float), is_export=(demand["customer_class"] == EXPORT).to_numpy(),
        )  # fmt: skip

    def _rows_short(self, is_export: bool) -> pd.DataFrame:
        rows = self._demand
        return rows[(self.seen.more > 0).any(axis=1) & (rows["is_export"] == is_export).to_numpy()]

    def customers(self) -> Row:
        """By country and family. The use is that of the regions that are cut, or of the country where they are many."""
        rows, every = self._rows_short(False), self._demand
        every = every[~every["is_export"]]
        found = []
        for key, mine in rows.groupby(
            [rows["country"], rows["carrier"].map(self.families), self._unit(rows)], sort=True
        ):
            energy = pd.Series(
                self.seen.more[mine.index] @ self.hours * mine["voll"].to_numpy(),
                index=mine["region"].to_numpy(),
            )
            regions = list(energy.groupby(level=0).sum().sort_values(ascending=False, kind="stable").index)
            near = every[(every["country"] == key[0]) & every["carrier"].isin(set(mine["carrier"]))]
            whole = set(near["region"]) <= set(regions) and len(regions) > 1
            if is_few := len(regions) <= FEW_REGIONS and not whole:
                near = near[near["region"].isin(regions)]
            parts = []
            for carrier, used in near.groupby("carrier", sort=True):
                cut = mine[mine["carrier"] == carrier]
                more = self.seen.more[cut.index]
                worth = float((more @ self.hours) @ cut["voll"].to_numpy())
                parts.append(
                    (str(carrier), more.sum(axis=0), self.seen.demand[used.index].sum(axis=0), worth)
                )
            found.append(
                self.row(CUSTOMERS, str(key[0]), parts) | {"regions": ";".join(regions) if is_few else ""}
            )
        return [row for row in found if float(str(row["value"])) > SMALL_MONEY]

    def _unit(self, rows: pd.DataFrame) -> pd.Series:
        return rows["carrier"].map(lambda carrier: self.case.units.told(carrier).unit)

    def groups(self) -> pd.DataFrame:
        """Customers cut by class, carrier and country: protected and home first, then as they are cut."""
        found = []
        keys = ["customer_class", "carrier", "country"]
        for (klass, carrier, country), mine in self._rows_short(False).groupby(keys, sort=True):
            more = self.seen.more[mine.index]
            worth = float((more @ self.hours) @ mine["voll"].to_numpy())
            row = self.row(
                CUSTOMERS,
                "",
                [(str(carrier), more.sum(axis=0), self.seen.demand[mine.index].sum(axis=0), worth)],
            )
            by_region = pd.Series(more @ self.hours, index=mine["region"].to_numpy()).groupby(level=0).sum()
            regions = list(by_region.sort_values(ascending=False, kind="stable").index)
            first = self.seen.starts[int((more > 0).any(axis=0).argmax())]
            one = mine.iloc[0]
            found.append((klass, carrier, country, one["is_home"], one["protected"], worth, row["amount"], row["unit"],
                          row["share"], row["is_month"], regions, first, one["order"]))  # fmt: skip
        frame = pd.DataFrame(found, columns=[*GROUPS, "order"]).astype({"value": float})
        flags = frame.assign(
            one=~(frame["is_home"].eq(True) & frame["protected"].eq(True)),
            two=~frame["is_home"].eq(True),
            three=~frame["protected"].eq(True),
        )
        flags = flags.assign(worth=-frame["value"]).sort_values(
            ["one", "two", "three", "order", "worth", "carrier"], kind="stable"
        )
        return frame.loc[flags.index, GROUPS].reset_index(drop=True)

    def sales(self) -> Row:
        """What all markets and buyers under contract together take less of, by family: what goes to another buyer is sold."""
        markets = self.case.table("markets")
        markets = markets[markets["side"] == "buys"]
        ids = list(markets["market"])
        now, base = (answer.power("markets.taken", ids) for answer in (self.seen.answer, self.seen.base))
        less: dict[str, list[tuple[str, str, Floats, Floats, float]]] = {}
        for place, carrier, a, b in zip(markets["place"], markets["carrier"], base, now, strict=True):
            worth = float(((a - b) * self.price(place, carrier)) @ self.hours)
            less.setdefault(carrier, []).append(("", str(carrier), a - b, a, worth))
        for row, one in self._rows_short(True).iterrows():
            at = int(str(row))
            power = self.seen.more[at]
            worth = float(power @ self.hours) * float(one["voll"])
            less.setdefault(one["carrier"], []).append(
                ("", str(one["carrier"]), power, self.seen.demand[at], worth)
            )
        return self._families(SALES, [part for parts in less.values() for part in parts])

    def buyers(self) -> Row:
        """What buyers abroad under contract do not get, by country and family; their use is what the contracts give them."""
        rows, every = self._rows_short(True), self._demand
        every = every[every["is_export"]]
        found = []
        for key, mine in rows.groupby(["country", "carrier"], sort=True):
            used = every[(every["country"] == key[0]) & (every["carrier"] == key[1])]
            more = self.seen.more[mine.index]
            worth = float((more @ self.hours) @ mine["voll"].to_numpy())
            found.append(
                (str(key[0]), str(key[1]), more.sum(axis=0), self.seen.demand[used.index].sum(axis=0), worth)
            )
        return self._families(BUYERS, found)

    def transit(self) -> Row:
        now, base = (StreamFlows(self.case, answer) for answer in (self.seen.answer, self.seen.base))
        found = []
        for one in now.all:
            planned, given = base.delivered(one), now.delivered(one)
            less = np.where(np.abs(planned - given) > NO_POWER, planned - given, 0.0)
            worth = float((less * self.price(one.end, one.carrier)) @ self.hours)
            if worth > SMALL_MONEY:
                found.append(self.row(TRANSIT, one.contract, [(one.carrier, less, planned, worth)]))
        return found

    def shut_in(self, shut: pd.DataFrame) -> Row:
        """What fields and mines make less of, by family."""
        rows = list(dict.fromkeys(shut["asset"]))
        now, base = (answer.power("assets.activity", rows) for answer in (self.seen.answer, self.seen.base))
        at = {asset: row for row, asset in enumerate(rows)}
        reference, found = self.case.reference_carriers, []
        for port in self.case.ports.itertuples(index=False):
            row = at.get(port.asset, -1)
            if row < 0 or port.ratio <= 0:
                continue
            ratio = port.ratio * self.case.units.ratio(
                port.unit, port.carrier, reference.get(port.asset, port.carrier)
            )
            place = str(shut["place"][shut["asset"] == port.asset].iloc[0])
            less = ratio * (base[row] - now[row])
            worth = float((less * self.price(place, port.carrier)) @ self.hours)
            found.append(("", str(port.carrier), less, ratio * base[row], worth))
        return self._families(SHUT_IN, found)
