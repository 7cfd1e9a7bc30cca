"""A roadmap for other programs: days as iCalendar (RFC 5545), projects as OC4IDS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from kelisim.report.forms import FORMS
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.studies.roadmap.plan import gates

OC4IDS = "0.9"
NO_PREFIX = "oc4ids-000000"  # stands where no registered prefix was given; no publisher has it
# phases that are in the list of every version of the standard; what is done stands as completion
STATUS = {"maintenance": "completion"}
REST = "work"  # tasks that name no project
# phase -> field of its period
PERIODS = ("identification", "preparation", "implementation", "completion")


def calendar(results: Results, words: Words) -> bytes:
    """The likely end of each task that is not done, and the day announced for each project, as events of a day."""
    from icalendar import Calendar, Event  # noqa: PLC0415  (only who wants the file waits for it)

    made = Calendar()
    made.add("prodid", "-//kelisim//roadmap//EN")
    made.add("version", "2.0")
    for key, day, title, about in _days(results, words):
        event = Event()
        event.add("uid", f"{key}@kelisim")
        event.add("dtstamp", _stamp(results))
        event.add("summary", title)
        event.add("description", about)
        event.add("dtstart", day.date())
        event.add("dtend", day.date() + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
        made.add_component(event)
    return bytes(made.to_ical())


def _stamp(results: Results) -> datetime:
    """The day on which the state of the work is known, so that the same answer gives the same file."""
    return datetime.fromisoformat(str(results.fields["at"])).replace(tzinfo=UTC)


def _days(results: Results, words: Words) -> Iterator[tuple[str, pd.Timestamp, str, str]]:
    for row in results["tasks"].itertuples(index=False):
        if row.status != "met":
            about = words.text("roadmap.ics.about", p80=row.p80, project=row.project)
            yield row.task, row.finish, words.element("tasks", row.task), about
    for row in results["projects"].dropna(subset=["announced"]).itertuples(index=False):
        title = words.text("roadmap.ics.announced", project=row.project)
        yield (
            f"announced-{row.project}",
            row.announced,
            title,
            words.text("roadmap.ics.likely", p50=row.p50, p80=row.p80),
        )


def oc4ids(results: Results, words: Words) -> bytes:
    """Projects as a package of OC4IDS: status, periods by phase, milestones, physical progress as forecasts and metrics."""
    package = {
        "version": OC4IDS,
        "uri": f"urn:kelisim:{results.meta['fingerprint']}",
        "publishedDate": _moment(results.fields["at"]),
        "publisher": {"name": results.case.title},
        "projects": [_project(results, words, row) for row in results["projects"].itertuples(index=False)],
    }
    return (json.dumps(package, ensure_ascii=False, indent=2) + "\n").encode()


def _project(results: Results, words: Words, row: Any) -> dict[str, Any]:
    tasks = results["tasks"]
    own = tasks[tasks["project"] == row.project]
    written = results.case.table("projects").set_index("project")
    found: dict[str, Any] = {
        "id": f"{results.fields['prefix'] or NO_PREFIX}-{row.project or REST}",
        "updated": _moment(results.fields["at"]),
        "title": FORMS["work"](words, row.project),
        "status": STATUS.get(row.phase, row.phase),
        "sector": ["energy"],
        "period": _period(own["start"].min(), row.finish),
    }
    for phase in PERIODS:
        mine = own[[gates().get(gate, {}).get("phase") == phase for gate in own["gate"]]]
        if len(mine):
            found[f"{phase}Period"] = _period(mine["start"].min(), mine["finish"].max())
    if row.project in written.index:
        found |= _of_case(results, words, written.loc[row.project])
    found["milestones"] = [
        _milestone(results, words, task) for task in own.sort_values("finish").itertuples(index=False)
    ]
    if not pd.isna(row.announced):
        found["forecasts"] = [_forecast(results, words, row)]
    return found


def _of_case(results: Results, words: Words, row: pd.Series) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if row["note"]:
        found["description"] = str(row["note"])
    if not pd.isna(row["capex"]):
        found["budget"] = {"amount": {"amount": float(row["capex"]) * 1e6, "currency": results.case.currency}}
    names = [name.strip() for name in str(row["parties"]).split(";") if name.strip()]
    if names:
        found["parties"] = [{"id": str(at), "name": name} for at, name in enumerate(names, start=1)]
    return found


def _milestone(results: Results, words: Words, task: Any) -> dict[str, Any]:
    row = results.case.table("tasks").set_index("task").loc[task.task]
    found = {"id": task.task, "title": words.element("tasks", task.task), "status": task.status}
    if row["gate"] in gates():
        found |= {"code": str(row["gate"]), "description": gates()[row["gate"]]["exit"]}
    due = task.finish if pd.isna(row["planned_finish"]) else row["planned_finish"]
    found["dueDate"] = _moment(due)
    if task.status == "met":
        found["dateMet"] = _moment(task.finish)
    return found


def _forecast(results: Results, words: Words, row: Any) -> dict[str, Any]:
    """Days by which the project ends: announced, likely, and with four chances of five."""
    days = {"announced": row.announced, "likely": row.finish, "p80": row.p80}
    percent = {"name": "percent", "scheme": "UNCEFACT", "id": "P1"}
    seen = [
        {
            "id": key,
            "notes": words.text(f"roadmap.oc4ids.{key}"),
            "period": _period(day, day),
            "measure": "100",
            "unit": percent,
        }
        for key, day in days.items()
    ]
    return {"id": "physicalProgress", "title": words.text("roadmap.oc4ids.progress"), "observations": seen}


def _period(start: Any, end: Any) -> dict[str, Any]:
    days = (pd.Timestamp(end) - pd.Timestamp(start)).days
    return {"startDate": _moment(start), "endDate": _moment(end), "durationInDays": max(int(days), 0)}


def _moment(day: Any) -> str:
    return f"{pd.Timestamp(day):%Y-%m-%d}T00:00:00Z"
