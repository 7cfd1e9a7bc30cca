"""Help from abroad: what comes into a country over a border in an outage, by the plan, by contract, as agreed, or at will.

Least cost lets every neighbour help with all it has, at once, for nothing. Rows per receiving country, giver, carrier and step say what
comes in, net of what goes through to others; a rule gives them a limit or leaves them open. The plan keeps every limit, so it stays the plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kelisim.lp.delta import Delta
from kelisim.lp.problem import INF, Block, Floats, Ints
from kelisim.model.agreed import Aid
from kelisim.model.borders import Border
from kelisim.model.nominations import Nomination

RULES = ("planned", "agreed", "open")
BORDER, LEAVING, GIVER, SURPLUS = "help.border", "help.leaving", "help.giver", "help.surplus"
THROUGH, AID, LATER = "help.through", "help.aid", "help.later"
SOLD, SALES = "help.sold", "help.sales"


@dataclass(frozen=True)
class Help:
    """The rows and columns of help from abroad in one window, and their limits; all in cells, those of what stands once a step alike in all of its cells.

    borders   receiver, giver, carrier of each row, in the order of the elements of `help.border`
    comes_in  MW that the plan brings in over each border, (borders, cells)
    through   MW of it that goes through to others by the plan, (borders, cells)
    nominable MW that contracts let be nominated over it, (borders, cells)
    booked    the contracts behind that
    passing   borders beyond which something leaves again, in the order of the elements of `help.through`
    gives     MW that each country may give net: by the plan, and what contracts let it give more, (countries and carriers, cells)
    aids      what is agreed, in the order of the elements of `help.aid`
    most      MW of each that is agreed, after its lead time, (aids, cells)
    """

    borders: tuple[Border, ...]
    comes_in: Floats
    through: Floats
    nominable: Floats
    booked: tuple[Nomination, ...]
    aids: tuple[Aid, ...]
    most: Floats
    gives: Floats
    rows: Block
    giver_rows: Block
    passing: Ints
    through_columns: Block
    aid_columns: Block
    surplus_rows: Block

    @property
    def givers(self) -> tuple[tuple[str, str], ...]:
        """(giver, carrier) of each row of `help.surplus`."""
        return tuple(sorted({(aid.giver, aid.carrier) for aid in self.aids}))

    @property
    def limits(self) -> Floats:
        """MW that may come in beside what goes through: by the plan, or what contracts let be nominated, (borders, cells)."""
        found: Floats = np.maximum(self.comes_in - self.through, self.nominable)
        return found

    @property
    def basis(self) -> tuple[Ints, Ints]:
        """Columns of what goes through that are basic in the plan, and the rows that fix them: a window opens without a pivot."""
        at = (self.comes_in > self.limits)[self.passing]
        columns, rows = self.through_columns.positions, self.rows.positions[self.passing]
        return np.unique(columns[at]), np.unique(rows[at])

    def planned(self) -> Delta:
        """Nobody gives more than planned or contracted."""
        return self._limited(np.concatenate([self.rows.mean(self.limits), self.giver_rows.mean(self.gives)]))

    def open(self) -> Delta:
        """Everybody gives what he has."""
        return self._limited(np.full(self.rows.size + self.giver_rows.size, INF))

    def _limited(self, upper: Floats) -> Delta:
        at = np.concatenate([_all(self.rows), _all(self.giver_rows)])
        return Delta(rows=at, row_lower=np.full(len(at), -INF), row_upper=upper)

    def agreed(self, surplus: Floats, in_force: Mapping[str, Floats] | None = None) -> Delta:
        """Beside the plan, what is agreed, as far as the giver has it.

        surplus   MW that each of `givers` can give, (givers, cells)
        in_force  measure -> share of each step in which it may act, where measures are ordered one by one; one that is not there gives nothing
        """
        at, rows = _all(self.aid_columns), _all(self.surplus_rows)
        most = self.most.copy()
        for row, aid in enumerate(self.aids if in_force is not None else ()):
            if aid.is_measure and in_force is not None:
                most[row] = part_of(most[row], in_force.get(aid.name, 0.0))
        upper = self.aid_columns.mean(least(self.aid_columns, most))
        opened = Delta(columns=at, lower=np.zeros(len(at)), upper=upper)
        spare = self.surplus_rows.mean(surplus)
        limited = Delta(rows=rows, row_lower=np.full(len(rows), -INF), row_upper=spare)
        return self.planned().then(opened).then(limited)


def _all(block: Block) -> Ints:
    """Each position of a block once."""
    return np.arange(block.span.start, block.span.stop, dtype=np.int64)


def part_of(most: Floats | float, share: Floats | float) -> Floats:
    """MW times a share of each step; where the share is 0 nothing, also of what has no limit."""
    wide, part = np.broadcast_arrays(np.asarray(most, dtype=float), np.asarray(share, dtype=float))
    return np.multiply(wide, part, out=np.zeros(wide.shape), where=part > 0.0)


def least(block: Block, cells: Floats) -> Floats:
    """Limits in cells, of what stands once a step the least of its parts in each of them, (elements, cells)."""
    if block.grid is None:
        return cells
    found, few = cells.copy(), block.is_coarse
    found[few] = np.minimum.reduceat(cells[few], block.grid.heads, axis=1)[:, block.grid.step_of]
    return found


def going_through(
    borders: Sequence[Border], leaving: Sequence[tuple[str, str]], comes_in: Floats, leaves: Floats
) -> Floats:
    """MW of what comes in over each border that goes through to others: as much as leaves, by what comes in over each.

    borders   receiver, giver, carrier
    leaving   country, carrier
    comes_in  (borders, steps); leaves  (leaving, steps)
    """
    found = np.zeros_like(comes_in)
    for at, pair in enumerate(leaving):
        mine = [row for row, (receiver, _, carrier) in enumerate(borders) if (receiver, carrier) == pair]
        total = comes_in[mine].sum(axis=0)
        share = np.divide(leaves[at], total, out=np.zeros(len(total)), where=total > 0)
        found[mine] = comes_in[mine] * np.minimum(share, 1.0)
    return found
