"""A window that is open: its problem under the rules, its undisturbed solution, and answers to changes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from kelisim.case.case import Case
from kelisim.case.change import Change
from kelisim.engine.autarky import Autarky
from kelisim.engine.norm_gate import NormGate
from kelisim.engine.reading import answer_of, facts_of
from kelisim.engine.surplus import Surplus
from kelisim.engine.warm_start import fitted, is_balanced, stays_the_plan
from kelisim.errors import SolverError
from kelisim.lp.delta import Delta
from kelisim.lp.highs import Session, Solution
from kelisim.lp.problem import AT_LOWER, AT_UPPER, BASIC, INF, Floats, Problem, Statuses
from kelisim.lp.slice import Slice, Solved, cut_out
from kelisim.model import measures as model_measures
from kelisim.model import rules as model_rules
from kelisim.model.build import compile_case
from kelisim.model.delta import Deltas, RebuildNeeded, RebuildReason, flat
from kelisim.model.help import Help
from kelisim.model.help_rows import laid as help_laid
from kelisim.model.measures import Measures
from kelisim.model.outages import Base
from kelisim.model.rules import Rules
from kelisim.results.answer import Answer
from kelisim.results.facts import said
from kelisim.tolerances import KEPT_ROOMS, NO_CUT, NO_FLOW, ROUNDING

# rows whose handover counts even where the base gives it no price: less on its way is worse, so is a lower level
SIDES = {"places.balance": 1, "streams.balance": 1, "storages.balance": -1}
# rows that let go what was on its way when a window opens and nobody can take; of a stream it then belongs to nobody
ARRIVING = ("places.balance", "streams.balance")
# what a change may break at once: a plant that gets no fuel stops faster than its ramp
SOFT = ("assets.ramp",)
FLOWS = ("links.flow", "links.flow_back")
STORED = ("storages.injection", "storages.withdrawal")
DECISIONS = (*FLOWS, "streams.flow", "assets.activity", *STORED, "markets.taken", "contracts.delivery")
LEAST_PRICE = 1.0  # currency/MWh of handover and borrowing that the base gives no price


@dataclass(frozen=True)
class WindowAnswer:
    """The answer to some changes in a window, beside the undisturbed one.

    answer, base  by block; hours of the steps of the window
    seconds       from the question to the answer
    rebuilt       why a new matrix was needed; None if a delta was enough
    pruned        the undisturbed solution is the answer: it does not use what was taken away
    """

    answer: Answer
    base: Answer
    seconds: float
    rebuilt: RebuildReason | None = None
    pruned: bool = False

    @property
    def why_rebuilt(self) -> dict[str, Any]:
        """Why a new matrix was needed, as a fact that a run keeps; empty if none was."""
        return said(self.rebuilt.say, **self.rebuilt.places).to_dict() if self.rebuilt else {}

    @property
    def extra_cost(self) -> float:
        """Cost beyond the undisturbed window, currency, unserved energy included."""
        return self.answer.objective - self.base.objective


class Window:
    """One window of a solved case under rules; `ask` it what changes do.

    first, last  steps of the horizon it holds, [first, last)
    steps        their starts
    """

    def __init__(
        self,
        case: Case,
        solved: Solved,
        first: int,
        last: int,
        rules: Rules,
        days: float,
        measures: bool = False,
    ) -> None:
        self.case = case
        self.rules = rules
        self.first, self.last, self.days = first, last, days
        self.steps = case.horizon.steps.iloc[first:last]
        self.hours: Floats = case.horizon.hours[first:last]
        self.is_snapshot = case.horizon.step_of[first] == case.horizon.step_of[last - 1]
        self._solved = solved
        self._window = self._cut(solved)
        laid = model_rules.lay(case, self._window.problem, rules, self.hours, days)
        self.measures: Measures | None = None
        self.help: Help | None = None
        balanced = rules.breaks_ties and is_balanced(self._window, solved)
        if not (balanced and self._open(laid, measures, floors=False)):
            self._open(laid, measures, floors=True)
        self.base = self._answer(self.start)
        self.pruned = 0
        self._held = Delta()
        self._spared: tuple[tuple[list[Change], str], Floats] | None = None

    # ---- opening
    def _open(self, laid: Problem, measures: bool, floors: bool) -> bool:
        """Lay the rules with or without floors of prices, and solve; whether the undisturbed window is the plan."""
        self.problem, columns, rows = fitted(laid, self._window, self._solved, self.rules, floors)
        if self.rules.help != "open":
            columns, rows = self._with_help(columns, rows)
        if measures:
            columns, rows = self._with_measures(columns, rows)
        # in a snapshot of ten thousand questions nobody reads flows
        self.session = Session(self.problem, threads=1, repeatable=not self.is_snapshot)
        self.start = self._started(columns, rows)
        return floors or stays_the_plan(self.problem, self._window, self._solved, self.start.values)

    def _cut(self, solved: Solved) -> Slice:
        mean = self.case.horizon.hours.mean()
        classes = self.case.quantities("customer_classes")
        protected = classes["voll"][classes["protected"]]
        most = float(protected.min()) * self.hours.min() / mean if len(protected) else INF
        arriving = (ARRIVING, float(self.case.setting("defaults", "shortfall_price")))
        return cut_out(solved, self.first, self.last, SIDES, LEAST_PRICE, most, SOFT, arriving)

    def _with_measures(self, columns: Statuses, rows: Statuses) -> tuple[Statuses, Statuses]:
        """The measures of the case as closed columns; the basis stays as it is."""
        prices = np.zeros(self.problem.shape[0])
        prices[: len(self._window.rows)] = self._solved.duals[self._window.rows]
        before = self.problem.shape
        self.problem, self.measures = model_measures.laid(self.case, self.problem, self.hours, prices)
        return self._grown(columns, rows, before)

    def _with_help(self, columns: Statuses, rows: Statuses) -> tuple[Statuses, Statuses]:
        """The rows of help from abroad, nobody giving more than planned; the plan keeps them, and the basis stays as it is."""
        before = self.problem.shape
        self.problem, self.help = help_laid(self.case, self.problem, self._window, self._solved, self.hours)
        columns, rows = self._grown(columns, rows, before)
        if self.help is not None:
            self.problem = replace(self.problem, row_upper=self.help.planned().applied(self.problem)[4])
            basic, at_limit = self.help.basis
            columns[basic], rows[at_limit] = BASIC, AT_UPPER
        return columns, rows

    def _grown(self, columns: Statuses, rows: Statuses, before: tuple[int, int]) -> tuple[Statuses, Statuses]:
        """A basis with what the problem has gained: columns closed, rows slack."""
        more_rows, more_columns = (now - then for now, then in zip(self.problem.shape, before, strict=True))
        closed = np.full(more_columns, AT_LOWER, dtype=np.int8)
        slack = np.full(more_rows, BASIC, dtype=np.int8)
        return np.concatenate([columns, closed]), np.concatenate([rows, slack])

    def _started(self, columns: Statuses, rows: Statuses) -> Solution:
        solution = self.session.resume(columns, rows)
        if solution.status != "optimal":
            self.session.highs.clearSolver()
            solution = self.session.start("simplex")
        if solution.status != "optimal":
            raise SolverError(solution.status, "the undisturbed window has no solution")
        return solution

    # ---- asking
    @cached_property
    def norms(self) -> NormGate:
        """When the norms of stocks may be drawn on."""
        return NormGate(self.case, self.problem)

    @cached_property
    def deltas(self) -> Deltas:
        """Makes deltas of the problem of this window."""
        # in a single step nothing is under way, and nothing that is out could be made up for
        base = Base(self._solved.values, self._solved.problem) if not self.is_snapshot else None
        return Deltas(self.case, self.problem, self._window, base, self._solved.problem)

    def delta(self, changes: Sequence[Change], in_transit: str = "held") -> Delta:
        """The delta of some changes; without the limits of own_first, which follow from them. Raises RebuildNeeded."""
        found = self.deltas.of(changes, in_transit)
        if done := self._hours_before(changes):
            found = found.then(self._kept(found, self.start.values, done))
        at = self._held.columns
        if not len(at):
            return found
        _, lower, upper, _, _ = found.applied(self.problem)
        most = np.maximum(np.minimum(upper[at], self._held.upper), lower[at])
        return found.then(Delta(columns=at, lower=lower[at], upper=most))

    def _hours_before(self, changes: Sequence[Change]) -> int:
        """Cells of the first day before the part in which outages begin: nobody knew, so the plan holds in them."""
        outages = flat(changes)[0]
        if self.is_snapshot or not outages or not all(outage.at for outage in outages):
            return 0
        masks = [self.case.horizon.from_part(one.start, one.at)[self.first : self.last] for one in outages]
        return int(min(np.argmax(mask > 0) for mask in masks))

    def with_held(self, links: Sequence[str], plan: Answer) -> Window:
        """This window with links that carry no more than in a plan, either way; a change that no delta can make is refused."""
        held = copy(self)
        blocks = [self.problem.columns[name] for name in FLOWS if name in self.problem.columns]
        parts = [(block, link) for block in blocks for link in links if link in block.elements]
        rows = [(block, block.elements.index(link), link) for block, link in parts]
        at = [block.own(row) for block, row, _ in rows]
        most = [block.mean_of(row, plan.power(block.name, [link])[0]) + ROUNDING for block, row, link in rows]
        if parts:
            held._held = Delta(columns=np.concatenate(at), upper=np.concatenate(most))
        return held

    def ask(
        self,
        changes: Sequence[Change],
        in_transit: str = "held",
        allowed: Mapping[str, Floats] | None = None,
        no_worse: Answer | None = None,
        help: str = "",
    ) -> WindowAnswer:
        """What the changes do; a change that no delta can make is asked of a window with a new matrix.

        allowed   measure -> share of each step in which it may be used; asked of a window with measures
        no_worse  an answer of this window; measures may not leave more unserved than it does
        help      planned, agreed or open; that of the window's rules if not given
        """
        began = time.perf_counter()
        try:
            delta = self.delta(changes, in_transit)
            limited = delta
            if allowed and self.measures is not None:
                left = self.deltas.left(flat(changes)[0])
                short = no_worse.columns.get(model_rules.UNSERVED) if no_worse else None
                upper = delta.applied(self.problem)[2]
                limited = delta.then(
                    self.measures.opened(allowed, upper, left, short.values if short else None)
                )
                # an answer that drew on norms is no limit for one that keeps them
                keeps = no_worse is None or not no_worse.norms
                delta = limited if keeps else delta.then(self.measures.opened(allowed, upper, left))
        except RebuildNeeded as needed:
            if len(self._held.columns):
                raise
            return self._rebuilt(changes, in_transit, needed.reason, began, allowed, no_worse, help)
        if self.leaves_untouched(delta):
            self.pruned += 1
            return WindowAnswer(self.base, self.base, time.perf_counter() - began, pruned=True)

        in_force = None if self.measures is None else allowed or {}
        aid = self.helped(Delta(), changes, in_transit, help, in_force)

        def asked(wanted: Delta) -> Answer:
            wanted = wanted.then(aid)
            solution = self.session.solve(wanted)
            if self.rules.place == "own_first" and solution.status == "optimal":
                solution, wanted = self._own_first(solution, wanted, changes, in_transit)
            return self._answer(solution, wanted)

        answer = asked(delta)
        if self.norms.is_needed:
            before = no_worse.norms if no_worse else {}
            answer = self.norms.opened(answer, self.base, before, lambda more: asked(limited.then(more)))
        return WindowAnswer(answer, self.base, time.perf_counter() - began)

    def leaves_untouched(self, delta: Delta) -> bool:
        """Whether a delta only narrows bounds that the undisturbed solution stays inside: then that is the answer."""
        if len(delta.costs):
            return False
        p, c, r = self.problem, delta.columns, delta.rows
        narrower = bool((delta.lower >= p.lower[c]).all() and (delta.upper <= p.upper[c]).all())
        narrower = narrower and bool(
            (delta.row_lower >= p.row_lower[r]).all() and (delta.row_upper <= p.row_upper[r]).all()
        )
        x, a = self.start.values[c], self.start.activities[r]
        inside = (x >= delta.lower - ROUNDING).all() and (x <= delta.upper + ROUNDING).all()
        return bool(
            narrower
            and inside
            and (a >= delta.row_lower - ROUNDING).all()
            and (a <= delta.row_upper + ROUNDING).all()
        )

    # ---- an outage whose length nobody knows
    def roll(
        self, seen: Sequence[Change], in_transit: str, values: Floats | None, done: int, help: str = "",
        allowed: Mapping[str, Floats] | None = None,
    ) -> Floats:  # fmt: skip
        """Column values of the answer to what is seen, the decisions of the first `done` steps kept as they were made."""
        return self._rolled(self._as_seen(seen, in_transit, help, allowed), values, done)[0].values

    def rolled(
        self, changes: Sequence[Change], in_transit: str, values: Floats | None, done: int, help: str = "",
        allowed: Mapping[str, Floats] | None = None,
    ) -> WindowAnswer:  # fmt: skip
        """The answer to the changes with the decisions of the first `done` steps as they were made; `allowed` as in `ask`."""
        began = time.perf_counter()
        delta = self._as_seen(changes, in_transit, help, allowed)
        return WindowAnswer(self._rolled(delta, values, done)[1], self.base, time.perf_counter() - began)

    def _as_seen(
        self, seen: Sequence[Change], in_transit: str, help: str, allowed: Mapping[str, Floats] | None
    ) -> Delta:
        delta = self.delta(seen, in_transit)
        if allowed and self.measures is not None:
            left = self.deltas.left(flat(seen)[0])
            delta = delta.then(self.measures.opened(allowed, delta.applied(self.problem)[2], left))
        return self.helped(delta, seen, in_transit, help, None if self.measures is None else allowed or {})

    def _rolled(self, seen: Delta, values: Floats | None, done: int) -> tuple[Solution, Answer]:
        """The solution and the answer to a delta with the decisions made so far, with the norms open whose level is reached."""
        for room in KEPT_ROOMS:  # what the solver left of a decision must not make the next one impossible
            delta = seen if values is None or not done else seen.then(self._kept(seen, values, done, room))
            found = [self.session.solve(delta)]
            if found[0].status == "optimal":
                break
        else:
            raise SolverError(found[0].status, "the decisions made so far leave no answer")

        def again(more: Delta) -> Answer:
            found.append(self.session.solve(delta.then(more)))
            return self._answer(found[-1], delta.then(more))

        answer = self._answer(found[0], delta)
        if self.norms.is_needed:
            answer = self.norms.opened(answer, self.base, {}, again)
        return found[-1], answer

    def _kept(self, delta: Delta, values: Floats, done: int, room: float = NO_FLOW) -> Delta:
        """Decisions of the first `done` cells within some MW of what they were; of a day that is not over, those of carriers in parts."""
        _, lower, upper, _, _ = delta.applied(self.problem)
        of = self.steps["of"].to_numpy()
        over = done if done == len(of) or of[done] != of[done - 1] else int(np.argmax(of == of[done]))
        decided = (*DECISIONS, model_measures.USE)
        found = [block for name, block in self.problem.columns.items() if name in decided]
        blocks = [block for block in found if block.steps == len(self.hours)]
        parts = [(block, block.is_coarse, over) for block in blocks]
        parts += [(block, ~block.is_coarse, done) for block in blocks]
        at = np.unique(np.concatenate([block.positions[few, :cells].ravel() for block, few, cells in parts]))
        low, high = (np.clip(values[at] + side, lower[at], upper[at]) for side in (-room, room))
        return Delta(columns=at, lower=low, upper=high)

    # ---- help from abroad
    def helped(
        self, delta: Delta, changes: Sequence[Change], in_transit: str = "held", help: str = "",
        in_force: Mapping[str, Floats] | None = None,
    ) -> Delta:  # fmt: skip
        """A delta with what neighbours give beyond their plan under a rule; the window itself holds them to it.

        in_force  measure -> share of each step in which it may act; None where nobody orders measures, so that those of givers count as agreed
        """
        rule = help or self.rules.help
        if self.help is None or rule == "planned":
            return delta
        if rule == "open":
            return delta.then(self.help.open())
        if not self.help.aids:
            return delta
        return delta.then(self.help.agreed(self.spare(changes, in_transit), in_force))

    def spare(self, changes: Sequence[Change] = (), in_transit: str = "held") -> Floats:
        """MW that each giver can spare; kept for the next question about the same changes."""
        asked = (list(changes), in_transit)
        if self._spared is None or self._spared[0] != asked:
            self._spared = asked, self._surplus.of(self._surplus_deltas.of(changes, in_transit))
        return self._spared[1]

    @cached_property
    def _surplus(self) -> Surplus:
        assert self.help is not None
        return Surplus(self.case, self._window, self._solved, self.help, self.rules)

    @cached_property
    def _surplus_deltas(self) -> Deltas:
        return Deltas(self.case, self._surplus.problem, self._window, self.deltas.base, self._solved.problem)

    # ---- own_first
    @cached_property
    def _alone(self) -> Autarky:
        return Autarky(self.case, self._window, self._solved, self.rules, self.hours, self.days)

    @cached_property
    def _alone_deltas(self) -> Deltas:
        return Deltas(self.case, self._alone.problem, self._window, self.deltas.base, self._solved.problem)

    @cached_property
    def _base_groups(self) -> Floats:
        return model_rules.floors(self.case, self.problem, self.start.values)

    def _own_first(
        self, solution: Solution, delta: Delta, changes: Sequence[Change], in_transit: str
    ) -> tuple[Solution, Delta]:
        """No country is cut more than it would be alone, or is by the plan; asked only where somebody is cut more."""
        groups = model_rules.floors(self.case, self.problem, solution.values)
        if (groups <= self._base_groups + NO_CUT).all():
            return solution, delta
        closed = self._alone_deltas.of(changes, in_transit)
        block = self.problem.rows["rules.own_first"]
        floor = block.mean(np.maximum(self._alone.floors(closed), self._base_groups))
        rows = np.arange(block.span.start, block.span.stop, dtype=np.int64)
        limited = delta.then(Delta(rows=rows, row_lower=np.full(len(rows), -INF), row_upper=floor))
        return self.session.solve(limited), limited

    def read(self, delta: Delta, before: Solution, held: Delta) -> WindowAnswer:
        """The answer to a delta beside the one to another, which stands for the undisturbed one."""
        began = time.perf_counter()
        solution = self.session.solve(delta)
        return WindowAnswer(
            self._answer(solution, delta), self._answer(before, held), time.perf_counter() - began
        )

    def audit(self, changes: Sequence[Change], in_transit: str = "held") -> float:
        """Relative difference between the warm objective of some changes and one solved cold."""
        return self.session.audit(self.delta(changes, in_transit))

    @property
    def counts(self) -> Mapping[str, float]:
        """Warm, cold, fallback and pruned answers, audits, iterations and seconds of this window."""
        return vars(self.session.counts) | {"pruned": self.pruned}

    def _rebuilt(
        self,
        changes: Sequence[Change],
        in_transit: str,
        reason: RebuildReason,
        began: float,
        allowed: Mapping[str, Floats] | None = None,
        no_worse: Answer | None = None,
        help: str = "",
    ) -> WindowAnswer:
        other = compile_case(self.case.with_(reason.change))
        if other.columns != self._solved.problem.columns or other.rows != self._solved.problem.rows:
            raise SolverError("rebuild", f"the change adds or takes away parts of the problem ({reason})")
        solved = replace(self._solved, problem=other, activities=other.matrix @ self._solved.values)
        again = Window(
            self.case.with_(reason.change),
            solved,
            self.first,
            self.last,
            self.rules,
            self.days,
            self.measures is not None,
        )
        rest = [change for change in changes if change is not reason.change]
        asked = again.ask(rest, in_transit, allowed, no_worse, help)
        return WindowAnswer(asked.answer, self.base, time.perf_counter() - began, reason)

    def _answer(self, solution: Solution, delta: Delta | None = None) -> Answer:
        return answer_of(self.problem, solution, self.hours, facts_of(solution, self.rules), delta)
