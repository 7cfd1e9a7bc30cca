"""Three ways to charge for a network so that each recovers the same revenue: by distance, by entry and exit, by one stamp."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.territory import country_asked
from kelisim.engine import Engine, Window
from kelisim.errors import StudyError
from kelisim.lp.delta import Delta
from kelisim.lp.problem import Floats, Problem
from kelisim.results.facts import Fact
from kelisim.results.results import Results
from kelisim.results.trade_units import TradeUnit
from kelisim.studies.study import Study, param
from kelisim.tolerances import SMALL_ENERGY

METHODS = ("present", "distance", "entry_exit", "stamp")
WAYS = ("links.flow", "links.flow_back")


@dataclass(frozen=True)
class Tariffs(Study):
    """What would one tariff by distance, by entry and exit, or one stamp cost whom, and how would flows move?

    The links of a carrier inside a country and over its borders earn a revenue in the plan. Each method recovers the same revenue from
    the same flows; then the case is solved again under it.
    """

    name = "tariffs"
    lets_go = False
    carrier: str = param("whose network", refers_to=("carriers",), default="natural_gas")
    country: str = param("whose network; the home country of the case if empty", default="")
    entry_share: float = param(
        "share of the revenue that entries bear by entry and exit", unit="share", default=0.5
    )

    def run(self, engine: Engine) -> Results:
        case = engine.case
        country = country_asked(case, self.country)
        if not 0.0 <= self.entry_share <= 1.0:
            raise StudyError(f"entry_share: {self.entry_share:g} is not between 0 and 1.")
        window = engine.whole_window()
        network = ChargedNetwork(case, window.problem, window.hours, self.carrier, country)
        flows = network.flows(window.start.values)
        revenue = network.revenue(network.present, flows)
        rates = network.rates(flows, revenue, self.entry_share)
        frames = network.told(window, flows, revenue, rates)
        facts = _facts(frames, country, self.carrier, case.currency)
        return self.results(engine, frames, facts, None, {"country": country})


@dataclass(frozen=True)
class Rates:
    """One way to charge: currency/MWh of each way of each link, (ways,), and the rates that it is made of."""

    tariff: Floats
    rate: float = np.nan
    entry: float = np.nan


class ChargedNetwork:
    """The ways of one carrier that begin or end in a country, each direction of each link one way."""

    def __init__(self, case: Case, problem: Problem, hours: Floats, carrier: str, country: str) -> None:
        self.case, self.problem, self.hours, self.carrier, self.country = (
            case,
            problem,
            hours,
            carrier,
            country,
        )
        where = dict(case.table("places")[["place", "country"]].itertuples(index=False))
        links = case.quantities("links")
        links = links[links["carrier"] == carrier]
        rows = []
        for row in links.itertuples(index=False):
            ends = (row.from_place, row.to_place)
            back = row.tariff if pd.isna(row.tariff_back) else row.tariff_back
            for way, (start, end), tariff in zip(WAYS, (ends, ends[::-1]), (row.tariff, back), strict=True):
                block = problem.columns.get(way)
                if block is not None and row.link in block.elements and country in (where[start], where[end]):
                    inside = (where[start] == country, where[end] == country)
                    length = 0.0 if pd.isna(row.length_km) else float(row.length_km)
                    rows.append(
                        (
                            way,
                            block.elements.index(row.link),
                            row.link,
                            start,
                            end,
                            *inside,
                            float(tariff),
                            length,
                        )
                    )
        columns = ["way", "row", "link", "start", "end", "from_home", "to_home", "tariff", "length"]
        self.ways = pd.DataFrame(rows, columns=columns)

    @property
    def present(self) -> Rates:
        """The tariffs of the case."""
        return Rates(self.ways["tariff"].to_numpy())

    def flows(self, values: Floats) -> Floats:
        """MWh sent on each way over the time, (ways,)."""
        sent = [
            float(self.problem.columns[way].take(values)[row] @ self.hours)
            for way, row in zip(self.ways["way"], self.ways["row"], strict=True)
        ]
        return np.array(sent)

    def revenue(self, rates: Rates, flows: Floats) -> float:
        return float(rates.tariff @ flows)

    def exits(self, flows: Floats) -> pd.DataFrame:
        """MWh that leave the network: over each border, and in each place of the country by what arrives there less what goes on."""
        ways = self.ways.assign(energy=flows)
        out = ways[ways["from_home"] & ~ways["to_home"]]
        found = [
            ("border", place, float(energy)) for place, energy in out.groupby("end")["energy"].sum().items()
        ]
        net = (
            ways[ways["to_home"]]
            .groupby("end")["energy"]
            .sum()
            .sub(ways[ways["from_home"]].groupby("start")["energy"].sum(), fill_value=0.0)
        )
        found += [
            ("home", str(place), float(energy)) for place, energy in net.items() if energy > SMALL_ENERGY
        ]
        frame = pd.DataFrame(found, columns=["payer", "place", "energy"])
        return frame[frame["energy"] > SMALL_ENERGY]

    def entries(self, flows: Floats) -> pd.DataFrame:
        """MWh that enter the network: over each border, and from each place of the country by what goes on beyond what arrives."""
        ways = self.ways.assign(energy=flows)
        into = ways[~ways["from_home"] & ways["to_home"]]
        found = [
            ("entry", place, float(energy)) for place, energy in into.groupby("start")["energy"].sum().items()
        ]
        net = (
            ways[ways["from_home"]]
            .groupby("start")["energy"]
            .sum()
            .sub(ways[ways["to_home"]].groupby("end")["energy"].sum(), fill_value=0.0)
        )
        found += [
            ("entry", str(place), float(energy)) for place, energy in net.items() if energy > SMALL_ENERGY
        ]
        frame = pd.DataFrame(found, columns=["payer", "place", "energy"])
        return frame[frame["energy"] > SMALL_ENERGY]

    def rates(self, flows: Floats, revenue: float, entry_share: float) -> dict[str, Rates]:
        """Each way to charge, so that the flows pay the revenue.

        distance    rate x length of each way
        entry_exit  a rate at each entry and one at each exit; `stamp` is one at each exit
        """
        ways = self.ways
        work = float(ways["length"] @ flows)
        entering, leaving = (
            float(self.entries(flows)["energy"].sum()),
            float(self.exits(flows)["energy"].sum()),
        )
        found = {"present": self.present}
        if work > SMALL_ENERGY:
            rate = revenue / work
            found["distance"] = Rates(rate * ways["length"].to_numpy(), rate * 100.0)
        if entering > SMALL_ENERGY and leaving > SMALL_ENERGY:
            entry, out = entry_share * revenue / entering, (1.0 - entry_share) * revenue / leaving
            found["entry_exit"] = Rates(self._gates(entry, out), out, entry)
            found["stamp"] = Rates(self._gates(0.0, revenue / leaving), revenue / leaving)
        return found

    def _gates(self, entry: float, out: float) -> Floats:
        """Tariffs on the ways over a border, where what moves can still be moved; home exits pay whatever flows."""
        ways = self.ways
        into, from_home = ~ways["from_home"] & ways["to_home"], ways["from_home"] & ~ways["to_home"]
        return np.asarray(entry * into + out * from_home, dtype=float)

    def paid(self, method: str, rates: Rates, flows: Floats, revenue: float) -> pd.DataFrame:
        """Who pays: exits by what they take and how far it came, entries by what they bring where entries are charged."""
        exits = self.exits(flows)
        if method in ("stamp", "entry_exit"):
            exits = exits.assign(paid=exits["energy"] * rates.rate)
            if method == "stamp":
                return exits.assign(method=method)
            entries = self.entries(flows)
            return pd.concat([exits, entries.assign(paid=entries["energy"] * rates.entry)]).assign(
                method=method
            )
        carried = self._carried(rates.tariff, flows)
        owed = exits["energy"].to_numpy() * np.array(
            [carried.get(str(place), 0.0) for place in exits["place"]]
        )
        total = float(owed.sum())
        # what is paid and leaves with own use on the way is borne by all exits alike
        return exits.assign(paid=owed * (revenue / total) if total > 0 else 0.0, method=method)

    def _carried(self, tariff: Floats, flows: Floats) -> Mapping[str, float]:
        """Tariffs that a MWh at each place has paid on its way, by proportional sharing (Bialek 1996), currency/MWh.

        With x of a place, T what all of its MWh have paid, and f the flows that reach it: x sum(f) = sum(f (T_start + tariff)).
        """
        ways = self.ways
        places = sorted(set(ways["start"]) | set(ways["end"]))
        at = {place: row for row, place in enumerate(places)}
        size = len(places)
        matrix, paid = np.eye(size), np.zeros(size)
        out = np.zeros(size)
        np.add.at(out, [at[place] for place in ways["start"]], flows)
        into = np.zeros(size)
        np.add.at(into, [at[place] for place in ways["end"]], flows)
        through = np.maximum(np.maximum(into, out), SMALL_ENERGY)
        for start, end, energy, price in zip(ways["start"], ways["end"], flows, tariff, strict=True):
            matrix[at[end], at[start]] -= energy / through[at[end]]
            paid[at[end]] += energy * price / through[at[end]]
        found = np.linalg.lstsq(matrix, paid, rcond=None)[0]
        return dict(zip(places, found.tolist(), strict=True))

    def solved(self, window: Window, rates: Rates) -> tuple[Floats, float]:
        """Flows of the case solved again under a way to charge, and its cost beyond the plan without tariffs."""
        problem, ways = self.problem, self.ways
        at, cost = [], []
        for way, row, old, new in zip(ways["way"], ways["row"], ways["tariff"], rates.tariff, strict=True):
            block = problem.columns[way]
            own = block.own(row)
            more = block.over_step(row, (new - old) * self.hours / problem.scale)
            at.append(own)
            cost.append(problem.cost[own] + more)
        delta = Delta(costs=np.concatenate(at), cost=np.concatenate(cost))
        solution = window.session.solve(delta)
        flows = self.flows(solution.values)
        plan = window.start.objective - self.revenue(self.present, self.flows(window.start.values))
        return flows, solution.objective - self.revenue(rates, flows) - plan

    def told(
        self, window: Window, flows: Floats, revenue: float, rates: dict[str, Rates]
    ) -> dict[str, pd.DataFrame]:
        """Methods, who pays, and what moves."""
        unit, factor = self.case.units.display(self.carrier)
        trade = TradeUnit.of(self.case, self.carrier)
        methods, payers, moved = [], [], []
        for method, one in rates.items():
            after, cost = (flows, 0.0) if method == "present" else self.solved(window, one)
            mine = self.paid(method, one, flows, revenue)
            payers.append(mine)
            came = revenue if method == "present" else float(self.paid_again(method, one, after))
            methods.append(
                (
                    method,
                    one.rate / trade.money,
                    one.entry / trade.money,
                    trade.price,
                    float(mine["paid"].sum()),
                    came,
                    cost,
                )
            )
            change = (after - flows) * factor
            order = np.argsort(-np.abs(change))[:5]
            moved += [
                (method, self.ways["link"].iloc[at], change[at], unit)
                for at in order
                if abs(change[at]) > SMALL_ENERGY * factor
            ]
        columns = ["method", "rate", "rate_entry", "unit", "revenue", "revenue_after", "cost_after"]
        who = pd.concat(payers)[["method", "payer", "place", "energy", "paid"]]
        total = who.groupby("method")["paid"].transform("sum")
        share = np.where(total > 0, who["paid"] / total.where(total > 0, 1.0), 0.0)
        each = who["paid"] / who["energy"] / trade.money
        who = who.assign(share=share, rate=each, unit=trade.price)
        order_of = {method: at for at, method in enumerate(METHODS)}
        who = (
            who.assign(at=who["method"].map(order_of))
            .sort_values(["at", "paid", "place"], ascending=[True, False, True])
            .drop(columns="at")
        )
        frames = {"methods": pd.DataFrame(methods, columns=columns), "payers": who.reset_index(drop=True)}
        rows = pd.DataFrame(moved, columns=["method", "link", "change", "unit"])
        # a link both of whose ways move stands once
        return frames | {"moved": rows.drop_duplicates(["method", "link"]).reset_index(drop=True)}

    def paid_again(self, method: str, rates: Rates, flows: Floats) -> float:
        """Revenue from other flows at the rates of a method."""
        if method == "distance":
            return self.revenue(rates, flows)
        entry = 0.0 if np.isnan(rates.entry) else rates.entry * float(self.entries(flows)["energy"].sum())
        return entry + rates.rate * float(self.exits(flows)["energy"].sum())


def _facts(frames: dict[str, pd.DataFrame], country: str, carrier: str, currency: str) -> list[Fact]:
    methods, payers = frames["methods"].set_index("method"), frames["payers"]
    revenue = float(methods.loc["present", "revenue"])
    places = {"country": country, "carrier": carrier}
    facts = [Fact("revenue", revenue, currency, "tariffs.revenue", **places)]
    for method, row in methods.iterrows():
        if method == "present":
            continue
        mine = payers[payers["method"] == method]
        border = float(mine.loc[mine["payer"] == "border", "share"].sum())
        now = payers[payers["method"] == "present"]
        before = float(now.loc[now["payer"] == "border", "share"].sum())
        facts.append(
            Fact(
                str(method),
                row["revenue_after"],
                currency,
                f"tariffs.{method}",
                border=border,
                before=before,
                rate=row["rate"],
                unit_name=row["unit"],
            )
        )
    if carrier in ("natural_gas", "raw_gas"):
        facts.append(Fact("gas", say="tariffs.gas"))
    return facts
