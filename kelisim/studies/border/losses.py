"""The largest supply of each region lost, and the border closed: who goes short there, what takes over, and on whose help it rests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.change import Change, Outage
from kelisim.engine import Engine, Window
from kelisim.engine.working import counted
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.border_regions import BorderRegions, price_rise
from kelisim.results.facts import Fact, said
from kelisim.results.let_go import TABLE, let_go_beside, more_than_planned
from kelisim.results.region_tables import Floats
from kelisim.results.schema import framed
from kelisim.results.streams import StreamFlows
from kelisim.studies.helping import BESIDE, given, help_table
from kelisim.tolerances import NO_ENERGY, NO_SHARE, SMALL_ENERGY, SMALL_SHARE

SHORT = [
    "customer_class",
    "protected",
    "unserved",
    "less_taken",
    "value",
    "rate",
    "first_short",
    "days_served",
]
LOST = ["region", "carrier", "table", "element", "supply", "short_carrier", *SHORT]
CLOSED = ["region", "carrier", "short_carrier", *SHORT]
NO_SUPPLY: dict[str, Any] = {
    **dict.fromkeys(("largest", "supply", "largest_table"), ""),
    **dict.fromkeys(
        ("largest_share", "n1_unserved", "n1_protected", "n1_less_taken", "n1_value", "n1_rate"), 0.0
    ),
    **{"n1_short": "", "n1_first_short": pd.NaT, "n1_days": np.inf},
    **{"alternative_table": "", "alternative": "", "alternative_share": 0.0},
    **{"alternative_cost": np.nan, "price_rise": np.nan},
}
COVER = ("protected_days", "cover_of", "closed_unserved", "closed_less_taken", "closed_value", "closed_days")

Short = Callable[[AgainstPlan, str], float]  # MWh that customers of a region lack in an answer


class BorderLosses:
    """What is asked of the window: each largest supply lost, and the border closed for each carrier; each once.

    lost, closed  rows of `border.n1` and `border.closed`, once they were asked
    let_go        what each question lets go beyond the plan
    """

    def __init__(
        self, engine: Engine, border: BorderRegions, window: Window, start: date, last: date
    ) -> None:
        self.engine, self.border, self.window = engine, border, window
        self.case = engine.case
        self.start, self.last = start, last
        self.asked = 0
        self._out = self.case.horizon.share_within(start, last)[window.first : window.last]
        self.lost, self.closed = pd.DataFrame(columns=LOST), pd.DataFrame(columns=CLOSED)
        self._let_go: list[pd.DataFrame] = []
        self.helpers = Helpers(window, self._unserved, border.regions.country)

    def _unserved(self, seen: AgainstPlan, region: str) -> float:
        short = short_in(seen, self.border, region)
        return float(short["unserved"].sum())

    def _answer(self, outages: list[Change], help_: str = "") -> tuple[AgainstPlan, float]:
        self.asked += 1
        asked = self.engine.ask(self.window, outages, help=help_)
        seen = AgainstPlan(self.case, self.window.steps, self._out > 0, asked.answer, asked.base)
        return seen, asked.extra_cost

    def seen(self, outages: list[Change]) -> AgainstPlan:
        """The answer to some outages beside the plan."""
        return self._answer(outages)[0]

    def _under(self, outages: list[Change]) -> Callable[[str], AgainstPlan]:
        """Asks the same under another rule of help."""
        return lambda rule: self._answer(outages, rule)[0]

    def _keep_let_go(self, question: str, lost: str, seen: AgainstPlan) -> None:
        rows = more_than_planned(let_go_beside(seen))
        self._let_go.append(rows.assign(question=question, lost=lost))

    @property
    def let_go(self) -> pd.DataFrame:
        rows = [frame for frame in self._let_go if len(frame)]
        columns = list(framed("border", TABLE).columns)
        return pd.concat(rows, ignore_index=True)[columns] if rows else framed("border", TABLE)

    # ---- the largest supply is lost
    def without_largest(self) -> pd.DataFrame:
        """A row for each region and carrier; `lost` holds who goes short, once it is done."""
        chosen: dict[str, list[tuple[str, str, pd.Series]]] = {}
        rows = []
        for region, carrier in self.border.rows:
            supply = self.border.supply(region, carrier)
            supply = supply[supply["energy"] > NO_ENERGY]
            if supply.empty:
                rows.append({"region": region, "carrier": carrier, **NO_SUPPLY})
                continue
            chosen.setdefault(self._together(supply.iloc[0]), []).append((region, carrier, supply.iloc[0]))
        details: dict[tuple[str, str], pd.DataFrame] = {}
        for element, members in counted(self.engine.say, "losses", list(chosen.items())):
            outage = Outage(element, self.start, self.last)
            seen, extra = self._answer([outage])
            self._keep_let_go("largest", element, seen)
            gone = [one for _, one in self.window.deltas.members(outage)]
            pairs = [(region, carrier) for region, carrier, _ in members]
            self.helpers.look("largest", element, pairs, seen, self._under([outage]))
            for region, carrier, row in members:
                short = short_in(seen, self.border, region)
                names = {"region": region, "carrier": carrier, "largest": element, "supply": row["element"]}
                rows.append({**names, **self._loss(seen, extra, region, carrier, row, gone, short)})
                known = {"table": row["table"], "element": element, "supply": row["element"]}
                details[region, carrier] = _or_nobody(short).assign(region=region, carrier=carrier, **known)
        self.lost = self._joined(details, self.lost)
        return pd.DataFrame(rows, columns=["region", "carrier", *NO_SUPPLY])

    def _together(self, supply: pd.Series) -> str:
        """The element, or the track that several carriers share: a track is lost for all of them."""
        element = str(supply["element"])
        if supply["table"] != "links":
            return element
        links = self.case.table("links")
        group = links["shared_with"][links["link"] == element].iloc[0]
        return str(group) if group and (links["shared_with"] == group).sum() > 1 else element

    def _loss(
        self,
        seen: AgainstPlan,
        extra: float,
        region: str,
        carrier: str,
        row: pd.Series,
        gone: list[str],
        short: pd.DataFrame,
    ) -> dict[str, Any]:
        """What a region lacks without its largest supply of a carrier, and what takes over.

        row    the supply
        gone   elements that are out
        short  who goes short in the region
        """
        energy = float(row["energy"])
        supply = self.border.supply(region, carrier)["energy"].clip(lower=0.0)
        table, instead, share = replaced_by(seen, self.border, region, carrier, gone, energy)
        unserved, less_taken = float(short["unserved"].sum()), float(short["less_taken"].sum())
        most = NO_SHARE * energy
        served = (seen.more @ seen.hours).sum() <= most and less_taken <= most
        return {
            "largest_table": row["table"],
            "largest_share": energy / float(supply.sum()),
            "n1_unserved": unserved,
            "n1_protected": float(short["unserved"][short["protected"]].sum()),
            "n1_less_taken": less_taken,
            "n1_value": float(short["value"].sum()),
            "n1_rate": float(short["rate"].max()) if len(short) else 0.0,
            "n1_short": _groups(short),
            "n1_first_short": short["first_short"].min() if len(short) else pd.NaT,
            "n1_days": float(short["days_served"].min()) if len(short) else np.inf,
            "alternative_table": table,
            "alternative": instead,
            "alternative_share": share,
            "alternative_cost": extra / energy if served else np.nan,
            "price_rise": price_rise(seen, self._node(region, carrier), carrier),
        }

    def _node(self, region: str, carrier: str) -> str:
        """The place of a region that uses most of a carrier."""
        frame = self.border.tables.places_balance
        mine = frame[(frame["carrier"] == carrier) & (self.border.region(frame) == region)]
        return str(mine["place"].iloc[(mine["used"] + mine["taken_in"] + mine["sold"]).to_numpy().argmax()])

    # ---- the border is closed for a carrier
    def when_closed(self) -> pd.DataFrame:
        """A row for each region and carrier: who is cut, and when, if nothing of the carrier crosses the border."""
        crossing = self.border.regions.crossing(self.border.pair)
        rows: dict[tuple[str, str], dict[str, Any]] = {}
        details: dict[tuple[str, str], pd.DataFrame] = {}
        carriers = list(dict.fromkeys(carrier for _, carrier in self.border.rows))
        for carrier in counted(self.engine.say, "closed", carriers):
            outages: list[Change] = [
                Outage(link, self.start, self.last) for link in crossing.get(carrier, ())
            ]
            seen = self._answer(outages)[0] if outages else None
            pairs = [(r, c) for r, c in self.border.rows if c == carrier]
            if seen is not None:
                self._keep_let_go("closed", carrier, seen)
                self.helpers.look("closed", "", pairs, seen, self._under(outages))
            for region in [r for r, _ in pairs]:
                short = short_in(seen, self.border, region) if seen else pd.DataFrame()
                rows[region, carrier] = {"region": region, "carrier": carrier, **self._cover(short, region)}
                if len(short):
                    details[region, carrier] = short.assign(region=region, carrier=carrier)
        self.closed = self._joined(details, self.closed)
        return pd.DataFrame([rows[key] for key in self.border.rows], columns=["region", "carrier", *COVER])

    def _joined(self, details: dict[tuple[str, str], pd.DataFrame], empty: pd.DataFrame) -> pd.DataFrame:
        found = [details[key] for key in self.border.rows if key in details]
        return pd.concat(found, ignore_index=True)[list(empty.columns)] if found else empty

    def _cover(self, short: pd.DataFrame, region: str) -> dict[str, Any]:
        """Days until the first protected customer of a region is cut in any carrier, and what is lost; none is infinite."""
        demand = self.border.demand
        has_protected = bool(demand["protected"][demand["region"] == region].any())
        never = np.inf if has_protected else np.nan
        if short.empty:
            return dict(zip(COVER, (never, "", 0.0, 0.0, 0.0, np.inf), strict=True))
        shield = short[short["protected"]]
        days = float(shield["days_served"].min()) if len(shield) else never
        first = _groups(shield[shield["days_served"] == days])
        lost = (float(short[column].sum()) for column in ("unserved", "less_taken", "value"))
        return dict(zip(COVER, (days, first, *lost, float(short["days_served"].min())), strict=True))


def _groups(short: pd.DataFrame) -> str:
    """Carriers and classes: "natural_gas: household; heat: heat"."""
    pairs = zip(short["short_carrier"], short["customer_class"], strict=True)
    return "; ".join(f"{carrier}: {who}" for carrier, who in pairs)


def _or_nobody(short: pd.DataFrame) -> pd.DataFrame:
    """Who goes short; one row without a class where nobody does."""
    if len(short):
        return short
    row = ["", "", False, 0.0, 0.0, 0.0, 0.0, pd.NaT, np.inf]
    nobody = pd.DataFrame([row], columns=["short_carrier", *SHORT])
    return nobody.astype({"first_short": "datetime64[ns]"})


def short_in(seen: AgainstPlan, border: BorderRegions, region: str) -> pd.DataFrame:
    """What a region lacks beyond the plan: a row for each carrier and class of customers, or buyer, the largest first.

    unserved  MWh that customers do not get; less_taken, MWh that buyers on the spot do not take
    value     what that is worth: at the value of lost load, of buyers at their price
    rate      share of the demand, or of what they would have taken, in the days of the outage
    first_short, days_served  start of the first step that is short, and days from the start of the outage to it
    """
    hours, within = seen.hours, np.where(seen.out, seen.hours, 0.0)
    found: dict[tuple[str, str], _Loss] = {}
    demand, markets = border.demand, border.markets
    for row in demand[demand["region"] == region].itertuples():
        loss = found.setdefault((row.carrier, row.customer_class), _Loss(bool(row.protected)))
        loss.add(seen.more[row.Index], hours, seen.demand[row.Index], within, float(border.worth[row.Index]))
    buyers = markets[(markets["side"] == "buys") & (markets["region"] == region)]
    ids = list(buyers["market"])
    taken, base = (answer.power("markets.taken", ids) for answer in (seen.answer, seen.base))
    for at, (market, carrier) in enumerate(zip(ids, buyers["carrier"], strict=True)):
        loss = found.setdefault((carrier, market), _Loss(False, True))
        less = np.maximum(base[at] - taken[at], 0.0)
        loss.add(less, within, base[at], within, float(border.prices[market]))
    some = [(key, loss) for key, loss in found.items() if loss.energy > NO_ENERGY]
    some.sort(key=lambda item: (not item[1].protected, -item[1].energy, item[0]))
    rows = [
        (*key, *loss.cells(), seen.starts[loss.first], seen.days_from_start(loss.first)) for key, loss in some
    ]
    kinds = {
        "protected": bool,
        "unserved": float,
        "less_taken": float,
        "value": float,
        "rate": float,
        "days_served": float,
    }
    frame = pd.DataFrame(rows, columns=["short_carrier", *SHORT])
    return frame.astype({**kinds, "first_short": "datetime64[ns]"})


@dataclass
class _Loss:
    """What one class of customers, or a buyer, does not get: MWh in all, MWh and use while the outage lasts, first step."""

    protected: bool
    is_buyer: bool = False
    energy: float = 0.0
    value: float = 0.0
    within: float = 0.0
    wanted: float = 0.0
    first: int = 10**9

    def add(self, more: Floats, hours: Floats, wanted: Floats, within: Floats, worth: float) -> None:
        """One row more.

        more, wanted   MW that is lost, and that was asked for or would have been taken, (steps)
        hours, within  hours that count, and those of the outage, (steps); worth: of a MWh, currency
        """
        self.wanted += float(wanted @ within)
        energy = float(more @ hours)
        if energy > NO_ENERGY:
            self.energy += energy
            self.value += energy * worth
            self.within += float(more @ within)
            self.first = min(self.first, int(((more > 0) & (hours > 0)).argmax()))

    def cells(self) -> tuple[bool, float, float, float, float]:
        """Whether protected, MWh unserved, MWh less taken, what that is worth, and the rate."""
        rate = min(self.within / self.wanted, 1.0) if self.wanted > 0 else 0.0
        unserved, less_taken = (0.0, self.energy) if self.is_buyer else (self.energy, 0.0)
        return self.protected, unserved, less_taken, self.value, rate


def replaced_by(
    seen: AgainstPlan, border: BorderRegions, region: str, carrier: str, lost: Iterable[str], energy: float
) -> tuple[str, str, float]:
    """What takes over in a region: table, element and share of what is lost; empty if nothing rises by 1 % of it.

    lost    elements that are out
    energy  MWh that they would have brought in the days of the outage

    Supplies of the same carrier come first, then plants of the region that make something else.
    """
    gone = set(lost)
    weights = np.where(seen.out, seen.hours, 0.0)
    supply = border.supply(region, carrier)
    supply = supply[~supply["element"].isin(gone)]
    rises = _rises(seen, border, region, carrier, supply, weights)
    makers, known = border.makers, gone | set(supply["element"])
    others = [one for one in dict.fromkeys(makers["asset"][makers["region"] == region]) if one not in known]
    change = _change(seen, "assets.activity", others, weights)
    for candidates in (
        zip(rises.tolist(), supply["table"], supply["element"], strict=True),
        zip(change.tolist(), ["assets"] * len(others), others, strict=True),
    ):
        best = max(candidates, key=lambda item: (item[0], item[2]), default=(0.0, "", ""))
        if energy > NO_ENERGY and best[0] > SMALL_SHARE * energy:
            return best[1], best[2], min(best[0] / energy, 1.0)
    return "", "", 0.0


def _change(seen: AgainstPlan, block: str, ids: list[str], weights: Floats) -> Floats:
    """Energy of elements beyond the plan, MWh."""
    return (seen.answer.power(block, ids) - seen.base.power(block, ids)) @ weights


def _rises(
    seen: AgainstPlan, border: BorderRegions, region: str, carrier: str, supply: pd.DataFrame, weights: Floats
) -> Floats:
    """Energy that each supply of a region brings beyond the plan, MWh."""
    found = pd.Series(0.0, index=supply["element"].to_numpy())
    ids = {table: list(rows["element"]) for table, rows in supply.groupby("table")}
    if links := ids.get("links"):
        ends = border.ends.set_index("link").loc[links]
        ahead, keep = (ends["to"] == region).to_numpy(), 1.0 - ends["loss"].to_numpy()
        forward, back = (_change(seen, block, links, weights) for block in ("links.flow", "links.flow_back"))
        now, plan = (
            StreamFlows(seen.case, replace(one, hours=weights)).through(border.regions.of).loc[links]
            for one in (seen.answer, seen.base)
        )
        through = now - plan
        comes = np.where(ahead, forward - through["forward_in"], back - through["back_in"])
        goes = np.where(ahead, back - through["back_out"], forward - through["forward_out"])
        found[links] = comes * keep - goes
    if assets := ids.get("assets"):
        made = border.makers
        ratio = made[made["carrier"] == carrier].groupby("asset")["ratio"].sum()
        found[assets] = _change(seen, "assets.activity", assets, weights) * ratio[assets].to_numpy()
    if storages := ids.get("storages"):
        found[storages] = _change(seen, "storages.withdrawal", storages, weights) - _change(
            seen, "storages.injection", storages, weights
        )
    if markets := ids.get("markets"):
        found[markets] = _change(seen, "markets.taken", markets, weights)
    return found.to_numpy()


class Helpers:
    """Rows of `border.help`: a region and carrier with its loss, under both rules.

    window   in which the losses are asked, under one of the rules; one without rows of help has no rows here
    short    MWh that customers of a region lack in an answer
    country  region -> its country
    """

    def __init__(self, window: Window, short: Short, country: dict[str, str]) -> None:
        self.window, self.short, self.country = window, short, country
        self.rule = window.rules.help
        self._rows: list[tuple[Any, ...]] = []

    def look(
        self, question: str, element: str, pairs: Iterable[tuple[str, str]], seen: AgainstPlan, ask: Callable[[str], AgainstPlan]
    ) -> None:  # fmt: skip
        """One loss, for the regions and carriers whose question it is; not asked again where nobody is short with planned help.

        question  largest or closed
        ask       the same loss under another rule
        """
        if self.window.help is None:
            return
        regions = list(pairs)
        tables = {self.rule: help_table(given(self.window, seen), seen)}
        helped = (tables[self.rule]["more"] > SMALL_ENERGY).any()
        if (
            self.rule == "planned"
            and not helped
            and all(self.short(seen, r) <= SMALL_ENERGY for r, _ in regions)
        ):
            return
        answers = {self.rule: seen}
        for rule in BESIDE:
            if rule != self.rule:
                answers[rule] = ask(rule) if self.window.help.aids else seen
                tables[rule] = help_table(given(self.window, answers[rule]), answers[rule])
        for region, carrier in regions:
            told: list[Any] = []
            for rule in BESIDE:
                mine = tables[rule][tables[rule]["receiver"] == self.country[region]]
                mine = mine[mine["more"] > SMALL_ENERGY]
                told += [self.short(answers[rule], region), ";".join(dict.fromkeys(mine["giver"]))]
            if told[0] > SMALL_ENERGY or told[2] > SMALL_ENERGY or told[1] or told[3]:
                self._rows.append((region, carrier, question, element, *told))

    def table(self) -> pd.DataFrame:
        """Rows of `border.help`, in the order in which they were asked."""
        return framed("border", "border.help", self._rows)

    def fact(self) -> list[Fact]:
        """What is agreed changes of these losses, most of it where; nothing under `open`, which knows no other rule beside it."""
        if self.window.help is None:
            return []
        table = self.table()
        short = table[(table[["planned", "agreed"]] > SMALL_ENERGY).any(axis=1)]
        if short.empty:
            return []
        if not self.window.help.aids:
            return [Fact("help_rules", 0.0, "losses", "help.nothing_agreed")]
        change = (short["planned"] - short["agreed"]).abs()
        changed = short[change > SMALL_ENERGY]
        if changed.empty:
            return [Fact("help_rules", 0.0, "losses", "border.help_same", of=len(short))]
        row = changed.loc[change[changed.index].idxmax()]
        names = ("region", "carrier", "planned", "agreed")
        places = {name: row[name] for name in names} | {"of": len(short), "count": len(changed)}
        lost = said("border.help_largest", element=row["element"])
        if row["question"] == "closed":
            lost = said("border.help_closed", carrier=row["carrier"])
        helpers = str(row["agreed_helpers"]).split(";") if row["agreed_helpers"] else []
        gives = said("border.help_gives", givers=[said("border.help_giver", giver=one) for one in helpers])
        return [
            Fact("help_rules", float(len(changed)), "losses", "border.help_both", **places, lost=lost, who=gives if helpers else "")
        ]  # fmt: skip
