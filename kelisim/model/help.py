"""Help from abroad: what comes into a country over a border in an outage, by the plan, by contract, as agreed, or at will.

Least cost lets every neighbour help with all it has, at once, for nothing. Rows per receiving country, giver, carrier and step say what
comes in, net of what goes through to others; a rule gives them a limit or leaves them open. The plan keeps every limit, so it stays the plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from kelisim.case.case import Case
from kelisim.lp.delta import Delta
from kelisim.lp.problem import INF, Block, Floats, Ints, Problem
from kelisim.lp.slice import Slice, Solved
from kelisim.model.agreed import Aid, aids
from kelisim.model.borders import WAYS, Border, Crossing, borders_of, crossings, label
from kelisim.model.nominations import Nomination, nominations

RULES = ("planned", "agreed", "open")
BORDER, LEAVING, SURPLUS = "help.border", "help.leaving", "help.surplus"
THROUGH, AID = "help.through", "help.aid"


@dataclass(frozen=True)
class Help:
    """The rows and columns of help from abroad in one window, and their limits.

    borders   receiver, giver, carrier of each row, in the order of the elements of `help.border`
    comes_in  MW that the plan brings in over each border, (borders, steps)
    through   MW of it that goes through to others by the plan, (borders, steps)
    nominable MW that contracts let be nominated over it, (borders, steps)
    booked    the contracts behind that
    passing   borders beyond which something leaves again, in the order of the elements of `help.through`
    aids      what is agreed, in the order of the elements of `help.aid`
    most      MW of each that is agreed, after its lead time, (aids, steps)
    """

    borders: tuple[Border, ...]
    comes_in: Floats
    through: Floats
    nominable: Floats
    booked: tuple[Nomination, ...]
    aids: tuple[Aid, ...]
    most: Floats
    rows: Ints
    passing: Ints
    through_columns: Ints
    aid_columns: Ints
    surplus_rows: Ints
    enters: sp.csr_array

    @property
    def givers(self) -> tuple[tuple[str, str], ...]:
        """(giver, carrier) of each row of `help.surplus`."""
        return tuple(sorted({(aid.giver, aid.carrier) for aid in self.aids}))

    @property
    def limits(self) -> Floats:
        """MW that may come in beside what goes through: by the plan, or what contracts let be nominated, (borders, steps)."""
        found: Floats = np.maximum(self.comes_in - self.through, self.nominable)
        return found

    @property
    def basis(self) -> tuple[Ints, Ints]:
        """Columns of what goes through that are basic in the plan, and the rows that fix them: a window opens without a pivot."""
        used = (self.through > 0) & (self.limits == self.comes_in - self.through)
        at = used[self.passing]
        return self.through_columns[at], self.rows[self.passing][at]

    def planned(self) -> Delta:
        """Nobody gives more than planned or contracted."""
        at = self.rows.ravel()
        return Delta(rows=at, row_lower=np.full(len(at), -INF), row_upper=self.limits.ravel())

    def open(self) -> Delta:
        """Everybody gives what he has."""
        at = self.rows.ravel()
        return Delta(rows=at, row_lower=np.full(len(at), -INF), row_upper=np.full(len(at), INF))

    def agreed(self, surplus: Floats) -> Delta:
        """Beside the plan, what is agreed, as far as the giver has it.

        surplus  MW that each of `givers` can give, (givers, steps)
        """
        at, rows = self.aid_columns.ravel(), self.surplus_rows.ravel()
        opened = Delta(columns=at, lower=np.zeros(len(at)), upper=self.most.ravel())
        limited = Delta(rows=rows, row_lower=np.full(len(rows), -INF), row_upper=surplus.ravel())
        return self.planned().then(opened).then(limited)

    def arriving(self, values: Floats) -> Floats:
        """MW that comes in over each border in a solution, (borders, steps)."""
        found: Floats = (self.enters @ values[: self.enters.shape[1]]).reshape(self.rows.shape)
        return found


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
    made = _Rows(case, problem, window, solved, hours, found, borders)
    return made.problem, made.help


class _Rows:
    """Rows and columns of one window while they are made."""

    def __init__(
        self, case: Case, problem: Problem, window: Slice, solved: Solved, hours: Floats,
        found: Sequence[Crossing], borders: tuple[Border, ...],
    ) -> None:  # fmt: skip
        self.case, self.window, self.hours = case, window, hours
        self.steps = len(hours)
        self._solved, self._old, self._found = solved, problem, found
        self._border_at = {border: at for at, border in enumerate(borders)}
        receives = {(receiver, carrier) for receiver, _, carrier in borders}
        leaving = sorted({(one.leaves, one.carrier) for one in found if one.leaves} & receives)
        self._leaving_at = {pair: at for at, pair in enumerate(leaving)}
        passes = [at for at, (receiver, _, carrier) in enumerate(borders) if (receiver, carrier) in leaving]
        aid = aids(case, borders)
        booked = tuple(nominations(case, found))
        enters, leaves = self._entering(), self._leaving(len(leaving))
        plan = self._plan()
        comes_in = (enters @ plan).reshape(len(borders), self.steps)
        through = self._through(borders, comes_in, (leaves @ plan).reshape(len(leaving), self.steps), plan)
        givers = sorted({(one.giver, one.carrier) for one in aid})
        names = [label(*border) for border in borders]
        rows, columns = problem.shape
        size, s = len(borders) * self.steps, self.steps
        first_leaving, first_surplus = rows + size, rows + size + len(leaving) * s
        first_aid = columns + len(passes) * s
        blocks = (
            Block(BORDER, rows, tuple(names), s),
            Block(LEAVING, first_leaving, tuple(label(*pair) for pair in leaving), s),
            Block(SURPLUS, first_surplus, tuple(label(*pair) for pair in givers), s),
        )
        more = (
            Block(THROUGH, columns, tuple(names[at] for at in passes), s),
            Block(AID, first_aid, tuple(label(*one.border, one.name) for one in aid), s),
        )
        here = [self._border_at[one.border] for one in aid]
        of_giver = [givers.index((one.giver, one.carrier)) for one in aid]
        pool = [self._leaving_at[borders[at][0], borders[at][2]] for at in passes]
        parts = [
            (blocks[0].positions[passes], more[0].positions, -1.0),
            (blocks[1].positions[pool], more[0].positions, 1.0),
            (blocks[0].positions[here], more[1].positions, -1.0),
            (blocks[2].positions[of_giver], more[1].positions, 1.0),
        ]
        added = _entries(parts, (rows + size + (len(leaving) + len(givers)) * s, columns + len(passes) * s + len(aid) * s))
        below = sp.vstack([enters, -leaves, sp.csr_array((len(givers) * s, columns))])
        whole = sp.vstack([problem.matrix, below])
        wide = sp.hstack([whole, sp.csr_array((whole.shape[0], added.shape[1] - columns))])
        free = added.shape[1] - columns
        upper = np.concatenate([np.full(len(passes) * s, INF), np.zeros(len(aid) * s)])
        count = below.shape[0]
        row_upper = np.full(count, INF)
        row_upper[size : size + len(leaving) * s] = 0.0
        self.problem = replace(
            problem,
            cost=np.concatenate([problem.cost, np.zeros(len(passes) * s), self._costs(aid).ravel()]),
            tilt=np.concatenate([problem.tilt, np.zeros(free)]),
            lower=np.concatenate([problem.lower, np.zeros(free)]),
            upper=np.concatenate([problem.upper, upper]),
            matrix=sp.csc_array(wide + added),
            row_lower=np.concatenate([problem.row_lower, np.full(count, -INF)]),
            row_upper=np.concatenate([problem.row_upper, row_upper]),
            columns=problem.columns | {block.name: block for block in more if block.elements},
            rows=problem.rows | {block.name: block for block in blocks if block.elements},
        )
        self.help = Help(
            borders, comes_in, through, self._nominable(booked, len(borders)), booked, aid,
            self._most(aid), blocks[0].positions, np.array(passes, dtype=np.int64), more[0].positions, more[1].positions, blocks[2].positions, sp.csr_array(enters),
        )  # fmt: skip

    # ---- entries
    def _entering(self) -> sp.csr_array:
        parts = [
            (self._border_at[one.border], one.block, one.at, one.arrives) for one in self._found if one.border is not None
        ]
        return self._by_element(parts, len(self._border_at))

    def _leaving(self, count: int) -> sp.csr_array:
        parts = [
            (self._leaving_at[one.leaves, one.carrier], one.block, one.at, 1.0)
            for one in self._found
            if (one.leaves, one.carrier) in self._leaving_at
        ]
        return self._by_element(parts, count)

    def _by_element(self, parts: Sequence[tuple[int, str, int, float]], count: int) -> sp.csr_array:
        """Entries of some elements in rows by step, (count x steps, columns of the problem)."""
        shape = (count * self.steps, self._old.shape[1])
        entries = [
            (at * self.steps + np.arange(self.steps), self._old.columns[name].positions[element], value)
            for at, name, element, value in parts
        ]
        return _entries(entries, shape)

    # ---- the plan
    def _plan(self) -> Floats:
        """Values of the plan at the columns of the problem; 0 of those that a rule has added or split."""
        found = np.zeros(self._old.shape[1])
        inside = self._solved.values[self.window.columns]
        for name, block in self.window.problem.columns.items():
            other = self._old.columns.get(name)
            if other is not None and other.elements == block.elements and not name.startswith("window."):
                found[other.positions.ravel()] = inside[block.positions.ravel()]
        return found

    def _through(self, borders: Sequence[Border], comes_in: Floats, leaves: Floats, plan: Floats) -> Floats:
        """MW of what comes in over each border that goes through: of all that leaves, the share that came in over it.

        A country counts as one pool of a carrier (proportional sharing): made, bought, taken from stores, and come in.
        """
        found = np.zeros_like(comes_in)
        for (country, carrier), at in self._leaving_at.items():
            mine = [row for border, row in self._border_at.items() if (border[0], border[2]) == (country, carrier)]
            pool = self._supply(country, carrier, plan) + self._over_links(mine, plan)
            share = np.divide(leaves[at], pool, out=np.zeros(self.steps), where=pool > 0)
            found[mine] = comes_in[mine] * np.minimum(share, 1.0)
        return found

    def _supply(self, country: str, carrier: str, plan: Floats) -> Floats:
        """MW made, bought or taken from stores in a country, (steps,)."""
        block = self._old.rows["places.balance"]
        of = self.case.table("places").set_index("place")["country"]
        nodes = [name.rpartition(":") for name in block.elements]
        at = [i for i, (place, _, what) in enumerate(nodes) if what == carrier and of[place] == country]
        gives = self._gives[block.positions[at].ravel()]
        found: Floats = (gives @ plan).reshape(len(at), self.steps).sum(axis=0)
        return found

    @property
    def _gives(self) -> sp.csr_array:
        """What columns other than flows and unserved demand give to each row."""
        if not hasattr(self, "_given"):
            keep = np.ones(self._old.shape[1])
            for name in (*WAYS, "demand.unserved"):
                if name in self._old.columns:
                    keep[self._old.columns[name].positions.ravel()] = 0.0
            self._given = sp.csr_array(self._old.matrix.maximum(0) @ sp.diags_array(keep))
        return self._given

    def _over_links(self, rows: Sequence[int], plan: Floats) -> Floats:
        """MW that links bring in over some borders, (steps,)."""
        found = np.zeros(self.steps)
        for one in self._found:
            if one.block in WAYS and one.border is not None and self._border_at[one.border] in rows:
                found += one.arrives * plan[self._old.columns[one.block].positions[one.at]]
        return found

    # ---- limits
    def _nominable(self, booked: Sequence[Nomination], count: int) -> Floats:
        found = np.zeros((count, self.steps))
        first, last = self.window.first, self.window.last
        for one in booked:
            found[self._border_at[one.border]] += one.most[first:last] * share_after(self.hours, one.lead)
        return found

    def _most(self, aid: Sequence[Aid]) -> Floats:
        shares = [one.most * share_after(self.hours, one.lead) for one in aid]
        return np.array(shares).reshape(len(aid), self.steps)

    def _costs(self, aid: Sequence[Aid]) -> Floats:
        """What aid costs beyond the price of the plan where it is handed over, objective per MW, (aids, steps)."""
        weights = np.asarray(self._old.facts["weights"], dtype=float)
        found = np.zeros((len(aid), self.steps))
        for at, one in enumerate(aid):
            local = self._handed_over(one)
            above = np.maximum(one.price * weights - local, 0.0)
            found[at] = local * one.on_top if np.isnan(one.price) else above
        return found

    def _handed_over(self, aid: Aid) -> Floats:
        """Mean price of the plan on the giver's side of the border, objective per MW, (steps,)."""
        block = self.window.problem.rows["places.balance"]
        links = self.case.table("links").set_index("link")
        duals = self._solved.duals[self.window.rows]
        ends = {
            str(links["from_place" if one.block == WAYS[0] else "to_place"][one.element])
            for one in self._found
            if one.block in WAYS and one.border == aid.border
        }
        at = [block.elements.index(f"{place}:{aid.carrier}") for place in sorted(ends)]
        prices = duals[block.positions[at]].reshape(len(at), self.steps)
        return np.maximum(prices, 0.0).mean(axis=0) if at else np.zeros(self.steps)


def share_after(hours: Floats, lead: float) -> Floats:
    """Share of each step that lies after a lead time, in hours from the first step on."""
    begins = np.concatenate([[0.0], np.cumsum(hours)[:-1]])
    found: Floats = np.clip((begins + hours - lead) / hours, 0.0, 1.0)
    return found


def _entries(parts: Sequence[tuple[Ints, Ints, float]], shape: tuple[int, int]) -> sp.csr_array:
    """A matrix of one value at each pair of positions."""
    if not parts:
        return sp.csr_array(shape)
    rows = np.concatenate([np.asarray(row).ravel() for row, _, _ in parts])
    columns = np.concatenate([np.asarray(column).ravel() for _, column, _ in parts])
    values = np.concatenate([np.full(np.asarray(row).size, value) for row, _, value in parts])
    return sp.csr_array((values, (rows, columns)), shape=shape)
