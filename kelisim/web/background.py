"""Work in a process of its own, so that pages stay quick meanwhile: solving a base, or a long study of it.

A base comes back by way of the cache, a study through a pipe.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
import time
from multiprocessing.connection import Connection
from typing import Any

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import KelisimError
from kelisim.io import read
from kelisim.report.words import telling
from kelisim.results.results import Results
from kelisim.studies import run as run_study


def work(source: str, step: str, study: str, pipe: Connection) -> None:
    """Solve the base of a case at a step and keep it, and ask a study of it if one is named.

    Says through the pipe what it does, what came out, and what went wrong.
    """
    with contextlib.suppress(AttributeError, OSError):
        os.nice(10)
    try:
        pipe.send(("doing", "reading the case"))
        case = read(source).at_step(step)
        engine = Engine(case, progress=telling(case, lambda text: pipe.send(("doing", text))))
        status = engine.base.status
        if status != "optimal":
            pipe.send(("failed", f"the case has no least-cost year ({status})"))
        elif study:
            pipe.send(("doing", f"asking the study {study}"))
            results = run_study(study, engine)
            pipe.send(("done", (results.fields, dict(results.tables), dict(results.units_of), results.meta)))
        else:
            pipe.send(("done", None))
    except KelisimError as error:
        pipe.send(("failed", str(error)))


class Background:
    """One piece of work that is done aside.

    doing   what it does now; empty when it has ended
    failed  why there is no answer; empty if there is one
    """

    def __init__(self, source: str, case: Case, study: str = "") -> None:
        self.case, self.study = case, study
        self.began = time.monotonic()
        self.doing, self.failed, self.is_done = "starting", "", False
        self.results: Results | None = None
        self._is_stopped = False
        context = multiprocessing.get_context("spawn")  # a fork of a process with threads can hang
        receiver, sender = context.Pipe(duplex=False)
        self._process = context.Process(
            target=work, args=(source, case.horizon.step, study, sender), daemon=True
        )
        self._process.start()
        sender.close()
        threading.Thread(target=self._listen, args=(receiver,), daemon=True).start()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def stop(self) -> None:
        """End it; nothing is kept."""
        self._is_stopped = True
        self._process.terminate()

    def _listen(self, pipe: Connection) -> None:
        kind: str
        what: Any
        kind, what = "failed", "its process ended before it was done"
        with contextlib.suppress(EOFError, OSError):
            while True:
                said, words = pipe.recv()
                if said == "doing":
                    self.doing = words
                else:
                    kind, what = said, words
                    break
        if kind == "failed":
            self.failed = "it was stopped" if self._is_stopped else str(what)
        elif what is not None:
            fields, tables, units, meta = what
            self.results = Results(self.study, fields, self.case, tables, units, meta)
        self.doing, self.is_done = "", True
