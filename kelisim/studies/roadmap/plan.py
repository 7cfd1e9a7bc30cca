"""The tasks of a case as a schedule: who waits for whom, what was planned, what was moved, by which gate a project is told.

A task belongs to its project; one that has none, to the provision that it carries out; those that have neither belong together.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from functools import cache, cached_property
from importlib.resources import files

import numpy as np
import pandas as pd

from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.errors import StudyError
from kelisim.ledger.schedule import Activity, Floats, Precedence, WorkPlan

OTHER = "other_work"  # tasks without a project and without a provision
MET, PARTLY, NOT_MET, SCHEDULED, CANCELLED = "met", "partiallyMet", "notMet", "scheduled", "cancelled"
_DELAYED = "delayed"


@cache
def gates() -> dict[str, dict[str, str]]:
    """Gates in their order: name, phase of OC4IDS, what ends it."""
    return {row["gate"]: row for row in _rows("gates")}


@cache
def delay_shares() -> tuple[float, float]:
    """Share of projects that outside causes delay in a year, and that their promoters reschedule: the latest of both kinds."""
    latest = {row["what"]: float(row["value"]) for row in sorted(_rows("delays"), key=lambda r: r["year"])}
    return latest[_DELAYED], latest["rescheduled by the promoter"]


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("kelisim.studies.roadmap") / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


class Plan:
    """The tasks that are asked about.

    at        day on which the state of the work is known
    projects  of which only the tasks count, and those they wait for; all if empty
    """

    def __init__(self, case: Case, at: date, projects: tuple[str, ...], shape: str) -> None:
        self.case, self.at = case, at
        rows = case.table("tasks")
        rows = rows[rows["status"] != CANCELLED]
        rows = rows.assign(of=[self._of(row) for row in rows.itertuples(index=False)])
        self.tasks = self._chosen(rows, projects).set_index("task", drop=False)
        self.schedule = WorkPlan([*self._jobs()], [*self._ties()], at, shape)
        self.projects = self.schedule.projects

    @staticmethod
    def _of(row: object) -> str:
        return str(getattr(row, "project") or getattr(row, "provision") or OTHER)  # noqa: B009

    @staticmethod
    def _chosen(rows: pd.DataFrame, projects: tuple[str, ...]) -> pd.DataFrame:
        known = list(dict.fromkeys(rows["of"]))
        wrong = [name for name in projects if name not in known]
        if wrong:
            near = schema.nearest(wrong[0], known)
            hint = f'Did you mean "{near}"?' if near else f"Known: {schema.some(known)}."
            raise StudyError(f'projects: no task belongs to "{wrong[0]}". {hint}')
        if not projects:
            return rows
        wanted = set(rows["task"][rows["of"].isin(projects)])
        waits = {row.task: _names(row.starts_after) + _names(row.starts_with) for row in rows.itertuples()}
        line = list(wanted)
        for task in line:
            new = [one for one in waits.get(task, []) if one not in wanted]
            wanted |= set(new)
            line += new
        return rows[rows["task"].isin(wanted)]

    def _jobs(self) -> Iterator[Activity]:
        for row in self.tasks.itertuples(index=False):
            likely = float(row.duration_days)
            least = likely if pd.isna(row.optimistic) else float(row.optimistic)
            most = likely if pd.isna(row.pessimistic) else float(row.pessimistic)
            began, done = self.days_of(row.began_on), self.days_of(row.done_on)
            later = [day for day in (began, self.days_of(row.not_before)) if day is not None and day > 0]
            if began is not None and began > 0:  # not yet on the day from which the work is seen
                began = None
            if began is None and float(row.progress) > 0:
                began = 0.0
            yield Activity(
                row.task,
                row.of,
                least,
                likely,
                most,
                max(later, default=-np.inf),
                began,
                done if done is None or done <= 0 else None,
                float(row.progress) if began is not None else 0.0,
                tuple(int(month) for month in _names(row.months_off)),
            )

    def _ties(self) -> Iterator[Precedence]:
        known = set(self.tasks["task"])
        for row in self.tasks.itertuples(index=False):
            for names, on_start in ((row.starts_after, False), (row.starts_with, True)):
                yield from (
                    Precedence(one, row.task, float(row.lag_days), on_start)
                    for one in _names(names)
                    if one in known
                )

    def days_of(self, value: object) -> float | None:
        """Days from `at` to a day of the case; None where there is none."""
        if pd.isna(value) or value == "":
            return None
        return float((pd.Timestamp(str(value)) - pd.Timestamp(self.at)).days)

    def moments(self, days: Floats | float) -> pd.DatetimeIndex:
        """Days from `at` as days of the calendar."""
        return pd.Timestamp(self.at) + pd.to_timedelta(np.atleast_1d(np.round(days)), unit="D")

    # ---- what was planned
    @cached_property
    def announced(self) -> dict[str, float]:
        """Days from `at` to the day that was planned or announced for the end of each project, where there is one."""
        rows = self.case.table("projects").set_index("project")
        told = rows["announced"].fillna(rows["earliest"])
        found = {}
        for name, rows in self.tasks.groupby("of", sort=False):
            planned = [self.days_of(day) for day in rows["planned_finish"]]
            if planned and None not in planned:
                found[str(name)] = max(day for day in planned if day is not None)
            elif name in told.index and (day := self.days_of(told[name])) is not None:
                found[str(name)] = day
        return found

    @cached_property
    def chosen_end(self) -> dict[str, float]:
        """Days from `at` to the end that the promoter of a project chose later himself, where he did."""
        found = {}
        for name, rows in self.tasks.groupby("of", sort=False):
            moved = [day for day in map(self.days_of, rows["rescheduled_to"]) if day is not None]
            if moved:
                found[str(name)] = max(moved)
        return found

    def activity(self, task: str) -> Activity:
        """A task as the schedule sees it: what lies after `at` has not happened yet."""
        return self.schedule.jobs[self.schedule.at[task]]

    def milestone(self, task: str) -> str:
        """Word of OC4IDS for a task as a milestone: its own, or by its dates."""
        row, activity = self.tasks.loc[task], self.activity(task)
        if row["status"]:
            return str(row["status"])
        if activity.done is not None:
            return MET
        planned = self.days_of(row["planned_finish"])
        if planned is not None and planned < 0:
            return NOT_MET
        return PARTLY if activity.progress > 0 else SCHEDULED

    def phase(self, project: str) -> str:
        """Word of OC4IDS for a project: the phase of the first gate that is not passed."""
        rows = self.tasks[self.tasks["of"] == project]
        ahead = [task for task in rows["task"] if self.activity(task).done is None]
        if not ahead:
            return "maintenance"
        waiting = set(rows["gate"][ahead])
        known = [gate["phase"] for name, gate in gates().items() if name in waiting]
        if known:
            return known[0]
        has_begun = any(self.activity(task).began is not None for task in rows["task"])
        return "implementation" if has_begun else "preparation"

    def is_over(self, task: str) -> bool:
        """Whether a begun task has lasted as long as its longest duration already, so that its end is not known."""
        activity = self.activity(task)
        is_open = activity.began is not None and activity.done is None and activity.progress <= 0
        return is_open and -float(activity.began or 0.0) >= activity.most


def _names(text: object) -> list[str]:
    return [part.strip() for part in str(text or "").split(";") if part.strip()]
