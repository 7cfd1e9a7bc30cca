"""Firm transit from one place to another on top of a plan: a stream whose way is open, and what it may not touch.

The shipper hands the energy over at the entry and takes it at the exit; between them it is a part of the flow of each link, as that of
a booked stream is (`model/streams.py`), so that capacity, tariff, own use and shared limits count it, and nobody on the way can take of
it. Which links it uses is the answer. A firm volume is the same share of itself in every cell of the time asked about.

Its rows repeat those of the balance of places for the part of the flow that is the stream: a link brings and takes of a stream what it
brings and takes of all that flows, losses and transit time included. It stands under a contract of its own, so that the quantities of
other contracts over the same links do not count it, nor what the plan hands over to the days after it. What is handed over at the entry
is no more than what comes out and the losses of the longest way: a stream that only goes round would pay the losses of others.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from kelisim.case.case import Case
from kelisim.errors import StudyError
from kelisim.lp.delta import Delta
from kelisim.lp.problem import INF, Block, Floats, Ints, Problem
from kelisim.lp.slice import HANDOVER
from kelisim.model.streams import WITHIN
from kelisim.tolerances import ROUNDING

VOLUME, ENTERED, BALANCE, SPENT = "transit.volume", "transit.entered", "transit.balance", "transit.spent"
# the part of each way of the links that is the stream, and its row
PARTS = {
    "links.flow": ("transit.flow", "transit.within"),
    "links.flow_back": ("transit.flow_back", "transit.within_back"),
}
# what stays as the plan has it: customers, stocks, duties and contracts, what later days have, how fast plants change, goods on their way
KEPT = (
    "unserved",
    "shortfall",
    "norm_drawn",
    "below_minimum",
    "below_least",
    "excess",
    "borrowed",
    "given_way",
    "let_go",
)


@dataclass(frozen=True)
class Corridor:
    """A problem with a stream whose way is open.

    volume   position of the column of the volume, MW at the exit, 0 in the problem as it stands
    entered  positions of what is handed over at the entry, (cells or steps,)
    links    of the way, (flows,), and whether back, (flows,)
    flow     positions of all flows of the links, and of the part that is the stream, (columns,) each
    of       position in `links` of each of them
    kept     columns that may be no more than a plan has them
    """

    problem: Problem
    volume: int
    entered: Ints
    links: tuple[str, ...]
    back: tuple[bool, ...]
    flow: Ints
    part: Ints
    of: Ints
    kept: Ints

    def harmless(self, plan: Floats, delta: Delta | None = None) -> Delta:
        """Limits under which nobody is worse off than in a plan: customers, norms, duties, contracts, least activities and later days.

        plan   values of the columns of the problem before the stream was added, (columns,) or of this one
        delta  what the plan was made under
        """
        _, lower, upper, _, _ = (delta or Delta()).applied(self.problem)
        most = np.minimum(upper[self.kept], np.maximum(plan[self.kept], lower[self.kept]) + ROUNDING)
        return Delta(self.kept, lower[self.kept], most)

    def held(self, volume: float) -> Delta:
        """The volume at a value, MW."""
        return Delta(np.array([self.volume]), np.array([volume]), np.array([volume]))

    def largest(self) -> Delta:
        """The question of the largest volume: nothing else has a cost."""
        columns = self.problem.shape[1]
        cost = np.zeros(columns)
        cost[self.volume] = -1.0
        free = Delta(np.array([self.volume]), np.zeros(1), np.array([INF]))
        return free.then(Delta(costs=np.arange(columns), cost=cost))


def laid(
    case: Case,
    problem: Problem,
    carrier: str,
    start: str,
    end: str,
    links: Collection[str],
    hours: Floats,
    profile: Floats,
    feeds: bool = False,
) -> Corridor:
    """The problem with a stream of a carrier from one place to another over some links.

    hours    of each cell, (cells,)
    profile  share of the volume in each cell, (cells,)
    feeds    it is used at the exit in the place of other supply; else it goes beyond and is used by nobody in the case
    Raises StudyError where nothing of the carrier is known at one of the places.
    """
    balance = problem.rows["places.balance"]
    at = {label: row for row, label in enumerate(balance.elements)}
    for place in (start, end):
        if f"{place}:{carrier}" not in at:
            raise StudyError(f"{place}: nothing in the case makes, uses or carries {carrier} there.")
    names: list[str] = []
    back: list[bool] = []
    ways: list[str] = []
    flow: list[Ints] = []
    of: list[Ints] = []
    for way in PARTS:
        block = problem.columns.get(way)
        for row, link in enumerate(block.elements if block else ()):
            if link in links:
                own = block.own(row)  # type: ignore[union-attr]
                flow.append(own)
                of.append(np.full(len(own), len(names)))
                names.append(link)
                back.append(way == "links.flow_back")
                ways.append(way)
    if not names:
        raise StudyError(f"no link of {carrier} lies in the countries of the way.")
    flows, position = np.concatenate(flow), np.concatenate(of)
    table = case.table("links").set_index("link")
    ends = {place for link in names for place in (table.at[link, "from_place"], table.at[link, "to_place"])}
    rows = [at[f"{place}:{carrier}"] for place in sorted(ends | {start, end})]
    positions = np.concatenate([balance.own(row) for row in rows])
    return _grown(
        problem,
        (tuple(names), tuple(back), tuple(ways)),
        (flows, position),
        (balance, rows, positions),
        (at[f"{start}:{carrier}"], at[f"{end}:{carrier}"]),
        (hours, profile, feeds),
        _quantities(case, problem),
    )


def _quantities(case: Case, problem: Problem) -> Ints:
    """Rows that count what flows for others: quantities of contracts, and what a plan hands over to the days after it."""
    contracts = set(case.table("contracts")["contract"])
    found = [
        block.own(row)
        for name, block in problem.rows.items()
        if name.startswith(("resources.", "contracts."))
        for row, element in enumerate(block.elements)
        if element in contracts
    ]
    after = problem.rows.get(HANDOVER)
    if after is not None:
        found.append(np.arange(after.span.start, after.span.stop))
    return np.concatenate([np.zeros(0, dtype=np.int64), *found])


def _grown(
    problem: Problem,
    links: tuple[tuple[str, ...], tuple[bool, ...], tuple[str, ...]],
    flows: tuple[Ints, Ints],
    places: tuple[Block, list[int], Ints],
    ends: tuple[int, int],
    taken: tuple[Floats, Floats, bool],
    quantities: Ints,
) -> Corridor:
    """The problem with the columns and rows of the stream."""
    names, back, ways = links
    flow, of = flows
    balance, rows_of, positions = places
    entry_row, exit_row = ends
    hours, profile, feeds = taken
    entry = balance.own(entry_row)
    rows, columns = problem.shape
    count, gates = len(flow), len(entry)
    own = sp.csr_array(problem.matrix[:, flow])[positions]
    row_of = {int(position): row for row, position in enumerate(positions)}
    at_entry = np.array([row_of[int(p)] for p in entry])
    leaving = balance.own(exit_row)
    at_exit = np.array([row_of[int(p)] for p in leaving])
    share = balance.mean_of(exit_row, profile)
    # what is handed over adds to the balance of the place, what is taken leaves it
    extra = (
        np.concatenate([np.ones(gates), -share]),
        (np.concatenate([entry, leaving]), np.concatenate([np.arange(gates), np.full(len(share), gates)])),
    )
    of_plan = extra[0] * np.concatenate([np.ones(gates), np.full(len(share), 0.0 if feeds else 1.0)])
    ends_of_plan = sp.csc_array((of_plan, extra[1]), shape=(rows, gates + 1))
    ends_of_stream = sp.csc_array(
        (extra[0], (np.concatenate([at_entry, at_exit]), extra[1][1])), shape=(len(positions), gates + 1)
    )
    spent = _spent(_worst(own, of, len(rows_of)), balance, ends, hours, share)
    booked = _booked(problem, names, ways, flow, of)
    counted = sp.csc_array(problem.matrix[:, flow])
    is_quantity = np.zeros(rows)
    is_quantity[quantities] = -1.0
    not_counted = sp.csc_array(sp.diags_array(is_quantity) @ counted)
    within = sp.eye_array(count, format="csc")
    nothing = sp.csc_array((count, columns))
    of_flow = sp.csc_array((np.ones(count), (np.arange(count), flow)), shape=(count, columns))
    new = [
        [problem.matrix, not_counted, ends_of_plan],
        [sp.csc_array((len(positions), columns)), own, ends_of_stream],
        [of_flow - booked if booked is not None else of_flow + nothing, -within, None],
        [None, None, spent],
    ]
    matrix = sp.csc_array(sp.block_array(new, format="csc"))
    start = columns + count
    zeros = np.zeros(count + gates + 1)
    grown = replace(
        problem,
        cost=np.concatenate([problem.cost, zeros]),
        tilt=np.concatenate([problem.tilt, zeros]),
        lower=np.concatenate([problem.lower, zeros]),
        upper=np.concatenate([problem.upper, np.full(count + gates, INF), [0.0]]),
        matrix=matrix,
        row_lower=np.concatenate([problem.row_lower, np.zeros(len(positions) + count + 1)]),
        row_upper=np.concatenate([problem.row_upper, np.zeros(len(positions)), np.full(count + 1, INF)]),
        columns=problem.columns | _columns(problem, names, ways, columns, balance, gates, start),
        rows=problem.rows | _rows(problem, names, ways, rows, balance, rows_of, len(positions)),
    )
    kept = [
        np.arange(block.span.start, block.span.stop)
        for name, block in problem.columns.items()
        if name.endswith(KEPT)
    ]
    return Corridor(
        grown,
        start + gates,
        np.arange(start, start + gates),
        names,
        back,
        flow,
        np.arange(columns, start),
        of,
        np.concatenate([np.zeros(0, dtype=np.int64), *kept]),
    )


def _spent(worst: float, balance: Block, ends: tuple[int, int], hours: Floats, share: Floats) -> sp.csc_array:
    """The row that holds what is handed over to what comes out and the losses of the longest way, means over the time, (1, gates + 1)."""
    entry, leaving = (_lasting(balance, row, hours / hours.sum()) for row in ends)
    return sp.csc_array(np.append(-worst * entry, leaving @ share)[None, :])


def _lasting(block: Block, row: int, time: Floats) -> Floats:
    """Time of each position of a row of a block, from that of the cells."""
    cells = block.positions[row]
    return np.asarray(np.bincount(cells - cells.min(), weights=time), dtype=float)


def _worst(own: sp.csr_array, of: Ints, places: int) -> float:
    """No loopless way of the stream brings less than this share: the product of the worst link for each of its places but one.

    own     what a flow takes and brings at the places, (rows, flows)
    of      link and direction of each flow, (flows,)
    places  that the links touch
    """
    taken = -own.minimum(0).sum(axis=0)
    brought = own.maximum(0).sum(axis=0)
    known = (taken > 0) & (brought > 0)
    least = np.ones(int(of.max()) + 1)
    np.minimum.at(least, of[known], brought[known] / taken[known])
    return max(float(np.prod(np.sort(least)[: places - 1])), ROUNDING)


def _booked(
    problem: Problem, names: tuple[str, ...], ways: tuple[str, ...], flow: Ints, of: Ints
) -> sp.csc_array | None:
    """The streams of contracts on each flow, (flows, columns): what they have is not of this one."""
    rows_of = [problem.rows[name] for name in WITHIN.values() if name in problem.rows]
    if not rows_of:
        return None
    streams = problem.columns["streams.flow"]
    matrix = sp.csr_array(problem.matrix)
    found = sp.lil_array((len(flow), problem.shape[1]))
    for number, (link, way) in enumerate(zip(names, ways, strict=True)):
        block = problem.rows.get(WITHIN[way])
        if block is None or link not in block.elements:
            continue
        rows = block.own(block.elements.index(link))
        for mine, row in zip(np.flatnonzero(of == number), rows, strict=True):
            span = slice(matrix.indptr[row], matrix.indptr[row + 1])
            at, values = matrix.indices[span], matrix.data[span]
            is_stream = (at >= streams.span.start) & (at < streams.span.stop)
            for column, value in zip(at[is_stream], values[is_stream], strict=True):
                found[mine, column] = -value
    return sp.csc_array(found)


def _columns(
    problem: Problem,
    names: tuple[str, ...],
    ways: tuple[str, ...],
    first: int,
    balance: Block,
    gates: int,
    start: int,
) -> dict[str, Block]:
    """Blocks of the columns: a flow each way, what is handed over, and the volume."""
    found = {}
    for way, (part, _) in PARTS.items():
        mine = tuple(name for name, own in zip(names, ways, strict=True) if own == way)
        if mine:
            block = _like(problem.columns[way], mine, part, first)
            found[part] = block
            first += block.size
    of_gate = gates < balance.steps and balance.grid is not None
    found[ENTERED] = Block(
        ENTERED,
        start,
        ("entry",),
        balance.steps,
        balance.grid if of_gate else None,
        (True,) if of_gate else (),
    )
    found[VOLUME] = Block(VOLUME, start + gates, ("volume",), 1)
    return found


def _rows(
    problem: Problem,
    names: tuple[str, ...],
    ways: tuple[str, ...],
    first: int,
    balance: Block,
    rows_of: list[int],
    size: int,
) -> dict[str, Block]:
    """Blocks of the rows: the balance of the stream at each place, and that it is no more than the flow."""
    labels = tuple(balance.elements[row] for row in rows_of)
    few = tuple(bool(balance.is_coarse[row]) for row in rows_of)
    grid = balance.grid if any(few) else None
    found = {BALANCE: Block(BALANCE, first, labels, balance.steps, grid, few if grid else ())}
    first += size
    for way, (_, row) in PARTS.items():
        mine = tuple(name for name, own in zip(names, ways, strict=True) if own == way)
        if mine:
            block = _like(problem.columns[way], mine, row, first)
            found[row] = block
            first += block.size
    found[SPENT] = Block(SPENT, first, ("stream",), 1)
    return found


def _like(block: Block, elements: tuple[str, ...], name: str, start: int) -> Block:
    """A block of some elements of another one."""
    at = [block.elements.index(element) for element in elements]
    few = tuple(bool(block.is_coarse[row]) for row in at)
    grid = block.grid if any(few) else None
    return Block(name, start, elements, block.steps, grid, few if grid else ())
