"""Who goes short, and when: tranches, floors, prices and seeded ties.

Least cost alone lets a tariff of a cent decide who freezes and leaves open which day is cut; a rule makes it part of
the problem (place rule, time rule), and the result bears its name. A rule is laid over a compiled problem, of a whole
horizon or of a window alike: it splits the columns of unserved demand and adds its rows.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from kelisim.case.case import Case
from kelisim.case.customers import LATE_PER_DAY, MOST_DAYS, class_rows, voll_of
from kelisim.lp.blocks import Block, Floats, first_of_step
from kelisim.lp.problem import INF, Problem

TIE = 1e-5
UNSERVED = "demand.unserved"
BASE_LAYER = "base_layer"  # fact of a problem whose first layer of unserved demand is what the plan cuts
FLOOR_PRICE = 1.2  # times the highest VOLL: breaking the floor of own_first


@dataclass(frozen=True)
class Rules:
    """The rules of one problem.

    place      none, own_first, cooperative, by_contract; alone is the look at each country that own_first takes first
    time       none, late, even
    span       half width of the spread of VOLL over the tranches, share
    tranches   number of tranches
    help       what comes over borders in an outage: open, planned, agreed; laid over windows by `model.help`
    """

    place: str = "none"
    time: str = "none"
    span: float = 0.05
    tranches: int = 5
    help: str = field(default="open", repr=False)  # no part of the base, so none of its name in the cache

    @classmethod
    def of(cls, case: Case) -> Rules:
        """The rules written in case.toml."""
        return cls(
            place=case.setting("rules", "place"),
            time=case.setting("rules", "time"),
            span=float(case.setting("rules", "tranche_span")),
            tranches=int(case.setting("rules", "tranches")),
        )

    @property
    def count(self) -> int:
        """Tranches in use: a rule that spreads the cut needs several."""
        return self.tranches if self.place == "cooperative" or self.time == "even" else 1

    @property
    def breaks_ties(self) -> bool:
        return self.place != "none" or self.time != "none"


def lay(case: Case, problem: Problem, rules: Rules, hours: Floats, days: float = MOST_DAYS) -> Problem:
    """The problem under the rules.

    hours  of each step of the problem
    days   from the first step on, in which `late` lets VOLL fall; it stays where it is afterwards
    """
    if not rules.breaks_ties:
        return problem
    found = problem
    if UNSERVED in problem.columns:
        found = _split(found, rules, hours, days)
        if rules.place == "own_first":
            found = _own_first(case, found, rules)
    if rules.place == "by_contract":
        found = _by_contract(case, found, rules)
    return found


def _split(problem: Problem, rules: Rules, hours: Floats, days: float) -> Problem:
    """Each column of unserved demand as tranches that hold equal parts of the demand.

    VOLL of tranche k is VOLL * (1 + s_k), s_k evenly from -span to +span, so that all are cut a little before anybody
    is cut a lot. The tilt breaks what ties are left.
    """
    block = problem.columns[UNSERVED]
    at = block.span
    count = rules.count
    spread = np.linspace(-rules.span, rules.span, count) if count > 1 else np.zeros(1)
    price = problem.cost[at]
    time = block.mean(_time_weights(problem, rules, hours, days))
    ids = [f"{label}#{k}" if count > 1 else label for k in range(count) for label in block.elements]
    tilt = block_ties(block, problem.step_names) * price
    fresh = {
        "cost": np.concatenate([price * (1.0 + s) * time for s in spread]),
        "tilt": np.tile(tilt, count),
        "lower": np.tile(problem.lower[at], count),
        "upper": np.tile(problem.upper[at] / count, count),
    }
    own = problem.matrix[:, at]
    return with_block(problem, UNSERVED, ids, own, fresh)


def with_block(
    problem: Problem, name: str, elements: Sequence[str], entries: sp.csc_array, arrays: dict[str, Floats]
) -> Problem:
    """The problem with a block of columns in other layers.

    elements  of one layer, or of all of them
    entries   of one layer, (rows of the problem or of its first part, columns of one layer)
    arrays    cost, tilt, lower, upper; all layers, in the order of the new columns
    """
    block = problem.columns[name]
    stop = block.span.stop
    size = arrays["cost"].size
    layers, already = size // entries.shape[1], block.size // entries.shape[1]
    one = len(block.elements) // already if already else 0
    if entries.shape[0] < problem.shape[0]:
        # rows that a rule added take the new columns as they took the old ones
        below = problem.matrix[entries.shape[0] :, block.start : block.start + entries.shape[1]]
        entries = sp.csc_array(sp.vstack([entries, below], format="csc"))
    matrix = sp.hstack(
        [problem.matrix[:, : block.start], *[entries] * layers, problem.matrix[:, stop:]], format="csc"
    )
    if len(elements) != one * layers:
        elements = [f"{label}#{k}" for k in range(layers) for label in elements]
    more = size - block.size
    columns = {
        other.name: replace(other, start=other.start + (more if other.start > block.start else 0))
        for other in problem.columns.values()
    } | {name: replace(block, elements=tuple(elements), coarse=block.coarse[:one] * layers)}
    changed: dict[str, Any] = {
        key: np.concatenate(
            [getattr(problem, key)[: block.start], arrays[key].ravel(), getattr(problem, key)[stop:]]
        )
        for key in ("cost", "tilt", "lower", "upper")
    }
    return replace(problem, **changed, matrix=sp.csc_array(matrix), columns=columns)


def _time_weights(problem: Problem, rules: Rules, hours: Floats, days: float) -> Floats:
    """1, or falling by 0.1 % a day from the first step: then stocks are used as long as they last. (1, cells)."""
    if rules.time != "late":
        return np.ones((1, len(hours)))
    elapsed = np.concatenate([[0.0], np.cumsum(hours)[:-1]]) / 24.0
    if problem.grid is not None:  # parts of a day are of one day
        elapsed = first_of_step(elapsed, problem.grid)
    return (1.0 - LATE_PER_DAY * np.clip(elapsed, 0.0, min(days, MOST_DAYS)))[None, :]


def ties(ids: Sequence[str], steps: Sequence[str]) -> Floats:
    """Numbers in [0, 1e-5), fixed by element and name of the step, that decide between equal answers.

    returns (elements, steps)
    """
    seeds = np.array([zlib.crc32(label.encode()) for label in ids], dtype=np.uint64)[:, None]
    moments = np.array([zlib.crc32(step.encode()) for step in steps], dtype=np.uint64)[None, :]
    mixed = (seeds * np.uint64(2654435761) + moments * np.uint64(40503)) & np.uint64(0xFFFFFFFF)
    mixed ^= mixed >> np.uint64(15)
    mixed = (mixed * np.uint64(2246822519)) & np.uint64(0xFFFFFFFF)
    mixed ^= mixed >> np.uint64(13)
    return mixed.astype(float) / 2.0**32 * TIE


def block_ties(block: Block, step_names: Sequence[str]) -> Floats:
    """Ties of each position of a block, by its element and its step or cell, (size,)."""
    names = dict.fromkeys(block.names(step_names))
    table = ties(block.elements, list(names))
    at = {name: position for position, name in enumerate(names)}
    moments = np.array([at[name] for name in block.names(step_names)], dtype=np.int64)
    return np.asarray(table[block.heads[0], moments])


def groups_of(case: Case) -> list[str]:
    """country|carrier|class of each row of demand."""
    demand = case.table("demand")
    country = demand["place"].map(case.table("places").set_index("place")["country"])
    return list(country + "|" + demand["carrier"] + "|" + demand["customer_class"])


def floor_names(case: Case) -> tuple[str, ...]:
    """Elements of the rows `rules.own_first`, sorted."""
    return tuple(sorted(set(groups_of(case))))


def floors(case: Case, problem: Problem, values: Floats) -> Floats:
    """Unserved MW of each country, carrier and class in a solution, (floor_names, steps).

    Asked of a solution with all links between countries closed, this is what each country cannot serve alone.
    """
    block = problem.columns[UNSERVED]
    names = floor_names(case)
    position = {name: at for at, name in enumerate(names)}
    at = np.array([position[group] for group in groups_of(case)])
    unserved = block.by_row(values, len(at))
    found = np.zeros((len(names), block.steps))
    np.add.at(found, at, unserved)
    return found


def crossing_links(case: Case) -> set[str]:
    """Links whose ends lie in different countries."""
    country = case.table("places").set_index("place")["country"]
    links = case.table("links")
    return set(links["link"][links["from_place"].map(country) != links["to_place"].map(country)])


def _own_first(case: Case, problem: Problem, rules: Rules) -> Problem:
    """Rows `rules.own_first`: a country's unserved demand is at most what it could not serve alone.

    The limit is set by `floors` of a solve with all links between countries closed, which all countries can keep at
    once; until then it is open. A shortfall priced above every VOLL keeps each scenario solvable.
    """
    block = problem.columns[UNSERVED]
    names = floor_names(case)
    position = {name: at for at, name in enumerate(names)}
    of_row = np.array([position[group] for group in groups_of(case)])
    rows, columns = problem.shape
    few = np.zeros(len(names), dtype=bool)
    few[of_row] = block.is_coarse[: len(of_row)]
    floor = Block(
        "rules.own_first", rows, names, block.steps, block.grid, tuple(map(bool, few)) if block.grid else ()
    )
    size = floor.size
    element, cell = block.heads
    row_at = floor.positions[of_row[element % len(of_row)], cell] - rows
    upper = sp.csc_array(
        (np.ones(block.size), (row_at, np.arange(block.size) + block.start)), shape=(size, columns)
    )
    matrix = sp.vstack(
        [
            sp.hstack([problem.matrix, sp.csc_array((rows, size))]),
            sp.hstack([upper, -sp.eye_array(size, format="csc")]),
        ],
        format="csc",
    )
    step_price = block.spread(problem.cost).max(axis=0) if block.size else np.zeros(block.steps)
    price = floor.total(step_price / (1.0 + rules.span if rules.count > 1 else 1.0) * FLOOR_PRICE)
    nothing = np.zeros(size)
    open_end = np.full(size, INF)
    return replace(
        problem,
        cost=np.concatenate([problem.cost, price]),
        tilt=np.concatenate([problem.tilt, nothing]),
        lower=np.concatenate([problem.lower, nothing]),
        upper=np.concatenate([problem.upper, open_end]),
        matrix=sp.csc_array(matrix),
        row_lower=np.concatenate([problem.row_lower, -open_end]),
        row_upper=np.concatenate([problem.row_upper, open_end]),
        columns=problem.columns
        | {"rules.own_first_shortfall": replace(floor, name="rules.own_first_shortfall", start=columns)},
        rows=problem.rows | {"rules.own_first": floor},
    )


def with_floors(problem: Problem, floor: Floats) -> Problem:
    """The problem with the limits of own_first set."""
    block = problem.rows["rules.own_first"]
    upper = problem.row_upper.copy()
    upper[block.span] = block.mean(floor)
    return replace(problem, row_upper=upper)


def _by_contract(case: Case, problem: Problem, rules: Rules) -> Problem:
    """Falling short of a firm contract costs more than every class of its carrier but the protected."""
    contracts = case.quantities("contracts").set_index("contract")
    classes = class_rows(case)
    top = classes[~classes["protected"]].groupby("carrier")["voll"].max()
    cost = problem.cost.copy()
    for name in ("contracts.shortfall", "contracts.daily_shortfall"):
        block = problem.columns.get(name)
        if block is None:
            continue
        rows = contracts.loc[list(block.elements)]
        rank = rows["carrier"].map(top).fillna(0.0).to_numpy() * (1.0 + 2.0 * rules.span)
        firm = rows["firm"].to_numpy()
        own = rows["shortfall_price"].fillna(rows["price"]).to_numpy()
        weight = _weights(problem, block.steps)
        raised = block.total(np.maximum(own, rank)[:, None] * weight)
        cost[block.span] = np.where(firm[block.heads[0]], raised, cost[block.span])
    return replace(problem, cost=cost)


def _weights(problem: Problem, steps: int) -> Floats:
    """What a price per MWh is multiplied with in the objective, (1, steps); (1, 1) for rows over the year."""
    found = problem.facts["weights"] if steps > 1 or len(problem.step_names) == 1 else None
    if found is None:
        return np.array([[float(problem.facts["mean_price"])]])  # type: ignore[arg-type]
    return np.asarray(found, dtype=float)[None, :]


def voll(case: Case) -> Floats:
    """Value of lost load of each row of demand, currency/MWh."""
    return voll_of(case, case.quantities("demand"))
