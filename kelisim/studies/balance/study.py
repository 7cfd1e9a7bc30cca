"""The least-cost year: who is supplied, from where, at what cost, and which limits bind."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pandas as pd

from kelisim.engine import Engine
from kelisim.results.bottlenecks import bottlenecks, reasons
from kelisim.results.names import element_names
from kelisim.results.results import Results
from kelisim.results.schema import units_of
from kelisim.results.tables import Tables
from kelisim.studies.study import Study, param, provenance

LIMITS = (
    "Gas answers count capacities only and no pressures: they are an upper bound of what the network can deliver.",
    "Least cost over the whole horizon with perfect foresight: contracts, quality and habit can hold a flow where it is dearer.",
    "Where several routes cost the same, a single flow is not determined; totals, prices and costs are.",
    "The supply mix shares flows in proportion on annual totals; nobody can see the owner of a commingled flow.",
)


@dataclass(frozen=True)
class Balance(Study):
    """The least-cost year of a case: flows, prices, unserved energy with its reasons, supply mix and bottlenecks."""

    name = "balance"
    serves = "year"
    series: bool = param("keep the tables with one row per step", default=True)

    def run(self, engine: Engine) -> Results:
        began = time.perf_counter()
        answer = engine.base
        case = engine.case
        if answer.status != "optimal":
            return self.unanswered(engine)
        tables = Tables(case, answer)
        frames = {
            "key_figures": tables.key_figures, "carriers.balance": tables.carriers_balance, "places.balance": tables.places_balance,
            "links.total": tables.links_total.drop(columns="moved"), "assets.total": tables.assets_total, "assets.ports": tables.assets_ports,
            "storages.total": tables.storages_total, "demand.total": tables.demand_total.assign(reason=reasons(tables)),
            "markets.total": tables.markets_total, "contracts.total": tables.contracts_total, "resources.total": tables.resources_total,
            "mix": tables.mix, "bottlenecks": bottlenecks(tables), "costs": tables.costs, "names": _names(tables),
            "demand.unserved": tables.demand_unserved,
        }  # fmt: skip
        if self.series:
            frames |= {
                "links.flow": tables.links_flow, "assets.activity": tables.assets_activity,
                "storages.level": tables.storages_level, "places.price": tables.places_price,
            }  # fmt: skip
        units = units_of(self.name, case.currency)
        made = provenance(engine, began, LIMITS)
        return Results(self.name, self.values(), case, frames, {n: units[n] for n in frames}, made)


def _names(tables: Tables) -> pd.DataFrame:
    found = element_names(tables.case)
    return pd.DataFrame({"element": list(found), "name": list(found.values())})
