"""kelisim itself: a case in memory compiled, solved, and its tables made; cuts from the base basis."""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bench.peers.clock import SolverClock
from bench.settings import Settings
from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.engine import Engine
from kelisim.lp.highs import Session
from kelisim.lp.removals import Removals
from kelisim.lp.sweep import SweepAnswer
from kelisim.lp.sweep import sweep as lp_sweep
from kelisim.lp.work import Work
from kelisim.model.build import compile_case
from kelisim.model.delta import Deltas
from kelisim.results.tables import Tables
from kelisim.studies.balance.study import Balance

TOUCH = 1e-7  # MW below which a column counts as not used


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


def sweep(case: Case, settings: Settings, cuts: list[str]) -> dict[str, Any]:
    """Each cut from the base basis, with the base put back before it; what makes the delta of an outage is timed too."""
    problem = compile_case(case)
    deltas = Deltas(case, problem)
    session = Session(problem, threads=settings.threads)
    session.start(settings.method)
    seconds, objectives = [], []
    for cut in cuts:
        began = time.perf_counter()
        objectives.append(session.solve(deltas.of([Outage(cut)])).objective)
        seconds.append(time.perf_counter() - began)
    return {"cuts": seconds, "objectives": objectives, "fallback": session.counts.fallback}


def all_cuts(case: Case, settings: Settings, cuts: list[str]) -> dict[str, Any]:
    """Every element once, on one worker and on two; what the base does not touch changes nothing and is not solved."""
    problem = compile_case(case)
    session = Session(problem, threads=settings.threads)
    base = session.start(settings.method)
    began = time.perf_counter()
    making = Deltas(case, problem)
    deltas = [making.of([Outage(cut)]) for cut in cuts]
    outs = Removals(problem, deltas)
    touched = outs.touched(base.values, base.activities, TOUCH) | outs.freeing
    preparing = time.perf_counter() - began
    asked = [delta for delta, ask in zip(deltas, touched, strict=True) if ask]
    swept = lp_sweep(session, asked)
    done = time.perf_counter()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        again = lp_sweep(session, asked, work=Work(pool))
    two = time.perf_counter() - done + preparing
    difference = max((_apart(a, b) for a, b in zip(again.found, swept.found, strict=True)), default=0.0)
    found = iter(swept.found)
    objectives = [answer.objective if ask and (answer := next(found)) else base.objective for ask in touched]
    return {
        "all": done - began, "two_workers": two, "two_workers_differ": difference, "pruned": int((~touched).sum()), "objectives": objectives,
    }  # fmt: skip


def _apart(one: SweepAnswer | None, other: SweepAnswer | None) -> float:
    assert one is not None and other is not None
    return abs(one.objective - other.objective) / max(1.0, abs(other.objective))
