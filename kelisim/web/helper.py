"""A second solver: a process that has the same year open and answers questions of the map while the first is busy."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from multiprocessing.connection import Connection
from typing import Any

from kelisim import catalog
from kelisim.case.case import Case
from kelisim.errors import KelisimError, StudyError
from kelisim.io import read
from kelisim.lp.workers import end_with_parent
from kelisim.results.results import Results
from kelisim.web.address import Cut
from kelisim.web.session import MapSession

READY, FIRST, DONE, WRONG = "ready", "first", "done", "wrong"


def serve(pipe: Connection, source: str, step: str) -> None:
    """The process: open the year from the cache, then answer what comes until nothing does."""
    end_with_parent()
    lock = threading.Lock()

    def say(kind: str, what: Any = None) -> None:
        with lock, suppress(BrokenPipeError):
            pipe.send((kind, what))

    try:
        plan = MapSession(read(source).at_step(step))
        plan.solve()
    except KelisimError as error:
        say(WRONG, str(error))
        return
    say(READY)
    while True:
        try:
            cut, measures, tells, language = pipe.recv()
        except EOFError:
            return
        try:
            with catalog.speaking(language):
                reply = plan.ask(cut, measures, (lambda said: say(FIRST, said)) if tells else None)
        except KelisimError as error:
            say(WRONG, str(error))
            continue
        found = reply.results
        say(DONE, (found.study, found.fields, dict(found.tables), dict(found.units_of), found.meta))


class Helper:
    """The process as the server sees it. One question at a time; `lock` says whose turn it is.

    days  first days of cuts whose window it has open
    """

    def __init__(self, source: str, step: str) -> None:
        self.lock, self.days = threading.Lock(), set[date]()
        context = multiprocessing.get_context("spawn")  # a fork of a process with threads can hang
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=serve, args=(other, source, step), daemon=True)
        self._process.start()
        other.close()
        self._is_ready = False

    @property
    def is_alive(self) -> bool:
        return self._process.is_alive()

    @property
    def is_ready(self) -> bool:
        """Whether it has the year open."""
        if not self._is_ready:
            with suppress(OSError, EOFError):
                if self._pipe.poll():
                    self._is_ready = self._pipe.recv()[0] == READY
        return self._is_ready and self.is_alive

    def ask(self, case: Case, cut: Cut, measures: bool, on_first: Callable[[str], object] | None) -> Results:
        """What a cut does, in the case that the server shows. Raises StudyError with the words of what is wrong, EOFError where the process ended."""
        try:
            self._pipe.send((cut, measures, on_first is not None, catalog.spoken()))
            while True:
                kind, what = self._pipe.recv()
                if kind == DONE:
                    study, fields, *rest = what
                    self.days.add(cut.start)
                    return Results(study, fields, case, *rest)
                if kind == WRONG:
                    raise StudyError(what)
                if on_first is not None:
                    on_first(what)
        except OSError as error:
            raise EOFError from error

    def stop(self) -> None:
        self._process.kill()
        self._process.join(timeout=5.0)
        self._pipe.close()
