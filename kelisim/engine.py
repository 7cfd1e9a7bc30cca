"""The engine: a case, its problem, and the base solution; what studies and pages ask.

The base solution is kept on disk under the fingerprint of the case, the rules and the model, so that it is solved once.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from kelisim import __version__
from kelisim.case.case import Case
from kelisim.errors import InternalError
from kelisim.lp.highs import Conflict, Session, Solution
from kelisim.lp.problem import Block, Problem
from kelisim.lp.sifting import sift
from kelisim.model.build import compile_case
from kelisim.model.coarse import likely
from kelisim.model.rules import Rules, groups_of
from kelisim.results.answer import Answer, BlockValues

__all__ = ["Engine", "Progress", "Rules", "cache_folder"]

Progress = Callable[[str], None]
LARGE = 200_000  # columns from which a problem is sifted and the interior point method is the default
COARSE = "1mo"


def cache_folder() -> Path:
    """Where solved bases are kept: KELISIM_CACHE, or the user's cache folder."""
    chosen = os.environ.get("KELISIM_CACHE")
    if chosen:
        return Path(chosen)
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "kelisim"


class Engine:
    """A case made ready for questions.

    rules   who goes short and when; those of the case if not given
    method  solver of the base: "simplex", "hipo" or "" for the better one by size
    cache   keep and use solved bases on disk
    """

    def __init__(
        self,
        case: Case,
        rules: Rules | None = None,
        method: str = "",
        cache: bool = True,
        progress: Progress | None = None,
    ) -> None:
        self.case = case
        self._asked = rules or Rules.of(case)
        self._method = method
        self._cache = cache
        self._say = progress or (lambda _text: None)
        self.timings: dict[str, float] = {}
        self.counts = {"cold": 0, "cached": 0}

    # ---- the problem
    @cached_property
    def rules(self) -> Rules:
        """The rules of the problem, with what each country can serve alone where own_first needs it."""
        if self._asked.place != "own_first" or self._asked.alone is not None:
            return self._asked
        self._say("finding what each country can serve alone")
        return replace(self._asked, alone=self._alone())

    @cached_property
    def problem(self) -> Problem:
        """The compiled problem."""
        began = time.perf_counter()
        self._say("compiling the case")
        problem = compile_case(self.case, self.rules)
        self.timings["compile"] = time.perf_counter() - began
        return problem

    def _alone(self) -> tuple[tuple[str, ...], np.ndarray]:
        """Unserved MW of each country, carrier and class with all links between countries closed."""
        problem = compile_case(self.case, Rules())
        country = self.case.table("places").set_index("place")["country"]
        links = self.case.table("links")
        crossing = set(links["link"][links["from_place"].map(country) != links["to_place"].map(country)])
        upper = problem.upper.copy()
        for name in ("links.flow", "links.flow_back"):
            block = problem.columns.get(name)
            if block:
                closed = [at for at, link in enumerate(block.elements) if link in crossing]
                upper[block.positions[closed].ravel()] = 0.0
        alone = replace(problem, upper=upper)
        solution = self._solve(alone)
        demand = self.case.table("demand")
        unserved = problem.columns["demand.unserved"].take(solution.values)
        groups = groups_of(self.case, demand)
        names = tuple(sorted(set(groups)))
        floor = np.zeros((len(names), problem.columns["demand.unserved"].steps))
        np.add.at(floor, np.array([names.index(group) for group in groups]), unserved)
        return names, floor

    # ---- the base
    @cached_property
    def base(self) -> Answer:
        """The least-cost answer of the case as it stands; from the cache where it was solved before."""
        kept = self._load() if self._cache else None
        if kept is not None:
            self.counts["cached"] += 1
            return kept
        solution = self._solve(self.problem)
        answer = self.answer(self.problem, solution)
        if self._cache and solution.status == "optimal":
            self._keep(answer)
        return answer

    def _solve(self, problem: Problem) -> Solution:
        large = problem.shape[1] > LARGE
        method = self._method or ("hipo" if large else "simplex")
        self._say(f"solving {problem.shape[1]:,} columns, {problem.shape[0]:,} rows ({method})")
        began = time.perf_counter()
        sifted = self._sift(problem, method) if large and self.case.horizon.step != COARSE else None
        if sifted is None:
            self._session = Session(problem)
            solution = self._session.start(method)
        else:
            self._session, solution = sifted
        self.counts["cold"] += 1
        self.timings["solve"] = self.timings.get("solve", 0.0) + time.perf_counter() - began
        return solution

    def _sift(self, problem: Problem, method: str) -> tuple[Session, Solution] | None:
        """Solve a large problem by way of the columns that the same case in months uses."""
        coarse_case = self.case.at_step(COARSE)
        coarse = compile_case(
            coarse_case, replace(self._asked, place="none", alone=None) if self._asked.alone else self._asked
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
        facts: dict[str, Any] = {
            "rows": problem.shape[0], "columns": problem.shape[1], "nonzeros": int(problem.matrix.nnz), "method": solution.method,
            "iterations": solution.iterations, "place_rule": self._asked.place, "time_rule": self._asked.time,
        }  # fmt: skip
        if solution.status != "optimal":
            return Answer(solution.status, float("nan"), self.case.horizon.hours, {}, {}, facts)
        columns = {
            name: _values(block, solution.values, solution.reduced_costs, problem.lower, problem.upper)
            for name, block in problem.columns.items()
        }
        rows = {
            name: _values(block, solution.activities, solution.duals, problem.row_lower, problem.row_upper)
            for name, block in problem.rows.items()
        }
        return Answer("optimal", solution.objective, self.case.horizon.hours, columns, rows, facts)

    # ---- the cache
    @cached_property
    def key(self) -> str:
        """Fingerprint of case, rules, model and solver: the name of the base in the cache."""
        asked = replace(self._asked, alone=None)
        digest = hashlib.sha256(
            f"{self.case.fingerprint}|{asked}|{__version__}|{version('highspy')}|{self._method}".encode()
        )
        for folder in ("model", "lp"):
            for file in sorted((files("kelisim") / folder).iterdir(), key=lambda entry: entry.name):
                if file.name.endswith(".py"):
                    digest.update(file.read_bytes())
        return digest.hexdigest()[:20]

    def _keep(self, answer: Answer) -> None:
        folder = cache_folder()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            arrays = {}
            for side, blocks in (("columns", answer.columns), ("rows", answer.rows)):
                for name, block in blocks.items():
                    for part in ("values", "duals", "lower", "upper"):
                        arrays[f"{side}/{name}/{part}"] = getattr(block, part)
            head = {
                "objective": answer.objective, "facts": dict(answer.facts),
                "columns": {k: list(v.elements) for k, v in answer.columns.items()},
                "rows": {k: list(v.elements) for k, v in answer.rows.items()},
            }  # fmt: skip
            with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as handle:
                np.savez(handle, head=np.frombuffer(json.dumps(head).encode(), dtype=np.uint8), **arrays)
            os.replace(handle.name, folder / f"{self.key}.npz")
        except OSError as error:
            self._say(f"the solved base could not be kept: {error}")

    def _load(self) -> Answer | None:
        file = cache_folder() / f"{self.key}.npz"
        if not file.exists():
            return None
        began = time.perf_counter()
        try:
            with np.load(file, allow_pickle=False) as kept:
                head = json.loads(kept["head"].tobytes().decode())
                sides = {
                    side: {
                        name: BlockValues(
                            tuple(elements),
                            *(
                                kept[f"{side}/{name}/{part}"]
                                for part in ("values", "duals", "lower", "upper")
                            ),
                        )
                        for name, elements in head[side].items()
                    }
                    for side in ("columns", "rows")
                }
        except (OSError, ValueError, KeyError) as error:
            self._say(f"the kept base could not be read and is solved again: {error}")
            return None
        self.timings["load"] = time.perf_counter() - began
        return Answer(
            "optimal",
            float(head["objective"]),
            self.case.horizon.hours,
            sides["columns"],
            sides["rows"],
            head["facts"],
        )


def _values(
    block: Block, values: np.ndarray, duals: np.ndarray, lower: np.ndarray, upper: np.ndarray
) -> BlockValues:
    return BlockValues(
        block.elements, block.take(values), block.take(duals), block.take(lower), block.take(upper)
    )
