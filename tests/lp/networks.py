"""Small random problems of the network kind, and a network to write one by hand.

    supply --> place:goods <--> place:goods     goods are lost on the way; a converter takes one and makes several
               demand: unserved at a price

Rows of goods that may be let go say >=, those of goods that may not say =.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from kelisim.lp.builder import Builder
from kelisim.lp.delta import Delta
from kelisim.lp.highs import Session, Solution
from kelisim.lp.interdiction import Element, Interdiction
from kelisim.lp.problem import INF, Problem


@dataclass
class Network:
    """Columns and rows by name; `problem()` makes the arrays."""

    columns: dict[str, tuple[float, float]] = field(default_factory=dict)
    rows: dict[str, tuple[float, float]] = field(default_factory=dict)
    entries: list[tuple[str, str, float]] = field(default_factory=list)
    lost: dict[str, list[str]] = field(default_factory=dict)
    falls: dict[str, tuple[str, float]] = field(default_factory=dict)  # row whose limits fall with an element

    def row(self, name: str, least: float = 0.0, most: float = INF) -> str:
        self.rows[name] = (least, most)
        return name

    def column(
        self, name: str, upper: float, cost: float = 0.0, can_be_lost: bool = True, **gives: float
    ) -> str:
        """A column; gives: row (with _ for :) = coefficient."""
        self.columns[name] = (upper, cost)
        self.entries += [(row.replace("__", ":"), name, value) for row, value in gives.items()]
        if can_be_lost:
            self.lost.setdefault(name.partition("/")[0], []).append(name)
        return name

    def demand(self, row: str, amount: float, voll: Sequence[float]) -> None:
        """Raises the row by an amount, with unserved columns of equal size."""
        low, high = self.rows[row]
        self.rows[row] = (low + amount, high + amount)
        for at, price in enumerate(voll):
            name = f"{row}/unserved{at}"
            self.columns[name] = (amount / len(voll), price)
            self.entries.append((row, name, 1.0))

    def problem(self) -> Problem:
        build = Builder(("t",))
        names, rows = list(self.columns), list(self.rows)
        build.add_columns(
            "x", names, 1, 0.0, np.array([[self.columns[n][0]] for n in names]), np.array([[self.columns[n][1]] for n in names])
        )  # fmt: skip
        low, high = (np.array([[self.rows[r][side]] for r in rows]) for side in (0, 1))
        build.add_rows("r", rows, 1, low, high)
        for row, column, value in self.entries:
            build.add_entries(np.array([rows.index(row)]), np.array([names.index(column)]), value)
        return build.build()

    def elements(self) -> list[Element]:
        names = list(self.columns)
        found = []
        for name, columns in self.lost.items():
            at = np.array([names.index(column) for column in columns])
            out = Delta(at, np.zeros(len(at)), np.zeros(len(at)))
            if name in self.falls:
                row, by = self.falls[name]
                low, high = self.rows[row]
                limits = np.array([list(self.rows).index(row)]), np.array([low - by]), np.array([high - by])
                out = Delta(out.columns, out.lower, out.upper, *limits)
            found.append(Element(name, out))
        return found

    def interdiction(self) -> Interdiction:
        problem = self.problem()
        session = started(problem)
        return Interdiction(problem, self.elements(), session.solve)


def started(problem: Problem) -> Session:
    session = Session(problem, threads=1)
    solution: Solution = session.start("simplex")
    assert solution.status == "optimal"
    return session


def random_network(seed: int) -> Network:
    """A network of some places, up to three goods and up to three steps, with everything that mends or harms."""
    draw = random.Random(seed)
    net = Network()
    places = [f"p{i}" for i in range(draw.randint(2, 4))]
    goods = ["a", "b", "c"][: draw.randint(1, 3)]
    steps = range(draw.randint(1, 3))
    kept = {good: draw.random() < 0.35 for good in goods}  # may not be let go
    for t in steps:
        for place in places:
            for good in goods:
                row = net.row(f"{place}:{good}:{t}", 0.0, 0.0 if kept[good] else INF)
                if draw.random() < 0.7:
                    top = draw.choice([50, 80, 100])
                    net.demand(
                        row,
                        draw.randint(1, 20),
                        [top] if draw.random() < 0.7 else [0.95 * top, top, 1.05 * top],
                    )
    _supplies(net, draw, places, goods, steps)
    _links(net, draw, places, goods, steps)
    _converters(net, draw, places, goods, steps)
    _storages(net, draw, places, goods, steps)
    _limits(net, draw)
    return net


def _supplies(net: Network, draw: random.Random, places: list[str], goods: list[str], steps: range) -> None:
    for at in range(draw.randint(2, 4)):
        place, good = draw.choice(places), draw.choice(goods[: max(1, len(goods) - 1)])
        can_be_lost = draw.random() < 0.8
        cost = draw.randint(0, 8)
        for t in steps:
            net.column(f"s{at}/{t}", draw.randint(5, 40), cost, can_be_lost, **{f"{place}__{good}__{t}": 1.0})
    if draw.random() < 0.4:
        place, good = draw.choice(places), draw.choice(goods)
        for t in steps:
            net.column(
                f"market/{t}", draw.randint(2, 10), -draw.randint(5, 30), **{f"{place}__{good}__{t}": -1.0}
            )


def _links(net: Network, draw: random.Random, places: list[str], goods: list[str], steps: range) -> None:
    for at in range(draw.randint(2, 6)):
        start, end = draw.sample(places, 2)
        good, loss, cost = draw.choice(goods), draw.choice([0.0, 0.0, 0.1, 0.3]), draw.randint(0, 3)
        both = draw.random() < 0.5
        later = draw.choice([0, 0, 1]) if len(steps) > 1 else 0
        for t in steps:
            there = (t + later) % len(steps)
            net.column(
                f"l{at}/{t}", draw.randint(3, 25), cost,
                **{f"{start}__{good}__{t}": -1.0, f"{end}__{good}__{there}": 1.0 - loss},
            )  # fmt: skip
            if both:
                net.column(
                    f"l{at}/back{t}", 10, cost,
                    **{f"{end}__{good}__{t}": -1.0, f"{start}__{good}__{there}": 1.0 - loss},
                )  # fmt: skip


def _converters(net: Network, draw: random.Random, places: list[str], goods: list[str], steps: range) -> None:
    if len(goods) < 2:
        return
    for at in range(draw.randint(0, 3)):
        place = draw.choice(places)
        chosen = draw.sample(goods, len(goods))
        taken = {chosen[0]: -1.0}
        if len(chosen) == 3 and draw.random() < 0.3:
            taken[chosen[1]] = -draw.choice([0.1, 0.5])
        made = {good: draw.choice([0.3, 0.5, 1.2]) for good in chosen if good not in taken}
        capacity, cost = draw.randint(5, 30), draw.randint(0, 4)
        for t in steps:
            ports = {f"{place}__{good}__{t}": ratio for good, ratio in {**taken, **made}.items()}
            net.column(f"c{at}/{t}", capacity, cost, **ports)


def _storages(net: Network, draw: random.Random, places: list[str], goods: list[str], steps: range) -> None:
    for at in range(draw.randint(0, 2)):
        place, good = draw.choice(places), draw.choice(goods)
        capacity = draw.randint(10, 30)
        start = draw.randint(0, capacity)
        least = draw.randint(0, start)
        keeps = draw.choice([1.0, 0.95])
        rows = [
            net.row(f"level{at}:{t}", start * keeps if t == 0 else 0.0, start * keeps if t == 0 else 0.0)
            for t in steps
        ]
        end = net.row(f"end{at}", least)
        for t in steps:
            here = rows[t].replace(":", "__")
            node = f"{place}__{good}__{t}"
            net.column(f"st{at}/in{t}", draw.randint(2, 12), 0.1, **{node: -1.0, here: -0.9})
            net.column(f"st{at}/out{t}", draw.randint(2, 12), 0.0, **{node: 1.0, here: 1.0})
            carries = {here: 1.0}
            if t + 1 < len(steps):
                carries[rows[t + 1].replace(":", "__")] = -keeps
            else:
                carries[end] = 1.0
            net.column(f"st{at}/level{t}", capacity, 0.0, False, **carries)
        net.column(f"st{at}/short", float(least), draw.randint(5, 60), False, **{end: 1.0})


def _limits(net: Network, draw: random.Random) -> None:
    flows = [name for name in net.columns if name[0] in "lc" and "level" not in name]
    if flows and draw.random() < 0.3:
        # a least take with a priced shortfall
        some = draw.sample(flows, min(2, len(flows)))
        row = net.row("take", 4.0)
        net.entries += [(row, name, 1.0) for name in some]
        net.column("short_take", 4.0, draw.randint(3, 40), False, take=1.0)
    if flows and draw.random() < 0.3:
        # a shared limit
        row = net.row("shared", -INF, draw.randint(5, 20))
        net.entries += [(row, name, 1.0) for name in draw.sample(flows, min(3, len(flows)))]
    if draw.random() < 0.3 and "s0" in net.lost:
        # a duty and a limit of the year of one supply, which fall when it is out
        row = net.row("year", 2.0, 60.0)
        net.entries += [(row, name, 0.5) for name in net.lost["s0"]]
        net.column("short_year", 2.0, 4.0, False, year=1.0)
        net.column("over_year", INF, 15.0, False, year=-1.0)
        net.falls["s0"] = ("year", float(draw.randint(1, 8)))
    unserved = [name for name in net.columns if "unserved" in name]
    if unserved and draw.random() < 0.4:
        # a floor under what a group is served, with a priced excess
        row = net.row("floor", -INF, draw.randint(0, 10))
        net.entries += [(row, name, 1.0) for name in draw.sample(unserved, min(3, len(unserved)))]
        net.column("excess", INF, 130.0, False, floor=-1.0)
