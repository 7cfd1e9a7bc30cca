"""What the pages share: the case at its steps, solved; the line of those who ask; answers that are kept."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, TypeVar

from kelisim import catalog
from kelisim.case.case import Case
from kelisim.case.horizon import LISTED
from kelisim.case.scenarios import known, words_of
from kelisim.engine import Engine, Rules
from kelisim.errors import SolverError, UnderWayError
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.studies.study import create
from kelisim.web.address import BORDER, Address, Cut, command
from kelisim.web.answers import Answers
from kelisim.web.helper import Helper
from kelisim.web.job import Job
from kelisim.web.last_visit import LastVisit, since_last_time
from kelisim.web.line import Line, Turn
from kelisim.web.map_geometry import MapGeometry
from kelisim.web.people.access import Access
from kelisim.web.people.audit import Audit
from kelisim.web.session import MapSession, Reply
from kelisim.web.texts import step_name, text

T = TypeVar("T")
SMALL = 30_000  # links times steps below which days are solved at once
MOST_RUNS = 2  # at once
SOLVERS, IN_DAYS = (
    2,
    ("1d", "1h"),
)  # questions of the map that are answered at once, and the steps at which a second solver helps
MOST_ENDED = 100  # runs whose end is remembered
MOST_WAITING, MOST_FILES = 20, 40  # questions of the map, and pages and files of answers, that may wait
POLL = 0.3  # seconds
STEPS = ("1mo", "1d", "1h", LISTED)


@dataclass(frozen=True)
class Year:
    """A solved case at one step."""

    plan: MapSession
    since: LastVisit
    _sheets: dict[str, MapGeometry] = field(default_factory=dict)

    @property
    def sheet(self) -> MapGeometry:
        """The sheet its map is drawn on, with the names of who reads."""
        language = catalog.spoken()
        if language not in self._sheets:
            self._sheets[language] = MapGeometry(self.plan)
        return self._sheets[language]


class Workspace:
    """The case that is shown.

    source  as given on the command line; a background process reads it again
    step    1mo, 1d or 1h; if empty days where they are solved already or small, else months
    audit   the log of who did what; none if not given
    """

    def __init__(self, source: str, case: Case, step: str = "", audit: Audit | None = None) -> None:
        self.source, self.audit = source, audit or Audit()
        self.steps = list(dict.fromkeys(s for s in ("1mo", "1d", step or case.horizon.step) if s in STEPS))
        if (case.horizon.count < 2 and case.horizon.step in STEPS) or (case.horizon.listed and not step):
            self.steps = [case.horizon.step]
        self.case = case
        self.cases = {s: case.at_step(s) for s in self.steps}
        self._words: dict[str, Words] = {}
        self.runs: list[Job] = []
        self._years: dict[str, Year] = {}
        self._borders: dict[str, Job] = {}
        self._answers = Answers()
        self._alone, self._days = (
            threading.RLock(),
            set[tuple[str, date]](),
        )  # whose turn the first solver is, and its open windows
        self._helpers: dict[str, Helper] = {}
        is_large = any(step in IN_DAYS and not self._is_small(step) for step in self.steps)
        at_once = min(os.cpu_count() or 1, SOLVERS) if is_large else 1
        self.line, self.files = Line("solver", MOST_WAITING, at_once), Line("files", MOST_FILES)
        self._opening: dict[str, asyncio.Task[Year]] = {}
        self._aside: dict[str, Job] = {}
        self.step = step or self._first_step()
        if not step and self.step == "1mo" and "1d" in self.steps:
            self._solve_aside("1d")

    @property
    def words(self) -> Words:
        """Words of the case in the language of who reads."""
        language = catalog.spoken()
        if language not in self._words:
            self._words[language] = Words(self.case, language)
        return self._words[language]

    def _first_step(self) -> str:
        if "1d" not in self.steps:
            return self.steps[0]
        return "1d" if self._is_small("1d") or self._is_kept("1d") else "1mo"

    def _is_small(self, step: str) -> bool:
        case = self.cases[step]
        return len(case.table("links")) * case.horizon.count <= SMALL

    def _is_kept(self, step: str) -> bool:
        return Engine(self.cases[step]).is_kept

    def _solve_aside(self, step: str) -> Job:
        """A large year is solved in a process of its own and then opened from the cache."""
        found = self._aside.get(step)
        if found is None or found.failed:
            found = self._aside[step] = Job(self.source, self.cases[step])
        return found

    def aside(self, step: str) -> Job | None:
        """The year of a step that is being solved aside, or was."""
        return self._aside.get(step)

    async def call(self, key: str, function: Callable[[], T], **places: object) -> T:
        """Run something on the solving thread, under a text of the pages that says what. Raises BusyError."""
        return await self.line.take(Turn(partial(text, key, **places)), function)

    # ---- what is asked
    def year(self, step: str) -> Year | None:
        """The solved case at a step, if it is there."""
        return self._years.get(step)

    def opening(self, step: str) -> asyncio.Task[Year]:
        """The case at a step, being solved for all who wait for it. Raises SolverError when it is awaited."""
        found = self._opening.get(step)
        if found is None or (found.done() and (found.cancelled() or found.exception())):
            found = self._opening[step] = asyncio.create_task(self._opened(step))
            found.add_done_callback(
                lambda task: task.cancelled() or task.exception()
            )  # whoever waits is told
        return found

    async def _opened(self, step: str) -> Year:
        if not self._is_small(step) and not await asyncio.to_thread(self._is_kept, step):
            aside = self._solve_aside(step)
            while not aside.is_done:
                await asyncio.sleep(POLL)
            if aside.failed:
                raise SolverError("aside", f"the year at step {step} could not be solved: {aside.failed}")
        turn = Turn(lambda: text("doing.opening", steps=step_name(step)))
        return await self.line.take(turn, lambda: self._open(step), is_asked=False)

    def _open(self, step: str) -> Year:
        with self._alone:
            return self._years.get(step) or self._open_year(step)

    def _open_year(self, step: str) -> Year:
        plan = MapSession(self.cases[step], progress=self.line.say)
        plan.solve()
        self.line.say(partial(text, "doing.drawing"))
        year = Year(plan, since_last_time(plan, step))
        assert year.sheet.text
        self._years[step] = year
        return year

    def kept(self, step: str, cut: Cut, measures: bool = False) -> Reply | None:
        """An answer that was given before."""
        return self._answers.get((step, cut, measures))

    async def ask(
        self,
        step: str,
        cut: Cut,
        measures: bool = False,
        turn: Turn | None = None,
        on_first: Callable[[str], object] | None = None,
    ) -> Reply:
        """What a cut does, also with the emergency measures of the case.

        turn      by which the one who asks can see how many are before
        on_first  told the sentence of a first answer, on another thread
        Raises BusyError, StudyError, CaseError, SolverError.
        """
        found = self.kept(step, cut, measures)
        if found is not None:
            return found
        if self.line.is_busy:
            self._call_help(step)
        return await self.line.take(
            turn or asking(measures), lambda: self._ask(step, cut, measures, on_first)
        )

    def _call_help(self, step: str) -> None:
        """Start a second solver of a large year in days, once two ask at the same time; months may be answered in days by the first alone."""
        mine = self._helpers.get(step)
        if mine is not None and not mine.is_alive:
            self._helpers.pop(step).stop()
            mine = None
        if (
            mine is None
            and self.line.threads > 1
            and step in IN_DAYS
            and step in self._years
            and not self._is_small(step)
        ):
            self._helpers[step] = Helper(self.source, self.cases[step].horizon.step)

    def _ask(self, step: str, cut: Cut, measures: bool, on_first: Callable[[str], object] | None) -> Reply:
        found = self.kept(step, cut, measures)  # another asked the same meanwhile
        if found is not None:
            return found
        reply = self._with_help(step, cut, measures, on_first)
        if reply is None:
            with self._alone:
                reply = self._open(step).plan.ask(cut, measures, on_first)
                self._days.add((step, cut.start))
        self._answers.keep((step, cut, measures), reply)
        return reply

    def _with_help(
        self, step: str, cut: Cut, measures: bool, on_first: Callable[[str], object] | None
    ) -> Reply | None:
        """The answer of the second solver, where it is free and has the day open, or the first is busy; else None."""
        helper = self._helpers.get(step)
        if helper is None or not helper.is_ready:
            return None
        knows = cut.start in helper.days and (step, cut.start) not in self._days
        if not knows and self._alone.acquire(blocking=False):
            self._alone.release()
            return None
        if not helper.lock.acquire(blocking=False):
            return None
        try:
            plan = self._years[step].plan
            results = helper.ask(plan.case, cut, measures, on_first)
            return Reply(plan, cut, results, plan.engine)
        except EOFError:  # it was killed: the first solver answers
            return None
        finally:
            helper.lock.release()

    def border(self, step: str) -> Job:
        """The study of the border at a step, asked aside."""
        if step not in self._borders:
            self._borders[step] = Job(self.source, self.cases[step], BORDER)
        return self._borders[step]

    def answered(self, address: Address) -> Results | None:
        """The answer that a page of this address shows; None where it is not there, or no longer."""
        if address.page == "border":
            found = self._borders.get(address.step)
            return None if found is None else found.results
        reply = None if address.cut is None else self.kept(address.step, address.cut, address.measures)
        return None if reply is None else reply.results

    def run(
        self,
        study: str,
        step: str,
        fields: Mapping[str, Any],
        scenario: str = "",
        access: Access | None = None,
    ) -> Job:
        """Ask a study in a process of its own and keep its answer as a run.

        access  whose the run is; for all if not given
        Raises StudyError for wrong fields or an unknown scenario, UnderWayError where too many are under way.
        """
        create(study, dict(fields))
        known(self.case, words_of(scenario))
        if sum(not job.is_done for job in self.runs) >= MOST_RUNS:
            raise UnderWayError(
                f"{MOST_RUNS} runs are under way. Wait for one, or cancel it on the page Runs."
            )
        ended = [job for job in self.runs if job.is_done][-MOST_ENDED:]
        self.runs = [*ended, *(job for job in self.runs if not job.is_done)]
        self.runs.append(Job(self.source, self.cases[step], study, fields, True, scenario, access))
        return self.runs[-1]

    def command(self, study: str, fields: Mapping[str, Any], meta: Mapping[str, Any], run: str = "") -> str:
        """The command that gives the same answer, of the case that is shown; of another case, of its copy in the run.

        meta  of the results: fingerprint and rules
        run   folder of the run, if it is kept
        """
        mine = {case.fingerprint: step for step, case in self.cases.items()}
        step = mine.get(str(meta.get("fingerprint")), "")
        options = {"step": step} if step and step != LISTED else {}
        usual = Rules.of(self.case)
        for name, rule in dict(meta.get("rules") or {}).items():
            if f"{name}_rule" not in fields and not (step and rule == getattr(usual, name, rule)):
                options[f"{name}_rule"] = str(rule)
        return command(study, fields, self.source if step else f"{run}/case", **options)

    def close(self) -> None:
        """Stop what runs aside."""
        for job in (*self._aside.values(), *self._borders.values(), *self.runs):
            job.stop()
        for helper in self._helpers.values():
            helper.stop()
        self.line.close()
        self.files.close()


def asking(measures: bool) -> Turn:
    """The turn of a question of the map."""
    return Turn(partial(text, "doing.asking_measures" if measures else "doing.asking"))
