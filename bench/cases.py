"""Cases on disk for the processes that measure, and the reference case without what PyPSA cannot carry."""

from __future__ import annotations

import pickle
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from bench.plain import plain as plain_numbers
from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.io import reference as shipped
from kelisim.model.build import compile_case
from kelisim.model.delta import Deltas


def reference(size: int, days: int = 366, step: str = "1mo", plain: bool = False) -> Case:
    """The reference case in months (12) or days (366), with the parts of its days; plain without them."""
    case = shipped("1mo" if size <= 12 else "1d")
    return stripped(case.without_parts()) if plain else case


def stripped(case: Case) -> Case:
    """The case without minimums, ramps, year limits of converters, resources, shared capacities, contracts, duties, norms, curves, end levels,
    Kirchhoff's law and, in months, transit time."""
    tables = {name: case.table(name) for name in case.tables}
    ports = case.ports.groupby("asset")["ratio"].agg(
        lambda ratios: len(ratios) == 1 and ratios.iloc[0] == 1.0
    )
    makes = tables["assets"]["asset"].map(ports).fillna(False).astype(bool)
    tables["assets"] = tables["assets"].assign(
        min_share=0.0, ramp=np.nan, annual_min=np.nan, annual_max=tables["assets"]["annual_max"].where(makes)
    )
    tables["links"] = tables["links"].assign(shared_with="", reactance=np.nan)
    if case.horizon.step == "1mo":  # PyPSA counts a delay in hours, kelisim in months of their own length
        tables["links"] = tables["links"].assign(days=0.0)
    tables["storages"] = tables["storages"][tables["storages"]["role"] != "strategic"].assign(
        is_cyclic=True, withdrawal_curve="", cost=0.0, norm_days=np.nan, target=""
    )
    for name in ("resources", "resource_uses", "contracts", "duties"):
        if name in tables:
            tables[name] = tables[name].iloc[:0]
    carriers = case.table("carriers").assign(may_curtail=True)
    settings = {**case.settings, "name": f"{case.name}_plain", "rules": {}}
    return replace(case, settings=settings, tables=MappingProxyType({**tables, "carriers": carriers}))


def build(path: str, **arguments: Any) -> Case:
    """A case by "module:function"."""
    module, _, name = path.partition(":")
    case: Case = getattr(import_module(module), name)(**arguments)
    return case


def keep(case: Case, folder: Path, with_numbers: bool, cuts: list[str]) -> dict[str, int]:
    """Write what the measured processes start from: the case, its problem with the deltas of cuts and, if plain, its numbers."""
    case_parts = (dict(case.settings), dict(case.tables), dict(case.files), case.horizon)
    (folder / "case.pickle").write_bytes(pickle.dumps(case_parts))
    problem = compile_case(case)
    making = Deltas(case, problem)
    deltas = {element: making.of([Outage(element)]) for element in cuts}
    (folder / "problem.pickle").write_bytes(pickle.dumps((problem, deltas)))
    if with_numbers:
        (folder / "plain.pickle").write_bytes(pickle.dumps(plain_numbers(case)))
    sizes = {name: len(case.table(name)) for name in ("places", "links", "assets", "storages", "demand")}
    yearly = [
        block for name, block in problem.rows.items() if name.endswith(".annual") or name == "resources.year"
    ]
    annual = sum(len(block.elements) for block in yearly)
    nodes = len(problem.rows["places.balance"].elements)
    return sizes | {
        "nodes": nodes, "steps": case.horizon.count, "annual_rows": annual, "rows": problem.shape[0],
        "columns": problem.shape[1], "nonzeros": int(problem.matrix.nnz),
    }  # fmt: skip


def kept(folder: Path) -> Case:
    """A case as it is after reading: typed tables in memory, nothing converted yet."""
    settings, tables, files, horizon = pickle.loads((folder / "case.pickle").read_bytes())
    case = Case(settings=settings, tables=MappingProxyType(tables), files=files, horizon=horizon)
    case.units.factor("MWh", "energy")  # reading a case has filled the registry of units
    return case
