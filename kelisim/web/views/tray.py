"""The tray over the map: what is cut, each with a button that puts it back; undo and redo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from nicegui import ui

from kelisim.report.words import Words
from kelisim.web.address import Cut
from kelisim.web.texts import text
from kelisim.web.views import answer


class Tray:
    """Cuts that were asked, one after the other, and which of them is shown.

    name    of an element
    on_cut  told what is to be shown: a cut, or None for the plan
    """

    def __init__(
        self, book: Words, name: Callable[[str], str], on_cut: Callable[[Cut | None], object]
    ) -> None:
        self.book, self._name, self._on_cut = book, name, on_cut
        self._trail: list[Cut | None] = [None]
        self._at = 0
        self.row = ui.element("div").classes("k-bar")

    def show(self, cut: Cut | None) -> None:
        """What is shown now; what is new follows the last, and what was undone before is forgotten."""
        if cut != self._trail[self._at]:
            self._trail = [*self._trail[: self._at + 1], cut]
            self._at += 1
        self.row.clear()
        if len(self._trail) < 2:
            return
        with self.row:
            names = ", ".join(map(self._name, cut.lost)) if cut else ""
            ui.html(answer.cut(cut, names, self.book) if cut else "<span></span>", sanitize=False)
            with ui.element("div").classes("k-acts"):
                if cut is not None and len(cut.lost) > 1:
                    for key in cut.lost:
                        rest = replace(cut, lost=tuple(one for one in cut.lost if one != key))
                        words = text("map.put_back", name=self._name(key))
                        self._button(words, partial(self._on_cut, rest)).classes("k-back")
                if self._at > 0:
                    self._button(text("map.undo"), lambda: self._go(-1)).classes("k-undo")
                if self._at < len(self._trail) - 1:
                    self._button(text("map.redo"), lambda: self._go(1)).classes("k-redo")

    def undo(self) -> None:
        """Back to what was shown before."""
        self._go(-1)

    def _go(self, by: int) -> None:
        self._at = min(max(self._at + by, 0), len(self._trail) - 1)
        self._on_cut(self._trail[self._at])

    def _button(self, words: str, act: Callable[[], object]) -> ui.button:
        return ui.button(words, on_click=act, color=None).props("flat dense no-caps")
