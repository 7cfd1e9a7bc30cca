"""Work in a process of its own, so that pages stay quick meanwhile and it can be cancelled: solving a year, or a study of it."""

from __future__ import annotations

import json
import multiprocessing
import os
import secrets
import signal
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import cached_property
from types import MappingProxyType
from typing import Any

from kelisim.case.case import Case
from kelisim.case.scenarios import under, words_of
from kelisim.engine import Engine
from kelisim.errors import KelisimError
from kelisim.io import read
from kelisim.lp.workers import end_with_parent
from kelisim.report.words import Words
from kelisim.results.facts import Fact
from kelisim.results.results import Results
from kelisim.studies.study import create
from kelisim.web.people.access import Access, owned
from kelisim.web.texts import text

NO_FIELDS: Mapping[str, Any] = MappingProxyType({})
LONGEST = 3000  # bytes of what a process says that it does
_STARTING = threading.Lock()
_WORKER: dict[str, Any] = {}  # in the process of its own: where it says what it does


def begin(words: Any) -> None:
    """First act of the process: it stands back behind the pages, and ends with the server that started it."""
    _WORKER["words"] = words
    if hasattr(os, "nice"):
        os.nice(10)
    if hasattr(os, "setpgrp"):
        os.setpgrp()  # with the processes that a study starts itself
    end_with_parent(whole_group=True)


def _say(fact: Fact) -> None:
    """Say what is done as a fact, which each reader reads in another language."""
    text = json.dumps(fact.to_dict(), default=str).encode()
    if len(text) <= LONGEST:
        _WORKER["words"].value = text


def _begun(key: str, **places: str) -> None:
    _say(Fact(key, None, "", f"web.doing.{key}", **places))


def work(
    source: str,
    step: str,
    study: str,
    fields: Mapping[str, Any],
    keeps: bool,
    scenario: str = "",
    access: Access | None = None,
) -> dict[str, Any]:
    """Solve the base of a case at a step and keep it, and ask a study of it if one is named.

    scenario  of the case, several separated by commas; none if empty
    access    whose the run is; for all if not given
    returns  `failed`: why there is no answer, or `why`: key of the text that says it, with what it is `about`;
             `run`: name of the run that is kept; else `parts` of the results
    """
    try:
        _begun("reading")
        case = under(read(source), words_of(scenario)).at_step(step)
        engine = Engine(case, progress=_say)
        if not study:
            status = engine.base.status
            return {} if status == "optimal" else {"why": "job.no_year", "about": status}
        asked = create(study, dict(fields))
        _begun("study", study=study)
        results = asked.answer(engine)
        if keeps:
            _begun("writing")
            return {"run": owned(results, access or Access()).save().name}
        return {"parts": (results.fields, dict(results.tables), dict(results.units_of), results.meta)}
    except KelisimError as error:
        return {"failed": str(error)}


class Job:
    """One piece of work that is done aside.

    keeps     the answer of the study is written as a run; else it is handed over
    scenario  of the case under which it is asked; none if empty
    access    whose the run will be; for all if not given
    """

    def __init__(
        self,
        source: str,
        case: Case,
        study: str = "",
        fields: Mapping[str, Any] = NO_FIELDS,
        keeps: bool = False,
        scenario: str = "",
        access: Access | None = None,
    ) -> None:
        self.case, self.study, self.fields = case, study, dict(fields)
        self.key, self.access = secrets.token_hex(8), access or Access()
        self._began = time.monotonic()
        self._is_stopped = False
        self._said: Fact | None = None
        context = multiprocessing.get_context("spawn")  # a fork of a process with threads can hang
        self._words = context.RawArray("c", LONGEST + 1)
        pool = ProcessPoolExecutor(1, context, begin, (self._words,))
        with _STARTING:
            before = set(multiprocessing.active_children())
            asked = (source, case.horizon.step, study, self.fields, keeps, scenario, access)
            self._future = pool.submit(work, *asked)
            (self._process,) = set(multiprocessing.active_children()) - before
        pool.shutdown(wait=False)

    @property
    def is_done(self) -> bool:
        return self._future.done()

    @property
    def doing(self) -> str:
        """What it does now; empty when it has ended."""
        if self.is_done:
            return ""
        with suppress(ValueError):  # it is being written just now
            self._said = Fact.of(json.loads(self._words.value))
        return Words(self.case).say(self._said) if self._said else text("doing.starting")

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    @cached_property
    def _outcome(self) -> dict[str, Any]:
        error = self._future.exception()
        if self._is_stopped:
            return {"why": "job.cancelled"}
        if isinstance(error, BrokenProcessPool):
            return {"why": "job.ended"}
        return {"why": "job.own_error", "about": repr(error)} if error else self._future.result()

    @property
    def failed(self) -> str:
        """Why there is no answer; empty if there is one, or not yet."""
        if not self.is_done:
            return ""
        why = self._outcome.get("why")
        return (
            text(why, about=self._outcome.get("about", "")) if why else str(self._outcome.get("failed", ""))
        )

    @property
    def run(self) -> str:
        """Name of the run that was kept; empty if none was, or not yet."""
        return str(self._outcome.get("run", "")) if self.is_done else ""

    @cached_property
    def _results(self) -> Results | None:
        parts = self._outcome.get("parts")
        return None if parts is None else Results(self.study, parts[0], self.case, *parts[1:])

    @property
    def results(self) -> Results | None:
        """The answer of a study that is not kept, once it is there."""
        return self._results if self.is_done else None

    def stop(self) -> None:
        """End its process, and those that the study started; nothing is kept."""
        if self.is_done:
            return
        self._is_stopped = True
        if hasattr(os, "killpg") and self._process.pid:
            with suppress(ProcessLookupError):  # it has no group of its own yet
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
