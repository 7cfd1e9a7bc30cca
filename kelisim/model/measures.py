"""Measures of an emergency: columns that stay at zero until a measure is allowed.

A measure never changes the plan: it adds a way to act beside it, with a limit of its own. Raised capacity is a second
column of the same element; a wider limit over several columns (a contract, a resource) is a column that gives to its
row; a released reserve comes out at its place; a call on demand takes the place of supply, up to its share. What only
takes something away (less export, a line opened) is none of these: buyers abroad give way by price in any case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import scipy.sparse as sp

from kelisim.case.case import Case
from kelisim.case.customers import protected
from kelisim.lp.delta import Delta
from kelisim.lp.problem import INF, Block, Floats, Ints, Problem
from kelisim.model.measure_ways import MeasureWay, Ways, acts
from kelisim.model.rules import BASE_LAYER, UNSERVED
from kelisim.tolerances import ROUNDING, SAME_COST

USE, TOTAL, CALLED = "measures.use", "measures.total", "measures.called"
HARM = "measures.harm"
# unserved energy; at its value of lost load; beyond the plan; of that, of protected customers
HARMS = ("energy", "value", "beyond_plan", "protected")
MARGIN = 0.01  # of what a way would earn, so that ties do not decide


@dataclass(frozen=True)
class Harms:
    """Rows over all unserved demand, one for each of HARMS.

    rows          positions, (HARMS,) or none where nothing can be unserved
    coefficients  (HARMS, columns of `demand.unserved`)
    planned       MW that the plan cuts, (columns of one layer of `demand.unserved`,)
    block         `demand.unserved`
    """

    rows: Ints
    coefficients: Floats
    planned: Floats
    block: Block

    def of(self, unserved: Floats) -> Floats:
        """Each harm of what is unserved, with room for the tolerance of the solver; of each row what the plan cuts counts first."""
        layers = self.block.mean(np.maximum(unserved, 0.0)).reshape(-1, len(self.planned))
        found = self.coefficients @ layers.ravel()
        room = np.minimum(np.maximum(self.planned - layers[0], 0.0), layers[1:].sum(axis=0))
        found[2:] -= self.coefficients[2:, -room.size :] @ room.ravel()
        return np.asarray(found + SAME_COST * np.maximum(1.0, np.abs(found)))


@dataclass(frozen=True)
class Measures:
    """The ways that measures open in one problem.

    ways      in the order of the elements of the block `measures.use`
    left_out  measure -> key of the sentence that says why it opens none
    called    for each demand that can be called: positions of its rows and of its unserved columns (layers, rows)
    """

    ways: tuple[MeasureWay, ...]
    left_out: Mapping[str, str]
    block: Block
    harms: Harms
    called: tuple[tuple[Ints, Ints], ...] = ()

    def opened(
        self,
        allowed: Mapping[str, Floats],
        upper: Floats,
        left: Mapping[tuple[str, str], Floats],
        unserved: Floats | None = None,
    ) -> Delta:
        """Bounds of the columns where measures are allowed, and what calls and cuts together may take of a demand.

        allowed  measure -> share of each step, 0 to 1
        upper    of all columns of the problem, with what else is changed
        left     (table, element) -> share that an outage leaves of each step; what is out is out for a measure too
        unserved values of the block `demand.unserved` of an answer, (elements, cells); with measures no more may be unserved than there
        """
        nothing, whole = np.zeros(self.block.steps), np.ones(self.block.steps)
        most = [
            way.most
            * self.block.mean_of(
                k, allowed.get(way.act.measure, nothing) * left.get((way.act.table, way.act.element), whole)
            )
            for k, way in enumerate(self.ways)
        ]
        at = np.arange(self.block.span.start, self.block.span.stop, dtype=np.int64)
        rows = [row for row, _ in self.called]
        limits = [upper[layers].sum(axis=0) for _, layers in self.called]
        if unserved is not None and len(self.harms.rows):
            rows.append(self.harms.rows)
            limits.append(self.harms.of(unserved))
        row_at = np.concatenate([np.zeros(0, dtype=np.int64), *rows])
        limit = np.concatenate([np.zeros(0), *limits])
        return Delta(
            at,
            np.zeros(len(at)),
            np.concatenate([np.zeros(0), *most]),
            row_at,
            np.full(len(row_at), -INF),
            limit,
        )


def laid(case: Case, problem: Problem, hours: Floats, prices: Floats) -> tuple[Problem, Measures]:
    """The problem with the columns of all measures, closed, and what they are.

    hours   of each step of the problem
    prices  dual of each row of the problem in the plan, objective per unit
    """
    found, left_out = acts(case)
    ways_of = Ways(case, problem, hours, prices)
    ways = []
    for act in found:
        way = ways_of.way(act)
        if way is None or not (way.most > ROUNDING).any():
            left_out[act.measure] = "measures.no_part"
        else:
            earned = float((way.entries.T @ prices - way.cost).max(initial=0.0))
            ways.append(replace(way, tilt=earned * (1.0 + MARGIN)))
    for way in ways:
        left_out.pop(way.act.measure, None)
    return _grown(case, problem, ways, left_out, hours)


def _grown(
    case: Case, problem: Problem, ways: list[MeasureWay], left_out: Mapping[str, str], hours: Floats
) -> tuple[Problem, Measures]:
    days, steps = case.table("measures").set_index("measure")["max_days"], len(hours)
    coarse = tuple(way.is_coarse for way in ways)
    grid = problem.grid if any(coarse) else None
    labels = tuple(way.act.label for way in ways)
    block = Block(USE, problem.shape[1], labels, steps, grid, coarse if grid else ())
    size = block.size
    totals = [(at, min(way.total, _longest(way, days))) for at, way in enumerate(ways)]
    totals = [(at, total) for at, total in totals if np.isfinite(total)]
    rows, columns = problem.shape
    top = sp.hstack([problem.matrix, *[way.entries for way in ways]], format="csc")
    weight = hours / hours.mean()
    entries = [
        (np.full(len(block.own(at)), k), block.own(at), block.over_step(at, weight))
        for k, (at, _) in enumerate(totals)
    ]
    demands = sorted({way.called for way in ways if way.called >= 0})
    calls = _calls(problem, ways, demands, rows + len(totals), steps)
    called = _called(problem, demands, calls)
    entries += _shared(called, ways, demands, block, rows)
    harms = _harms(case, problem, hours, rows + len(totals) + calls.size)
    if len(harms.rows):
        start = problem.columns[UNSERVED].start
        for at, values in zip(harms.rows - rows, harms.coefficients, strict=True):
            counted = np.flatnonzero(values)
            entries.append((np.full(len(counted), at), start + counted, values[counted]))
    count = len(totals) + calls.size + len(harms.rows)
    below = sp.csc_array((count, columns + size))
    if entries:
        at_rows, at_columns, values = (np.concatenate(part) for part in zip(*entries, strict=True))
        below = sp.csc_array((values, (at_rows, at_columns)), shape=(count, columns + size))
    names = {
        TOTAL: Block(TOTAL, rows, tuple(ways[at].act.label for at, _ in totals), 1),
        CALLED: calls,
        HARM: Block(HARM, rows + count - len(harms.rows), HARMS[: len(harms.rows)], 1),
    }
    nothing = np.zeros(size)
    # what calls and cuts may take of a demand, and what may be unserved, is set when measures are allowed, see `opened`
    upper = np.concatenate([[total / hours.mean() for _, total in totals], np.full(count - len(totals), INF)])
    grown = replace(
        problem,
        cost=np.concatenate([problem.cost, *[way.cost for way in ways]]),
        tilt=np.concatenate(
            [problem.tilt, np.repeat([way.tilt for way in ways], [len(way.most) for way in ways])]
        ),
        lower=np.concatenate([problem.lower, nothing]),
        upper=np.concatenate([problem.upper, nothing]),
        matrix=sp.csc_array(sp.vstack([top, below], format="csc")),
        row_lower=np.concatenate([problem.row_lower, np.full(count, -INF)]),
        row_upper=np.concatenate([problem.row_upper, upper]),
        columns=problem.columns | {USE: block},
        rows=problem.rows | {name: found for name, found in names.items() if found.elements},
    )
    return grown, Measures(tuple(ways), left_out, block, harms, called)


def _longest(way: MeasureWay, days: pd.Series) -> float:
    """MWh that the longest time a measure can last gives at its full size."""
    longest = float(days.get(way.act.measure, np.nan))
    return INF if np.isnan(longest) else longest * 24.0 * float(way.most.max(initial=0.0))


def _calls(problem: Problem, ways: list[MeasureWay], demands: list[int], first: int, steps: int) -> Block:
    """Rows of the demands that can be called, from position `first` on."""
    names = _called_names(ways, demands)
    unserved = problem.columns.get(UNSERVED)
    coarse = tuple(bool(unserved.is_coarse[row]) for row in demands) if unserved else ()
    grid = problem.grid if any(coarse) else None
    return Block(CALLED, first, names, steps, grid, coarse if grid else ())


def _called(problem: Problem, demands: list[int], calls: Block) -> tuple[tuple[Ints, Ints], ...]:
    """Rows of each demand that can be called, and its unserved columns."""
    if not demands:
        return ()
    block = problem.columns[UNSERVED]
    count = _demand_rows(block)
    layers = range(len(block.elements) // count)
    return tuple(
        (calls.own(k), np.array([block.own(layer * count + row) for layer in layers]))
        for k, row in enumerate(demands)
    )


def _harms(case: Case, problem: Problem, hours: Floats, first: int) -> Harms:
    """Rows from position `first` on that hold what is unserved to that of an answer with fewer measures."""
    block, shielded = problem.columns.get(UNSERVED), protected(case)
    if block is None or not block.size:
        nothing = Block(UNSERVED, 0, (), len(hours))
        return Harms(np.zeros(0, dtype=np.int64), np.zeros((0, 0)), np.zeros(0), nothing)
    layers = len(block.elements) // len(shielded)
    value, most = (vector[block.span].reshape(layers, -1) for vector in (problem.cost, problem.upper))
    energy = block.total(hours / hours.mean()).reshape(layers, -1)
    beyond, planned = energy.copy(), np.zeros_like(most[0])
    if problem.facts.get(BASE_LAYER):
        beyond[0], planned = 0.0, most[0]
    of_home = shielded[block.heads[0] % len(shielded)].reshape(layers, -1)
    harms = (energy, value, beyond, beyond * of_home)
    return Harms(first + np.arange(len(HARMS)), np.array([harm.ravel() for harm in harms]), planned, block)


def _called_names(ways: list[MeasureWay], demands: list[int]) -> tuple[str, ...]:
    """place:carrier:class of each demand that can be called."""
    names = {way.called: way.act.element for way in ways if way.called >= 0}
    return tuple(names[row] for row in demands)


def _shared(
    called: tuple[tuple[Ints, Ints], ...], ways: list[MeasureWay], demands: list[int], block: Block, rows: int
) -> list[tuple[Ints, Ints, Floats]]:
    """Entries: what is called and what is unserved together are no more than the demand."""
    found = []
    for (at_rows, layers), row in zip(called, demands, strict=True):
        mine = [block.own(at) for at, way in enumerate(ways) if way.called == row]
        found += [(at_rows - rows, at, np.ones(len(at_rows))) for at in [*layers, *mine]]
    return found


def _demand_rows(block: Block) -> int:
    """Rows of demand, from the labels of the block's layers ("place:carrier:class#layer")."""
    return len({label.partition("#")[0] for label in block.elements})
