"""What is happening while one waits: nothing for 0.3 s, then a word, then how long it has been."""

from __future__ import annotations

import time

from nicegui import ui

from kelisim.web.workspace import Workspace

QUIET, LONG = 0.3, 3.0  # seconds


class Wait:
    """A line over the map; start it, stop it."""

    def __init__(self, desk: Workspace) -> None:
        self.desk = desk
        self.label = ui.label().classes("k-wait").props('role="status"')
        self.label.set_visibility(False)
        self._began = 0.0
        self._words = ""
        self._timer = ui.timer(0.15, self._tell, active=False)

    def start(self, words: str) -> None:
        self._began, self._words = time.monotonic(), words
        self._timer.active = True

    def stop(self) -> None:
        self._timer.active = False
        self.label.set_visibility(False)

    def _tell(self) -> None:
        seconds = time.monotonic() - self._began
        if seconds < QUIET:
            return
        doing = self.desk.doing or "waiting for an earlier question"
        self.label.set_text(
            f"{self._words} ..." if seconds < LONG else f"{self._words}: {doing}, {seconds:.0f} s"
        )
        self.label.set_visibility(True)
