"""kelisim itself: a case in memory compiled, solved, and its tables made; cuts from the base basis."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.peers.clock import SolverClock
from bench.settings import Settings
from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.lp.delta import Delta
from kelisim.lp.highs import Session
from kelisim.lp.problem import Ints, Problem
from kelisim.model.build import compile_case
from kelisim.results.tables import Tables
from kelisim.studies.balance import Balance

_CUT = ("links.flow", "links.flow_back", "assets.activity", "markets.taken", "contracts.delivery")


def build(case: Case) -> dict[str, float]:
    """Units, profiles, availability and the arrays of the problem."""
    began = time.perf_counter()
    problem = compile_case(case)
    seconds = time.perf_counter() - began
    return {"build": seconds, "columns": float(problem.shape[1]), "rows": float(problem.shape[0])}


def whole(case: Case, settings: Settings) -> dict[str, float]:
    """From the case in memory to dispatch, levels, unserved demand and prices as tables in memory."""
    began = time.perf_counter()
    clock = SolverClock()
    problem = compile_case(case)
    built = time.perf_counter()
    session = Session(problem, threads=settings.threads)
    solution = session.start(settings.method, presolve=settings.presolve != "off")
    solved = time.perf_counter()
    tables = Tables(case, Engine(case, cache=False).answer(problem, solution))
    kept = [
        tables.links_flow, tables.assets_activity, tables.storages_level, tables.demand_unserved, tables.places_price,
        tables.links_total, tables.demand_total,
    ]  # fmt: skip
    done = time.perf_counter()
    return {
        "whole": done - began, "build": built - began, "solver": clock.seconds, "tables": done - solved,
        "objective": solution.objective, "cells": float(sum(frame.size for frame in kept)),
    }  # fmt: skip


def engine(case: Case, settings: Settings) -> dict[str, float]:
    """As a user gets it: the engine chooses how the base is solved; nothing is kept from before."""
    began = time.perf_counter()
    clock = SolverClock()
    answer = Engine(case, cache=False).base
    done = time.perf_counter()
    return {"whole": done - began, "solver": clock.seconds, "objective": answer.objective}


def report(case: Case, settings: Settings) -> dict[str, float]:
    """The balance study, and its page as HTML; the base is solved before the clock starts."""
    ready = Engine(case, cache=False)
    _ = ready.base
    began = time.perf_counter()
    results = Balance().run(ready)
    studied = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        results.report(Path(folder) / "report.html")
    return {"whole": studied - began, "page": time.perf_counter() - studied}


def columns_of(problem: Problem, element: str) -> Ints:
    """Columns that an outage of an element shuts."""
    found = [
        block.positions[block.elements.index(element)]
        for name, block in problem.columns.items()
        if name in _CUT and element in block.elements
    ]
    if not found:
        raise ValueError(f"nothing to cut: {element}")
    return np.concatenate(found)


def delta_of(problem: Problem, element: str) -> Delta:
    at = columns_of(problem, element)
    return Delta(columns=at, lower=np.zeros(len(at)), upper=np.zeros(len(at)))


def sweep(case: Case, settings: Settings, cuts: list[str]) -> dict[str, Any]:
    """Each cut from the base basis, with the base put back before it."""
    problem = compile_case(case)
    session = Session(problem, threads=settings.threads)
    session.start(settings.method)
    seconds, objectives = [], []
    for cut in cuts:
        began = time.perf_counter()
        objectives.append(session.solve(delta_of(problem, cut)).objective)
        seconds.append(time.perf_counter() - began)
    return {"cuts": seconds, "objectives": objectives, "fallback": session.counts.fallback}


def all_cuts(case: Case, settings: Settings, cuts: list[str]) -> dict[str, Any]:
    """Every element once, on one worker; an element that the base leaves empty changes nothing and is not solved."""
    problem = compile_case(case)
    session = Session(problem, threads=settings.threads)
    base = session.start(settings.method)
    began = time.perf_counter()
    objectives, pruned = [], 0
    for cut in cuts:
        delta = delta_of(problem, cut)
        if not base.values[delta.columns].any():
            pruned += 1
            objectives.append(base.objective)
            continue
        objectives.append(session.solve(delta).objective)
    return {"all": time.perf_counter() - began, "pruned": pruned, "objectives": objectives}
