"""The largest firm volume, what it costs at each size, what limits it, and what is left of it without each link of its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np

from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.engine.engine import Engine
from kelisim.engine.window import Window
from kelisim.errors import SolverError
from kelisim.lp import parametric
from kelisim.lp.delta import Delta
from kelisim.lp.highs import Session, Solution
from kelisim.lp.parametric import Curve
from kelisim.lp.problem import AT_LOWER, BASIC, INF, Block, Floats
from kelisim.model.corridor import ENTERED, Corridor, laid
from kelisim.model.rules import Rules
from kelisim.tolerances import NO_FLOW, NO_PRICE, NO_TRANSIT, SAME_COST, STRAIGHT_SOLVED, VANISHING

INSIDE = SAME_COST  # share of the largest volume that a curve leaves out, so that its end has an answer


@dataclass(frozen=True)
class Holding:
    """One limit that holds the largest volume: kind of row or column, element, hours, and MW of volume for one MW more of it.

    carries  whether it is a link that carries the volume
    """

    block: str
    element: str
    hours: float
    gain: float
    carries: bool


@dataclass(frozen=True)
class AfterLoss:
    """What is left of a transit after a loss.

    largest  MW at the exit
    alone    the answer with the loss and without transit; one of those of the same cost, where there are several
    limits   the loss, and that nobody is worse off than in `alone`
    """

    largest: float
    alone: Solution
    limits: Delta


class Firm:
    """Firm transit of one carrier between two places in one window of a plan.

    profile  share of the volume in each cell of the window, (cells,)
    """

    def __init__(
        self, window: Window, carrier: str, start: str, end: str, links: Sequence[str], profile: Floats | None = None,
        feeds: bool = False,
    ) -> None:  # fmt: skip
        self.window = window
        cells = len(window.hours)
        self.profile = np.ones(cells) if profile is None else profile
        self.corridor: Corridor = laid(
            window.case, window.problem, carrier, start, end, links, window.hours, self.profile, feeds
        )
        columns, rows = window.session.base_basis()
        more = [
            now - then for now, then in zip(self.corridor.problem.shape, window.problem.shape, strict=True)
        ]
        self._basis = (
            np.concatenate([columns, np.full(more[1], AT_LOWER, dtype=np.int8)]),
            np.concatenate([rows, np.full(more[0], BASIC, dtype=np.int8)]),
        )
        self.unharmed = self.corridor.harmless(window.start.values)

    @property
    def has_parts(self) -> bool:
        """Whether the carrier is balanced in parts of the day, and not once a day."""
        block = self.corridor.problem.columns[ENTERED]
        return not block.is_coarse.any()

    @cached_property
    def session(self) -> Session:
        """The problem with the stream, solved without any."""
        session = Session(self.corridor.problem, threads=1)
        session.resume(*self._basis)
        return session

    @cached_property
    def plan(self) -> Solution:
        """The plan without any transit."""
        return self.session.solve(self.unharmed)

    def at(self, volume: float) -> Solution:
        """The least-cost answer that carries a volume, MW, and harms nobody."""
        return self.session.solve(self.unharmed.then(self.corridor.held(volume)))

    @cached_property
    def _largest(self) -> tuple[float, Solution]:
        return self._most(self.unharmed)

    @property
    def largest(self) -> float:
        """MW at the exit; infinite where nothing limits it."""
        return self._largest[0]

    def _most(
        self, limits: Delta, basis: tuple[np.ndarray, np.ndarray] | None = None
    ) -> tuple[float, Solution]:
        """The largest volume under some limits, from a basis whose values keep them."""
        problem = self.corridor.problem
        asked = limits.then(self.corridor.largest())
        cost, lower, upper, row_lower, row_upper = asked.applied(problem)
        only = replace(
            problem, cost=cost, tilt=np.zeros_like(cost), lower=lower, upper=upper, row_lower=row_lower, row_upper=row_upper,
            scale=1.0, offset=0.0,
        )  # fmt: skip
        session = Session(only, threads=1)
        solution = session.resume(*(basis or self._basis), method="primal")
        if solution.status == "unbounded":
            return INF, solution
        if solution.status != "optimal":
            raise SolverError(solution.status, "the largest transit has no answer")
        volume = float(solution.values[self.corridor.volume])
        return volume if volume > NO_TRANSIT else 0.0, solution

    def curve(self, share: float) -> Curve:
        """Least cost beyond the plan, currency over the time of the window, by volume, MW."""
        asked = parametric.of_column(self.session, self.corridor.volume, self.unharmed)
        plan = self.plan.objective

        def beyond(volume: float) -> tuple[float, float]:
            cost, slope = asked(volume)
            return cost - plan, slope

        return parametric.curve(beyond, 0.0, self.largest * (1.0 - INSIDE), max(share, STRAIGHT_SOLVED))

    def used(self, solution: Solution) -> dict[tuple[str, bool], float]:
        """Link, and whether back -> mean MW of the stream over the time of the volume."""
        corridor = self.corridor
        weight = np.zeros(len(corridor.links))
        hours = self.window.hours * (self.profile > 0)
        found: dict[tuple[str, bool], float] = {}
        number = 0
        for name in ("transit.flow", "transit.flow_back"):
            block = corridor.problem.columns.get(name)
            if block is None:
                continue
            values = block.take(solution.values)
            for link, cells in zip(block.elements, values, strict=True):
                weight[number] = float(cells @ hours / hours.sum())
                found[link, name.endswith("back")] = weight[number]
                number += 1
        return {key: value for key, value in found.items() if value > NO_FLOW}

    def limits(self) -> list[Holding]:
        """What holds the largest volume, links that carry it first, equal ones by name: limits of rows and columns with a price there.

        What is out of service all the time, such as a link not built, has a price wherever prices on its two sides are free to differ,
        and is left out.
        """
        volume, solution = self._largest
        if not np.isfinite(volume):
            return []
        found: dict[tuple[str, str], tuple[float, float]] = {}
        held = set(self.corridor.kept.tolist())
        carrying = {link for link, _ in self.used(solution)}
        problem = self.corridor.problem
        for blocks, prices, is_row in (
            (problem.columns, solution.reduced_costs, False),
            (problem.rows, solution.duals, True),
        ):
            for name, block in blocks.items():
                if name.startswith("transit.") or (is_row and name in ("places.balance", "streams.balance")):
                    continue
                inside = prices[block.span]
                at = np.flatnonzero(np.abs(inside) > NO_PRICE)
                limits = problem.row_upper if is_row else problem.upper
                for position in at:
                    column = block.start + int(position)
                    if not is_row and column in held:
                        continue
                    value = solution.activities[column] if is_row else solution.values[column]
                    if inside[position] < 0 and abs(value - limits[column]) <= max(
                        NO_FLOW, VANISHING * abs(value)
                    ):
                        element, cell = (int(part[position]) for part in block.heads)
                        if not is_row and limits[block.own(element)].max() <= NO_FLOW:
                            continue
                        hours = self._hours(block, element, cell)
                        had = found.get((name, block.elements[element]), (0.0, 0.0))
                        found[name, block.elements[element]] = (
                            had[0] + hours,
                            had[1] - float(inside[position]),
                        )
        rows = [
            Holding(block, element, hours, gain, element in carrying and block.startswith("links."))
            for (block, element), (hours, gain) in found.items()
        ]
        return sorted(
            rows, key=lambda one: (not one.carries, -float(f"{one.gain:.6g}"), one.block, one.element)
        )

    def _hours(self, block: Block, element: int, cell: int) -> float:
        """Hours of the cell in which an element of a block begins; of its whole step where it is balanced once a step."""
        hours = self.window.hours
        if block.steps != len(hours):
            return float(hours.sum())
        if block.grid is not None and block.is_coarse[element]:
            return float(hours[block.grid.step_of == block.grid.step_of[cell]].sum())
        return float(hours[cell])

    def without(self, link: str) -> AfterLoss:
        """The largest volume when a link is out all the time, nobody worse off than by that loss alone."""
        lost = self.window.deltas.of([Outage(link, table="links")])
        alone = self.session.solve(lost)
        if alone.status != "optimal":
            raise SolverError(alone.status, f"the loss of {link} has no answer")
        basis = self.session.basis()
        limits = lost.then(self.corridor.harmless(alone.values, lost))
        return AfterLoss(self._most(limits, basis)[0], alone, limits)


def opened(engine: Engine, day: date | None, built: Case | None = None) -> Window:
    """The window of a question: one day, or the whole horizon; redispatch asks nobody, as it is planned ahead.

    built  the case with projects in service that the plan does not have; of a day alone
    """
    if day is not None:
        rules = Rules("none", "none", engine.rules.span, engine.rules.tranches, "open")
        return engine.snapshot(day, rules, built)
    return engine.whole_window()
