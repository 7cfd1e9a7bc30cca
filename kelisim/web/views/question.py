"""The question that one visitor asks: dropped when the connection is lost, and asked again when it is back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from nicegui import Client, background_tasks

from kelisim import catalog
from kelisim.web.address import Cut
from kelisim.web.line import Turn


class Question:
    """At most one at a time.

    ask    asks a cut and shows the answer: the cut, and whether it is a step that the back button takes back
    first  cut to ask as soon as the visitor is there
    """

    def __init__(
        self, visitor: Client, ask: Callable[[Cut, bool], Coroutine[Any, Any, None]], first: Cut | None
    ) -> None:
        self.turn: Turn | None = None  # while it is being asked
        self._ask, self._visitor = ask, visitor
        self._cut, self._open = first, first is not None
        self._task: asyncio.Task[None] | None = None
        self._language = catalog.spoken()

    def begin(self) -> None:
        """Once the page is made: ask the first cut when the visitor is there, or at once."""
        self._visitor.on_connect(self._come)
        self._visitor.on_disconnect(self._leave)
        if self._visitor.has_socket_connection:
            self._come()

    @property
    def is_left(self) -> bool:
        """Whether nobody is there any more to be told."""
        return self._visitor.is_deleted

    def ask(self, cut: Cut, is_new: bool = True) -> None:
        """Ask, unless an answer is being waited for."""
        if self.turn is None:
            self._cut, self.turn = cut, Turn("")
            self._task = background_tasks.create(self._asking(cut, is_new))

    async def _asking(self, cut: Cut, is_new: bool) -> None:
        """A task of its own has no page from which it could know the language."""
        with catalog.speaking(self._language):
            await self._ask(cut, is_new)

    def _come(self) -> None:
        if self._open and self._cut is not None:
            self._open = False
            self.ask(self._cut, is_new=False)

    def _leave(self) -> None:
        """The question waits no longer, unless the visitor has come back on another connection already."""
        if self.turn is not None and self._task is not None and not self._visitor.has_socket_connection:
            self._open = True
            self._task.cancel()
