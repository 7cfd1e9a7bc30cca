"""What stands first on the map page: three questions and their answers, the second once the border study is there."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from nicegui import ui

from kelisim.web.views import first
from kelisim.web.workspace import Workspace, Year


def first_sight(desk: Workspace, year: Year, step: int, on_told: Callable[[], object]) -> ui.element:
    """Three boxes, filled again when the border study has answered; `on_told` is called then."""
    aside = desk.border(year.plan.case.horizon.step)
    boxes = ui.element("div").classes("k-three")

    def fill() -> None:
        boxes.clear()
        with boxes:
            for told in first.three(year, step, aside.results):
                more = f'<div class="more">{escape(told.more)}</div>' if told.more else ""
                words = (
                    f'<h2>{escape(told.question)}</h2><p class="{told.look}">{escape(told.answer)}</p>{more}'
                )
                ui.html(words, sanitize=False, tag="section")

    def look() -> None:
        if aside.is_done:
            timer.cancel()
            fill()
            on_told()

    fill()
    if not aside.is_done:
        timer = ui.timer(1.0, look)
    return boxes
