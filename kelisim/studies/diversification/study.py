"""What it costs to send or buy less over the border of one state, step by step, and who bears it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.schema import nearest
from kelisim.case.streams import streams
from kelisim.case.territory import country_asked
from kelisim.engine import Engine, Window
from kelisim.engine.country_money import CountryMoney
from kelisim.engine.held import held
from kelisim.errors import StudyError
from kelisim.lp import parametric
from kelisim.lp.delta import Delta
from kelisim.lp.highs import Session, Solution
from kelisim.lp.problem import BASIC, Floats, Ints, Problem
from kelisim.results.facts import Fact, said
from kelisim.results.results import Results
from kelisim.results.trade_units import TradeUnit
from kelisim.studies.study import Study, param
from kelisim.tolerances import DRAWN_SHARE, NO_FLOW, SMALL_ENERGY, SMALL_MONEY, STRAIGHT_SHOWN

WAYS = ("links.flow", "links.flow_back")
POINTS = 10  # caps between the plan and the least that are told
NAMED = 6  # elements named at a cap


@dataclass(frozen=True)
class Diversification(Study):
    """What does each step away from one state cost, and who bears it?

    Exports or imports of a carrier over the border of one state are capped, from what the plan sends down to the least that is
    possible; the least cost is found with all its bends.
    """

    name = "diversification"
    lets_go = False
    carrier: str = param("what is sent or bought", refers_to=("carriers",), default="crude")
    state: str = param(
        "state over whose border less is to go; the one with the largest share if empty", default=""
    )
    country: str = param("whose exports or imports; the home country of the case if empty", default="")
    side: str = param("what is capped", choices=("exports", "imports"), default="exports")

    def run(self, engine: Engine) -> Results:
        case = engine.case
        country = country_asked(case, self.country)
        window = engine.whole_window()
        borders = Borders(case, window, self.carrier, country, self.side)
        shares = borders.shares()
        if shares.empty or not shares["energy"].sum() > SMALL_ENERGY:
            fact = Fact(
                "none", say="diversification.none", country=country, carrier=self.carrier, side=self.side
            )
            empty = {name: pd.DataFrame(columns=list(columns)) for name, columns in COLUMNS.items()}
            return self.results(engine, {"shares": shares} | empty, [fact], None, {"country": country})
        state = self.state or str(shares["state"].iloc[0])
        if state not in set(shares["state"]):
            near = nearest(state, list(shares["state"]))
            hint = f' Did you mean "{near}"?' if near else f" Known: {', '.join(shares['state'])}."
            raise StudyError(
                f'state: no {self.carrier} of {country} goes over the border of "{state}".{hint}'
            )
        frames = {"shares": shares} | CapLine(engine, borders, state).frames()
        facts = self._facts(case, frames, state, country)
        return self.results(engine, frames, facts, None, {"country": country, "state": state})

    def _facts(self, case: Case, frames: dict[str, pd.DataFrame], state: str, country: str) -> list[Fact]:
        shares = frames["shares"].set_index("state")
        caps = frames["caps"]
        places = {"carrier": self.carrier, "state": state, "country": country}
        share = float(shares.loc[state, "share"])
        hhi = float((shares["share"] ** 2).sum())
        facts = [
            Fact("share", share, "share", f"diversification.share_{self.side}", **places),
            Fact("hhi", hhi, "", "diversification.hhi", borders=len(shares)),
        ]
        if len(caps) > 1:
            least, first = caps.iloc[-1], caps.iloc[1]
            facts += [
                Fact(
                    "first_step",
                    first["cost"],
                    case.currency,
                    "diversification.first",
                    share=first["share"],
                    **places,
                ),
                Fact(
                    "least",
                    least["share"],
                    "share",
                    "diversification.least",
                    cost=least["cost"],
                    total=least["total"],
                    **places,
                ),
            ]
            facts += self._holds(frames["held"])
            facts += self._paid_by(frames["countries"], least["share"], case.currency)
            facts += self._borne(frames["bearers"][frames["bearers"]["share"] == least["share"]])
        return facts

    @staticmethod
    def _holds(rows: pd.DataFrame) -> list[Fact]:
        """The dearest limits of contracts that hold the ways."""
        parts = [
            said(
                "diversification.of_held",
                contract=row.contract,
                limit=row.limit,
                price=row.marginal_native,
                unit_name=row.price_unit,
            )
            for row in rows.head(3).itertuples(index=False)
        ]
        return [Fact("held", len(rows), "", "diversification.held_by", parts=parts)] if parts else []

    @staticmethod
    def _paid_by(rows: pd.DataFrame, share: float, currency: str) -> list[Fact]:
        """The countries that lose most at the least that is possible."""
        mine = rows[(rows["share"] == share) & (rows["country"] != "") & (rows["loss"] > 0)].head(3)
        parts = [
            said("diversification.loses", country=one.country, loss=one.loss)
            for one in mine.itertuples(index=False)
        ]
        return (
            [Fact("countries", float(mine["loss"].iloc[0]), currency, "diversification.paid_by", parts=parts)]
            if parts
            else []
        )

    @staticmethod
    def _borne(rows: pd.DataFrame) -> list[Fact]:
        """Who sells or makes less at the least that is possible, and which customers lack most."""
        found = []
        is_demand = rows["table"] == "demand"
        lost = rows[~is_demand & (rows["change"] < 0)].sort_values("change", kind="stable")
        for key, some in (("bearer", lost), ("short", rows[is_demand & (rows["change"] > 0)])):
            for row in some.head(1).itertuples(index=False):
                places = {"element": row.element, "native": abs(row.change), "unit_name": row.unit}
                places["carrier"] = row.carrier
                found.append(Fact(key, row.change, "", f"diversification.{key}", **places))
        return found


COLUMNS = {
    "held": (
        "contract",
        "limit",
        "energy",
        "native",
        "unit",
        "share",
        "marginal",
        "marginal_native",
        "price_unit",
    ),
    "caps": (
        "share",
        "native",
        "unit",
        "cost",
        "marginal",
        "marginal_native",
        "price_unit",
        "total",
        "unserved",
    ),
    "ways": ("share", "link", "native", "change", "unit"),
    "bearers": ("share", "table", "element", "carrier", "change", "unit"),
    "countries": ("share", "country", "loss"),
    "bends": ("native", "unit", "cost"),
}


class Borders:
    """The ways of one carrier over the borders of a country in one direction, in a window of the whole horizon."""

    def __init__(self, case: Case, window: Window, carrier: str, country: str, side: str) -> None:
        self.case, self.window, self.carrier = case, window, carrier
        where = dict(case.table("places")[["place", "country"]].itertuples(index=False))
        links = case.table("links")
        links = links[links["carrier"] == carrier]
        found = []
        for row in links.itertuples(index=False):
            ends = (str(where[row.from_place]), str(where[row.to_place]))
            for way, (start, end) in zip(WAYS, (ends, ends[::-1]), strict=True):
                home, other = (start, end) if side == "exports" else (end, start)
                if home == country != other:
                    found.append((way, str(row.link), other))
        blocks = window.problem.columns
        self.ways = [
            (way, link, state) for way, link, state in found if way in blocks and link in blocks[way].elements
        ]
        mine = {
            one.contract
            for one in streams(case)
            if country not in (one.country[one.start], one.country[one.end])
        }
        self._foreign = [
            (label.partition("|")[2], at)
            for at, label in enumerate(blocks["streams.flow"].elements if "streams.flow" in blocks else ())
            if label.partition("|")[0] in mine
        ]

    def terms(self, state: str = "") -> tuple[Ints, Floats]:
        """Columns over the border of a state, or all borders, and the MWh that one MW of each is; transit of others is taken off."""
        hours, blocks = self.window.hours, self.window.problem.columns
        columns: list[Ints] = []
        weights: list[Floats] = []
        for way, link, other in self.ways:
            if state and other != state:
                continue
            block = blocks[way]
            row = block.elements.index(link)
            columns.append(block.own(row))
            weights.append(block.over_step(row, hours))
            for name, at in self._foreign:
                if name == link:
                    stream = blocks["streams.flow"]
                    columns.append(stream.own(at))
                    weights.append(-stream.over_step(at, hours))
        none = (np.zeros(0, dtype=np.int64), np.zeros(0))
        return (np.concatenate([none[0], *columns]), np.concatenate([none[1], *weights]))

    def energy(self, values: Floats, state: str = "") -> float:
        """MWh over the border of a state, or of all."""
        columns, weights = self.terms(state)
        return float(values[columns] @ weights)

    def shares(self) -> pd.DataFrame:
        """What goes over the border of each state in the plan, the most first."""
        values = self.window.start.values
        states = sorted({state for _, _, state in self.ways})
        unit, factor = self.case.units.display(self.carrier)
        rows = [(state, self.energy(values, state)) for state in states]
        frame = pd.DataFrame(rows, columns=["state", "energy"])
        frame = frame[frame["energy"] > SMALL_ENERGY].sort_values(
            ["energy", "state"], ascending=[False, True]
        )
        frame = frame.assign(native=frame["energy"] * factor, unit=unit)
        return frame.assign(share=frame["energy"] / frame["energy"].sum()).reset_index(drop=True)


class CapLine:
    """The least cost by what crosses the border of one state."""

    def __init__(self, engine: Engine, borders: Borders, state: str) -> None:
        self.engine, self.borders = engine, borders
        window = borders.window
        self.plan = borders.energy(window.start.values, state)
        self.total = borders.energy(window.start.values)
        self.problem, self.column = parametric.with_sum(window.problem, *borders.terms(state))
        columns, rows = window.session.base_basis()
        self.basis = (np.append(columns, np.int8(BASIC)), np.append(rows, np.int8(0)))
        self.session = Session(self.problem, threads=1)
        self.start = self.session.resume(*self.basis)
        self.least = self._least()
        self.asked = parametric.of_column(self.session, self.column, Delta())

    def _least(self) -> float:
        """MWh that must cross whatever it costs."""
        p: Problem = self.problem
        cost = np.zeros_like(p.cost)
        cost[self.column] = 1.0
        session = Session(
            Problem(
                cost,
                np.zeros_like(cost),
                p.lower,
                p.upper,
                p.matrix,
                p.row_lower,
                p.row_upper,
                p.columns,
                p.rows,
                p.step_names,
            )
        )
        found = float(session.resume(*self.basis, method="primal").values[self.column])
        return found + NO_FLOW * max(1.0, self.plan) if found > NO_FLOW else 0.0

    def at(self, energy: float) -> Solution:
        """The answer with a cap, MWh."""
        return self.session.solve(Delta(np.array([self.column]), np.array([0.0]), np.array([energy])))

    def frames(self) -> dict[str, pd.DataFrame]:
        """The line of cost, and what gives way at some caps."""
        unit, factor = self.borders.case.units.display(self.borders.carrier)
        trade = TradeUnit.of(self.borders.case, self.borders.carrier)
        money, price_unit = trade.money, trade.price
        base = self.start.objective

        def beyond(energy: float) -> tuple[float, float]:
            cost, slope = self.asked(energy)
            return cost - base, slope

        line = parametric.curve(beyond, min(self.least, self.plan), self.plan, STRAIGHT_SHOWN)
        bends = pd.DataFrame({"native": line.at * factor, "unit": unit, "cost": line.value})[::-1]
        caps, ways, each = [], [], []
        before = self.start.values
        short = self._unserved(before)
        for energy in np.linspace(self.plan, min(self.least, self.plan), POINTS + 1):
            found = self.at(float(energy))
            slope = -float(found.reduced_costs[self.column]) * self.problem.scale
            share = float(energy / self.total)
            moved = self.borders.energy(found.values) / self.total
            caps.append(
                (
                    share,
                    energy * factor,
                    unit,
                    found.objective - base,
                    slope,
                    slope / money,
                    price_unit,
                    moved,
                    max(self._unserved(found.values) - short, 0.0),
                )
            )
            ways += [(share, *row, unit) for row in self._ways(found.values, factor)]
            each.append((share, found))
        rows = {
            "held": self._held(factor, unit, trade),
            "caps": caps,
            "ways": ways,
            "bearers": self._bearers([(share, one.values) for share, one in each]),
            "countries": self._countries(each),
            "bends": bends.to_numpy().tolist(),
        }
        return {name: pd.DataFrame(rows[name], columns=list(columns)) for name, columns in COLUMNS.items()}

    def _unserved(self, values: Floats) -> float:
        block = self.problem.columns.get("demand.unserved")
        return 0.0 if block is None else float((block.take(values) @ self.borders.window.hours).sum())

    def _held(self, factor: float, unit: str, trade: TradeUnit) -> list[tuple[Any, ...]]:
        """Limits of contracts that hold the plan."""
        start, borders = self.start, self.borders
        rows = held(
            borders.case, self.problem, borders.window.hours, start.activities, start.duals, borders.carrier
        )
        return [
            (*names, energy, energy * factor, unit, share, price, price / trade.money, trade.price)
            for *names, energy, share, price in rows
        ]

    def _ways(self, values: Floats, factor: float) -> list[tuple[str, float, float]]:
        hours, start = self.borders.window.hours, self.start.values
        found = []
        for way, link, _ in self.borders.ways:
            block = self.problem.columns[way]
            row = block.elements.index(link)
            now, then = (float(block.take(v)[row] @ hours) * factor for v in (values, start))
            if max(now, then) > SMALL_ENERGY * factor:
                found.append((link, now, now - then))
        return sorted(found)

    def _countries(self, each: list[tuple[float, Solution]]) -> list[tuple[float, str, float]]:
        """What each cap costs each country beyond the plan; what crosses a border is paid at one price, that of the plan."""
        money = CountryMoney(self.borders.case, self.engine.base, self.problem)

        def of(solution: Solution) -> pd.Series:
            return money.money(self.engine.answer(self.problem, solution))

        plan = of(self.start)
        found = []
        for share, solution in each:
            loss = of(solution).sub(plan, fill_value=0.0)
            loss = loss[loss.abs() > SMALL_MONEY].sort_values(ascending=False, kind="stable")
            found += [(share, str(country), float(value)) for country, value in loss.items()]
        return found

    def _bearers(self, each: list[tuple[float, Floats]]) -> list[tuple[float, str, str, str, float, str]]:
        """What changes most at any cap, and its change at each: markets, sources of the carrier, customers that lack.

        each  cap as a share, and the answer there
        """
        carrier, units = self.borders.carrier, self.borders.case.units
        shares = [share for share, _ in each]
        found = []
        for rows, least in (
            (self._sales(each), DRAWN_SHARE * self.total),
            (self._lacking(each), SMALL_ENERGY),
        ):
            ranked = sorted(rows.items(), key=lambda row: (-float(np.abs(row[1]).max()), row[0]))
            found += [row for row in ranked if np.abs(row[1]).max() > least][:NAMED]
        told = []
        for (table, element, of), changes in found:
            unit, factor = units.display(of or carrier)
            told += [
                (share, table, element, of or carrier, float(change) * factor, unit)
                for share, change in zip(shares, changes, strict=True)
            ]
        return told

    def _sales(self, each: list[tuple[float, Floats]]) -> dict[tuple[str, str, str], Floats]:
        """(table, element, "") -> MWh by which each market or source of the carrier changes at each cap."""
        case = self.borders.case
        markets = case.table("markets").set_index("market")["carrier"].to_dict()
        carriers = {"markets.taken": markets, "assets.activity": dict(case.reference_carriers)}
        return {
            (name.partition(".")[0], element, ""): changes
            for name, of in carriers.items()
            for element, changes in self._changes(name, each).items()
            if of.get(element) == self.borders.carrier
        }

    def _lacking(self, each: list[tuple[float, Floats]]) -> dict[tuple[str, str, str], Floats]:
        """("demand", class, carrier) -> MWh that customers of a class lack beyond the plan; one place may give way to another."""
        found: dict[tuple[str, str, str], Floats] = {}
        for row, changes in self._changes("demand.unserved", each).items():
            _, carrier, customers = row.split(":")
            key = ("demand", customers.partition("#")[0], carrier)
            found[key] = found.get(key, 0.0) + changes
        return found

    def _changes(self, name: str, each: list[tuple[float, Floats]]) -> dict[str, Floats]:
        """MWh by which each column of a block changes at each cap."""
        block = self.problem.columns.get(name)
        if block is None:
            return {}
        hours, start = self.borders.window.hours, block.take(self.start.values)
        changes = np.stack([(block.take(values) - start) @ hours for _, values in each], axis=1)
        return dict(zip(block.elements, changes, strict=True))
