"""The engine: a case, its problem, the base solution, and the windows that are open.

The base solution is kept on disk under a fingerprint of the compiled problem and the rules, so that it is solved once: a
changed comment or source finds it again, a changed number or conversion does not.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import date
from functools import cached_property
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from kelisim import __version__
from kelisim.case.case import Case
from kelisim.case.change import Change
from kelisim.case.transit import transit_days
from kelisim.engine import cache, committing
from kelisim.engine.autarky import closed_borders
from kelisim.engine.first_hour import POWER, first_hour
from kelisim.engine.lifting import ByDays, lift
from kelisim.engine.plain import basis_by_block, plain_vectors
from kelisim.engine.preliminary import FirstLooks, Preliminary
from kelisim.engine.reading import answer_of, facts_of
from kelisim.engine.window import Window, WindowAnswer
from kelisim.engine.working import Place
from kelisim.errors import InternalError, SolverError, StudyError, UserError
from kelisim.lp.highs import Conflict, Session, Solution
from kelisim.lp.problem import Floats, Problem
from kelisim.lp.sifting import sift
from kelisim.lp.slice import Solved
from kelisim.lp.work import Work
from kelisim.model import rules as model_rules
from kelisim.model.build import compile_case
from kelisim.model.coarse import likely
from kelisim.model.rules import UNSERVED, Rules
from kelisim.results.answer import Answer
from kelisim.results.facts import Fact, said
from kelisim.results.known_runs import cache_folder
from kelisim.tolerances import NO_FLOW

Progress = Callable[[Fact], None]
LARGE = 200_000  # columns from which a problem is sifted
COARSE = "1mo"
TAIL = 30  # days after an outage that a window still holds
OPEN = 4  # windows kept open


class Engine:
    """A case made ready for questions.

    rules   who goes short and when; those of the case if not given
    method  solver of the base: "simplex", "hipo" or "" for the one that measured better (simplex)
    cache   keep and use solved bases on disk
    progress  told what is done, as facts
    begin, plain  where they are known: basis of a case with as many columns and rows, to begin at; the problem without rules
    place     where long work is done, and who keeps its pieces
    """

    def __init__(
        self,
        case: Case,
        rules: Rules | None = None,
        method: str = "",
        cache: bool = True,
        progress: Progress | None = None,
        begin: cache.Basis | None = None,
        place: Place | None = None,
        plain: Problem | None = None,
    ) -> None:
        self._progress, self._begin = progress, begin
        self.case = committing.decided(case, self.say)
        self.rules = rules or Rules.of(case)
        self._method, self._cache = method, cache
        self._is_unreadable = False
        self.place = place or Place()
        vars(self).update({} if plain is None else {"plain": plain})
        self._windows: OrderedDict[tuple[Any, ...], Window] = OrderedDict()
        self._of_steps: dict[str, tuple[Case, Solved]] = {}
        self._looks = FirstLooks()
        self._on_first: Callable[[Preliminary], object] | None = None
        self.asked_by: Engine = (
            self  # who waits for its answers: the engine that it was made beside, for days around a cut
        )
        self.timings: dict[str, float] = {}
        self.around: dict[tuple[date, int], Engine] = {}  # with days around a cut, by first day and length
        self.counts = {"cold": 0, "cached": 0, "warm": 0, "rebuilt": 0, "windows": 0}

    def beside(self, case: Case) -> Engine:
        """An engine for another case, made as this one."""
        return Engine(case, self.rules, self._method, self._cache, self._progress, place=self.place)

    def working(self, workers: int) -> AbstractContextManager[Work]:
        """How the pieces of a long work are done, by so many processes where no cluster is at hand."""
        return self.place.working(workers, self.say)

    def say(self, key: str, /, **places: Any) -> None:
        """Tell who waits what is done now."""
        if self._progress:
            self._progress(said(key, **places))

    # ---- the problem
    @cached_property
    def plain(self) -> Problem:
        """The compiled problem without rules."""
        began = time.perf_counter()
        self.say("progress.compiling")
        problem = compile_case(self.case)
        self.timings["compile"] = time.perf_counter() - began
        return problem

    @cached_property
    def _laid(self) -> Problem:
        """The compiled problem under the rules, without what a country could serve alone."""
        return model_rules.lay(self.case, self.plain, self.rules, self.case.horizon.hours)

    @cached_property
    def problem(self) -> Problem:
        """The compiled problem under the rules of the engine."""
        laid = self._laid
        if self.rules.place != "own_first" or UNSERVED not in self.plain.columns:
            return laid
        self.say("progress.alone")
        own = replace(self.rules, place="alone")
        alone = closed_borders(
            self.case, model_rules.lay(self.case, self.plain, own, self.case.horizon.hours)
        )
        solution, _, _ = self._solve(alone)
        if solution.status != "optimal":
            return laid
        return model_rules.with_floors(laid, model_rules.floors(self.case, alone, solution.values))

    # ---- the base
    @cached_property
    def base(self) -> Answer:
        """The least-cost answer of the case as it stands; from the cache where it was solved before."""
        return self._base[0]

    @cached_property
    def _base(self) -> tuple[Answer, cache.Basis]:
        found = self._load() if self._cache else None
        if found is not None:
            self.counts["cached"] += 1
            return found
        solution, session, basis = self._solve(self.problem, is_base=True)
        self._session = session
        answer = self.answer(self.problem, solution)
        if self._cache and solution.status == "optimal":
            try:
                cache.keep(self.key, answer, basis)
            except (OSError, UserError) as error:
                if not self._is_unreadable:  # one line on the cache is enough
                    self.say("notice.not_kept", error=_reason(error))
        return answer, basis

    @property
    def basis(self) -> cache.Basis:
        """Status of each column and row in the base, from which a case with other numbers is solved (`begin`)."""
        return self._base[1]

    def _solve(self, problem: Problem, is_base: bool = False) -> tuple[Solution, Session, cache.Basis]:
        large = problem.shape[1] > LARGE
        method = self._method or "simplex"
        self.say("progress.solving", columns=problem.shape[1], rows=problem.shape[0], method=method)
        began = time.perf_counter()
        fine = self.case.horizon.step != COARSE and not self.case.horizon.listed
        found = self._by_way_of(problem, method, is_base) if large and fine else None
        if found is None:
            session = Session(problem)
            near = self._begin if is_base and self._begin is not None else None
            fits = near is not None and (len(near[0]), len(near[1])) == problem.shape[::-1]
            solution = session.resume(*near) if near is not None and fits else session.start(method)
        else:
            session, solution = found
        self.counts["cold"] += 1
        self.timings["solve"] = self.timings.get("solve", 0.0) + time.perf_counter() - began
        empty = np.zeros(0, dtype=np.int8)
        return solution, session, session.basis() if solution.status == "optimal" else (empty, empty)

    def _by_way_of(self, problem: Problem, method: str, is_base: bool) -> tuple[Session, Solution] | None:
        """Solve a large problem from that of days where days have parts, else from that of months."""
        if not self.case.horizon.has_parts:
            return self._sift(problem, method)
        if not is_base or method != "simplex":
            return None
        days = Engine(self.case.without_parts(), self.rules, self._method, self._cache, self._progress)
        if days.base.status != "optimal":
            return None
        self.timings["solve_days"] = days.timings.get("solve", 0.0)
        self.say("progress.parts")
        duals = np.zeros(days.problem.shape[0])
        for name, block in days.problem.rows.items():
            duals[block.span] = block.gathered(days.base.rows[name].duals)
        return lift(problem, ByDays(days.problem, *days._base[1], duals))

    def _sift(self, problem: Problem, method: str) -> tuple[Session, Solution] | None:
        """Solve a large problem by way of the columns that the same case in months uses."""
        coarse_case = self.case.at_step(COARSE)
        place = "none" if self.rules.place == "own_first" else self.rules.place
        coarse = model_rules.lay(
            coarse_case,
            compile_case(coarse_case),
            replace(self.rules, place=place),
            coarse_case.horizon.hours,
        )
        months = Session(coarse).start("simplex")
        if months.status != "optimal":
            return None
        starts = coarse_case.horizon.steps["step"]
        month_of_step = starts.searchsorted(self.case.horizon.steps["step"], side="right") - 1
        return sift(problem, likely(problem, coarse, months, np.asarray(month_of_step)), method)

    def conflicts(self) -> list[Conflict]:
        """Limits that cannot hold together, after an infeasible base."""
        if self.base.status != "infeasible":
            raise InternalError("conflicts are asked of a case that can be solved")
        return self._session.conflicts()

    def answer(self, problem: Problem, solution: Solution) -> Answer:
        """A solution by block."""
        rows, columns = problem.shape
        size: dict[str, Any] = {"rows": rows, "columns": columns, "nonzeros": int(problem.matrix.nnz)}
        spent = {key: value for key, value in problem.facts.items() if key == "spent" and value}
        facts = size | spent | facts_of(solution, self.rules)
        return answer_of(problem, solution, self.case.horizon.hours, facts)

    # ---- windows
    def window(
        self,
        start: date,
        days: int,
        rules: Rules | None = None,
        tail: int = TAIL,
        forecast: int = 0,
        measures: bool = False,
    ) -> Window:
        """The window of an outage of some days from a day on, and a tail; opened once, then cache.

        forecast  days before the start from which it is known; nothing before them changes
        measures  with what may be done in an emergency, closed until it is allowed
        """
        first, last = self._span(start, days, tail, forecast)
        rules = rules or self.rules
        key = (first, last, days, rules, measures)
        return self._opened(
            key, lambda: (self.case, self._solved_plain), first, last, rules, float(days), measures
        )

    def whole_window(self) -> Window:
        """The window of the whole horizon, for what is planned ahead: no rule says who goes short, and neighbours are asked for all."""
        whole, rules = self.case.horizon, replace(self.rules, place="none", time="none", help="open")
        return self.window(whole.start.date(), (whole.end - whole.start).days + 1, rules, tail=0)

    def snapshot(self, day: date, rules: Rules | None = None, built: Case | None = None) -> Window:
        """One step: transit times ignored, storages at the level of the date, limits of the year as the base used them.

        built  the case with something more in service; the day begins from the plan of the case without it
        """
        first = self._span(day, 1, 0, 0)[0]
        first, last = self.case.horizon.whole_steps(first, first + 1)
        rules = rules or self.rules
        key = ("snapshot", first, rules, built.fingerprint if built else "")
        return self._opened(key, lambda: self._at_once(built), first, last, rules, 1.0)

    def _span(self, start: date, days: int, tail: int, forecast: int) -> tuple[int, int]:
        horizon = self.case.horizon
        moment = pd.Timestamp(start)
        if not horizon.start <= moment < horizon.end:
            last = (horizon.end - pd.Timedelta(days=1)).date()
            raise StudyError(
                f"start: {moment.date()} lies outside the case, {horizon.start.date()} to {last}."
            )
        begin = max(horizon.start, moment - pd.Timedelta(days=forecast))
        stop = min(horizon.end, moment + pd.Timedelta(days=days + tail)) - pd.Timedelta(hours=1)
        first = max(0, horizon.index_of(max(begin, horizon.steps["step"].iloc[0])))
        return horizon.whole_steps(first, horizon.index_of(stop) + 1)

    def _opened(
        self,
        key: tuple[Any, ...],
        asked: Callable[[], tuple[Case, Solved]],
        first: int,
        last: int,
        rules: Rules,
        days: float,
        measures: bool = False,
    ) -> Window:
        if key in self._windows:
            self._windows.move_to_end(key)
            return self._windows[key]
        case, solved = asked()
        began = time.perf_counter()
        self.say("progress.opening", day=str(self.case.horizon.steps["step"].iloc[first].date()))
        opened = Window(case, solved, first, last, rules, days, measures)
        self.counts["windows"] += 1
        self.timings["open"] = self.timings.get("open", 0.0) + time.perf_counter() - began
        self._windows[key] = opened
        while len(self._windows) > OPEN:
            self._windows.popitem(last=False)
        return opened

    @cached_property
    def _solved_plain(self) -> Solved:
        """The base solution at the positions of the problem without rules."""
        values, duals, spent = self._plain_vectors
        return Solved(self.plain, values, self.plain.matrix @ values, duals, spent, *self._plain_basis)

    def _at_once(self, built: Case | None = None) -> tuple[Case, Solved]:
        """The case, or as it is with more in service, with goods that arrive in the step in which they leave, and the base."""
        key = built.fingerprint if built else ""
        if key not in self._of_steps:
            case = built or self.case
            links = case.table("links")
            if (transit_days(case, links) > 0).any():
                case = case.with_table("links", links.assign(days=0.0))
            problem = self.plain if case is self.case else compile_case(case)
            if problem.shape != self.plain.shape:
                raise StudyError(
                    "built: what is built changes more than what is in service; ask of the case under a scenario."
                )
            values, duals, spent = self._plain_vectors
            solved = Solved(problem, values, problem.matrix @ values, duals, spent, *self._plain_basis)
            self._of_steps[key] = (case, solved)
        return self._of_steps[key]

    @cached_property
    def _plain_vectors(self) -> tuple[Floats, Floats, Floats]:
        if self.base.status != "optimal":
            raise SolverError(
                self.base.status, "the base of the case has no solution, so nothing can be asked of it"
            )
        return plain_vectors(self.plain, self.problem, self.base)

    @cached_property
    def _plain_basis(self) -> cache.Basis:
        """Basis of the base at the positions of the problem without rules."""
        columns, rows = self._base[1]
        return basis_by_block(self.problem, self.plain, columns, rows)

    def first_hour(
        self,
        start: date,
        changes: Sequence[Change],
        rules: Rules,
        reserve: float,
        context: Sequence[Change] = (),
        part: str = "",
    ) -> WindowAnswer | None:
        """What is shed on the power system in the hour of a loss, before anything can be redispatched.

        context  what else was so at the time, before the loss as well
        part     of the day; that of the highest use of power if empty
        """
        # what flows at once between systems that run in parallel asks nobody
        opened = self.snapshot(start, replace(rules, help="open"))
        found = first_hour(opened, changes, reserve, context)
        cell = self.hour_of(start, part) - opened.first
        return found and replace(found, answer=found.answer.at(cell), base=found.base.at(cell))

    def hour_of(self, day: date, part: str = "") -> int:
        """Position of the cell of a day in which most power is used, or of those of a part."""
        horizon = self.case.horizon
        at = horizon.index_of(pd.Timestamp(day))
        cells = np.arange(*horizon.whole_steps(at, at + 1))
        kinds = horizon.steps["day_type"].iloc[cells].to_numpy()
        same = kinds == horizon.day_type(pd.Timestamp(day))
        cells = cells[same] if same.any() else cells
        chosen = cells[(horizon.steps["part"].iloc[cells] == part).to_numpy()] if part else cells
        chosen = chosen if len(chosen) else cells
        is_power = (self.case.table("demand")["carrier"] == POWER).to_numpy()
        use = self.base.by_demand(len(is_power), "upper")[is_power][:, chosen].sum(axis=0)
        return int(chosen[int(np.argmax(use >= use.max() - NO_FLOW))])  # of equal ones the first

    @contextmanager
    def telling_first(self, told: Callable[[Preliminary], object] | None) -> Iterator[None]:
        """Tell first answers, on a thread of their own, to a person who waits; they are part of no result."""
        self._on_first = told
        try:
            yield
        finally:
            self._on_first = None

    def ask(
        self,
        opened: Window,
        changes: Sequence[Change],
        in_transit: str = "held",
        help: str = "",
        tells: bool = False,
    ) -> WindowAnswer:
        """What the changes do in a window; rebuilt, and counted, where no delta can make them.

        tells  a first answer to whoever waits for one (`telling_first`), while this one is being computed
        """
        told = self.asked_by._on_first if tells else None
        end = self._looks.begin(opened, changes, in_transit, help, told) if told else None
        try:
            asked = opened.ask(changes, in_transit, help=help)
        finally:
            if end is not None:
                end()
        self.counts["rebuilt" if asked.rebuilt else "warm"] += 1
        return asked

    # ---- the cache
    @cached_property
    def key(self) -> str:
        """Name of the base in the cache: of the case, and of all that its problem holds under the rules."""
        made_by = f"{self.rules}|{self._method}|{__version__}|{version('highspy')}"
        return self._begins + cache.fingerprint(self._laid, self.case.horizon.hours, made_by)

    @property
    def _begins(self) -> str:
        name = re.sub(r"[^\w.-]", "_", self.case.name)[:40]
        return f"{name}-{self.case.horizon.step}-"

    @property
    def is_kept(self) -> bool:
        """Whether the base is in the cache; nothing is compiled where no base of such a case is there."""
        try:
            return any(cache_folder().glob(f"{self._begins}*")) and cache.file_of(self.key).exists()
        except OSError:
            return False

    def _load(self) -> tuple[Answer, cache.Basis] | None:
        began = time.perf_counter()
        try:
            found = cache.load(self.key, self.case.horizon.hours)
        except (OSError, ValueError, KeyError) as error:
            self._is_unreadable = True
            self.say("notice.unreadable", error=_reason(error))
            return None
        if found is not None:
            self.timings["load"] = time.perf_counter() - began
        return found


def _reason(error: Exception) -> str:
    """What the system says of a file."""
    return getattr(error, "strerror", None) or str(error)
