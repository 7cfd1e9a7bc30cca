"""Why customers go short: the limits that stand between a place and more supply.

From the short place one goes upstream along links that could carry more. What stands in the way is named: links that are full, and
resources and contracts that leave a link no more; then the sources that were reached and are at a limit of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.results.answer import BlockValues, Floats
from kelisim.results.names import element_names
from kelisim.results.tables import Tables
from kelisim.tolerances import NO_FLOW, NOT_FULL, UNPRICED

Bools = npt.NDArray[np.bool_]
Named = tuple[str, str]  # element, and how it is at its limit
INPUT_SHARE = 0.5  # of what an asset's product is worth: what it takes in costs more, and it lacks that
# what a source draws on: column of its activity, row of its year, and how each is said
SOURCES = {
    "assets": ("assets.activity", "all", "assets.annual", "year"),
    "markets": ("markets.taken", "ceiling", "markets.annual", "year"),
    "contracts": ("contracts.delivery", "daily", "contracts.annual", "quantity"),
    "storages": ("storages.withdrawal", "rate", "", ""),
}


def reasons(tables: Tables, most: int = 3) -> pd.DataFrame:
    """For each row of demand the limits that hold while it is short.

    returns  a row for each row of demand.total. reason: "element:how" with semicolons between, at most so many, what stands in
             the way first, the dearest of it before others, then sources, the largest first. how: full, shared, daily, quantity,
             all, year, ceiling, rate, empty, input; room where nothing else is found and a source could give more; "none" where
             there is no source; empty where all is served. hours_short: h
    """
    demand, unserved, network = tables.case.table("demand"), tables.unserved, _Network(tables)
    out = []
    for at, (place, carrier) in enumerate(zip(demand["place"], demand["carrier"], strict=True)):
        short = unserved[at] > NO_FLOW
        found = _Shortage(network, str(carrier), short).behind(str(place), most) if short.any() else ""
        out.append((found, float(short @ tables.hours)))
    return pd.DataFrame(out, columns=["reason", "hours_short"])


class _Network:
    """What holds what in a case, looked up once.

    ways       links by the place and carrier that they reach: position, link, the other end, whether it is ahead
    shared     resources by the table and element that use them; not those of which more can be had at a price
    contracts  those of which no more can be had at a price, with their effect and the steps in which they hold
    booked     contracts over links, by link
    """

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        case = tables.case
        self.label = element_names(case)
        self.ways: dict[Named, list[tuple[int, str, str, bool]]] = {}
        ends = tables.links_total[["link", "carrier", "from_place", "to_place"]].astype(str)
        for at, (link, carrier, start, end) in enumerate(ends.itertuples(index=False)):
            self.ways.setdefault((end, carrier), []).append((at, link, start, True))
            self.ways.setdefault((start, carrier), []).append((at, link, end, False))
        self.shared: dict[Named, list[str]] = {}
        soft = case.table("resources").set_index("resource")["shortfall_price"].notna()
        uses = case.table("resource_uses")
        for use in uses[uses["use"] > 0].itertuples(index=False):
            if not soft[use.resource]:
                self.shared.setdefault((use.table, use.element), []).append(use.resource)
        rows = case.table("contracts")
        # a stream is a part of the flow of its links, and limits nothing else
        rows = rows[rows["excess_price"].isna() & ~rows["stream"].astype(bool)]
        effects = case.table("contract_kinds").set_index("kind")["effect"]
        dates = zip(rows["start"], rows["end"], strict=True)
        holds = [case.horizon.share_within(start, end) > 0 for start, end in dates]
        self.contracts = rows.assign(
            effect=rows["kind"].map(effects), holds=pd.Series(holds, rows.index, dtype=object)
        )
        self.booked: dict[str, list[tuple[str, Bools]]] = {}
        for row in self.contracts[self.contracts["effect"] == "row"].itertuples(index=False):
            for link in filter(None, str(row.over).split(";")):
                self.booked.setdefault(link, []).append((row.contract, row.holds))


class _Shortage:
    """The steps in which customers of a carrier are short, and which limits hold in all of them."""

    def __init__(self, network: _Network, carrier: str, short: Bools) -> None:
        self.network, self.tables, self.carrier, self.short = network, network.tables, carrier, short

    def behind(self, place: str, most: int) -> str:
        """What is named for a place."""
        in_the_way, seen = self._upstream(place)
        # lines side by side may share one name
        by_name: dict[Named, Named] = {}
        for element, how in sorted(in_the_way, key=lambda named: (-in_the_way[named], named)):
            by_name.setdefault((self.network.label.get(element, element), how), (element, how))
        found, room = list(by_name.values()), []
        for table, element, _ in sorted(self._sources(seen), key=lambda source: (-source[2], source[:2])):
            limits = self._limits(table, element)
            found += limits
            room += [] if limits else [(element, "room")]
        parts = [f"{element}:{how}" for element, how in dict.fromkeys(found or room)]
        return ";".join(parts[:most]) or "none"

    # ---- links
    def _upstream(self, place: str) -> tuple[dict[Named, float], set[str]]:
        """What stands in the way with its price over the steps, and the places from which more can come."""
        flows = self.tables.flows
        seen, queue, found = {place}, [place], {}
        while queue:
            here = queue.pop()
            for at, link, there, ahead in self.network.ways.get((here, self.carrier), []):
                way = flows["most" if ahead else "most_back"][at]
                # a link without any capacity in this direction is no bottleneck but a road that is not there
                if way[self.short].max(initial=0.0) <= NO_FLOW:
                    continue
                used = flows["forward" if ahead else "back"][at]
                full = (way - used <= NOT_FULL * way[self.short].max()) | (flows["price"][at] > UNPRICED)
                others = self._rows_over("links" if ahead else "links_back", link)
                stopped = full | np.any([held for _, held, _ in others], axis=0)
                if not stopped[self.short].all():
                    queue += [] if there in seen else [there]
                    seen.add(there)
                    continue
                if full[self.short].any():
                    found[link, "full"] = self._sum(flows["price"][at])
                found |= {named: price for named, held, price in others if held[self.short].any()}
        return found, seen

    def _rows_over(self, table: str, element: str) -> list[tuple[Named, Bools, float]]:
        """Shared limits and bookings of an element: the name, the steps in which they hold, their price over the steps."""
        resources = self.network.shared.get((table, element), [])
        found = [((one, "shared"), f"resources.{over}") for one in resources for over in ("step", "year")]
        for one, holds in self.network.booked.get(element, []) if table == "links" else []:
            if holds[self.short].all():
                found += [((one, "daily"), "contracts.daily"), ((one, "quantity"), "contracts.annual")]
        rows = [(named, *self._row(block, named[0])) for named, block in found]
        return rows + [
            ((one, "shared"), *self._fallen(name)) for one in resources for name in self._falls(one)
        ]

    def _falls(self, resource: str) -> list[str]:
        """Rows by which a section falls with lines that are out."""
        block = self.tables.answer.rows.get("resources.section")
        return [name for name in (block.elements if block else ()) if name.startswith(f"{resource}|")]

    def _fallen(self, name: str) -> tuple[Bools, float]:
        """Steps in which a section has fallen to a limit that costs something, and its price over the steps."""
        picked = _picked(self.tables.answer.rows.get("resources.section"), name)
        price = np.maximum(-picked[2], 0.0) if picked else np.zeros(len(self.short))
        return price > UNPRICED, self._sum(price)

    def _row(self, name: str, element: str) -> tuple[Bools, float]:
        """Steps in which a row of limits is at its upper one, and its price over the steps of the shortage."""
        picked = _picked(self.tables.answer.rows.get(name), element)
        if picked is None:
            return np.zeros(len(self.short), dtype=bool), 0.0
        values, upper, duals = picked
        limit = np.where(np.isfinite(upper), upper, 0.0)
        near = np.isfinite(upper) & (values >= limit - NOT_FULL * np.maximum(np.abs(limit), 1.0))
        held = np.broadcast_to(near | (-duals > UNPRICED), len(self.short))
        return held, self._sum(np.broadcast_to(np.maximum(-duals, 0.0), len(self.short)))

    def _sum(self, price: Floats) -> float:
        return float((price * self.short) @ self.tables.hours)

    # ---- sources
    def _sources(self, seen: set[str]) -> Iterator[tuple[str, str, float]]:
        """Table, element and energy of what gives the carrier at some places."""
        case, answer = self.tables.case, self.tables.answer
        ports = self.tables.ports
        ports = ports[ports["place"].isin(seen) & (ports["carrier"] == self.carrier) & (ports["ratio"] > 0)]
        markets, storages, rows = case.table("markets"), case.table("storages"), self.network.contracts
        rows = rows[np.array([holds[self.short].all() for holds in rows["holds"]], dtype=bool)]
        at = rows["delivery_place"].where(rows["effect"] != "swap", rows["return_place"])
        chosen = {
            "assets": ports["asset"],
            "markets": markets["market"][
                (markets["side"] == "sells") & self._here(markets, markets["place"], seen)
            ],
            "contracts": rows["contract"][
                rows["effect"].isin(["source", "swap"]) & self._here(rows, at, seen)
            ],
            "storages": storages["storage"][self._here(storages, storages["place"], seen)],
        }
        for table, elements in chosen.items():
            block = SOURCES[table][0]
            for element in dict.fromkeys(map(str, elements)):
                # what has no capacity in these steps is no source, but an asset that is out is one that makes all it can
                if table == "assets" or answer.upper(block, [element])[0][self.short].max() > NO_FLOW:
                    yield table, element, float(answer.energy(block, [element])[0])

    def _here(self, rows: pd.DataFrame, places: pd.Series, seen: set[str]) -> pd.Series:
        return places.isin(seen) & (rows["carrier"] == self.carrier)

    def _limits(self, table: str, element: str) -> list[Named]:
        """Limits that hold a source; none if it could give more."""
        block, how, year, of_year = SOURCES[table]
        column = _picked(self.tables.answer.columns.get(block), element)
        if column is None:
            return []
        used, most, _ = column
        is_full = bool((used >= most * (1 - NOT_FULL))[self.short].all())
        is_spent = bool(year) and bool(self._row(year, element)[0].all())
        # a contract without a limit of the day could deliver its quantity in one step
        if is_spent and (table == "contracts" or not is_full):
            return [(element, of_year)]
        if is_full:
            return [(element, how)]
        of_uses = "storages_withdrawal" if table == "storages" else table
        held = [named for named, steps, _ in self._rows_over(of_uses, element) if steps[self.short].all()]
        if not held and table == "storages" and self._is_empty(element):
            held = [(element, "empty")]
        if not held and table == "assets" and self._lacks_input(element):
            held = [(element, "input")]
        return held

    def _is_empty(self, storage: str) -> bool:
        """Whether nothing is left at the end of the last step of the shortage."""
        block = self.tables.answer.columns["storages.level"]
        at, last = block.elements.index(storage), np.flatnonzero(self.short)[-1]
        return bool(block.values[at, last] <= block.lower[at, last] + NO_FLOW)

    def _lacks_input(self, asset: str) -> bool:
        """Whether what an asset takes in is worth most of its product in the steps of the shortage."""
        ports = self.tables.ports[self.tables.ports["asset"] == asset]
        nodes = [
            f"{place}:{carrier}" for place, carrier in zip(ports["place"], ports["carrier"], strict=True)
        ]
        price = self.tables.answer.row_price("places.balance", nodes)[:, self.short].mean(axis=1)
        worth = ports["ratio"].to_numpy() * price
        made = worth[(ports["carrier"] == self.carrier).to_numpy()].sum()
        return bool(-worth[worth < 0].sum() > INPUT_SHARE * made > 0)


def _picked(block: BlockValues | None, element: str) -> tuple[Floats, Floats, Floats] | None:
    """Values, upper limits and duals of an element, per step or one for the horizon."""
    if block is None or element not in block.elements:
        return None
    at = block.elements.index(element)
    return block.values[at], block.upper[at], block.duals[at]
