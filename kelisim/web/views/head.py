"""What stands on top of every page: the case, its step, the way to the other pages, and notes."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from nicegui import ui

from kelisim.web.address import Address
from kelisim.web.workspace import STEPS, Workspace

PAGES = (("map", "Map"), ("border", "Border"))


def head(desk: Workspace, address: Callable[[], Address], step: str) -> None:
    """The head of a page; the links keep what is chosen."""
    with ui.element("header").classes("k-head"), ui.element("div").classes("in"):
        ui.html(f"<h1>{escape(desk.case.title)}</h1>", sanitize=False).style("flex:1 1 260px")
        with ui.element("div").classes("step"):
            for one in desk.steps:
                look = "font-weight:600;color:var(--ink)" if one == step else ""
                target = address().at(step=one).link()
                if one == step:
                    ui.html(
                        f'<span style="{look}" aria-current="true">Steps: {STEPS[one]}</span>', sanitize=False
                    )
                else:
                    ui.html(
                        f'<a href="{escape(target, quote=True)}" data-step="{one}">{STEPS[one]}</a>',
                        sanitize=False,
                    )
        with ui.element("nav"):
            for page, name in PAGES:
                current = 'aria-current="page"' if address().page == page else ""
                # the address of the bar may be newer than this link, so it is read at the click
                ui.html(
                    f'<a href="{escape(address().link(page), quote=True)}" data-page="{page}" {current}>{name}</a>',
                    sanitize=False,
                )


def notes(wrong: tuple[str, ...]) -> None:
    """What could not be read in the address."""
    for text in wrong:
        ui.label(f"In the address, {text} It was left out.").classes("k-warn")


def later_note(desk: Workspace, step: str) -> None:
    """How far the year in days is, while it is solved aside."""
    later = desk.aside("1d")
    if later is None or step == "1d":
        return
    with ui.element("div").classes("k-later"):
        label = ui.html("", sanitize=False).classes("k-note later")
        stop = (
            ui.button("Stop", on_click=later.stop, color=None).props("flat dense no-caps").classes("k-stop")
        )
    shown = {"text": ""}

    def tell() -> None:
        if later.is_done:
            text = (
                f"There is no year in days: {escape(later.failed)}." if later.failed
                else 'The year in days is ready: <a href="/?step=1d" data-step="1d">show days</a>.'
            )  # fmt: skip
            stop.set_visibility(False)
            timer.cancel()
        else:
            text = (
                "Shown in months, at once. The year in days is being solved aside, which takes minutes the first time: "
                f"{escape(later.doing)}, {later.seconds:.0f} s."
            )
        if text != shown["text"]:
            shown["text"] = text
            label.set_content(text)

    timer = ui.timer(2.0, tell)
    tell()
