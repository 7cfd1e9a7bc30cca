"""Plans beside the one that is chosen: those that are nearly as good, and what each costs more where something else comes than was hoped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from kelisim.lp.problem import Floats
from kelisim.lp.two_stage import Knowing, StageDecision
from kelisim.results.facts import Fact, said
from kelisim.studies.investment.portfolio import Portfolio
from kelisim.tolerances import SMALL_MONEY

Some = tuple[str, ...]
MOST_PLANS = 8  # whose regret is told


@dataclass(frozen=True)
class Rivals:
    """Plans beside the best.

    near   nearly as good, the best first
    worse  how much less than the plan these may save, currency a year
    """

    portfolio: Portfolio
    known: Knowing
    near: tuple[StageDecision, ...]
    worse: float

    @cached_property
    def built(self) -> Some:
        return self.portfolio.named(self.known.best.x)

    def frames(self) -> dict[str, list[tuple[Any, ...]]]:
        """Rows of the tables, those that have any."""
        rows = {"near": self._near(), "regrets": self._regrets()}
        return {name: found for name, found in rows.items() if found}

    def _near(self) -> list[tuple[Any, ...]]:
        found = []
        for at, one in enumerate(self.near):
            some = self.portfolio.named(one.x)
            more = [name for name in some if name not in self.built]
            less = [name for name in self.built if name not in some]
            found.append((at + 1, self._less(one), ";".join(more), ";".join(less)))
        return found

    def _less(self, one: StageDecision) -> float:
        """What a plan saves less a year than the best."""
        return (one.cost - self.known.best.cost) / self.portfolio.years

    # ---- regret
    @cached_property
    def plans(self) -> list[Some]:
        """The plan, the best for the mean, the best of each outlook, and those nearly as good."""
        found = [self.known.best, self.known.mean, *self.known.waited, *self.near]
        return list(dict.fromkeys(self.portfolio.named(one.x) for one in found))

    @cached_property
    def costs(self) -> Floats:
        """What each plan costs a year in each outlook, building included, (plans, outlooks)."""
        p = self.portfolio
        return np.array([p.costs(some) + p.paid(some) for some in self.plans])

    @cached_property
    def regret(self) -> Floats:
        """What each plan costs more in each outlook than the best of them there, (plans, outlooks)."""
        return self.costs - self.costs.min(axis=0)

    @cached_property
    def told(self) -> list[int]:
        """Positions of the plans that are told: the plan, then those of least regret at most."""
        rest = np.argsort(self.regret.max(axis=1), kind="stable")
        return [0, *[int(at) for at in rest if at][: MOST_PLANS - 1]]

    def _regrets(self) -> list[tuple[Any, ...]]:
        coming = self.portfolio.coming
        if len(coming) < 2 or len(self.plans) < 2:
            return []
        return [
            (";".join(self.plans[at]), one.text, float(self.regret[at, place]), float(self.regret[at].max()))
            for at in self.told
            for place, one in enumerate(coming)
        ]

    # ---- sentences
    def facts(self) -> Iterator[Fact]:
        """Whether other plans are nearly as good, what all of them build, and which plan is never far from the best."""
        if self.worse > SMALL_MONEY:
            yield from self._of_near()
        most = self.regret.max(axis=1)
        at = int(np.argmin(most))
        if len(self.plans) > 1 and most[at] < most[0] - SMALL_MONEY:
            yield Fact(
                "least_regret", float(most[at]), "", "investment.least_regret", plan=float(most[0]),
                projects=self._works(self.plans[at]),
            )  # fmt: skip

    def _of_near(self) -> Iterator[Fact]:
        if not self.near:
            yield Fact("near", self.worse, "", "investment.near_none")
            return
        some, best = self.portfolio.named(self.near[0].x), self.near[0]
        say = "near_many" if len(self.near) > 1 else "near_one"
        say += "" if some else "_nothing"
        yield Fact(
            "near", float(len(self.near)), "", f"investment.{say}", worse=self.worse,
            less=max(0.0, self._less(best)), projects=self._works(some),
        )  # fmt: skip
        every = [set(self.portfolio.named(one.x)) for one in self.near]
        always = [name for name in self.built if all(name in one for one in every)]
        if always:
            yield Fact("always", float(len(always)), "", "investment.always", projects=self._works(always))

    @staticmethod
    def _works(some: Some | list[str]) -> list[Fact]:
        return [said("investment.work", project=name) for name in some]
