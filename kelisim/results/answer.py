"""The solution of one problem, by block: what the solver found, before it becomes tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class BlockValues:
    """Elements of one block with its values and duals, each (elements, steps)."""

    elements: tuple[str, ...]
    values: Floats
    duals: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True)
class Answer:
    """One solved problem.

    columns, rows  block name -> values (MW) with reduced costs, activities with duals (objective per unit)
    hours          of each step
    objective      currency
    facts          status, seconds, iterations, method, counts, rules
    mean_hours     of the whole horizon, which the objective is divided by; of the steps if not given
    norms          storage -> step from which its norm was open; empty where all were kept
    felt           MW unserved of each row of demand with all norms kept, (rows, steps), which gives the level of the crisis; None
                   where all were kept
    """

    status: str
    objective: float
    hours: Floats
    columns: Mapping[str, BlockValues]
    rows: Mapping[str, BlockValues]
    facts: Mapping[str, Any] = field(default_factory=dict)
    mean_hours: float = 0.0
    norms: Mapping[str, int] = field(default_factory=dict)
    felt: Floats | None = None

    def __post_init__(self) -> None:
        if not self.mean_hours:
            object.__setattr__(self, "mean_hours", float(self.hours.mean()))

    def at(self, step: int) -> Answer:
        """The answer in one step alone; blocks over the horizon stay."""
        width = len(self.hours)

        def one(block: BlockValues) -> BlockValues:
            arrays = (block.values, block.duals, block.lower, block.upper)
            if block.values.shape[1] != width:
                return block
            return BlockValues(block.elements, *(a[:, [step]] for a in arrays))

        columns, rows = (
            {name: one(block) for name, block in side.items()} for side in (self.columns, self.rows)
        )
        felt = None if self.felt is None else self.felt[:, [step]]
        norms = {storage: 0 for storage, since in self.norms.items() if since <= step}
        return replace(self, hours=self.hours[[step]], columns=columns, rows=rows, norms=norms, felt=felt)

    def power(self, name: str, elements: list[str] | None = None, steps: int | None = None) -> Floats:
        """Values of a column block, MW (elements, steps); zeros for elements that the block does not have."""
        return self._pick(self.columns.get(name), elements, "values", steps)

    def of_year(self, name: str, elements: list[str]) -> Floats:
        """Values of a block of columns or rows over the horizon, mean MW (elements)."""
        return self._pick(self.columns.get(name, self.rows.get(name)), elements, "values", 1)[:, 0]

    def energy(self, name: str, elements: list[str] | None = None) -> Floats:
        """Energy of a column block over the horizon, MWh (elements)."""
        return self.power(name, elements) @ self.hours

    def by_demand(self, rows: int, part: str = "values") -> Floats:
        """MW of each row of demand with its tranches added up, (rows, steps).

        rows  of the table demand
        part  "values" for what is unserved, "upper" for what is wanted
        """
        block = self.columns.get("demand.unserved")
        if block is None or not rows:
            return np.zeros((rows, len(self.hours)))
        values: Floats = getattr(block, part)
        return values.reshape(-1, rows, len(self.hours)).sum(axis=0)

    def row_price(self, name: str, elements: list[str] | None = None) -> Floats:
        """Dual of a block of rows per step as currency/MWh; positive where one more MWh at the right-hand side costs."""
        return self._per_hour(self._pick(self.rows.get(name), elements, "duals"))

    def year_price(self, name: str, elements: list[str] | None = None) -> Floats:
        """Dual of rows over the horizon, currency/MWh (elements)."""
        return (
            self._pick(self.rows.get(name), elements, "duals", 1)[:, 0]
            * self.mean_hours
            / float(self.hours.sum())
        )

    def limit_price(self, name: str, elements: list[str] | None = None) -> Floats:
        """Shadow price of the upper bounds of a column block, currency/MWh, positive = relaxing it saves money."""
        block = self.columns.get(name)
        duals = self._pick(block, elements, "duals")
        return self._per_hour(np.maximum(-duals, 0.0))

    def _per_hour(self, duals: Floats) -> Floats:
        """Duals as currency/MWh; 0 in a step of no length."""
        cost, hours = duals * self.mean_hours, np.broadcast_to(self.hours, duals.shape)
        found: Floats = np.divide(cost, hours, out=np.zeros_like(cost), where=hours > 0)
        return found

    def upper(self, name: str, elements: list[str] | None = None) -> Floats:
        """Upper bounds of a column block, MW."""
        return self._pick(self.columns.get(name), elements, "upper")

    def _pick(
        self, block: BlockValues | None, elements: list[str] | None, part: str, steps: int | None = None
    ) -> Floats:
        width = steps or len(self.hours)
        if block is None:
            return np.zeros((len(elements or []), width))
        array: Floats = getattr(block, part)
        if elements is None:
            return array
        position = {element: at for at, element in enumerate(block.elements)}
        out = np.zeros((len(elements), width))
        known = [(i, position[element]) for i, element in enumerate(elements) if element in position]
        if known:
            here, there = (np.array(side) for side in zip(*known, strict=True))
            out[here] = array[there]
        return out
