"""What the pages share: the case at its steps, solved; one thread that solves; answers that are kept."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import SolverError
from kelisim.studies.study import names as study_names
from kelisim.web.address import Cut
from kelisim.web.background import Background
from kelisim.web.last_visit import LastVisit, since_last_time
from kelisim.web.map_geometry import MapGeometry
from kelisim.web.session import MapSession, Reply

T = TypeVar("T")
SMALL = 30_000  # links times steps below which days are solved at once
KEPT = 64  # answers
POLL = 0.3  # seconds
STEPS = {"1mo": "months", "1d": "days", "1h": "hours"}


@dataclass(frozen=True)
class Year:
    """A solved case at one step, and the sheet its map is drawn on."""

    plan: MapSession
    sheet: MapGeometry
    since: LastVisit


class Workspace:
    """The case that is shown.

    source  as given on the command line; a background process reads it again
    step    1mo, 1d or 1h; if empty days where they are solved already or small, else months
    """

    def __init__(self, source: str, case: Case, step: str = "") -> None:
        self.source = source
        self.steps = list(dict.fromkeys(s for s in ("1mo", "1d", step or case.horizon.step) if s in STEPS))
        if case.horizon.count < 2 and case.horizon.step in STEPS:
            self.steps = [case.horizon.step]
        self.case = case
        self._cases = {s: case.at_step(s) for s in self.steps}
        self._years: dict[str, Year] = {}
        self._borders: dict[str, Background] = {}
        self._replies: OrderedDict[tuple[str, Cut, bool], Reply] = OrderedDict()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="solver")
        self.doing, self._since = "", 0.0
        self._aside: dict[str, Background] = {}
        self.step = step or self._first_step()
        if not step and self.step == "1mo" and "1d" in self.steps:
            self._solve_aside("1d")

    def _first_step(self) -> str:
        if "1d" not in self.steps:
            return self.steps[0]
        return "1d" if self._is_small("1d") or self._is_kept("1d") else "1mo"

    def _is_small(self, step: str) -> bool:
        case = self._cases[step]
        return len(case.table("links")) * case.horizon.count <= SMALL

    def _is_kept(self, step: str) -> bool:
        return Engine(self._cases[step]).is_kept

    def _solve_aside(self, step: str) -> Background:
        """A large year is solved in a process of its own and then opened from the cache."""
        found = self._aside.get(step)
        if found is None or found.failed:
            found = self._aside[step] = Background(self.source, self._cases[step])
        return found

    def aside(self, step: str) -> Background | None:
        """The year of a step that is being solved aside, or was."""
        return self._aside.get(step)

    # ---- what is going on
    def say(self, text: str) -> None:
        """What the solving thread does, for the pages."""
        self.doing = text

    @property
    def seconds(self) -> float:
        """For how long the solving thread has been at it."""
        return time.monotonic() - self._since if self.doing else 0.0

    async def call(self, words: str, function: Callable[[], T]) -> T:
        """Run something on the solving thread, one at a time."""

        def work() -> T:
            self._since = time.monotonic()
            self.doing = words
            try:
                return function()
            finally:
                self.doing = ""

        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    # ---- what is asked
    def year(self, step: str) -> Year | None:
        """The solved case at a step, if it is there."""
        return self._years.get(step)

    async def open(self, step: str) -> Year:
        """The solved case at a step. Raises SolverError."""
        found = self._years.get(step)
        if found is not None:
            return found
        if not self._is_small(step) and not await asyncio.to_thread(self._is_kept, step):
            aside = self._solve_aside(step)
            while not aside.is_done:
                await asyncio.sleep(POLL)
            if aside.failed:
                raise SolverError("aside", f"the year in {STEPS[step]} could not be solved: {aside.failed}")
        return await self.call(f"opening the year in {STEPS[step]}", lambda: self._open(step))

    def _open(self, step: str) -> Year:
        if step not in self._years:
            plan = MapSession(self._cases[step], progress=self.say)
            plan.solve()
            self.say("drawing the map")
            sheet = MapGeometry(plan)
            assert sheet.text
            self._years[step] = Year(plan, sheet, since_last_time(plan, step))
        return self._years[step]

    def kept(self, step: str, cut: Cut, measures: bool = False) -> Reply | None:
        """An answer that was given before."""
        return self._replies.get((step, cut, measures))

    async def ask(self, step: str, cut: Cut, measures: bool = False) -> Reply:
        """What a cut does, also with the emergency measures of the case. Raises StudyError, CaseError, SolverError."""
        found = self.kept(step, cut, measures)
        if found is not None:
            self._replies.move_to_end((step, cut, measures))
            return found
        words = "asking what measures do about it" if measures else "asking what the cut does"
        return await self.call(words, lambda: self._ask(step, cut, measures))

    def _ask(self, step: str, cut: Cut, measures: bool) -> Reply:
        plan = self._open(step).plan
        plain = self.kept(step, cut) or plan.ask(cut)
        if measures:  # beside the answer without them, which is kept too
            self._replies[step, cut, False] = plain
        reply = plan.ask_helped(plain) if measures else plain
        self._replies[step, cut, measures] = reply
        while len(self._replies) > KEPT:
            self._replies.popitem(last=False)
        return reply

    def border(self, step: str) -> Background | None:
        """The border study of a solved step, done aside; None while this version has none."""
        if step not in self._borders and "border" in study_names():
            self._borders[step] = Background(self.source, self._cases[step], "border")
        return self._borders.get(step)

    def close(self) -> None:
        """Stop what runs aside."""
        for aside in (*self._aside.values(), *self._borders.values()):
            aside.stop()
        self._thread.shutdown(wait=False, cancel_futures=True)
