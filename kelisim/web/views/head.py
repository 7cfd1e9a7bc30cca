"""What stands on top of every page: the case, its step, the way to the other pages, and notes."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from nicegui import ui

from kelisim.web.address import Address
from kelisim.web.views.wait import follow
from kelisim.web.workspace import STEPS, Workspace

PAGES = (("map", "Map"), ("border", "Border"), ("play", "Play"), ("studies", "Studies"), ("runs", "Runs"))


def head(desk: Workspace, address: Callable[[], Address], step: str = "") -> None:
    """The head of a page; the links keep what is chosen.

    step  of what is shown, where another can be shown in its place
    """
    with ui.element("header").classes("k-head"), ui.element("div").classes("in"):
        ui.html(f"<h1>{escape(desk.case.title)}</h1>", sanitize=False).style("flex:1 1 260px")
        # the address of the bar may be newer than these links, so it is read at the click
        links = ""
        for one in desk.steps if step else ():
            target = escape(address().at(step=one).link(), quote=True)
            other = f'<a href="{target}" data-step="{one}">{STEPS[one]}</a>'
            links += f'<span aria-current="true">Steps: {STEPS[one]}</span>' if one == step else other
        ui.html(links, sanitize=False).classes("step")
        links = ""
        for page, name in PAGES:
            current = 'aria-current="page"' if address().page == page else ""
            target = escape(address().link(page), quote=True)
            links += f'<a href="{target}" data-page="{page}" {current}>{name}</a>'
        ui.html(links, sanitize=False, tag="nav")


def notes(wrong: tuple[str, ...]) -> None:
    """What could not be read in the address."""
    for text in wrong:
        ui.label(f"In the address, {text} It was left out.").classes("k-warn")


def later_note(desk: Workspace, step: str) -> None:
    """How far the year in days is, while it is solved aside."""
    later = desk.aside("1d")
    if later is None or step == "1d":
        return

    def done() -> None:
        ready = 'The year in days is ready: <a href="/?step=1d" data-step="1d">show days</a>.'
        text = f"There is no year in days: {escape(later.failed)}." if later.failed else ready
        ui.html(text, sanitize=False).classes("k-note later")

    words = "Shown in months, at once. The year in days is being solved aside, which takes minutes the first time: "
    follow(later, words, done, "Stop")
