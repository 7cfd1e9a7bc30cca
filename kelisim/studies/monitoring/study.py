"""Which provisions are kept, which are at risk, and which nobody can judge because nothing is observed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from kelisim.agreement.words import force_of
from kelisim.case.case import Case
from kelisim.case.watched import MONITORED
from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.results.facts import Fact, said
from kelisim.results.results import Results
from kelisim.results.schema import framed
from kelisim.studies.monitoring.lights import AMBER, GREEN, NONE, RED, Watched, seen
from kelisim.studies.monitoring.obligations import obligations, observed
from kelisim.studies.monitoring.warnings import warnings
from kelisim.studies.study import Study, param

NAMED = 3  # provisions that a sentence names
ORDER = {RED: 0, AMBER: 1, GREEN: 2, NONE: 3}


@dataclass(frozen=True)
class Monitoring(Study):
    """Are provisions kept? Observations against obligations, trend and forecast to the deadline, early warning, a light for each with its rule."""

    name = "monitoring"
    lets_go = False
    solves = False
    observations: str = param(
        "file of observations that the command line reads, with the columns element, period, value, unit separated by commas; those of the case if empty",
        default="",
    )
    at: date | None = param("day on which it is asked; today if not given", default=None)

    def run(self, engine: Engine) -> Results:
        case, at = engine.case, self.at or date.today()
        if case.table("provisions").empty:
            raise StudyError(f'The case "{case.name}" has no provisions to watch.')
        self._check(case)
        rows = observed(case, "provisions")
        found = [
            seen(one, rows[rows["element"] == one.provision], pd.Timestamp(at)) for one in obligations(case)
        ]
        frames = {
            "lights": _lights(case, found),
            "series": _series(found),
            "warnings": warnings(case, pd.Timestamp(at)),
        }
        return self.results(engine, frames, _told(frames, at), None, {"at": at})

    def _check(self, case: Case) -> None:
        """A file is read by the command line into rows of the case; elsewhere its name would be believed and nothing read."""
        rows = case.table("observations")
        if self.observations and self.observations not in set(rows["source"][rows["use"] == MONITORED]):
            raise StudyError(
                f'observations: "{self.observations}" was not read. The command line reads a file; elsewhere put its rows into the '
                f"table observations of the case, with the use {MONITORED}."
            )


def _lights(case: Case, found: list[Watched]) -> pd.DataFrame:
    told = case.table("provisions").set_index("provision")
    rows = []
    for one in found:
        trend = one.trend
        slopes = (trend.slope, trend.low, trend.high, trend.robust) if trend else (np.nan,) * 4
        about = one.one
        rows.append(
            (
                about.provision,
                told.loc[about.provision, "agreement"],
                _force(told.loc[about.provision]),
                one.light,
                one.rule,
                about.sense,
                about.target,
                about.unit,
                one.so_far,
                one.within,
                one.expected,
                one.low,
                one.high,
                one.deadline,
                *slopes,
                one.count,
                one.latest,
            )
        )
    frame = framed("monitoring", "lights", rows)
    order = frame["light"].map(ORDER)
    frame = frame.assign(_order=order).sort_values(["_order", "rule", "provision"], ignore_index=True)
    return frame.drop(columns="_order")


def _force(row: pd.Series) -> str:
    """Whether a provision binds: as its row says, or as its words do."""
    has_number = not pd.isna(row["quantity"])
    return str(row["force"]) or force_of(row["text"], has_number, has_number)


def _series(found: list[Watched]) -> pd.DataFrame:
    parts = [
        one.series.assign(provision=one.one.provision, target=one.one.target, unit=one.one.unit)
        for one in found
        if one.series is not None
    ]
    columns = ["provision", "first", "last", "value", "target", "unit"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else framed("monitoring", "series")


def _told(frames: dict[str, pd.DataFrame], at: date) -> list[Fact]:
    lights, alarms = frames["lights"], frames["warnings"]
    counts = {light: int((lights["light"] == light).sum()) for light in ORDER}
    judged = len(lights) - counts[NONE]
    places = {"count": len(lights), "judged": judged, "at": at, **counts}
    facts = [
        Fact("judged", float(judged), "", f"monitoring.{'judged' if judged else 'none_judged'}", **places)
    ]
    for light in (RED, AMBER):
        own = lights[lights["light"] == light]
        if len(own):
            parts = [
                said("monitoring.of_provision", provision=row.provision, rule=row.rule)
                for row in own.head(NAMED).itertuples(index=False)
            ]
            facts.append(Fact(light, float(len(own)), "", f"monitoring.is_{light}", parts=parts))
    urgent = alarms[alarms["light"].isin([RED, AMBER])]
    parts = [
        said(
            f"monitoring.alarm_{row.trigger}",
            element=row.element,
            table=row.table,
            value=row.value,
            limit=row.limit,
            unit=row.unit,
            by=row.by,
        )
        for row in urgent.head(NAMED).itertuples(index=False)
    ]
    if len(alarms):
        facts.append(
            Fact(
                "alarms",
                float(len(urgent)),
                "",
                f"monitoring.alarms{'' if parts else '_none'}",
                count=len(alarms),
                parts=parts,
            )
        )
    unseen = lights[lights["rule"] == "no_data"]
    if len(unseen):
        facts.append(Fact("unseen", float(len(unseen)), "", "monitoring.unseen"))
    vague = lights[lights["rule"] == "no_number"]
    if len(vague):
        facts.append(Fact("vague", float(len(vague)), "", "monitoring.vague"))
    return facts
