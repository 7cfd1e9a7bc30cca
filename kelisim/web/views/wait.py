"""What is happening while one waits: nothing for 0.3 s, then a word or how many are before, then how long it has been."""

from __future__ import annotations

import time
from collections.abc import Callable

from nicegui import ui

from kelisim.report.numbers import first_upper
from kelisim.web.job import Job
from kelisim.web.line import Turn
from kelisim.web.texts import text
from kelisim.web.workspace import Workspace

QUIET, LONG = 0.3, 3.0  # seconds


class Wait:
    """A line over the map; start it, stop it."""

    def __init__(self, desk: Workspace) -> None:
        self.desk = desk
        self.label = ui.label().classes("k-wait").props('role="status"')
        self.label.set_visibility(False)
        self._began = 0.0
        self._turn = Turn("")
        self._timer = ui.timer(0.15, self._tell, active=False)

    def start(self, turn: Turn) -> None:
        self._began, self._turn = time.monotonic(), turn
        self._timer.active = True

    def stop(self) -> None:
        self._timer.active = False
        self.label.set_visibility(False)

    def _tell(self) -> None:
        seconds = time.monotonic() - self._began
        if seconds < QUIET:
            return
        line, words = self.desk.line, self._turn.words
        before = line.before(self._turn)
        more = [text("wait.before", count=before)] if before else []
        if seconds >= LONG:
            more += [] if before or line.doing in ("", words) else [line.doing]
            more.append(text("wait.seconds", seconds=f"{seconds:.0f}"))
        self.label.set_text(first_upper(words) + (f": {', '.join(more)}" if more else " ..."))
        self.label.set_visibility(True)


def follow(
    job: Job, words: Callable[[str], str], on_done: Callable[[], object], stop: str | None = None
) -> None:
    """A line on a job that goes on aside: what it does, for how long, and a button that ends it.

    words    what is said, with what it does and for how long in it
    on_done  called once when it has ended, however it did, to fill the place of the line
    stop     what the button says, "Cancel" if not given; no button if empty
    """
    with ui.element("div").classes("k-later") as place:
        label = ui.label().classes("k-note").props('role="status"')
        stop = text("wait.cancel") if stop is None else stop
        if stop:
            ui.button(stop, on_click=job.stop, color=None).props("flat dense no-caps").classes("k-stop")

    def tell() -> None:
        if not job.is_done:
            doing = text("wait.doing", doing=job.doing, seconds=f"{job.seconds:.0f}")
            label.set_text(words(doing))
            return
        timer.cancel()
        place.clear()
        place.classes(replace="k-under")
        with place:
            on_done()

    timer = ui.timer(0.4, tell)
    tell()
