"""The runs that are kept: their list, the page of one, and the files that are made of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
from nicegui import ui

from kelisim.case.scenarios import of_name
from kelisim.errors import ForbiddenError, RunError, UserError
from kelisim.report.words import Words
from kelisim.results.results import Results, is_answered
from kelisim.results.store import list_runs, read_head
from kelisim.web.address import Address, fields_said, study_link
from kelisim.web.people.access import access_of, of_visitor, owned, share
from kelisim.web.people.roles import KEEP, SHARE, STOP
from kelisim.web.people.visitor import Visitor, who
from kelisim.web.runs_kept import FILES, folder_of
from kelisim.web.texts import text
from kelisim.web.views.head import head
from kelisim.web.views.report import computed, report
from kelisim.web.views.wait import follow
from kelisim.web.workspace import Workspace

MOST = 500  # runs of a list


async def keep(desk: Workspace, results: Results) -> None:
    """Keep an answer as a run of the visitor, and open its page."""
    visitor = ui.context.client
    try:
        person = who().must(KEEP)
        mine = owned(results, of_visitor(who()))
        folder = await desk.call("doing.writing", mine.save)
        desk.audit.write(person.name, KEEP, folder.name)
    except UserError as error:
        if not visitor.is_deleted:
            ui.notify(str(error), type="negative", multi_line=True)
    else:
        if not visitor.is_deleted:
            ui.navigate.to(f"/run/{quote(folder.name)}")


def run_page(desk: Workspace, run: str) -> None:
    """The page of a run: its files, the page of its answer, and the command that gives the same."""
    address, visitor = Address("run"), who()
    head(desk, lambda: address)
    with ui.element("div").classes("k-page"):
        try:
            folder = folder_of(run, visitor)
            kept = read_head(folder)
        except RunError as error:
            ui.label(str(error)).classes("k-warn")
            return
        links = [
            f'<a href="{_link(run, name)}" download>{text(f"runs.{key}")}</a>' for name, key in FILES.items()
        ]
        scenario = of_name(desk.case, str(kept["case"].get("name", "")))
        again = study_link(str(kept["study"]), kept["fields"], scenario=scenario)
        links.append(f'<a href="{escape(again, quote=True)}">{text("runs.again")}</a>')
        ui.html("".join(links), sanitize=False).classes("k-files")
        if not visitor.is_here:
            _whose(desk, folder, visitor)
        report(_link(run, "page"), text("runs.page", run=run))
        computed(desk.command(str(kept["study"]), kept["fields"], kept, str(folder)))


def _whose(desk: Workspace, folder: Path, visitor: Visitor) -> None:
    """Who asked, and a switch to share the run with the other sides."""
    access = access_of(folder)
    said = text("people.asked_by", name=access.by, side=access.side or text("people.no_side"))

    def change(shared: bool) -> None:
        try:
            person = visitor.must(SHARE)
            share(folder, shared)
        except (ForbiddenError, RunError) as error:
            ui.notify(str(error), type="negative", multi_line=True)
            return
        desk.audit.write(person.name, SHARE, folder.name, shared=shared)

    with ui.element("div").classes("k-box"):
        ui.label(said if access.by else text("people.of_server"))
        if access.by:
            switch = ui.switch(text("people.share"), value=access.shared)
            switch.on_value_change(lambda event: change(bool(event.value)))
            switch.set_enabled(visitor.may(SHARE) and access.is_of(visitor))


def runs_page(desk: Workspace, address: Address) -> None:
    """All runs, the latest first; before them what is being asked."""
    head(desk, lambda: address)
    visitor = who()
    frame = _visible(list_runs(), visitor).head(MOST)
    with ui.element("div").classes("k-page"):
        ui.html(f'<h2 class="k-title">{text("head.runs")}</h2>', sanitize=False)
        for job in desk.runs:
            if not job.is_done and job.access.opens_to(visitor):
                with ui.element("div").classes("k-box"):
                    stop = None if visitor.may(STOP) else ""
                    follow(job, partial(_asking, desk.words.study(job.study)), ui.navigate.reload, stop)
        if frame.empty:
            link = f'<a href="/studies">{text("runs.study")}</a>'
            ui.html(f'<p class="k-note">{text("runs.none", link=link)}</p>', sanitize=False)
            return
        rows = "".join(_row(desk.words, row) for row in frame.to_dict("records"))
        about = f'placeholder="{text("runs.filter")}" aria-label="{text("runs.filter_runs")}"'
        search = f'<input type="search" {about} data-filter=".k-runs li">'
        ui.html(f'{search}<ol class="k-runs">{rows}</ol>', sanitize=False)


def _visible(frame: pd.DataFrame, visitor: Visitor) -> pd.DataFrame:
    """Runs that a visitor may see; damaged ones only who sits at the machine."""
    if visitor.is_here:
        return frame
    return frame[
        [
            not problem and access_of(Path(folder)).opens_to(visitor)
            for problem, folder in zip(frame["problem"], frame["folder"], strict=True)
        ]
    ]


def _asking(study: str, doing: str) -> str:
    return f"{study}: {doing}"


def _row(words: Words, row: Mapping[Any, Any]) -> str:
    """A run of the list; of a damaged one what it lacks."""
    run, study = str(row["run"]), words.study(row["study"]) if row["study"] else text("runs.run")
    created = None if pd.isna(row["created"]) else row["created"].to_pydatetime().astimezone()
    when = f"{words.day(created)}, {created:%H:%M}" if created else ""
    about = [one for one in (str(row["case"]), when) if one]
    if row["problem"]:
        lacks = f'<span class="k-note">{escape(run)}: {escape(str(row["problem"]))}</span>'
        return (
            f'<li class="damaged"><b>{escape(study)}</b><span>{escape(" · ".join(about))}</span>{lacks}</li>'
        )
    fields = fields_said(str(row["study"]), read_head(folder_of(run))["fields"])
    asked = ", ".join(f"{words.field(name)} {one.replace(',', ', ')}" for name, one in fields.items())
    status = words.status(row["status"])
    about.append(status if is_answered(row["status"]) else text("runs.no_answer", status=status))
    files = "".join(
        f'<a href="{_link(run, name)}" download>{text(f"runs.{key}")}</a>' for name, key in FILES.items()
    )
    return (
        f'<li><a class="to" href="/run/{quote(run)}">{escape(study)}</a><span>{escape(" · ".join(about))}</span>'
        f'<span class="asked">{escape(asked)}</span><span class="k-files">{files}</span></li>'
    )


def _link(run: str, name: str) -> str:
    return f"/run/{quote(run)}/{name}"
