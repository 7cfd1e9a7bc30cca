"""When projects and agreed work will be done, how sure that is, and what decides it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.ledger.schedule import SHAPES, Dates, Floats, interval, slips
from kelisim.results.facts import Fact, said
from kelisim.results.results import Results
from kelisim.results.schema import framed
from kelisim.studies.roadmap import worth
from kelisim.studies.roadmap.plan import Plan, delay_shares
from kelisim.studies.study import Study, param
from kelisim.tolerances import SMALL_MONEY

YEAR, MONTH = 365.25, 30.4375
SHARES = (0.1, 0.5, 0.8, 0.9)
_DRAWN = 500  # samples of the curve of work done
PREFIX = r"oc4ids-[a-z0-9]{6}"
_NAMED = 3  # projects or tasks that a sentence names


@dataclass(frozen=True)
class Roadmap(Study):
    """When will projects and agreed work be done, how sure is that, what decides it, and what has moved since it was planned?"""

    name = "roadmap"
    lets_go = False
    solves = False
    at: date | None = param("day on which the state of the work is known; today if not given", default=None)
    projects: tuple[str, ...] = param(
        "only these projects and what they wait for, separated by commas; all if empty", default=()
    )
    shape: str = param(
        "distribution of a duration between its shortest, likely and longest", default="pert", choices=SHAPES
    )
    samples: int = param("samples of the durations", default=5_000)
    seed: int = param("seed of the samples", default=1)
    correlation: float = param(
        "correlation between the durations of any two tasks, by one common factor", default=0.3
    )
    slip: float = param(
        "length of a delay by an outside cause; how often comes from statistics", unit="months", default=12.0
    )

    worth: tuple[str, ...] = param(
        "projects of which a month of delay is priced, by solving the year with and without them, separated by commas",
        default=(),
    )
    prefix: str = param(
        "registered OC4IDS prefix of who publishes the projects, such as oc4ids-bu3kcz; a mark for none if empty",
        default="",
    )

    def run(self, engine: Engine) -> Results:
        case, at = engine.case, self.at or date.today()
        if case.table("tasks").empty:
            raise StudyError(f'The case "{case.name}" has no tasks to plan.')
        self._check()
        plan = Plan(case, at, self.projects, self.shape)
        dates = plan.schedule.dates()
        work = plan.schedule.sampled(self.samples, self.seed, self.correlation)
        sampled = plan.schedule.dates(work)
        frames = {
            "projects": self._projects(plan, dates, sampled),
            "tasks": _tasks(plan, dates, sampled),
            "path": _path(plan, dates),
            "progress": _progress(plan, dates, sampled),
        }
        facts = [*_told(frames, plan), self._sampling(frames["projects"])]
        if not self.worth:
            return self.results(engine, frames, facts, None, {"at": at})
        found = [worth.late(engine, project) for project in self.worth]
        frames |= worth.frames(found, plan, plan.schedule.ends(sampled.finish))
        facts = [*(_costs(one, frames, case.currency) for one in found), *facts]
        return self.results(engine, frames, facts, None, {"at": at}, status="optimal")

    def _check(self) -> None:
        wrong = []
        if not 0.0 <= self.correlation <= 1.0:
            wrong.append(f"correlation: {self.correlation:g} is not between 0 and 1.")
        if self.samples < 100:
            wrong.append(
                f"samples: {self.samples} are too few for a day with a chance of 90 %; ask for 100 or more."
            )
        if self.prefix and not re.fullmatch(PREFIX, self.prefix):
            wrong.append(f'prefix: "{self.prefix}" is not oc4ids- and six small letters or digits.')
        if self.slip < 0:
            wrong.append(f"slip: {self.slip:g} months are less than none.")
        if wrong:
            raise StudyError("\n".join(wrong))

    def _projects(self, plan: Plan, dates: Dates, sampled: Dates) -> pd.DataFrame:
        """Days of each project, the latest first."""
        ends, each = plan.schedule.ends(dates.finish), plan.schedule.ends(sampled.finish)
        chance, _ = delay_shares()
        rows = []
        for at, project in enumerate(plan.projects):
            announced, chosen = plan.announced.get(project, np.nan), plan.chosen_end.get(project, np.nan)
            is_done = plan.phase(project) == "maintenance"
            more = (
                np.zeros(self.samples)
                if is_done
                else slips(each[at] / YEAR, chance, self.slip * MONTH, self.seed + 1 + at)
            )
            later = each[at] + more
            _, low, high = interval(each[at], 0.5)
            quantiles = [np.quantile(each[at], share) for share in SHARES]
            moments = plan.moments(
                np.array([ends[at], *quantiles, low, high, *np.quantile(later, [0.5, 0.8])])
            )
            before = announced if np.isnan(chosen) else chosen
            rows.append(
                (
                    project,
                    plan.phase(project),
                    pd.NaT if np.isnan(announced) else plan.moments(announced)[0],
                    *moments[:7],
                    np.nan if np.isnan(announced) else float(np.mean(each[at] <= announced)),
                    0.0 if np.isnan(chosen) or np.isnan(announced) else chosen - announced,
                    ends[at] - before,
                    *moments[7:],
                    np.nan if np.isnan(announced) else float(np.mean(later <= announced)),
                )
            )
        frame = framed("roadmap", "projects", rows)
        return frame.sort_values(["p50", "project"], ascending=[False, True], ignore_index=True)

    def _sampling(self, projects: pd.DataFrame) -> Fact:
        """How the chances came about."""
        width = (projects["p50_high"] - projects["p50_low"]).max().days / 2.0
        places = {"seed": self.seed, "correlation": self.correlation, "width": max(width, 1.0)}
        return Fact("samples", float(self.samples), "", "roadmap.samples", **places)


def _tasks(plan: Plan, dates: Dates, sampled: Dates) -> pd.DataFrame:
    columns: dict[str, object] = {
        "task": plan.tasks["task"].to_list(),
        "project": plan.tasks["of"].to_list(),
        "gate": plan.tasks["gate"].to_list(),
        "status": [plan.milestone(task) for task in plan.tasks["task"]],
        "start": plan.moments(dates.start),
        "finish": plan.moments(dates.finish),
        "latest": plan.moments(dates.finish + np.maximum(dates.total, 0.0)),
        "total_float": dates.total.round(3),
        "free_float": dates.free.round(3),
        "critical": dates.critical,
        "criticality": sampled.critical.mean(axis=1),
    }
    for share, days in zip(SHARES, np.quantile(sampled.finish, SHARES, axis=1), strict=True):
        columns[f"p{share * 100:.0f}"] = plan.moments(days)
    return pd.DataFrame(columns)


def _path(plan: Plan, dates: Dates) -> pd.DataFrame:
    days = dict(zip(plan.tasks["task"], plan.schedule.likely, strict=True))
    rows = [
        (project, number, task, days[task])
        for project in plan.projects
        for number, task in enumerate(plan.schedule.path(project, dates), start=1)
    ]
    return framed("roadmap", "path", rows)


def _progress(plan: Plan, dates: Dates, sampled: Dates) -> pd.DataFrame:
    """Share of the work done by the first day of each quarter, from the first start to the latest end of 90 % of the samples."""
    work = plan.schedule.likely
    first, last = (
        plan.moments(dates.start.min())[0],
        plan.moments(np.quantile(sampled.finish, 0.9, axis=1).max())[0],
    )
    months = pd.date_range(first, last + pd.DateOffset(months=3), freq="QS")
    planned = [
        (plan.days_of(a), plan.days_of(b))
        for a, b in plan.tasks[["planned_start", "planned_finish"]].to_numpy()
    ]
    has_plan = all(None not in pair for pair in planned)
    first_plan, last_plan = np.array(planned if has_plan else [], dtype=float).reshape(-1, 2).T
    rows = []
    for month in months:
        day = float((month - pd.Timestamp(plan.at)).days)
        many = _done(day, sampled.start[:, :_DRAWN], sampled.finish[:, :_DRAWN], work)
        likely = float(_done(day, dates.start, dates.finish, work))
        before = float(_done(day, first_plan, last_plan, work)) if has_plan else np.nan
        rows.append((month, before, likely, float(np.quantile(many, 0.1)), float(np.quantile(many, 0.9))))
    return framed("roadmap", "progress", rows)


def _done(day: float, start: Floats, finish: Floats, work: Floats) -> Floats:
    """Share of all work that is done by a day, each task done evenly between its start and its finish."""
    weight = work.reshape(-1, *[1] * (start.ndim - 1))
    share = np.clip((day - start) / np.maximum(finish - start, 1.0), 0.0, 1.0)
    return np.asarray((weight * share).sum(axis=0) / max(float(work.sum()), 1.0))


# ---- what is said
def _told(frames: dict[str, pd.DataFrame], plan: Plan) -> list[Fact]:
    projects, tasks = frames["projects"], frames["tasks"]
    unfinished = tasks[tasks["status"] != "met"]
    alive = projects[projects["phase"] != "maintenance"]
    if alive.empty:
        return [Fact("open_tasks", 0.0, "", "roadmap.all_done", at=plan.at)]
    facts = [_one(alive.iloc[0])] if len(alive) == 1 else [_many(alive)]
    facts += _path_fact(frames, alive)
    soon = unfinished[unfinished["finish"] <= pd.Timestamp(plan.at) + pd.DateOffset(years=1)]
    parts = [
        said("roadmap.of_task", task=row.task, day=row.finish)
        for row in soon.sort_values(["finish", "task"]).head(_NAMED).itertuples(index=False)
    ]
    places = {"open": len(unfinished), "parts": parts, "at": plan.at}
    facts.append(Fact("ending", float(len(soon)), "", f"roadmap.ending{'' if parts else '_none'}", **places))
    facts += _moved(alive)
    slipped = alive.iloc[0]
    chance, _ = delay_shares()
    facts.append(
        Fact("slips", chance, "share", "roadmap.slips", project=slipped["project"], day=slipped["p80_slips"])
    )
    over = [task for task in plan.tasks["task"] if plan.is_over(task)]
    if over:
        names = [said("roadmap.name", task=task) for task in over[:_NAMED]]
        facts.append(Fact("over", float(len(over)), "", "roadmap.over", parts=names))
    return facts


def _one(row: pd.Series) -> Fact:
    places = {name: row[name] for name in ("project", "finish", "p80", "announced")}
    has_day = not pd.isna(row["announced"])
    value = row["by_announced"] if has_day else np.nan
    return Fact("by_announced", value, "share", f"roadmap.one{'' if has_day else '_free'}", **places)


def _many(alive: pd.DataFrame) -> Fact:
    dated = alive.dropna(subset=["announced"])
    late = dated[dated["p50"] > dated["announced"]]
    worst = late.assign(by=late["p50"] - late["announced"]).sort_values("by", ascending=False)
    parts = [
        said("roadmap.late_project", project=row.project, day=row.p50, announced=row.announced)
        for row in worst.head(_NAMED).itertuples(index=False)
    ]
    places = {"count": len(alive), "dated": len(dated), "parts": parts}
    key = "roadmap.late" if parts else "roadmap.late_none" if len(dated) else "roadmap.undated"
    return Fact("late", float(len(late)), "", key, **places)


def _path_fact(frames: dict[str, pd.DataFrame], alive: pd.DataFrame) -> list[Fact]:
    """The critical path of the project that ends last."""
    project = alive["project"].iloc[0]
    key = "roadmap.path" if len(alive) > 1 else "roadmap.path_one"
    path = frames["path"]
    path = path[path["project"] == project]
    parts = [said("roadmap.step", task=task, project=project) for task in path["task"]]
    days = float(path["days"].sum())
    return [Fact("path", days, "d", key, project=project, parts=parts, months=days / MONTH)]


def _costs(one: worth.Late, frames: dict[str, pd.DataFrame], currency: str) -> Fact:
    """What a month of delay of a project costs."""
    each = one.by_month
    dearest = int(np.argmax(each))
    short = frames["delay.short"]
    parts = [
        said("roadmap.of_short", carrier=row.carrier, energy=row.unserved)
        for row in short[short["project"] == one.project]
        .sort_values("unserved", ascending=False)
        .itertuples()
    ]
    places = {
        "project": one.project,
        "month": one.months[dearest],
        "dear": each[dearest],
        "year": one.cost[-1],
        "parts": parts,
    }
    key = f"roadmap.costs{'' if one.cost[-1] > SMALL_MONEY else '_nothing'}{'_short' if parts else ''}"
    return Fact(f"month_{one.project}", float(each.mean()), currency, key, **places)


def _moved(alive: pd.DataFrame) -> list[Fact]:
    """What promoters moved themselves, told from what outside causes did."""
    rows = alive[alive["moved_days"] > 0]
    parts = [
        said(
            f"roadmap.moved_project{'' if r.behind_days > 0 else '_early'}",
            project=r.project,
            moved=r.moved_days / MONTH,
            behind=abs(r.behind_days) / MONTH,
        )
        for r in rows.head(_NAMED).itertuples(index=False)
    ]
    return [Fact("moved", float(len(rows)), "", "roadmap.moved", parts=parts)] if parts else []
