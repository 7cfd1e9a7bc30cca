"""The map of the page: drawn once, then told what changed."""

from __future__ import annotations

from typing import Any

from nicegui.element import Element


class LiveMap(Element, component="live_map.js"):
    """Ways and places of one family in front; a click on one is the event `pick` with its kind and key.

    source  address of the sheet, which the page asks for once
    """

    def __init__(self, source: str) -> None:
        super().__init__()
        self._props["source"] = source

    def show(self, frame: dict[str, Any]) -> None:
        """Draw a step."""
        self.run_method("show", frame)

    def choose(self, keys: list[str], names: list[tuple[int, int, int]]) -> None:
        """Mark what is chosen, nothing for an empty list, and the names that then stand (a frame's `n`)."""
        self.run_method("choose", keys, names)

    def look(self, keys: list[str]) -> None:
        """Go where some ways and places are."""
        self.run_method("look", keys)
