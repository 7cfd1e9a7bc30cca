"""linopy: the problem of a plain case written by hand, block by block, and its persistent solver for the cuts."""

from __future__ import annotations

import logging
import time
import warnings
from typing import Any

import linopy
import numpy as np
import pandas as pd
from linopy.solvers import Solver

from bench.peers.clock import SolverClock
from bench.plain import Floats, Plain
from bench.settings import Settings

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)


def model(p: Plain) -> linopy.Model:
    """The same blocks as kelisim's; balances let go of what is too much, as there."""
    m = linopy.Model()
    steps = pd.RangeIndex(len(p.hours), name="step")
    hours = pd.Series(p.hours, index=steps)
    cost: list[Any] = []
    terms: list[Any] = []

    def block(name: str, ids: Any, upper: Floats, price: Floats | None = None) -> Any:
        index = pd.Index(np.asarray(ids), name=name)
        variable = m.add_variables(0, pd.DataFrame(upper, index=index, columns=steps), name=name)
        if price is not None:
            each = np.broadcast_to(price, upper.shape) * p.hours[None, :]
            cost.append((variable * pd.DataFrame(each, index=index, columns=steps)).sum())
        return variable

    def at(name: str, expression: Any, nodes: Any) -> None:
        index = pd.Index(expression.indexes[name], name=name)
        terms.append(expression.groupby(pd.Series(np.asarray(nodes), index=index, name="node")).sum())

    links = p.links
    flow = block(
        "flow",
        links["id"],
        links["capacity"].to_numpy()[:, None] * p.open,
        links["tariff"].to_numpy()[:, None],
    )
    at("flow", -1 * flow, links["start"])
    kept = pd.Series(links["kept"].to_numpy(), index=pd.Index(links["id"].to_numpy(), name="flow"))
    for delay, rows in links.groupby("delay"):
        some = flow.sel(flow=rows["id"].to_numpy())
        # energy sent in a step arrives in a step that may have other hours
        longer = pd.Series(np.roll(p.hours, int(delay)) / p.hours, index=steps)
        at("flow", some.roll(step=int(delay)) * kept[rows["id"]] * longer, rows["end"])
    made = block("made", p.makers["id"], p.makers["capacity"].to_numpy()[:, None] * p.made, p.cost)
    at("made", 1 * made, p.makers["node"])
    runs = block(
        "run", p.converters["id"], p.converters["capacity"].to_numpy()[:, None] * p.runs, p.converters["cost"].to_numpy()[:, None]
    )  # fmt: skip
    ports = [(at_, node, ratio) for at_, rows in enumerate(p.ports) for node, ratio in rows]
    names = pd.RangeIndex(len(ports), name="port")
    of = runs.isel(run=[port[0] for port in ports]).rename({"run": "port"}).assign_coords(port=names)
    at("port", of * pd.Series([port[2] for port in ports], index=names), [port[1] for port in ports])
    taken = block("taken", p.sinks["id"], p.ceiling, -p.price)
    at("taken", -1 * taken, p.sinks["node"])
    unserved = block("unserved", p.demand["id"], p.power, p.demand["voll"].to_numpy()[:, None])
    at("unserved", 1 * unserved, p.demand["node"])
    _storages(m, p, block, at, hours)
    for variable, rows, name in ((made, p.makers, "made"), (taken, p.sinks, "taken")):
        limited = rows[np.isfinite(rows["annual"])]
        if len(limited):
            ids = limited["id"].to_numpy()
            most = pd.Series(limited["annual"].to_numpy(), index=pd.Index(ids, name=name))
            m.add_constraints((variable.sel({name: ids}) * hours).sum("step") <= most, name=f"{name}_annual")
    need = np.zeros((len(p.nodes), len(p.hours)))
    np.add.at(need, p.demand["node"].to_numpy(), p.power)
    nodes = pd.RangeIndex(len(p.nodes), name="node")
    left = linopy.merge(terms, join="outer")
    m.add_constraints(left >= pd.DataFrame(need, index=nodes, columns=steps), name="balance")
    m.add_objective(sum(cost[1:], cost[0]))
    return m


def _storages(m: linopy.Model, p: Plain, block: Any, at: Any, hours: pd.Series) -> None:
    s = p.storages
    if s.empty:
        return
    wide = np.ones((1, len(p.hours)))

    def column(name: str) -> Floats:
        return s[name].to_numpy()[:, None]

    def frame(values: Floats, name: str) -> pd.DataFrame:
        return pd.DataFrame(values, index=pd.Index(s["storage"].to_numpy(), name=name), columns=hours.index)

    into = block("into", s["storage"], column("injection") * wide)
    out = block("out", s["storage"], column("withdrawal") * wide)
    level = block("level", s["storage"], column("working_capacity") * wide)
    spill = block("spill", s["storage"], np.where(p.inflow > 0, np.inf, 0.0))
    at("into", -1 * into, s["node"])
    at("out", 1 * out, s["node"])
    kept = (1.0 - column("loss")) ** (p.hours[None, :] / 24.0)
    left = (
        level - level.roll(step=1) * frame(kept, "level")
        - into.rename({"into": "level"}) * frame(column("efficiency_in") * p.hours, "level")
        + out.rename({"out": "level"}) * frame(p.hours / column("efficiency_out"), "level")
        + spill.rename({"spill": "level"}) * frame(p.hours * wide.repeat(len(s), 0), "level")
    )  # fmt: skip
    m.add_constraints(left == frame(p.inflow * p.hours, "level"), name="storage")


def build(p: Plain) -> dict[str, float]:
    began = time.perf_counter()
    made = model(p)
    return {
        "build": time.perf_counter() - began, "columns": float(made.nvars), "rows": float(made.ncons)
    }  # fmt: skip


def whole(p: Plain, settings: Settings) -> dict[str, float]:
    """From the numbers in memory to solution and duals in memory."""
    began = time.perf_counter()
    clock = SolverClock()
    made = model(p)
    status = made.solve("highs", io_api="direct", log_to_console=False, progress=False, **settings.options())
    _ = made.solution, made.dual
    done = time.perf_counter()
    if status != ("ok", "optimal"):
        raise RuntimeError(f"linopy: {status}")
    return {"whole": done - began, "solver": clock.seconds, "objective": float(made.objective.value)}


def sweep(p: Plain, settings: Settings, cuts: list[str]) -> dict[str, Any]:
    """The persistent solver: bounds changed in place, dual simplex from the last basis."""
    made = model(p)
    options = settings.options() | {"log_to_console": False}
    solver = Solver.from_name("highs", made, io_api="direct", options=options, track_updates=True)
    solver.solve(assign=True)
    seconds, objectives = [], []
    links, makers = set(p.links["id"]), set(p.makers["id"])
    for cut in cuts:
        began = time.perf_counter()
        name = "flow" if cut in links else "made" if cut in makers else "run"
        variable = made.variables[name]
        ids = [i for i in (cut, f"{cut}_back") if i in variable.indexes[name]]
        before = variable.upper
        variable.upper = before.where(~before[name].isin(ids), 0.0)
        solver.solve(made, assign=True, disallow_rebuild=True)
        objectives.append(float(made.objective.value))
        variable.upper = before
        seconds.append(time.perf_counter() - began)
    return {
        "cuts": seconds,
        "objectives": objectives,
        "in_place": solver._in_place_updates,
        "rebuilds": solver._rebuilds,
    }
