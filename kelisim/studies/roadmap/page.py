"""The page of a roadmap: what ends when, what decides it, the tasks, the curve of work done."""

from __future__ import annotations

import pandas as pd

from kelisim.report import evidence, gantt
from kelisim.report.figure import Figure
from kelisim.report.forms import FORMS
from kelisim.report.gantt import Bar
from kelisim.report.markdown import markdown
from kelisim.report.numbers import NONE
from kelisim.report.page import MOST_ROWS, KeyNumber, Page, Part, key_number, made_page, part
from kelisim.report.table import Cell, Column, Head, Row, View, graded, view
from kelisim.report.words import Words
from kelisim.results.facts import facts_of
from kelisim.results.results import Results
from kelisim.studies.roadmap.export import calendar, oc4ids
from kelisim.studies.roadmap.plan import delay_shares
from kelisim.tolerances import SMALL_ENERGY, SMALL_SHARE


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    parts = [
        part(
            words,
            "roadmap.projects",
            _bars(results, words),
            _projects(results, words),
            _slips(results, words),
        ),
        *_delay(results, words),
        part(words, "roadmap.decides", _path(results, words)),
        part(words, "roadmap.tasks", _tasks(results, words)),
        part(words, "roadmap.progress", _curve(results, words)),
    ]
    places = {"shape": results.fields["shape"], "chance": delay_shares()[0]}
    grades = evidence.grades(words, ("tasks", "projects"))
    return made_page(results, words, parts, _key_numbers(results, words)[:3], places, grades=grades)


def papers(results: Results, words: Words) -> dict[str, str]:
    """The roadmap as a document."""
    return {"roadmap.md": markdown(page(results, words), results, words)}


def exports(results: Results, words: Words) -> dict[str, bytes]:
    """Days for a calendar program, and projects in OC4IDS."""
    return {"roadmap.ics": calendar(results, words), "oc4ids.json": oc4ids(results, words)}


def _delay(results: Results, words: Words) -> list[Part]:
    """What a month of delay costs, by the month of the year and by year; no part where no project was priced."""
    if "delay" not in results:
        return []
    short, money = results["delay.short"], results.case.currency
    carriers = short.groupby("project")["carrier"].agg(lambda own: own.iloc[0] if len(own) == 1 else "")
    made = []
    for name, key, when in (
        ("delay", "roadmap.delay", "month:month"),
        ("delay.years", "roadmap.years", "year:text, months:number"),
    ):
        frame = results[name]
        if name == "delay.years":
            frame = frame[frame["months"] > SMALL_SHARE * 12].reset_index(drop=True)
        told = frame["project"].isin(short["project"])  # what is next to nothing is not told
        frame = frame.assign(
            carrier=frame["project"].map(carriers).fillna(""), unserved=frame["unserved"].where(told, 0.0)
        )
        columns = ["project:work"] if frame["project"].nunique() > 1 else []
        lacking = [_lacking(words, key)] if len(short) else []
        project = results["delay"]["project"].iloc[0]
        several = "_several" if columns else ""
        made.append(
            view(
                words,
                frame,
                f"{key}{several}",
                *columns,
                when,
                "cost:millions",
                *lacking,
                most=MOST_ROWS,
                currency=money,
                project=project,
            )
        )
    return [part(words, "roadmap.delay", *made)]


def _lacking(words: Words, key: str) -> Column:
    """What customers lack more, as the trade says it where it is one carrier; a dash for nothing."""

    def cell(row: Row) -> Cell:
        energy = float(row["unserved"])
        return (
            Cell(FORMS["brings"](words, energy, row["carrier"]), energy)
            if energy > SMALL_ENERGY
            else Cell(NONE, 0.0)
        )

    return Head(words.text(f"{key}.unserved"), "", True), cell


def _key_numbers(results: Results, words: Words) -> list[KeyNumber]:
    facts = facts_of(results["facts"])
    found = []
    if "late" in facts and facts["late"].places["dated"]:
        found.append(
            key_number(words, "roadmap.key_late", **facts["late"].places | {"value": facts["late"].value})
        )
    if "by_announced" in facts and facts["by_announced"].value == facts["by_announced"].value:
        found.append(key_number(words, "roadmap.key_chance", value=facts["by_announced"].value))
    if "ending" in facts:
        found.append(key_number(words, "roadmap.key_ending", value=facts["ending"].value))
    if "slips" in facts:
        found.append(key_number(words, "roadmap.key_slips", value=facts["slips"].value))
    return found


def _bars(results: Results, words: Words) -> Figure | None:
    """Tasks of one project, or one bar for each of several, what is over left out."""
    projects, tasks = results["projects"], results["tasks"]
    legend = {
        name: words.text(f"roadmap.chart.{name}") for name in ("decides", "waits", "done", "late", "planned")
    }
    if len(projects) == 1:
        rows = tasks.sort_values(["start", "finish"], kind="stable")
        bars = [
            Bar(
                FORMS["task"](words, row.task, row.project),
                row.start,
                row.finish,
                row.p80,
                None,
                gantt.DONE if row.status == "met" else gantt.DECIDES if row.critical else gantt.WAITS,
            )
            for row in rows.itertuples(index=False)
        ]
        title = words.text("roadmap.chart.one", **projects.iloc[0].to_dict())
        return gantt.gantt(title, bars, results.fields["at"], legend)
    alive = projects[projects["phase"] != "maintenance"].sort_values(["p50", "project"])
    if alive.empty:
        return None
    first = tasks[tasks["status"] != "met"].groupby("project")["start"].min()
    bars = [
        Bar(
            FORMS["work"](words, row.project),
            first[row.project],
            row.p50,
            row.p80,
            row.announced,
            gantt.DECIDES if row.p50 > row.announced else gantt.WAITS,
        )
        for row in alive.itertuples(index=False)
    ]
    legend |= {name: words.text(f"roadmap.chart.{name}_project") for name in ("decides", "waits")}
    title = words.text(
        "roadmap.chart.many", count=len(alive), first=alive["p50"].iloc[0], last=alive["p50"].iloc[-1]
    )
    return gantt.gantt(title, bars, results.fields["at"], legend)


def _projects(results: Results, words: Words) -> View | None:
    frame = results["projects"]
    columns = "project:work, phase:code roadmap.phase, announced:month_year, finish:month_year, p50:month_year, p80:month_year"
    return view(words, frame, "roadmap.projects", columns, "by_announced:share", most=MOST_ROWS)


def _slips(results: Results, words: Words) -> View | None:
    """With delays as often as elsewhere; and what the promoter moved, told from what outside causes did."""
    frame = results["projects"]
    frame = frame[(frame["phase"] != "maintenance") & frame["announced"].notna()].reset_index(drop=True)
    frame = frame.assign(moved=frame["moved_days"] / 30.4375, behind=frame["behind_days"] / 30.4375)
    columns = ["project:work", *(["moved:number"] if (frame["moved"] != 0).any() else [])]
    more = "behind:number, p50_slips:month_year, p80_slips:month_year, by_announced_slips:share"
    return view(words, frame, "roadmap.slipped", *columns, more, most=MOST_ROWS, told=False)


def _path(results: Results, words: Words) -> View | None:
    """The critical path of the project that ends last, with what each task does to the end in the samples."""
    project = results["projects"]["project"].iloc[0]
    path = results["path"]
    path = path[path["project"] == project].merge(results["tasks"].drop(columns=["project"]), on="task")
    path = path.assign(months=path["days"] / 30.4375)
    columns = "number:count, task:task project, start:month_year, finish:month_year, months:number, criticality:share"
    return view(words, path, "roadmap.decides", columns, project=project)


def _tasks(results: Results, words: Words) -> View | None:
    rows = results.case.table("tasks").set_index("task")
    frame = results["tasks"].sort_values(["finish", "task"], kind="stable", ignore_index=True)
    frame = frame[frame["status"] != "met"].reset_index(drop=True)
    frame = frame.assign(
        owner=[rows["owner"][task] for task in frame["task"]], spare=frame["total_float"] / 30.4375
    )
    frame = graded(words, frame, "task", "tasks")
    columns = "task:row tasks, -owner:text, status:code roadmap.status, start:month_year, finish:month_year, p80:month_year"
    return view(
        words,
        frame,
        "roadmap.tasks",
        columns,
        "spare:number, -criticality:share, -grade:grade",
        most=MOST_ROWS,
        told=False,
    )


def _curve(results: Results, words: Words) -> Figure | None:
    frame = results["progress"]
    if len(frame) < 2:
        return None
    half = frame[frame["likely"] >= 0.5]["month"]
    today = frame[frame["month"] <= pd.Timestamp(results.fields["at"])]["likely"]
    named = {name: words.text(f"roadmap.curve.{name}") for name in ("axis", "planned", "likely", "band")}
    share = float(today.iloc[-1]) if len(today) else 0.0
    return gantt.work_done(words.text("roadmap.curve.title", half=half.iloc[0], share=share), frame, named)
