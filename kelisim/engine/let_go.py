"""What many answers of one window let go: energy by place and carrier, read from a few rows and columns of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kelisim.engine.window import Window
from kelisim.lp.problem import Floats, Ints
from kelisim.results.let_go import COLUMN, arrived

BALANCE = "places.balance"


@dataclass(frozen=True)
class LetGoRows:
    """Balances that may be above what must be met, and columns of goods that arrive and that nobody takes.

    nodes    "place:carrier" of the balances, then of the arrivals
    rows     positions of the balances in the problem; columns, those of the arrivals
    arriving how many of the nodes are arrivals: the last ones
    """

    nodes: tuple[str, ...]
    rows: Ints
    columns: Ints
    arriving: int
    _window: Window

    @classmethod
    def of(cls, window: Window) -> LetGoRows:
        """Those of an open window."""
        problem = window.problem
        block, goods = problem.rows.get(BALANCE), problem.columns.get(COLUMN)
        at: Ints = np.arange(block.span.start, block.span.stop) if block else np.zeros(0, dtype=np.int64)
        rows = at[np.isinf(problem.row_upper[at]) & np.isfinite(problem.row_lower[at])]
        mine = sorted({block.elements[e] for e in block.heads[0][rows - block.start]}) if block else []
        columns: Ints = np.arange(goods.span.start, goods.span.stop) if goods else np.zeros(0, dtype=np.int64)
        labels = [label.split("|") for label in goods.elements] if goods else []
        comes = sorted({node for name, node, *_ in labels if name == BALANCE})
        return cls((*mine, *comes), rows, columns, len(comes), window)

    def energy(self, values: Floats, activities: Floats) -> Floats:
        """MWh that are let go at each node.

        values, activities  of the columns and rows above in one answer
        """
        window, problem = self._window, self._window.problem
        block, goods = problem.rows.get(BALANCE), problem.columns.get(COLUMN)
        found = np.zeros(len(self.nodes))
        if block is not None and len(self.rows):
            inside = self.rows - block.start
            more = (
                np.maximum(activities - problem.row_lower[self.rows], 0.0) * block.total(window.hours)[inside]
            )
            by_element = np.bincount(block.heads[0][inside], more, minlength=len(block.elements))
            known = dict(zip(block.elements, by_element.tolist(), strict=True))
            most = len(self.nodes) - self.arriving
            found[:most] = [known[node] for node in self.nodes[:most]]
        if goods is not None and self.arriving:
            of = window.steps["of"].to_numpy()
            steps = np.asarray(np.bincount(of - of.min(), window.hours), dtype=float)
            comes = arrived(goods.elements, values, window.hours, steps)
            found[-self.arriving :] = [comes[node] for node in self.nodes[-self.arriving :]]
        return found
