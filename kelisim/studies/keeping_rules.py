"""What follows if rules are kept, and lawful answers beside each other: the plan solved again with what each of them leaves open.

The list of answers is closed (ANSWERS). Each keeps every rule: it stops, waits, asks, or turns to what no rule touches. None changes
an owner without a licence, or hides one, or an origin, a ship or a payment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.change import Change, Dated, Outage, SetValue
from kelisim.compliance.exposure import Exposure
from kelisim.compliance.world import World, words
from kelisim.engine import Engine, Window, WindowAnswer
from kelisim.ledger.rules import Subject, Verdict
from kelisim.results.against_plan import AgainstPlan
from kelisim.tolerances import NO_ENERGY, NO_FLOW, VANISHING

# what may be answered, all of it within the rules
ANSWERS = (
    "stop",  # nothing of what is forbidden is done in all the days asked about
    "wait",  # it stops until the rules themselves end, or a general licence begins, and then goes on
    "licence",  # it stops until a licence that was asked for is given
    "replace",  # it stops until an unlisted party has taken over
    "sell_stake",  # it stops until the listed owner has sold, under a licence for the sale
    "store",  # sources go on; what may not be sent is kept where there is room
    "other_supplier",  # it stops, and other suppliers give all that they have
    "other_route",  # it stops, and idle ways of the case that no rule touches are opened
)
WAITS = {"licence": "licence_days", "replace": "replace_days", "sell_stake": "sale_days"}
STOPS = ("prohibited",)  # verdicts that stop goods
OF_GOODS = ("operate", "import")  # acts without which nothing moves
MOVES = ("links", "assets", "markets", "demand", "contracts", "dealings")  # tables whose rows move goods
# column of the flow of each table whose rows may be limited
FLOWS = {"links": "links.flow", "assets": "assets.activity", "markets": "markets.taken"}


@dataclass(frozen=True)
class Stopped:
    """One thing that stops: from a day to a day, a share of it, or of a booking what it moves."""

    subject: Subject
    verdict: Verdict
    start: date
    end: date
    share: float


@dataclass(frozen=True)
class Impact:
    """A window of the plan in which rules are kept.

    first     the day of the rules at which the window begins
    touched   links with a verdict other than clear in the days asked about
    moved     days from the rules' calendar to that of the case, whose year may be another one
    """

    engine: Engine
    window: Window
    world: World
    exposure: Exposure
    moved: timedelta
    start: date
    end: date
    touched: frozenset[str]

    # ---- what stops
    def stopped(self, pairs: Iterable[tuple[Subject, Verdict]]) -> list[Stopped]:
        """What verdicts stop in the window, in the calendar of the case; parts of owners count for plants, not for pipes.

        What several authorities stop at one time stops once, by the largest share.
        """
        groups: dict[tuple[str, str], list[Stopped]] = defaultdict(list)
        for one in self._each(pairs):
            groups[one.subject.table, one.subject.name].append(one)
        return [piece for group in groups.values() for piece in _pieces(group)]

    def _each(self, pairs: Iterable[tuple[Subject, Verdict]]) -> list[Stopped]:
        """What each verdict stops."""
        found = []
        for subject, verdict in pairs:
            if verdict.verdict not in STOPS or verdict.act not in OF_GOODS:
                continue
            if verdict.part == "holder" and subject.table == "links":
                continue  # a part of the company, not of what others send through its pipe
            share = self._share(subject, verdict)
            start = max(verdict.start + self.moved, self.start)
            end = min(verdict.end + self.moved, self.end)
            if share > NO_FLOW and start <= end:
                found.append(Stopped(subject, verdict, start, end, min(share, 1.0)))
        return found

    def _share(self, subject: Subject, verdict: Verdict) -> float:
        """Share of the subject's flow that stops; nothing of goods that mix: the problem has one crude, and could send the wrong part."""
        if subject.table not in MOVES or verdict.share is None:
            return 0.0
        return verdict.share

    # ---- answers
    def changes(self, answer: str, stopped: Sequence[Stopped], waits: dict[str, int]) -> list[Change]:
        """What an answer leaves open, as changes of the case."""
        found: list[Change] = []
        for one in stopped:
            end = self.until(answer, one, waits)
            if end >= one.start:
                found += self._cut(one, one.start, end, answer)
        if answer == "other_route":
            found += self._opened(stopped)
        return found

    def until(self, answer: str, one: Stopped, waits: dict[str, int]) -> date:
        """Last day on which it stops under an answer."""
        if answer == "wait":
            return one.end
        if answer in WAITS:
            return min(self.end, self.start + timedelta(days=waits[WAITS[answer]] - 1))
        return self.end

    def _cut(self, one: Stopped, start: date, end: date, answer: str) -> list[Change]:
        """The changes that stop one thing."""
        subject, table = one.subject, one.subject.table
        if table in ("contracts", "dealings"):
            return self._of_contract(one, start, end)
        if table == "demand":
            return [
                Dated("demand", (subject.name,), "amount", 1.0 - one.share, how="scale", start=start, end=end)
            ]
        if table == "assets" and answer == "store":
            return self._kept_home(one, start, end)
        return [self._less(table, subject.name, one.share, start, end)]

    def _kept_home(self, one: Stopped, start: date, end: date) -> list[Change]:
        """A plant that runs on: so much less leaves the home country, over the way out that carries most."""
        links, place = self.engine.case.table("links"), self.world.country
        out = links[
            (links["carrier"] == one.subject.carrier)
            & (links["status"] == "base")
            & (links["from_place"].map(place) == self.world.home)
            & (links["to_place"].map(place) != self.world.home)
        ]["link"]
        flows = {str(link): self._flow("links", str(link)) for link in out}
        if not flows or self.world.home not in one.subject.countries:
            return [self._less("assets", one.subject.name, one.share, start, end)]
        widest = max(flows, key=lambda link: flows[link])
        kept = one.share * self._flow("assets", one.subject.name)
        share = min(kept / flows[widest], 1.0) if flows[widest] > NO_ENERGY else 1.0
        return [self._less("links", widest, share, start, end)]

    def _flow(self, table: str, element: str) -> float:
        """MWh of an element in the plan of the window."""
        return float(self.window.base.power(FLOWS[table], [element])[0] @ self.window.hours)

    def _less(self, table: str, element: str, share: float, start: date, end: date) -> Outage:
        """An element that does a share less than the plan has of it in the window; the rest of its capacity is no way round."""
        flow = self._flow(table, element)
        most = float(self.window.base.upper(FLOWS[table], [element])[0] @ self.window.hours)
        kept = (1.0 - share) * flow / most if most > NO_ENERGY else 0.0
        return Outage(element, start, end, min(1.0 - kept, 1.0), table)

    def _of_contract(self, one: Stopped, start: date, end: date) -> list[Change]:
        """What a booking moves is taken off the narrowest link of its way, by what it is of all that flows there."""
        table = one.subject.table
        row = self.engine.case.table(table).set_index(table.removesuffix("s")).loc[one.subject.name]
        over = list(words(row["over"]))
        if table == "contracts" and (row["stream"] or not over):
            return self._less_of_contract(one.subject.name, one.share, start, end)
        if not over:
            return []
        flows = self.exposure.tables.links_total.set_index("link")
        moved = self.exposure.of(one.subject, one.verdict, ()) or (0.0, 0.0)
        link = min(over, key=lambda name: float(flows.at[name, "forward"]))
        energy = float(flows.at[link, "forward"])
        share = min(moved[1] / energy, 1.0) if energy > NO_ENERGY else 1.0
        return [self._less("links", link, share, start, end)]

    def _less_of_contract(self, name: str, share: float, start: date, end: date) -> list[Change]:
        """A booking of its own, or a delivery: its daily limits fall, and nobody owes what may not be sent."""
        row = self.engine.case.table("contracts").set_index("contract").loc[name]
        kept = max(1.0 - share, VANISHING)
        return [
            Dated("contracts", (name,), column, kept, how="scale", start=start, end=end)
            for column in ("daily_max", "daily_min")
            if row[column] > 0
        ]

    # ---- scenarios beside the answers
    def scenario(
        self,
        pairs: Iterable[tuple[Subject, Verdict]],
        discount: float,
        services: float,
        unpaid: Sequence[str],
    ) -> list[Change]:
        """What buyers take off the price of touched goods, what plants lose without services, contracts that nobody can pay for."""
        some = [(one, verdict) for one, verdict in pairs if self.world.is_home(one)]
        found: list[Change] = []
        markets = tuple(dict.fromkeys(one.name for one, _ in some if one.table == "markets"))
        if discount and markets:
            kept = 1.0 - discount
            found.append(
                Dated("markets", markets, "price", kept, how="scale", start=self.start, end=self.end)
            )
        if services:
            lacking = {(one.table, one.name) for one, verdict in some if _lacks_services(verdict)}
            found += [
                self._less(table, name, services, self.start, self.end)
                for table, name in sorted(lacking)
                if table in FLOWS
            ]
        for name in unpaid:
            found += self._less_of_contract(name, 1.0, self.start, self.end)
        return found

    def _opened(self, stopped: Sequence[Stopped]) -> list[Change]:
        """Idle links of what is stopped that no rule touches, in service in all the window."""
        carriers = {one.subject.carrier for one in stopped}
        links = self.engine.case.table("links")
        idle = links[(links["status"] == "idle") & links["carrier"].isin(carriers) & (links["capacity"] > 0)]
        return [
            SetValue("links", row.link, "status", "base")
            for row in idle.itertuples(index=False)
            if row.link not in self.touched
        ]

    def ask(self, answer: str, changes: Sequence[Change]) -> WindowAnswer:
        """The window solved again under an answer."""
        return self.engine.ask(self.window, changes, help="open" if answer == "other_supplier" else "")

    def seen(self, asked: WindowAnswer) -> AgainstPlan:
        """The answer beside the plan."""
        inside = self.engine.case.horizon.share_within(self.start, self.end)
        out = inside[self.window.first : self.window.last] > 0
        return AgainstPlan(self.engine.case, self.window.steps, out, asked.answer, asked.base)

    # ---- who gains
    def by_company(self, asked: WindowAnswer) -> pd.DataFrame:
        """Change of what each owner earns with its plants and links, at the plan's prices, currency; most first."""
        case = self.engine.case
        owners = case.table("owners")
        now, before = (self._earned(one) for one in (asked.answer, asked.base))
        change = (now - before).rename("change")
        own = owners.merge(change, left_on="element", right_index=True, how="inner")
        own = own.assign(part=own["change"] * own["share"])
        found = own.groupby("entity")["part"].sum()
        return found.reindex(found.abs().sort_values(ascending=False).index)

    def _earned(self, answer: Any) -> pd.Series:
        """Earnings of each plant and link in an answer, currency: sales less what is taken in and costs; tariffs of links."""
        case, prices = self.engine.case, self.exposure.prices
        hours = answer.hours
        assets = case.quantities("assets")
        activity = answer.power("assets.activity", list(assets["asset"])) @ hours
        energy = dict(zip(assets["asset"], activity, strict=True))
        cost = dict(zip(assets["asset"], assets["cost"].fillna(0.0), strict=True))
        place = dict(zip(assets["asset"], assets["place"], strict=True))
        margin = {asset: -float(value) for asset, value in cost.items()}
        for row in self.exposure.tables.ports.itertuples(index=False):
            margin[row.asset] += float(row.ratio) * prices.get((place[row.asset], row.carrier), 0.0)
        found = {asset: energy[asset] * margin[asset] for asset in energy}
        links = case.quantities("links")
        ids = list(links["link"])
        ahead = answer.power("links.flow", ids) @ hours * links["tariff"].fillna(0.0).to_numpy()
        tariff_back = links["tariff_back"].fillna(links["tariff"]).fillna(0.0).to_numpy()
        back = answer.power("links.flow_back", ids) @ hours * tariff_back
        found |= dict(zip(ids, ahead + back, strict=True))
        return pd.Series(found, dtype=float)


def _lacks_services(verdict: Verdict) -> bool:
    return verdict.act == "services" and verdict.verdict in STOPS


def _pieces(group: list[Stopped]) -> list[Stopped]:
    """Times of one subject without overlaps, each with the largest share of those that hold in it."""
    cuts = sorted({one.start for one in group} | {one.end + timedelta(days=1) for one in group})
    found: list[Stopped] = []
    for first, after in zip(cuts, cuts[1:], strict=False):
        holding = [one for one in group if one.start <= first <= one.end]
        if not holding:
            continue
        most = max(holding, key=lambda one: one.share)
        last = after - timedelta(days=1)
        if found and found[-1].share == most.share and found[-1].end + timedelta(days=1) == first:
            found[-1] = replace(found[-1], end=last)
        else:
            found.append(replace(most, start=first, end=last))
    return found


def unserved(seen: AgainstPlan) -> pd.DataFrame:
    """Unserved MWh beyond the plan by carrier, and of protected customers."""
    demand = seen.case.table("demand")
    more = (seen.unserved - seen.unserved_base) @ seen.hours
    frame = pd.DataFrame({"carrier": demand["carrier"].to_numpy(), "unserved": more})
    frame["protected"] = np.where(seen.protected, more, 0.0)
    return frame.groupby("carrier", as_index=False).sum()
