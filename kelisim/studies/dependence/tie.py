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
from kelisim.engine.country_money import ELSEWHERE, CountryMoney
from kelisim.engine.working import counted
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.let_go import TABLE as LET_GO
from kelisim.results.let_go import let_go_beside, more_than_planned
from kelisim.results.schema import described, framed
from kelisim.tolerances import SMALL_MONEY, VANISHING

Floats = npt.NDArray[np.float64]
CUTS = ("both", "first_to_second", "second_to_first")


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
    def _accounts(self) -> CountryMoney:
        return CountryMoney(self.engine.case, self.engine.base, self.window.problem)

    @cached_property
    def country(self) -> dict[str, str]:
        """Country of each place."""
        return self._accounts.country

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
        base = self._accounts.costs(self.window.base), self._accounts.paid(self.window.base)
        for cut in counted(self.engine.say, "losses", CUTS):
            asked = self.engine.ask(self.window, self.changes(cut))
            seen = AgainstPlan(self.engine.case, self.window.steps, self._out, asked.answer, asked.base)
            costs, paid = self._accounts.costs(asked.answer), self._accounts.paid(asked.answer)
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
