"""The year against what was measured: every observation beside the model, and whether it is a test at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import StudyError, UserError
from kelisim.results.observations import Counterpart, Totals, beside, counterparts, facts_of_scores, tables_of
from kelisim.results.results import Results
from kelisim.results.tables import Tables
from kelisim.studies.study import Study, param

MONTHS = "1mo"
MOVED = {
    "links": ("capacity", "capacity_back"),
    "assets": ("capacity", "annual_min", "annual_max"),
    "storages": ("working_capacity", "injection", "withdrawal"),
    "demand": ("amount",),
    "markets": ("ceiling", "annual_max"),
    "contracts": ("annual_quantity", "daily_max", "daily_min"),
    "resources": ("amount",),
}  # bounds and fixed demand by table


@dataclass(frozen=True)
class Backcast(Study):
    """The least-cost year held against what was measured: every observation beside the model's value, and a score of those that no input decides."""

    name = "backcast"
    follow: bool = param(
        "move all bounds and fixed demands of one table at a time, to find observations that only repeat an input",
        default=True,
    )
    by: float = param("how far they are moved", unit="share", default=0.05)
    near: float = param("how near to 1 an elasticity counts as one to one", unit="share", default=0.1)

    def run(self, engine: Engine) -> Results:
        case = engine.case
        if not 0.0 < self.by < 0.5:
            raise StudyError(f"--by: {self.by:g} is not a share between 0 and 0.5.")
        if case.table("observations").empty:
            raise StudyError(f'The case "{case.name}" has no observations to hold against the year.')
        if engine.base.status != "optimal":
            return self.unanswered(engine)
        totals = _totals(Tables(case, engine.base))
        found = beside(totals)
        rows = found.rows.assign(label=found.rows["test"], follows="")
        extra = {}
        if self.follow:
            table = self._elasticities(case)
            follows = rows["observation"].map(_one_to_one(table, self.near))
            rows = rows.assign(follows=follows.fillna(""), test=rows["test"].where(follows.isna(), "input"))
            extra["observations.elasticity"] = table
        frames = tables_of(totals, rows, found.left_out)
        return self.results(engine, frames | extra, facts_of_scores(frames))

    def _elasticities(self, case: Case) -> pd.DataFrame:
        """How far each model value moves with the bounds and fixed demands of one table, in months.

        (change of the value / value) / (change of the input), downward and upward; rows with no value are left out.
        """
        months = case.at_step(MONTHS)
        wanted = {name: ask for name, ask in counterparts(case).items() if ask[0]}
        base = _values(_solved(months), wanted)
        found = []
        for table in MOVED:
            if case.table(table).empty:
                continue
            moved = {}
            for sign in (-1.0, 1.0):
                moved[sign] = _values(_solved(scaled(months, table, 1.0 + sign * self.by)), wanted)
            for name, value in base.items():
                down, up = (moved[sign].get(name, np.nan) for sign in (-1.0, 1.0))
                if value and np.isfinite([down, up]).all():
                    found.append((name, table, (1.0 - down / value) / self.by, (up / value - 1.0) / self.by))
        return pd.DataFrame(found, columns=["observation", "table", "downward", "upward"])


def scaled(case: Case, table: str, factor: float) -> Case:
    """The case with all bounds and fixed demands of one table multiplied."""
    frame = case.table(table).copy()
    for column in MOVED[table]:
        frame[column] = frame[column] * factor
    return replace(case, tables=MappingProxyType({**case.tables, table: frame}))


def _solved(case: Case) -> Totals | None:
    """Totals of a case under its own rules; None where its limits cannot all be kept."""
    base = Engine(case, cache=False).base
    return _totals(Tables(case, base)) if base.status == "optimal" else None


def _totals(tables: Tables) -> Totals:
    return Totals(tables.case, lambda name: getattr(tables, name.replace(".", "_")).copy(deep=False))


def _values(totals: Totals | None, wanted: Mapping[str, Counterpart]) -> dict[str, float]:
    found = {}
    for name, (sum_of, unit, period) in wanted.items():
        if totals is not None:
            try:
                found[name] = totals.value(sum_of, unit, period)
            except UserError:
                continue  # beside() lists it with the reason
    return found


def _one_to_one(table: pd.DataFrame, near: float) -> dict[str, str]:
    """Tables that an observation follows one to one, both ways, by observation."""
    close = ((table[["downward", "upward"]] - 1.0).abs() <= near).all(axis=1)
    return table[close].groupby("observation")["table"].agg(", ".join).to_dict()
