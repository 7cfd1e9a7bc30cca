"""What the touched part of a plan is worth: volumes by tracing, between the lowest and the highest that the flows allow, and money.

What mixes on the way has no origin of its own. With f_l the flow of a link, x_l the part of it from one country, s_p what is supplied
there, u_p of what is used and r_p of what is let go or stored,

    s_p + sum over l into p of k_l x_l - sum over l out of p of x_l = u_p + r_p,     0 <= x_l <= f_l,  0 <= u_p <= use_p,  ...

k_l being what arrives of a unit sent. The least and the most of one x_l or u_p are linear problems. They are one number where
nothing else comes in, and where the goods are booked as a stream of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.optimize import linprog

from kelisim.compliance.world import World, words
from kelisim.errors import SolverError
from kelisim.ledger.rules import Subject, Verdict
from kelisim.results.tables import Tables
from kelisim.results.tracing import Flows
from kelisim.results.trade_units import TradeUnit
from kelisim.tolerances import NO_ENERGY, SAME_COST, SMALLEST

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Traced:
    """Flows of one carrier in a plan, and how much of each may come from one country."""

    tables: Tables
    carrier: str

    @cached_property
    def _flows(self) -> tuple[dict[str, int], Floats, Floats, Flows, dict[str, int]]:
        places, supply, use, flows, names = self.tables.carrier_flows(self.carrier)
        at = {place: row for row, place in enumerate(places)}
        return at, supply, use, flows, {name: row for row, name in enumerate(names)}

    @cached_property
    def _rows(self) -> tuple[sp.csr_array, Floats]:
        """Balance of each place over flows, use and rest, without supply; and upper bounds."""
        at, supply, use, (sent, arrived, start, end), _ = self._flows
        count, links = len(at), len(sent)
        kept = arrived / np.maximum(sent, SMALLEST)
        row = np.concatenate([end, start]).astype(np.int64)
        column = np.concatenate([np.arange(links)] * 2)
        value = np.concatenate([kept, -np.ones(links)])
        net = sp.coo_array((value, (row, column)), shape=(count, links)).tocsr()
        rest = supply + net @ sent - use
        more = sp.hstack([net, -sp.eye_array(count), -sp.eye_array(count), sp.eye_array(count)])
        upper = np.concatenate([sent, use, np.maximum(rest, 0.0), np.maximum(-rest, 0.0)])
        return sp.csr_array(more), upper

    def on_flow(self, name: str, origin: str) -> tuple[float, float]:
        """Least and most MWh from a country on a link, or in a booking."""
        column = self._flows[4].get(name)
        return (0.0, 0.0) if column is None else self._range(column, origin)

    def in_use(self, place: str, origin: str) -> tuple[float, float]:
        """Least and most MWh from a country in what is used or sold at a place."""
        at = self._flows[0].get(place)
        return (0.0, 0.0) if at is None else self._range(len(self._flows[3][0]) + at, origin)

    def used(self, place: str) -> float:
        """MWh used and sold at a place."""
        at = self._flows[0].get(place)
        return 0.0 if at is None else float(self._flows[2][at])

    def _range(self, column: int, origin: str) -> tuple[float, float]:
        at, supply = self._flows[0], self._flows[1]
        rows, upper = self._rows
        if upper[column] <= NO_ENERGY:
            return 0.0, 0.0
        size = float(upper.max())
        country = self.tables.country
        own = np.array([supply[row] if country[place] == origin else 0.0 for place, row in at.items()])
        bounds = np.column_stack([np.zeros(len(upper)), upper / size])
        found = []
        for sign in (1.0, -1.0):
            cost = np.zeros(len(upper))
            cost[column] = sign
            solved = linprog(cost, A_eq=rows, b_eq=-own / size, bounds=bounds, method="highs")
            if not solved.success:
                raise SolverError(
                    str(solved.status), f"tracing {self.carrier} from {origin}: {solved.message}"
                )
            found.append(float(solved.x[column]) * size)
        return found[0], found[1]


@dataclass(frozen=True)
class Exposure:
    """What the plan has of the touched subjects."""

    world: World
    tables: Tables

    @cached_property
    def _traced(self) -> dict[str, Traced]:
        return {}

    def traced(self, carrier: str) -> Traced:
        return self._traced.setdefault(carrier, Traced(self.tables, carrier))

    @cached_property
    def prices(self) -> dict[tuple[str, str], float]:
        """Worth of a MWh at each place and of each carrier: the middle of the plan's prices."""
        middle = np.median(self.tables.answer.row_price("places.balance"), axis=1)
        return dict(zip(self.tables.nodes.itertuples(index=False, name=None), middle, strict=True))

    @cached_property
    def _energy(self) -> dict[tuple[str, str], tuple[float, str]]:
        """(table, subject) -> MWh in the plan, and the place whose price counts."""
        tables, case = self.tables, self.tables.case
        found: dict[tuple[str, str], tuple[float, str]] = {}
        links = case.table("links")
        for link, start, total, back in zip(
            links["link"],
            links["from_place"],
            tables.links_total["forward"],
            tables.links_total["back"],
            strict=True,
        ):
            found["links", link] = (float(total) + float(back), start)
        place = dict(case.table("assets")[["asset", "place"]].itertuples(index=False))
        for row in tables.assets_total.itertuples(index=False):
            found["assets", row.asset] = (float(row.activity), place[row.asset])
        for row in tables.markets_total.itertuples(index=False):
            found["markets", row.market] = (float(row.taken), row.place)
        for row in tables.demand_total.itertuples(index=False):
            name = f"{row.place}:{row.carrier}:{row.customer_class}"
            found["demand", name] = (float(row.served), row.place)
        return found

    def of(self, subject: Subject, verdict: Verdict, origins: Iterable[str]) -> tuple[float, float] | None:
        """Least and most MWh in the plan of what a verdict touches; None of companies and payments.

        origins  countries that its rules name, for the parts `origin` and `other`
        """
        if subject.table == "contracts":
            moved, part = self._of_contract(subject), 1.0 if verdict.share is None else verdict.share
            return moved and (moved[0] * part, moved[1] * part)
        if subject.table == "dealings":
            row = self.tables.case.table("dealings").set_index("dealing").loc[subject.name]
            if row["delivery_place"] and row["origin"]:
                return self.traced(subject.carrier).in_use(str(row["delivery_place"]), str(row["origin"]))
            return self._over(subject.carrier, str(row["origin"]), str(row["over"]))
        if (subject.table, subject.name) not in self._energy:
            return None
        if verdict.part == "holder" and subject.table == "links":
            return None  # a part of the company, not of what others send through its pipe
        energy, place = self._energy[subject.table, subject.name]
        if verdict.share is not None:
            return energy * verdict.share, energy * verdict.share
        low = high = 0.0
        for origin in origins:
            least, most = self._from(subject, place, energy, origin)
            low, high = low + least, min(high + most, energy)
        return (energy - high, energy - low) if verdict.part == "other" else (low, high)

    def _from(self, subject: Subject, place: str, energy: float, origin: str) -> tuple[float, float]:
        """Least and most MWh from a country in what a link carries or a buyer takes; other buyers at the place may have the rest."""
        traced = self.traced(subject.carrier)
        if subject.table == "links":
            return traced.on_flow(subject.name, origin)
        least, most = traced.in_use(place, origin)
        return max(least - max(traced.used(place) - energy, 0.0), 0.0), min(most, energy)

    def _of_contract(self, subject: Subject) -> tuple[float, float] | None:
        """What a contract moves: a booking as it is, else what comes from its seller's country on the narrowest link that it books.

        Of a seller who is not known all that flows there.
        """
        case = self.tables.case
        row = case.table("contracts").set_index("contract").loc[subject.name]
        booked = self.tables.streams_total
        booked = booked[booked["contract"] == subject.name]
        if len(booked):
            energy = float(booked["delivered"].iloc[0])
            return energy, energy
        seller = self.world.seat(str(row["seller"]))
        return self._over(subject.carrier, seller, str(row["over"]))

    def _over(self, carrier: str, origin: str, over: str) -> tuple[float, float] | None:
        """Least and most from a country on the narrowest of some links; all if no country is named; None without links."""
        links = words(over)
        if not links:
            return None
        if not origin:
            most = min(self._energy["links", link][0] for link in links)
            return most, most
        found = [self.traced(carrier).on_flow(link, origin) for link in links]
        return min(low for low, _ in found), min(high for _, high in found)

    def rows(
        self, pairs: Iterable[tuple[Subject, Verdict]], name: Callable[[str], str]
    ) -> list[tuple[Any, ...]]:
        """A row for each verdict with what it touches in the plan, at home and the largest first; name gives words for an identifier."""
        rows = []
        origins = {rule.name: rule.origins for rule in self.world.rules}
        caps = {rule.name: rule.value for rule in self.world.rules if rule.value is not None}
        for subject, verdict in pairs:
            named = {origin for rule in verdict.rules for origin in origins[rule]}
            found = self.of(subject, verdict, sorted(named))
            if found is None or found[1] <= NO_ENERGY:
                continue
            low, high = found
            unit = TradeUnit.of(self.tables.case, subject.carrier)
            price = self._price(subject)
            cap = min((caps[rule] for rule in verdict.rules if rule in caps), default=np.nan)
            above = (
                max(subject.price - cap, 0.0)
                if subject.price is not None and verdict.verdict == "above_cap"
                else np.nan
            )
            rows.append(
                (
                    subject.table,
                    subject.name,
                    verdict.authority,
                    verdict.act,
                    verdict.part,
                    name(subject.name),
                    verdict.verdict,
                    subject.carrier,
                    low,
                    high,
                    low / unit.energy,
                    high / unit.energy,
                    unit.amount,
                    high - low <= SAME_COST * high,
                    low * price,
                    high * price,
                    low * above,
                    high * above,
                    self.world.is_home(subject),
                    verdict.confidence,
                )
            )
        rows.sort(key=lambda row: (not row[-2], -row[9], row[1], row[2]))
        return rows

    def _price(self, subject: Subject) -> float:
        if subject.price is not None:
            return subject.price
        if subject.table in ("contracts", "dealings"):
            places = [place for place in subject.places if (place, subject.carrier) in self.prices]
            found = [self.prices[place, subject.carrier] for place in sorted(places)]
            return float(np.mean(found)) if found else np.nan
        place = self._energy[subject.table, subject.name][1]
        return float(self.prices.get((place, subject.carrier), np.nan))
