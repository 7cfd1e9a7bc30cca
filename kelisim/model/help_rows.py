"""The rows and columns of help from abroad, laid over a window: what comes in, what goes through, what is agreed, what a giver can spare.

The plan stands in the window already: its flows give each row the limit that it keeps (see `kelisim.model.help`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from kelisim.case.case import Case
from kelisim.lp.problem import INF, Block, Floats, Ints, Problem
from kelisim.lp.slice import Slice, Solved
from kelisim.model.agreed import Aid, aids
from kelisim.model.borders import WAYS, Border, Crossing, borders_of, crossings, label
from kelisim.model.help import (
    AID,
    BORDER,
    GIVER,
    LATER,
    LEAVING,
    SALES,
    SOLD,
    SURPLUS,
    THROUGH,
    Help,
    going_through,
)
from kelisim.model.nominations import Nomination, nominations

Part = tuple[Ints, Ints, float | Floats]  # rows, columns, one value or one for each


def laid(
    case: Case, problem: Problem, window: Slice, solved: Solved, hours: Floats
) -> tuple[Problem, Help | None]:
    """The window with the rows and columns of help from abroad, all open; None where nothing crosses a border.

    problem  the window under its other rules
    window   as it was cut out, without rules
    """
    found = crossings(case, problem)
    borders = borders_of(found)
    if not borders:
        return problem, None
    receives = {(receiver, carrier) for receiver, _, carrier in borders}
    leaving = tuple(sorted({(one.leaves, one.carrier) for one in found if one.leaves} & receives))
    giving = tuple(sorted({(one.leaves, one.carrier) for one in found if one.leaves}))
    entries = _Entries(problem, found, borders, (leaving, giving), len(hours))
    plan = _plan(problem, window, solved)
    comes_in, leaves = entries.enters(plan), entries.leaves(plan)
    agreed, booked = aids(case, borders), tuple(nominations(case, found))
    prices = _Prices(case, problem, window, solved, found)
    blocks = _Blocks.of(problem, borders, (leaving, giving), agreed, hours, _kept(case, giving), entries.sold)
    grown = _grown(
        problem,
        blocks,
        entries,
        entries.sales(problem, plan),
        np.array([prices.of(aid) for aid in agreed]).reshape(-1),
    )
    through = going_through(borders, leaving, comes_in, leaves)
    nominable = _nominable(borders, booked, window, hours)
    more = np.maximum(nominable - (comes_in - through), 0.0)
    return grown, Help(
        borders,
        comes_in,
        through,
        nominable,
        booked,
        agreed,
        np.array([aid.most * share_after(hours, aid.lead) for aid in agreed]).reshape(-1, len(hours)),
        np.maximum(entries.gives(plan), 0.0) + _of_givers(borders, giving, more),
        blocks.border.positions,
        blocks.giver.positions,
        np.array(blocks.passing, dtype=np.int64),
        blocks.through.positions,
        blocks.aid.positions,
        blocks.surplus.positions,
        entries.entering,
    )


def _kept(case: Case, giving: Sequence[tuple[str, str]]) -> list[int]:
    """Givers whose carrier can be put off: what was not given so far may be given later, once a tank beyond a cut is emptied again.

    What has a balance in each part of a day cannot be kept for another.
    """
    rows = case.table("carriers")
    kept = set(rows["carrier"][rows["resolution"] == "step"])
    return [at for at, (_, carrier) in enumerate(giving) if carrier in kept]


def _of_givers(borders: Sequence[Border], giving: Sequence[tuple[str, str]], more: Floats) -> Floats:
    """What is given over several borders, by giver, (giving, steps)."""
    found = np.zeros((len(giving), more.shape[1]))
    for row, (_, giver, carrier) in enumerate(borders):
        if (giver, carrier) in giving:
            found[giving.index((giver, carrier))] += more[row]
    return found


@dataclass(frozen=True)
class _Blocks:
    """Where the new rows and columns stand; and borders beyond which something leaves again."""

    border: Block
    leaving: Block
    giver: Block
    surplus: Block
    through: Block
    aid: Block
    later: Block
    sold: Block
    sales: Block
    passing: list[int]
    pairs: list[Part]

    @classmethod
    def of(
        cls,
        problem: Problem,
        borders: Sequence[Border],
        outward: tuple[Sequence[tuple[str, str]], Sequence[tuple[str, str]]],
        agreed: Sequence[Aid],
        hours: Floats,
        kept: Sequence[int],
        sold_abroad: Sequence[str],
    ) -> _Blocks:
        """Blocks behind those of the problem.

        outward  pairs of country and carrier beyond which something leaves, and that give something
        kept     positions of those givers whose carrier can be put off
        sold_abroad  carriers that buyers abroad take
        """
        row, column = problem.shape
        steps = len(hours)
        leaving, giving = outward
        givers = sorted({(aid.giver, aid.carrier) for aid in agreed})
        passing = [at for at, (receiver, _, carrier) in enumerate(borders) if (receiver, carrier) in leaving]
        border = Block(BORDER, row, tuple(label(*one) for one in borders), steps)
        left = Block(LEAVING, row + border.size, tuple(label(*one) for one in leaving), steps)
        giver = Block(GIVER, row + border.size + left.size, tuple(label(*one) for one in giving), steps)
        spare = Block(SURPLUS, giver.start + giver.size, tuple(label(*one) for one in givers), steps)
        through = Block(THROUGH, column, tuple(border.elements[at] for at in passing), steps)
        aid = Block(AID, column + through.size, tuple(label(*one.border, one.name) for one in agreed), steps)
        later = Block(LATER, aid.start + aid.size, tuple(giver.elements[at] for at in kept), steps)
        sellers = [at for at, (_, carrier) in enumerate(giving) if carrier in sold_abroad]
        pools = [sold_abroad.index(giving[at][1]) for at in sellers]
        sold = Block(SOLD, later.start + later.size, tuple(giver.elements[at] for at in sellers), steps)
        sales = Block(SALES, spare.start + spare.size, tuple(sold_abroad), steps)
        over = hours.mean() / hours
        pool = [leaving.index((borders[at][0], borders[at][2])) for at in passing]
        here = [borders.index(one.border) for one in agreed]
        of_giver = [givers.index((one.giver, one.carrier)) for one in agreed]
        gives = [giving.index((one.giver, one.carrier)) for one in agreed]
        pairs: list[Part] = [
            (giver.positions[gives], aid.positions, -1.0),
            (border.positions[passing], through.positions, -1.0),
            (left.positions[pool], through.positions, 1.0),
            (border.positions[here], aid.positions, -1.0),
            (spare.positions[of_giver], aid.positions, 1.0),
            (giver.positions[sellers], sold.positions, -1.0),
            (sales.positions[pools], sold.positions, 1.0),
            (giver.positions[kept], later.positions, np.broadcast_to(over, (len(kept), steps))),
            (
                giver.positions[kept][:, 1:],
                later.positions[:, :-1],
                np.broadcast_to(-over[1:], (len(kept), steps - 1)),
            ),
        ]
        return cls(border, left, giver, spare, through, aid, later, sold, sales, passing, pairs)


class _Entries:
    """What columns of the problem bring over each border, and take out of each country; rows by element and step."""

    def __init__(
        self,
        problem: Problem,
        found: Sequence[Crossing],
        borders: Sequence[Border],
        outward: tuple[Sequence[tuple[str, str]], Sequence[tuple[str, str]]],
        steps: int,
    ) -> None:
        step = np.arange(steps)
        at_border = {border: at for at, border in enumerate(borders)}
        at_leaving, at_giving = ({pair: at for at, pair in enumerate(pairs)} for pairs in outward)
        enters: list[Part] = []
        leaves: list[Part] = []
        gives: list[Part] = []
        bought: list[tuple[str, Ints]] = []
        for one in found:
            columns = problem.columns[one.block].positions[one.at]
            if one.border is not None:
                enters.append((at_border[one.border] * steps + step, columns, one.arrives))
                into = at_giving.get((one.border[0], one.carrier))
                if into is not None:
                    gives.append((into * steps + step, columns, -one.arrives))
            if (one.leaves, one.carrier) in at_leaving:
                leaves.append((at_leaving[one.leaves, one.carrier] * steps + step, columns, one.departs))
            if one.leaves:
                gives.append((at_giving[one.leaves, one.carrier] * steps + step, columns, one.departs))
                if one.border is None and one.departs > 0:
                    bought.append((one.carrier, columns))
        self._steps = steps
        self._bought = bought
        self.sold = sorted({carrier for carrier, _ in bought})
        self.entering = _matrix(enters, (len(borders) * steps, problem.shape[1]))
        self.departing = _matrix(leaves, (len(at_leaving) * steps, problem.shape[1]))
        self.giving = _matrix(gives, (len(at_giving) * steps, problem.shape[1]))

    def sales(self, problem: Problem, plan: Floats) -> sp.csr_array:
        """Of what buyers abroad take, the share that may be beyond the plan, with a minus, (carriers x steps, columns).

        What is sold beyond the plan is max(0, sold - planned), of which the least linear bound from above is (1 - planned / ceiling) sold:
        right where nothing is sold and at the ceiling.
        """
        step, parts = np.arange(self._steps), []
        for carrier, columns in self._bought:
            ceiling = problem.upper[columns]
            room = 1.0 - np.divide(plan[columns], ceiling, out=np.ones(len(columns)), where=ceiling > 0)
            parts.append((self.sold.index(carrier) * self._steps + step, columns, -np.clip(room, 0.0, 1.0)))
        return _matrix(parts, (len(self.sold) * self._steps, problem.shape[1]))

    def enters(self, values: Floats) -> Floats:
        """MW that comes in over each border, (borders, steps)."""
        return np.asarray(self.entering @ values).reshape(-1, self._steps)

    def leaves(self, values: Floats) -> Floats:
        """MW that leaves each country, (countries and carriers, steps)."""
        return np.asarray(self.departing @ values).reshape(-1, self._steps)

    def gives(self, values: Floats) -> Floats:
        """MW that each country gives net, (countries and carriers, steps)."""
        return np.asarray(self.giving @ values).reshape(-1, self._steps)


def _grown(
    problem: Problem, blocks: _Blocks, entries: _Entries, sales: sp.csr_array, price: Floats
) -> Problem:
    """The problem with the new rows, open but for what goes through, and the new columns, aid closed."""
    b = blocks
    rows, columns = problem.shape
    count = b.border.size + b.leaving.size + b.giver.size + b.surplus.size + b.sales.size
    late = b.later.size + b.sold.size
    more = b.through.size + b.aid.size + late
    spare = sp.csr_array((b.surplus.size, columns))
    below = sp.vstack([entries.entering, -entries.departing, entries.giving, spare, sales])
    whole = sp.hstack([sp.vstack([problem.matrix, below]), sp.csr_array((rows + count, more))])
    limits = np.full(count, INF)
    limits[b.border.size : b.border.size + b.leaving.size] = 0.0
    limits[count - b.sales.size :] = 0.0
    nothing = np.zeros(more)
    return replace(
        problem,
        cost=np.concatenate([problem.cost, np.zeros(b.through.size), price, np.zeros(late)]),
        tilt=np.concatenate([problem.tilt, nothing]),
        lower=np.concatenate([problem.lower, nothing]),
        upper=np.concatenate(
            [problem.upper, np.full(b.through.size, INF), np.zeros(b.aid.size), np.full(late, INF)]
        ),
        matrix=sp.csc_array(whole + _matrix(b.pairs, whole.shape)),
        row_lower=np.concatenate([problem.row_lower, np.full(count, -INF)]),
        row_upper=np.concatenate([problem.row_upper, limits]),
        columns=problem.columns
        | {one.name: one for one in (b.through, b.aid, b.later, b.sold) if one.elements},
        rows=problem.rows
        | {one.name: one for one in (b.border, b.leaving, b.giver, b.surplus, b.sales) if one.elements},
    )


def _matrix(parts: Sequence[Part], shape: tuple[int, int]) -> sp.csr_array:
    """A matrix with one value at each pair of positions."""
    if not parts:
        return sp.csr_array(shape)
    rows = np.concatenate([row.ravel() for row, _, _ in parts])
    columns = np.concatenate([column.ravel() for _, column, _ in parts])
    values = np.concatenate([np.broadcast_to(value, row.shape).ravel() for row, _, value in parts])
    return sp.csr_array((values, (rows, columns)), shape=shape)


# ---- the plan
def _plan(problem: Problem, window: Slice, solved: Solved) -> Floats:
    """Values of the plan at the columns of the problem; 0 of those that a rule has added or split."""
    found = np.zeros(problem.shape[1])
    inside = solved.values[window.columns]
    for name, block in window.problem.columns.items():
        other = problem.columns.get(name)
        if other is not None and other.elements == block.elements and not name.startswith("window."):
            found[other.positions.ravel()] = inside[block.positions.ravel()]
    return found


def _nominable(
    borders: Sequence[Border], booked: Sequence[Nomination], window: Slice, hours: Floats
) -> Floats:
    """MW that contracts let be nominated over each border, from their lead on, (borders, steps)."""
    found = np.zeros((len(borders), len(hours)))
    for one in booked:
        most = one.most[window.first : window.last] * share_after(hours, one.lead)
        found[borders.index(one.border)] += most
    return found


def share_after(hours: Floats, lead: float) -> Floats:
    """Share of each step that lies after a lead time, in hours from the first step on."""
    begins = np.concatenate([[0.0], np.cumsum(hours)[:-1]])
    found: Floats = np.clip((begins + hours - lead) / hours, 0.0, 1.0)
    return found


class _Prices:
    """What aid costs beyond the plan's price where it is handed over: on the giver's side of the border, mean of the ways."""

    def __init__(
        self, case: Case, problem: Problem, window: Slice, solved: Solved, found: Sequence[Crossing]
    ) -> None:
        links = case.table("links").set_index("link")
        self._nodes: dict[Border, set[str]] = {}
        for one in found:
            if one.block in WAYS and one.border is not None:
                side = "from_place" if one.block == WAYS[0] else "to_place"
                place = str(links[side][one.element])
                self._nodes.setdefault(one.border, set()).add(f"{place}:{one.carrier}")
        self._balance = window.problem.rows["places.balance"]
        self._duals = self._balance.spread(solved.duals[window.rows])
        self._weights = np.asarray(problem.facts["weights"], dtype=float)

    def of(self, aid: Aid) -> Floats:
        """Objective per MW, (steps,): a share on top of that price, or what an own price is above it."""
        local = np.zeros(len(self._weights))
        names = sorted(self._nodes.get(aid.border, ()))
        if names:
            at = [self._balance.elements.index(name) for name in names]
            local = np.maximum(self._duals[at], 0.0).mean(axis=0)
        if np.isnan(aid.price):
            return local * aid.on_top
        found: Floats = np.maximum(aid.price * self._weights - local, 0.0)
        return found
