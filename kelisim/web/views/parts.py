"""The switch of the map: night, day, evening, for carriers that are in parts of the day."""

from __future__ import annotations

from collections.abc import Callable, Collection

from nicegui import ui

from kelisim.web.map_time import MapTime
from kelisim.web.texts import text


class PartSwitch:
    """A button for each part of the day and, where days of a month are typical, for each type of day.

    on_choose  told the part as an address holds it: "evening", of typical days "working evening"
    """

    def __init__(self, time: MapTime, on_choose: Callable[[str], object]) -> None:
        self._time, self._on_choose, self._kind, self._part = time, on_choose, "", ""
        self._kinds: dict[str, ui.element] = {}
        self._parts: dict[str, ui.element] = {}
        self.row = ui.element("div").classes("k-parts")
        with self.row:
            with _group(text("parts.part")):
                for name, words, hours in time.parts:
                    self._parts[name] = _button(words, hours, lambda _, name=name: self._choose(part=name))
            if time.day_types:
                with _group(text("parts.type")):
                    for kind, words in time.day_types:
                        self._kinds[kind] = _button(words, "", lambda _, kind=kind: self._choose(kind=kind))
        self.row.set_visibility(False)

    def _choose(self, kind: str = "", part: str = "") -> None:
        self._on_choose(f"{kind or self._kind} {part or self._part}".strip())

    def show(self, cell: int, is_shown: bool, short: Collection[int]) -> None:
        """The part of a cell is pressed.

        is_shown  whether the carrier in front is in parts
        short     cells of the step in which somebody is short of it; their parts are marked
        """
        self.row.set_visibility(is_shown)
        self._kind, _, self._part = self._time.name(cell).rpartition(" ")
        marked = {self._time.name(one).rpartition(" ")[::2] for one in short}
        for kind, button in self._kinds.items():
            _press(button, kind == self._kind, any(kind == one for one, _ in marked))
        for part, button in self._parts.items():
            _press(button, part == self._part, (self._kind, part) in marked)


def _group(label: str) -> ui.element:
    return ui.element("div").classes("k-switch").props(f'role="group" aria-label="{label}"')


def _button(words: str, beside: str, on_click: Callable[..., object]) -> ui.element:
    button = ui.element("button").props('type="button"')
    with button:
        ui.label(words)
        if beside:
            ui.label(beside).classes("beside")
    button.on("click", on_click)
    return button


def _press(button: ui.element, is_pressed: bool, is_short: bool) -> None:
    button.props(f'aria-pressed="{"true" if is_pressed else "false"}" data-short="{int(is_short)}"')
    button.props["title"] = text("parts.short") if is_short else ""
