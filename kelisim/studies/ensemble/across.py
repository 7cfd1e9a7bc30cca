"""A study asked of scenarios, each from the basis of the case as it stands, and what its facts say over all of them."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.scenario_table import ScenarioTable, outages_of, under
from kelisim.engine import Engine
from kelisim.engine.estimates.sampled import SampledCase
from kelisim.errors import SolverError, UserError
from kelisim.lp.problem import Problem
from kelisim.lp.work import Row
from kelisim.model.delta import Deltas
from kelisim.model.outages import COLUMNS
from kelisim.results.facts import facts_of
from kelisim.results.results import Results
from kelisim.results.schema import framed
from kelisim.studies.study import create

ENDS = {"low": 0.05, "quarter": 0.25, "middle": 0.5, "three_quarters": 0.75, "high": 0.95}
Told = tuple[str, float, str]  # key of a fact, value, unit


@dataclass(frozen=True)
class AcrossTask:
    """What is needed to ask a study of any scenario: the engine of the case as it stands, the study and its fields."""

    engine: Engine
    table: ScenarioTable
    study: str
    fields: Mapping[str, Any]

    def plain(self, scenario: str) -> Problem | None:
        """The problem of a scenario that only takes elements out of service: that of the case with less room in it. None of others,
        and where a whole track is out: compiled, its limit falls too.
        """
        outages = outages_of(self.engine.case, self.table, scenario)
        known = self._deltas
        if outages is None or any(one.table not in COLUMNS or known.closes_track(one) for one in outages):
            return None
        _, lower, upper, row_lower, row_upper = known.of(outages).applied(self.engine.plain)
        return replace(self.engine.plain, lower=lower, upper=upper, row_lower=row_lower, row_upper=row_upper)

    @cached_property
    def _deltas(self) -> Deltas:
        return Deltas(self.engine.case, self.engine.plain, plain=self.engine.plain)

    def packed(self) -> bytes:
        """For a worker: the case once, and the basis of its base."""
        return pickle.dumps(
            (SampledCase.of(self.engine, ()), _plain(self.table), self.study, dict(self.fields))
        )

    @classmethod
    def unpacked(cls, packed: bytes) -> AcrossTask:
        """In a worker."""
        sampled, (names, called, rows), study, fields = pickle.loads(packed)
        there = {name: tuple(frame.itertuples()) for name, frame in rows.items()}
        engine = Engine(sampled.case, sampled.rules, cache=False, begin=sampled.begin)
        return cls(engine, ScenarioTable(names, called, there), study, fields)


def _plain(table: ScenarioTable) -> tuple[tuple[str, ...], dict[str, str], dict[str, pd.DataFrame]]:
    """Rows as tables: those of `itertuples` have a class that does not travel."""
    rows = {name: pd.DataFrame(list(own)).set_index("Index") for name, own in table.rows.items()}
    return table.names, table.called, rows


@dataclass(frozen=True)
class ScenarioDone:
    """What a study says in a scenario; why it says nothing, where it does not."""

    told: list[Told]
    status: str
    why: str = ""


def answered(asked: AcrossTask, scenario: str) -> ScenarioDone:
    """The study in one scenario."""
    base = asked.engine
    try:
        case = under(base.case, asked.table, scenario)
        engine = Engine(case, base.rules, cache=False, begin=base.basis, plain=asked.plain(scenario))
        results = create(asked.study, dict(asked.fields)).run(engine)
    except (UserError, SolverError) as error:
        return ScenarioDone([], getattr(error, "status", "wrong"), str(error))
    status = str(results.meta.get("status", ""))
    return ScenarioDone(told_of(results) if results.is_answered else [], status)


def told_of(results: Results) -> list[Told]:
    """Numbers of the facts of an answer."""
    facts = facts_of(results["facts"]).values() if "facts" in results else ()
    return [(fact.key, fact.value, fact.unit) for fact in facts if fact.unit and np.isfinite(fact.value)]


def shown(table: ScenarioTable, at: int, done: ScenarioDone) -> Row:
    """A scenario, for who reads before all are done: its first three numbers."""
    return table.called[table.names[at]], {f"{key}, {unit}": value for key, value, unit in done.told[:3]}


# ---- the tables
def scenario_frame(table: ScenarioTable, done: Sequence[ScenarioDone]) -> pd.DataFrame:
    """Each scenario, how many changes it has, and whether there is an answer."""
    rows = [
        (name, table.called[name], len(table.rows[name]), one.status, one.why)
        for name, one in zip(table.names, done, strict=True)
    ]
    return framed("ensemble", "scenarios", rows)


def fact_frame(table: ScenarioTable, done: Sequence[ScenarioDone]) -> pd.DataFrame:
    """Each number of each scenario."""
    rows = [(name, *told) for name, one in zip(table.names, done, strict=True) for told in one.told]
    return framed("ensemble", "scenarios.facts", rows).astype({"value": float})


def quantiles(table: ScenarioTable, done: Sequence[ScenarioDone], stands: Sequence[Told]) -> pd.DataFrame:
    """Each number over the scenarios: as it stands, quantiles, and where it is least and most.

    stands  numbers of the case as it stands
    """
    now = {(key, unit): value for key, value, unit in stands}
    found: dict[tuple[str, str], list[tuple[str, float]]] = {of: [] for of in now}
    for name, one in zip(table.names, done, strict=True):
        for key, value, unit in one.told:
            found.setdefault((key, unit), []).append((name, value))
    rows = []
    for (key, unit), each in found.items():
        if not each:
            continue
        values = np.array([value for _, value in each])
        ends = np.quantile(values, list(ENDS.values()))
        least, most = int(np.argmin(values)), int(np.argmax(values))
        middle = (float(values.mean()), *map(float, ends), float(values[least]), float(values[most]))
        where = (table.called[each[least][0]], table.called[each[most][0]])
        rows.append((key, unit, len(values), now.get((key, unit), np.nan), *middle, *where))
    return framed("ensemble", "quantiles", rows)
