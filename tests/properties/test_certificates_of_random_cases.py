"""Certificates beside a look at every pair and every three, with each kind of row that the world behaves by."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from functools import cache
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.engine import Contingencies, Engine, Lost, Rules
from kelisim.errors import CaseError
from kelisim.lp.delta import Delta
from kelisim.lp.interdiction import DropBound, LossBound
from kelisim.lp.removals import Removals, together
from tests.cases.random_case import random_case
from tests.cases.random_duties import with_duties
from tests.cases.random_norms import with_norms
from tests.properties.helping import helping_case

TABLES = ("links", "assets", "storages", "places")
COUNT = max(4, int(os.environ.get("KELISIM_EXAMPLES", "0")) // 20)  # cases of each kind: 35 in `make prove`
MOST = 10  # elements that are lost in pairs and in threes
KNOWN = (
    0.1  # share of elements with a bound, at least: one that is always infinite would hold, and help nobody
)
TRIES = 12  # sets beyond that, by chance


# ---- cases
def strict(seed: int) -> Case:
    """Nothing may be let go, power and heat neither: each balance is an equation."""
    case = random_case(seed)
    carriers = case.table("carriers").assign(may_curtail=False)
    places = case.table("places").assign(may_curtail="")
    return case.with_table("places", places).with_table("carriers", carriers)


def with_section(seed: int) -> Case:
    """The lines of the ring are a section that carries less than they do together, and less again without one of them."""
    case = random_case(seed)
    lines = case.table("links")
    ring = [str(link) for link in lines["link"] if str(link).startswith("line_")]
    most = float(lines.set_index("link")["capacity"][ring].sum())
    draw = np.random.default_rng(seed)
    row = {
        "resource": "ring", "amount": f"{most * draw.uniform(0.3, 0.8):.3f}", "unit": "MW", "over": "step", "kind": "section",
        "limit_without": f"{ring[0]}:{most * 0.2:.3f}" if draw.random() < 0.5 else "",
    }  # fmt: skip
    uses = [{"resource": "ring", "table": "links", "element": link} for link in ring]
    for table, rows in (("resources", [row]), ("resource_uses", uses)):
        cells = pd.DataFrame(rows, index=range(2, len(rows) + 2), dtype=object).fillna("")
        frame, problems = schema.parse(schema.tables()[table], cells, f"{table}.csv")
        assert problems == []
        case = case.with_table(table, pd.concat([case.table(table), frame], ignore_index=True))
    return case


def with_all(seed: int) -> Case:
    """Duties, norms and a section at once."""
    case, other = with_section(seed), with_norms(seed)
    return case.with_table("storages", other.table("storages")).with_table(
        "duties", with_duties(seed).table("duties")
    )


PLANNED = Rules("cooperative", help="planned")
KINDS: dict[str, tuple[Callable[[int], Case], Rules]] = {
    "plain": (random_case, Rules("cooperative")),
    "parts": (lambda seed: random_case(3 * seed + 2), Rules("cooperative")),
    "nothing let go": (strict, Rules("cooperative")),
    "duties": (with_duties, Rules("cooperative")),
    "norms": (with_norms, Rules("cooperative")),
    "sections": (with_section, Rules("cooperative")),
    "help": (helping_case, PLANNED),
    "nothing let go, help": (strict, PLANNED),
    "all": (with_all, PLANNED),
}


@cache
def some_cases(kind: str) -> tuple[tuple[int, Contingencies], ...]:
    """A few elements that the plan uses, of each table, lost in a snapshot of the first step; of as many cases as are asked for."""
    make, rules = KINDS[kind]
    found = []
    seed = 0
    while len(found) < COUNT:
        seed += 1
        try:
            engine = Engine(make(seed), cache=False)
        except CaseError:
            continue
        if engine.base.status != "optimal":
            continue
        window = engine.snapshot(engine.case.horizon.start.date(), rules)
        names = [(table, str(one)) for table in TABLES for one in engine.case.table(table).iloc[:, 0]]
        every = [Lost(f"{table}:{one}", ((table, one),)) for table, one in names]
        touched = Contingencies(window, every).touched
        used = [lost for lost, some in zip(every, touched, strict=True) if some]
        draw = random.Random(seed)
        found.append((seed, Contingencies(window, draw.sample(used, min(MOST, len(used))))))
    return tuple(found)


# ---- what must hold
@pytest.mark.parametrize("kind", KINDS)
def test_worst_pairs_and_the_worst_three_are_those_of_a_look_at_all(kind: str) -> None:
    """A bound that does not see a row proves a set that is not the worst."""
    for seed, asked in some_cases(kind):
        window = asked.opened
        at = range(len(asked.elements))
        cost = {some: _cost(asked, some) for size in (1, 2, 3) for some in combinations(at, size)}
        room = 1e-7 * abs(window.start.objective) + 1e-2
        expected = sorted((value for some, value in cost.items() if len(some) == 2), reverse=True)[:3]
        pairs, worst = asked.worst_pairs(3), asked.worst(3)
        assert pairs.is_proven and worst.is_proven, seed
        assert [one.loss for one in pairs.outcomes[:3]] == pytest.approx(expected, abs=room), seed
        assert worst.best.loss == pytest.approx(max(0.0, *cost.values()), abs=room), seed


@pytest.mark.parametrize("kind", KINDS)
def test_bounds_hold(kind: str) -> None:
    """A bound that is too low once is a certificate that lies: sets by chance, on top of sets by chance."""
    known = []
    for seed, asked in some_cases(kind):
        problem, session = asked.opened.problem, asked.opened.session
        outs = Removals(problem, asked.deltas)
        nothing = session.solve(outs.all_taken)
        assert nothing.status == "optimal", seed
        ways = (LossBound(problem, asked.deltas), DropBound(problem, outs, nothing.values))
        draw = random.Random(seed)
        for size in (0, 0, 1, 2):
            gone = draw.sample(range(len(asked.deltas)), min(size, len(asked.deltas) - 1))
            out = together(problem, [asked.deltas[at] for at in gone]) if gone else Delta()
            base = session.solve(out)
            left = [at for at in range(len(asked.deltas)) if at not in gone]
            bounds = [way.bounds(out, base.values) for way in ways]
            known += np.isfinite(bounds[1][left]).tolist()
            before = base.objective + float(problem.tilt @ base.values) * problem.scale
            for _ in range(TRIES // 4):
                more = draw.sample(left, min(len(left), draw.randint(1, 4)))
                after = session.solve(together(problem, [asked.deltas[at] for at in [*gone, *more]]))
                now = after.objective + float(problem.tilt @ after.values) * problem.scale
                for found in bounds:
                    assert now <= before + found[more].sum() + 1e-7 * abs(before) + 1e-2, (seed, gone, more)
    assert np.mean(known) > KNOWN


def _cost(asked: Contingencies, some: tuple[int, ...]) -> float:
    window = asked.opened
    found = window.session.solve(together(window.problem, [asked.deltas[at] for at in some]))
    return found.objective - window.start.objective
