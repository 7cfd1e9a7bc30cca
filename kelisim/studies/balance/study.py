"""The least-cost year: who is supplied, from where, at what cost, and which limits bind."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kelisim.engine import Engine
from kelisim.results.bottlenecks import bottlenecks
from kelisim.results.duties import duties_total
from kelisim.results.let_go import let_go
from kelisim.results.names import element_names
from kelisim.results.reasons import reasons
from kelisim.results.results import Results
from kelisim.results.tables import Tables
from kelisim.studies.balance.facts import facts
from kelisim.studies.study import Study, param


@dataclass(frozen=True)
class Balance(Study):
    """The least-cost year of a case: flows, prices, unserved energy with its reasons, supply mix and bottlenecks."""

    name = "balance"
    serves = "year"
    series: bool = param("keep the tables with one row per step", default=True)

    def run(self, engine: Engine) -> Results:
        case = engine.case
        if engine.base.status != "optimal":
            return self.unanswered(engine)
        tables = Tables(case, engine.base)
        frames = {
            "key_figures": tables.key_figures, "carriers.balance": tables.carriers_balance, "places.balance": tables.places_balance,
            "links.total": tables.links_total, "assets.total": tables.assets_total, "assets.ports": tables.assets_ports,
            "storages.total": tables.storages_total, "demand.total": tables.demand_total.join(reasons(tables)),
            "markets.total": tables.markets_total, "contracts.total": tables.contracts_total, "resources.total": tables.resources_total,
            "mix": tables.mix, "bottlenecks": bottlenecks(tables), "costs": tables.costs, "names": _names(tables),
            "demand.unserved": tables.demand_unserved,
        }  # fmt: skip
        if len(case.table("duties")):
            frames["duties.total"] = duties_total(tables)
        if len(tables.streams_total):
            frames |= {"streams.total": tables.streams_total, "streams.links": tables.streams_links}
        frames["places.let_go"] = let_go(tables)
        if self.series:
            frames |= {
                "links.flow": tables.links_flow, "assets.activity": tables.assets_activity,
                "storages.level": tables.storages_level, "places.price": tables.places_price,
                "markets.taken": tables.markets_taken,
            }  # fmt: skip
            if "streams.total" in frames:
                frames["streams.delivery"] = tables.streams_delivery
        return self.results(engine, frames, facts(case, frames))


def _names(tables: Tables) -> pd.DataFrame:
    found = element_names(tables.case)
    return pd.DataFrame({"element": list(found), "name": list(found.values())})
