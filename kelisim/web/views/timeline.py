"""What stands under the map: a date field, the slider of the days, play and stop, and the line of the year."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from html import escape
from typing import Any

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from kelisim.web.map_time import MapTime
from kelisim.web.texts import text

PLAY = 0.7  # seconds between two steps while playing


class Timeline:
    """Steps of the horizon; told by the page what is shown, tells the page where one goes.

    on_step  told the position of a step
    """

    def __init__(self, time: MapTime, step: int, on_step: Callable[[int], object]) -> None:
        self.time, self.step, self._on_step = time, step, on_step
        with ui.element("div").classes("k-day"):
            self.now = ui.label().classes("now")
            self.date = None
            if time.word in ("day", "hour"):
                self.date = ui.input(value=time.day(step).isoformat(), on_change=self._dated)
                self.date.props("type=date dense outlined").classes("k-date")
                self.date.props["aria-label"] = text("map.date")
                self.date.props(f"min={time.day(0).isoformat()} max={time.day(time.count - 1).isoformat()}")
            self.slider = ui.slider(min=0, max=max(time.count - 1, 1), value=step, on_change=self._slid)
            self.slider.props["aria-label"] = text(f"map.slider_{time.word}")
            self.slider.props('dense color="grey-9"').style("flex:1;min-width:80px")
            button = ui.element("button").props('type="button"').classes("k-play").on("click", self.play)
            button.props["aria-label"] = text("map.play_or_stop")
            with button:
                self.play_words = ui.label(text("map.play"))
        self.spark = ui.html("", sanitize=False)
        self.spark_words = ui.html("", sanitize=False).classes("k-note")
        self.player = ui.timer(PLAY, lambda: self.move(1), active=False)

    def show(self, step: int) -> None:
        """The step that the map shows."""
        self.step = step
        self.now.set_text(self.time.when(step))
        self.slider.set_value(step)
        if self.date is not None:
            self.date.set_value(self.time.day(step).isoformat())

    def year(self, drawing: str, words: str) -> None:
        """The line of the year."""
        self.spark.set_content(drawing)
        self.spark_words.set_content(escape(words))

    def move(self, by: int) -> None:
        """Some steps on, or back; while playing the first follows the last."""
        last, step = self.time.count - 1, self.step + by
        if step > last and self.player.active:
            step = 0
        self.slider.set_value(min(max(step, 0), last))

    def play(self) -> None:
        """Play, or stop."""
        self.player.active = not self.player.active
        self.play_words.set_text(text("map.stop" if self.player.active else "map.play"))

    def _slid(self, event: ValueChangeEventArguments[Any]) -> None:
        self._go(int(event.value or 0))

    def _dated(self, event: ValueChangeEventArguments[Any]) -> None:
        try:
            day = date.fromisoformat(str(event.value))
        except ValueError:
            return  # half a date
        if day != self.time.day(self.step):
            self._go(self.time.at(day))

    def _go(self, step: int) -> None:
        if step != self.step:
            self.step = step
            self._on_step(step)
