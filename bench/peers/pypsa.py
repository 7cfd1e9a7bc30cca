"""PyPSA: a plain case as a network of links, generators, stores and loads.

The clock starts when the network is in memory: what `n.add` takes is reported beside it and is not held against it.
"""

from __future__ import annotations

import logging
import time
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pypsa

from bench.peers.clock import SolverClock
from bench.plain import Plain
from bench.settings import Settings

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)


def network(p: Plain) -> Any:
    """The network; each balance an equality, so that joint products get a way to be let go."""
    n = pypsa.Network(snapshots=p.steps)
    n.snapshot_weightings.loc[:, :] = np.repeat(p.hours[:, None], n.snapshot_weightings.shape[1], axis=1)
    nodes = np.array(p.nodes)
    n.add("Bus", nodes)

    def series(values: np.ndarray, ids: Any) -> pd.DataFrame:
        return pd.DataFrame(values.T, index=p.steps, columns=pd.Index(ids))

    links = p.links
    # a delay counts in the hours of the snapshots; in months nothing takes longer than a step
    delay = (links["delay"] * p.hours.mean()).round().astype(int).to_numpy()
    n.add(
        "Link", links["id"].to_numpy(), bus0=nodes[links["start"]], bus1=nodes[links["end"]], p_nom=links["capacity"].to_numpy(),
        marginal_cost=links["tariff"].to_numpy(), efficiency=links["kept"].to_numpy(), delay=delay,
        p_max_pu=_shares(p.open, series, links["id"]),
    )  # fmt: skip
    _converters(n, p, nodes, series)
    makers = p.makers
    n.add(
        "Generator", makers["id"].to_numpy(), bus=nodes[makers["node"]], p_nom=makers["capacity"].to_numpy(),
        e_sum_max=makers["annual"].to_numpy(), p_max_pu=series(p.made, makers["id"]), marginal_cost=series(p.cost, makers["id"]),
    )  # fmt: skip
    top = p.ceiling.max(axis=1)
    n.add(
        "Generator", p.sinks["id"].to_numpy(), bus=nodes[p.sinks["node"]], p_nom=top, p_max_pu=0.0,
        p_min_pu=series(-p.ceiling / top[:, None], p.sinks["id"]), e_sum_min=-p.sinks["annual"].to_numpy(),
        marginal_cost=series(p.price, p.sinks["id"]),
    )  # fmt: skip
    n.add(
        "Load", p.demand["id"].to_numpy(), bus=nodes[p.demand["node"]], p_set=series(p.power, p.demand["id"])
    )
    peak = p.power.max(axis=1)
    shed = "shed:" + p.demand["id"]
    n.add(
        "Generator", shed.to_numpy(), bus=nodes[p.demand["node"]], p_nom=peak, marginal_cost=p.demand["voll"].to_numpy(),
        p_max_pu=series(p.power / peak[:, None], shed),
    )  # fmt: skip
    n.add(
        "Generator", [f"let_go:{nodes[at]}" for at in p.joint], bus=nodes[p.joint], p_nom=1e6, p_min_pu=-1.0, p_max_pu=0.0
    )  # fmt: skip
    s = p.storages
    rate = s[["injection", "withdrawal"]].max(axis=1).to_numpy()
    n.add(
        "StorageUnit", s["storage"].to_numpy(), bus=nodes[s["node"]], p_nom=rate, p_min_pu=-s["injection"].to_numpy() / rate,
        p_max_pu=s["withdrawal"].to_numpy() / rate, max_hours=s["working_capacity"].to_numpy() / rate,
        efficiency_store=s["efficiency_in"].to_numpy(), efficiency_dispatch=s["efficiency_out"].to_numpy(),
        standing_loss=1.0 - (1.0 - s["loss"].to_numpy()) ** (1.0 / 24.0), cyclic_state_of_charge=True,
        inflow=series(p.inflow, s["storage"]),
    )  # fmt: skip
    return n


def _converters(n: Any, p: Plain, nodes: np.ndarray, series: Any) -> None:
    """Converters by number of ports; bus0 is the largest input."""
    by_count: dict[int, list[int]] = {}
    for at, ports in enumerate(p.ports):
        by_count.setdefault(len(ports), []).append(at)
    for count, which in by_count.items():
        first = [min(range(count), key=lambda k: p.ports[at][k][1]) for at in which]
        taken = np.array([-p.ports[at][k][1] for at, k in zip(which, first, strict=True)])
        rest = [
            [port for k, port in enumerate(p.ports[at]) if k != f] for at, f in zip(which, first, strict=True)
        ]
        rows = p.converters.iloc[which]
        start = nodes[[p.ports[at][k][0] for at, k in zip(which, first, strict=True)]]
        share = series(p.runs[which], rows["id"])
        # what only makes, with several products, runs backwards: bus0 gets what a negative flow gives
        low, high = share * (taken < 0), share * (taken > 0)
        size, cost = rows["capacity"].to_numpy() * np.abs(taken), rows["cost"].to_numpy() / taken
        if count == 1:
            n.add(
                "Generator", rows["id"].to_numpy(), bus=start, p_nom=size, p_min_pu=-high, p_max_pu=low, marginal_cost=-cost
            )  # fmt: skip
            continue
        more: dict[str, Any] = {}
        for k in range(count - 1):
            more[f"bus{k + 1}"] = nodes[[ports[k][0] for ports in rest]]
            more[f"efficiency{k + 1 if k else ''}"] = np.array([ports[k][1] for ports in rest]) / taken
        n.add(
            "Link", rows["id"].to_numpy(), bus0=start, p_nom=size, marginal_cost=cost, p_min_pu=-low, p_max_pu=high, **more
        )  # fmt: skip


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "solver_name": "highs", "io_api": "direct", "include_objective_constant": False, "log_to_console": False,
        "solver_options": settings.options(), "progress": False,
    }  # fmt: skip


def _shares(values: np.ndarray, series: Any, ids: Any) -> Any:
    """1 where nothing is ever closed, which saves PyPSA a table."""
    return 1.0 if (values == 1.0).all() else series(values, ids)


def build(p: Plain) -> dict[str, float]:
    """Network, then the linopy model."""
    began = time.perf_counter()
    n = network(p)
    made = time.perf_counter()
    model = n.optimize.create_model(include_objective_constant=False)
    done = time.perf_counter()
    return {
        "network": made - began, "build": done - made, "columns": float(model.nvars), "rows": float(model.ncons)
    }  # fmt: skip


def whole(p: Plain, settings: Settings) -> dict[str, float]:
    """From the network in memory to dispatch and prices in memory."""
    began = time.perf_counter()
    n = network(p)
    made = time.perf_counter()
    clock = SolverClock()
    status = n.optimize(**_options(settings))
    done = time.perf_counter()
    if status != ("ok", "optimal"):
        raise RuntimeError(f"PyPSA: {status}")
    return {
        "network": made - began,
        "whole": done - made,
        "solver": clock.seconds,
        "objective": float(n.objective),
    }


def sweep(p: Plain, settings: Settings, cuts: list[str]) -> dict[str, Any]:
    """Solve again for each cut: p_nom to 0, optimise, put it back."""
    n = network(p)
    n.optimize(**_options(settings))
    seconds, objectives = [], []
    for cut in cuts:
        began = time.perf_counter()
        rows = n.links.index.isin([cut, f"{cut}_back"])
        table = n.links if rows.any() else n.generators
        rows = table.index.isin([cut, f"{cut}_back"])
        kept = table.loc[rows, "p_nom"].copy()
        table.loc[rows, "p_nom"] = 0.0
        n.optimize(**_options(settings))
        objectives.append(float(n.objective))
        table.loc[rows, "p_nom"] = kept
        seconds.append(time.perf_counter() - began)
    return {"cuts": seconds, "objectives": objectives}
