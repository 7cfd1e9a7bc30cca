"""The border page: the study of the border on its own page, and its largest supplies on the map, ready to be cut."""

from __future__ import annotations

from html import escape

from nicegui import ui

from kelisim import catalog
from kelisim.web.address import Address
from kelisim.web.job import Job
from kelisim.web.session import MapSession
from kelisim.web.texts import text
from kelisim.web.views.head import head, later_note, notes
from kelisim.web.views.report import computed, report
from kelisim.web.views.runs import keep
from kelisim.web.views.wait import follow
from kelisim.web.workspace import Workspace, Year

ON_MAP = ("links", "assets", "storages")


def border_page(desk: Workspace, year: Year, address: Address) -> None:
    """What each border region lives on, once it is known."""
    step = year.plan.case.horizon.step
    shown = address.at(step=step)
    head(desk, lambda: shown, step)
    job = desk.border(step)
    with ui.element("div").classes("k-page"):
        notes(address.wrong)
        later_note(desk, step)
        follow(
            job,
            lambda doing: text("border.asking", doing=doing),
            lambda: _answer(desk, year.plan, job),
            stop="",
        )


def _answer(desk: Workspace, plan: MapSession, job: Job) -> None:
    results = job.results
    if results is None:
        ui.label(job.failed).classes("k-warn")
        return

    with ui.element("div").classes("k-files"):
        ui.button(text("keep"), on_click=lambda: keep(desk, results), color=None).props("flat dense no-caps")
        links = supplies(plan, job)
        if links:
            summary = f"<summary>{text('border.supplies')}</summary>"
            ui.html(f'<details>{summary}<p class="k-files">{links}</p></details>', sanitize=False)
    address = Address("border", plan.case.horizon.step, language=catalog.spoken())
    report(address.link("answer/border"), text("border.title"))
    computed(desk.command(results.study, results.fields, results.meta))


def supplies(plan: MapSession, job: Job) -> str:
    """The largest supply of each region and carrier as links to the map, each once; those that a map does not hold are left out."""
    if job.results is None or "border" not in job.results:
        return ""
    found: dict[str, str] = {}
    for row in job.results["border"].to_dict("records"):
        if row["largest_table"] in ON_MAP:
            family = plan.book.family(row["carrier"])
            link = Address("map", plan.case.horizon.step, family, chosen=str(row["largest"])).link()
            name = plan.book.label(row["supply"])
            found.setdefault(name, f'<a href="{escape(link, quote=True)}">{escape(name)}</a>')
    return "".join(found.values())
