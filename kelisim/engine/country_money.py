"""What an answer costs each country: costs where they are spent, and payments for what crosses a border, at one price before and after.

The costs of an answer fall where they are spent: unserved energy at its place, what makes at its place, transport at the start of the
link, a market at its place. What crosses a border is paid for by the country that gets it to the country that sends it, at one price, so
that payments add up to nothing and the losses of all countries to the cost of the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case
from kelisim.lp.problem import Problem
from kelisim.results.answer import Answer
from kelisim.results.streams import StreamFlows
from kelisim.results.tables import Tables

Floats = npt.NDArray[np.float64]
ELSEWHERE = ""  # what falls to no country: limits over several, what is handed over at the end of the window
PLACED = ("assets", "storages", "markets")  # tables with a column place


@dataclass(frozen=True)
class CountryMoney:
    """Costs and payments by country of the answers of one problem.

    plan     the answer whose prices count at borders
    problem  of the answers: that of a window, or of the horizon
    """

    case: Case
    plan: Answer
    problem: Problem

    def money(self, answer: Answer, cost: Floats | None = None) -> pd.Series:
        """Currency that an answer costs each country, payments over borders included; the rows add up to the objective.

        cost  of each column, where the answer was found under other costs than those of the problem
        """
        costs = self.costs(answer, cost).sum(axis=1)
        return costs.add(self.paid(answer), fill_value=0.0)

    @cached_property
    def country(self) -> dict[str, str]:
        """Country of each place."""
        places = self.case.table("places")
        return dict(zip(places["place"], places["country"].astype(str), strict=True))

    @cached_property
    def _links(self) -> pd.DataFrame:
        links = self.case.table("links")
        return links.assign(
            start_in=links["from_place"].map(self.country), end_in=links["to_place"].map(self.country)
        )

    # ---- costs by country
    def costs(self, answer: Answer, cost: Floats | None = None) -> pd.DataFrame:
        """Currency by country: unserved (value of lost load) and other; the rows add up to the objective."""
        problem = self.problem
        parts = []
        for name, block in problem.columns.items():
            if name not in answer.columns:
                continue
            spent = block.spread(problem.cost if cost is None else cost) * answer.columns[name].values
            whole = spent.reshape(len(block.elements), -1).sum(axis=1) * problem.scale
            kind = "unserved" if name == "demand.unserved" else "other"
            where = [self.country_of(name, element) for element in block.elements]
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
        case = self.case
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

    def country_of(self, block: str, element: str) -> str:
        """Country where the cost of an element of a block falls; empty where it is none's."""
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
        case, base = self.case, self.plan
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

    def paid(self, answer: Answer) -> pd.Series:
        """Currency that each country pays for what comes in, less what it receives for what it sends out; it adds up to 0."""
        links, hours, (ahead, against) = self._links, answer.hours, self._prices
        kept = 1.0 - self.case.quantities("links")["loss"].to_numpy(dtype=float)
        booked = StreamFlows(self.case, answer)
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
