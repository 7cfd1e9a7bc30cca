"""Who loses more if the tie between two countries is cut: each direction and both, solved again, and every cost given to a country.

The costs of an answer fall where they are spent: unserved energy at its place, what makes at its place, transport at the start of the
link, a market at its place. What crosses a border is paid for by the country that gets it to the country that sends it, at one price
before and after the cut, so that payments add up to nothing and the losses of all countries to the cost of the cut:

    loss = (costs after - before) + (paid - received after) - (paid - received before)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.change import Change, Dated
from kelisim.engine import Engine, Window
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.answer import Answer
from kelisim.results.let_go import TABLE as LET_GO
from kelisim.results.let_go import let_go_beside, more_than_planned
from kelisim.results.schema import described, framed
from kelisim.results.streams import StreamFlows
from kelisim.results.tables import Tables
from kelisim.tolerances import SMALL_MONEY, VANISHING

Floats = npt.NDArray[np.float64]
ELSEWHERE = ""  # what falls to no country: limits over several, what is handed over at the end of the window
CUTS = ("both", "first_to_second", "second_to_first")
PLACED = ("assets", "storages", "markets")  # tables with a column place


@dataclass(frozen=True)
class Tie:
    """Links of some carriers between two countries, in a window.

    pair      the two countries, in the order in which cuts name them
    carriers  of the links that are cut; all if none is named
    """

    engine: Engine
    window: Window
    pair: tuple[str, str]
    carriers: Sequence[str]
    start: date
    last: date

    # ---- what is cut
    @cached_property
    def country(self) -> dict[str, str]:
        places = self.engine.case.table("places")
        return dict(zip(places["place"], places["country"].astype(str), strict=True))

    @cached_property
    def _links(self) -> pd.DataFrame:
        links = self.engine.case.table("links")
        return links.assign(
            start_in=links["from_place"].map(self.country), end_in=links["to_place"].map(self.country)
        )

    @cached_property
    def ahead(self) -> list[str]:
        """Links from the first country to the second."""
        return self._between(*self.pair)

    @cached_property
    def against(self) -> list[str]:
        """Links from the second country to the first."""
        return self._between(*self.pair[::-1])

    def _between(self, first: str, second: str) -> list[str]:
        links = self._links
        chosen = (links["start_in"] == first) & (links["end_in"] == second)
        if self.carriers:
            chosen &= links["carrier"].isin(list(self.carriers))
        return list(links["link"][chosen])

    def changes(self, cut: str) -> list[Change]:
        """The links without capacity in a direction, or in both; what is left of it keeps the columns of the problem."""
        ahead = self.ahead if cut != "second_to_first" else []
        against = self.against if cut != "first_to_second" else []
        links = self.engine.case.table("links").set_index("link")
        found: list[Change] = []
        for column, chosen in (("capacity", [*ahead, *against]), ("capacity_back", self._backward(cut))):
            some = tuple(link for link in chosen if links.at[link, column] > 0)
            if some:
                found.append(
                    Dated("links", some, column, VANISHING, how="scale", start=self.start, end=self.last)
                )
        return found

    def _backward(self, cut: str) -> list[str]:
        """Links that lose their way back."""
        return [
            *(self.ahead if cut != "first_to_second" else []),
            *(self.against if cut != "second_to_first" else []),
        ]

    # ---- who loses
    def tables(self) -> dict[str, pd.DataFrame]:
        """tie: a row for each cut and country that loses or gains, the two of the tie first; what each cut lets go beyond the plan."""
        rows: list[tuple[Any, ...]] = []
        goes: list[pd.DataFrame] = []
        base = self._costs(self.window.base), self._paid(self.window.base)
        for cut in CUTS:
            asked = self.engine.ask(self.window, self.changes(cut))
            seen = AgainstPlan(self.engine.case, self.window.steps, self._out, asked.answer, asked.base)
            costs, paid = self._costs(asked.answer), self._paid(asked.answer)
            goes.append(more_than_planned(let_go_beside(seen)).assign(cut=cut))
            unserved = self._unserved(seen)
            protected = self._unserved(seen, only_protected=True)
            names = sorted(
                {*costs.index, *base[0].index, *paid.index, *base[1].index, *self.pair} - {ELSEWHERE}
            )
            for name in [*self.pair, *(n for n in names if n not in self.pair), ELSEWHERE]:
                more = {kind: self._more(costs, base[0], name, kind) for kind in ("unserved", "other")}
                trade = float(paid.get(name, 0.0)) - float(base[1].get(name, 0.0))
                loss = more["unserved"] + more["other"] + trade
                told = (unserved.get(name, 0.0), protected.get(name, 0.0))
                rows.append((cut, name, *told, more["unserved"], more["other"], trade, loss))
        kept = [row for row in rows if row[1] in self.pair or max(map(abs, row[2:])) > SMALL_MONEY]
        some = [frame for frame in goes if len(frame)]
        beyond = pd.concat(some, ignore_index=True) if some else framed("dependence", LET_GO)
        columns = list(described("dependence")[LET_GO].columns)
        return {"tie": framed("dependence", "tie", kept), LET_GO: beyond[columns]}

    @cached_property
    def _out(self) -> npt.NDArray[np.bool_]:
        inside = self.engine.case.horizon.share_within(self.start, self.last)
        return np.asarray(inside[self.window.first : self.window.last] > 0)

    @staticmethod
    def _more(now: pd.DataFrame, before: pd.DataFrame, name: str, kind: str) -> float:
        here, there = (float(f.at[name, kind]) if name in f.index else 0.0 for f in (now, before))
        return here - there

    def _unserved(self, seen: AgainstPlan, only_protected: bool = False) -> dict[str, float]:
        demand = self.engine.case.table("demand")
        more = (seen.unserved - seen.unserved_base) @ seen.hours
        if only_protected:
            more = np.where(seen.protected, more, 0.0)
        found = pd.Series(more).groupby(demand["place"].map(self.country).to_numpy()).sum()
        return {str(name): float(value) for name, value in found.items()}

    # ---- costs by country
    def _costs(self, answer: Answer) -> pd.DataFrame:
        """Currency by country: unserved (value of lost load) and other; the rows add up to the objective."""
        problem = self.window.problem
        parts = []
        for name, block in problem.columns.items():
            if name not in answer.columns:
                continue
            spent = block.spread(problem.cost) * answer.columns[name].values
            whole = spent.reshape(len(block.elements), -1).sum(axis=1) * problem.scale
            kind = "unserved" if name == "demand.unserved" else "other"
            where = [self._country_of(name, element) for element in block.elements]
            parts.append(pd.DataFrame({"country": where, "kind": kind, "cost": whole}))
        frame = pd.concat(parts).pivot_table(index="country", columns="kind", values="cost", aggfunc="sum")
        frame = frame.reindex(columns=["unserved", "other"]).fillna(0.0)
        rest = answer.objective - float(frame.to_numpy().sum())
        if ELSEWHERE not in frame.index:
            frame.loc[ELSEWHERE] = 0.0
        frame.at[ELSEWHERE, "other"] += rest
        return frame

    @cached_property
    def _homes(self) -> dict[tuple[str, str], str]:
        """(table, element) -> country where its costs fall."""
        case = self.engine.case
        found = {
            ("links", link): c for link, c in zip(self._links["link"], self._links["start_in"], strict=True)
        }
        for table in PLACED:
            frame = case.table(table)
            found |= {
                (table, e): self.country[p] for e, p in zip(frame.iloc[:, 0], frame["place"], strict=True)
            }
        ends = dict(zip(self._links["link"], self._links["end_in"], strict=True))
        found |= {("links.flow_back", link): where for link, where in ends.items()}
        for row in case.table("contracts").itertuples(index=False):
            over = [word for word in str(row.over).split(";") if word in ends]
            where = self.country.get(str(row.delivery_place), ends[over[-1]] if over else ELSEWHERE)
            found["contracts", str(row.contract)] = where
        return found

    def _country_of(self, block: str, element: str) -> str:
        table = block.partition(".")[0]
        if table in ("demand", "places"):
            return self.country.get(element.partition(":")[0], ELSEWHERE)
        if block == "links.flow_back":
            return self._homes[block, element]
        if table == "streams":
            return self._homes.get(("links", element.partition("|")[2]), ELSEWHERE)
        return self._homes.get((table, element), ELSEWHERE)

    # ---- payments over borders
    @cached_property
    def _prices(self) -> tuple[Floats, Floats]:
        """Price of what arrives over each link, forwards and backwards, currency/MWh.

        The mean of what it costs the sender (price at his end and tariff, over what arrives) and what it is worth at the other end, each
        in the middle of the plan's prices over the horizon: the two share evenly what a full link is worth.
        """
        case, base = self.engine.case, self.engine.base
        tables = Tables(case, base)
        middle = np.median(base.row_price("places.balance"), axis=1)
        at = dict(zip(tables.nodes.itertuples(index=False, name=None), middle, strict=True))
        links = case.quantities("links")
        worth = [
            np.array([at.get((p, c), 0.0) for p, c in zip(links[side], links["carrier"], strict=True)])
            for side in ("from_place", "to_place")
        ]
        back = links["tariff_back"].fillna(links["tariff"])
        kept = 1.0 - links["loss"].to_numpy(dtype=float)
        ways = ((worth[0], links["tariff"], worth[1]), (worth[1], back, worth[0]))
        ahead, against = (0.5 * ((start + tariff.to_numpy()) / kept + end) for start, tariff, end in ways)
        return ahead, against

    def _paid(self, answer: Answer) -> pd.Series:
        """Currency that each country pays for what comes in, less what it receives for what it sends out; it adds up to 0."""
        links, hours, (ahead, against) = self._links, answer.hours, self._prices
        kept = 1.0 - self.engine.case.quantities("links")["loss"].to_numpy(dtype=float)
        booked = StreamFlows(self.engine.case, answer)
        booked_ahead, booked_back = booked.on_links()
        ids = list(links["link"])
        crosses = (links["start_in"] != links["end_in"]).to_numpy()
        parts: list[pd.Series] = []
        for name, less, price, sender, getter in (
            ("links.flow", booked_ahead, ahead, "start_in", "end_in"),
            ("links.flow_back", booked_back, against, "end_in", "start_in"),
        ):
            energy = np.maximum(answer.power(name, ids) @ hours - less, 0.0) * kept
            money = pd.Series(np.where(crosses, energy * price, 0.0))
            parts += [
                money.groupby(links[getter].to_numpy()).sum(),
                -money.groupby(links[sender].to_numpy()).sum(),
            ]
        row = {link: at for at, link in enumerate(ids)}
        for one in booked.all:
            energy = float(booked.delivered(one) @ hours)
            last = np.mean([(against if leg.is_back else ahead)[row[leg.link]] for leg in one.last])
            sides = [one.country[one.end], one.country[one.start]]
            parts.append(pd.Series([energy * float(last), -energy * float(last)], index=sides))
        return pd.concat(parts).groupby(level=0).sum() if parts else pd.Series(dtype=float)
