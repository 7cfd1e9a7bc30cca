"""When the norm of a stock may be drawn on: from the step in which those who hang on it reach its level of the crisis.

First the window is solved with all norms kept; that gives the level. Where it is reached, drawing on the norm costs less than any
protected customer and more than any other, from that step on, and the window is solved again. Two solves, and no more: what
the opened norms save may bring the level down, and does not shut them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.hanging import customers
from kelisim.lp.delta import Delta
from kelisim.lp.problem import Problem
from kelisim.model import norm_prices
from kelisim.model.assembly import Assembly
from kelisim.model.norms import DRAWN
from kelisim.results.answer import Answer
from kelisim.results.crisis import LEVELS, region_keys, region_levels


@dataclass(frozen=True)
class NormGate:
    """The norms of one problem: a whole one, or a window cut out of it."""

    case: Case
    problem: Problem

    @property
    def is_needed(self) -> bool:
        """Whether any storage has a norm."""
        return DRAWN in self.problem.columns

    def since(self, answer: Answer, plan: Answer) -> dict[str, int]:
        """Storage -> step from which its norm is open, in an answer with all norms kept; those that stay shut are left out."""
        if answer.status != "optimal":
            return {}
        rows = len(self.case.table("demand"))
        unserved, planned = answer.by_demand(rows), plan.by_demand(rows)
        found = region_levels(self.case, unserved, planned, plan.by_demand(rows, "upper"))
        names = [f"{region}|{carrier}" for region, carrier in zip(found.region, found.carrier, strict=True)]
        level = dict(zip(names, found.level, strict=True))
        opened = {}
        for storage, (number, groups) in self._gates.items():
            reached = np.zeros(found.level.shape[1], dtype=bool)
            for group in groups:
                reached |= level[group] >= number
            if reached.any():
                opened[storage] = int(reached.argmax())
        return opened

    def delta(self, since: Mapping[str, int]) -> Delta:
        """What drawing on norms costs once they are open."""
        block = self.problem.columns[DRAWN]
        at, cost = [], []
        for storage, step in since.items():
            here = np.unique(block.positions[block.elements.index(storage), step:])
            at.append(here)
            cost.append(np.full(len(here), self._opened[storage]))
        return Delta(costs=np.concatenate(at), cost=np.concatenate(cost)) if at else Delta()

    def opened(
        self, answer: Answer, plan: Answer, before: Mapping[str, int], ask: Callable[[Delta], Answer]
    ) -> Answer:
        """The answer with the norms open whose level is reached, and those that were before; the answer itself where none is.

        answer  with all norms kept
        before  storage -> step from which its norm was open in an answer that this one may not be worse than
        ask     the answer to a delta more
        """
        since = dict(before)
        for storage, step in self.since(answer, plan).items():
            since[storage] = min(step, since.get(storage, step))
        if not since:
            return answer
        felt = answer.by_demand(len(self.case.table("demand")))
        return replace(ask(self.delta(since)), norms=since, felt=felt)

    @cached_property
    def _gates(self) -> dict[str, tuple[int, frozenset[str]]]:
        """Storage -> number of the level that opens its norm, and the regions and carriers (region|carrier) that count."""
        storages = self._storages
        keys = region_keys(self.case).to_numpy()
        hung = customers(self.case, storages)
        numbers = [LEVELS.index(level) for level in storages["opens_at"]]
        return {
            storage: (number, frozenset(keys[list(one.rows)]))
            for storage, number, one in zip(storages["storage"], numbers, hung, strict=True)
        }

    @cached_property
    def _storages(self) -> pd.DataFrame:
        storages = self.case.quantities("storages")
        return storages[storages["norm_days"].notna()]

    @cached_property
    def _opened(self) -> dict[str, float]:
        prices = norm_prices.of_storages(Assembly(self.case), self._storages)
        return {s: one.opened for s, one in zip(self._storages["storage"], prices, strict=True)}
