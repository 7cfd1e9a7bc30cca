"""A section loses one of three circuits: its limit falls at once, what flowed above it is shed, then plants make up for a part.

a ==one + two + three <= 900==> b    b: 900 MW of use, a plant of 200 MW that the plan does not need
"""

from __future__ import annotations

from datetime import date
from itertools import combinations

import numpy as np
import pytest

from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.engine import Engine, Rules
from kelisim.engine.contingency import Contingencies, Lost
from kelisim.errors import CaseError
from kelisim.results.tables import Tables
from tests.cases.make import AB, make

RULES = Rules("cooperative", "late")
START = date(2024, 1, 2)
WINTER = "profile, month, value\n" + "\n".join(
    f"winter, {month}, {1 if month < 3 else 2}" for month in range(1, 13)
)


def circuits(
    limit_without: str = "", profile: str = "", outages: str = "", price: str = "", use: str = "900"
) -> Case:
    return make(
        days=4,
        places=AB,
        assets="asset, kind, place, capacity, unit, cost\nhydro, hydro, a, 2000, MW, 5\npeaker, supply, b, 200, MW, 90",
        asset_ports="asset, carrier, ratio\nhydro, electricity, 1\npeaker, electricity, 1",
        links="""
            link,  carrier,     from_place, to_place, capacity, unit
            one,   electricity, a,          b,        400,      MW
            two,   electricity, a,          b,        400,      MW
            three, electricity, a,          b,        400,      MW
        """,
        resources=f"""
            resource, amount, unit, over, kind,    limit_without,   profile,   shortfall_price
            tie,      900,    MW,   step, section, {limit_without}, {profile}, {price}
        """,
        resource_uses="resource, table, element\ntie, links, one\ntie, links, two\ntie, links, three",
        demand=f"place, carrier, customer_class, amount, unit\nb, electricity, household, {use}, MW year",
        **({"outages": outages} if outages else {}),
        **({"profiles": WINTER} if profile else {}),
    )


def short(case: Case, *lost: str, share: float = 1.0) -> tuple[float, float]:
    """MW unserved on the days of an outage, and shed in its first hour."""
    engine = Engine(case, cache=False)
    changes = [Outage(line, START, START, share) for line in lost]
    asked = engine.ask(engine.window(START, 1, RULES), changes)
    first = engine.first_hour(START, changes, RULES, reserve=0.0)
    assert first is not None
    return tuple(
        float(one.columns["demand.unserved"].values.sum(axis=0)[0]) for one in (asked.answer, first.answer)
    )  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("limit_without", "lost", "remains"),
    [
        ("", ["one"], 600),
        ("", ["one", "two"], 300),
        ("", ["one", "two", "three"], 0),
        ("one:500", ["one"], 500),
        ("one:500", ["two"], 600),
        ("one:500", ["one", "two"], 500),
        ("one:500;one+two:100", ["one", "two"], 100),
        ("one:500;one+two:100", ["two"], 600),
        ("one:500;two:450", ["one", "two"], 450),
    ],
)
def test_a_limit_falls_with_its_lines(limit_without: str, lost: list[str], remains: float) -> None:
    """A section that keeps its limit with a circuit out promises power that the automatics have cut off."""
    after, at_once = short(circuits(limit_without), *lost)
    possible = min(remains, 400.0 * (3 - len(lost)))
    assert at_once == pytest.approx(900 - possible, abs=1e-2)
    assert after == pytest.approx(max(700 - possible, 0.0), abs=1e-2)


def test_a_circuit_at_half_takes_half_of_the_fall() -> None:
    """A line at reduced load is neither out nor whole."""
    assert short(circuits("one:500"), "one", share=0.5)[0] == pytest.approx(0.0, abs=1e-2)
    assert short(circuits("one:100"), "one", share=0.5)[1] == pytest.approx(400, abs=1)


def test_a_limit_has_a_season_and_planned_outages() -> None:
    """The winter's limit is not the summer's, and a repair that is planned lowers it in the plan too."""
    engine = Engine(circuits(profile="winter"), cache=False)
    most = engine.base.rows["resources.step"].upper[0] / 900
    waiting = engine.base.rows["resources.section"].upper[0] / (1e-6 * 900)
    assert most == pytest.approx(waiting) and most[0] < 0.6
    repair = "table, element, start, end, share\nlinks, one, 2024-01-02, 2024-01-02, 1"
    planned = Engine(circuits(outages=repair), cache=False)
    cut = planned.base.by_demand(1)[0]
    assert cut == pytest.approx([0, 100, 0, 0], abs=1e-2)
    tie = Tables(planned.case, planned.base).resources_total.iloc[0]
    assert tie["shadow_price"] > 1.0


def test_more_than_a_section_carries_at_a_price() -> None:
    """A limit that may be exceeded at a price stays one with all its lines, and with a line out."""
    soft = circuits(price="10")
    assert Engine(soft, cache=False).base.by_demand(1).max() == pytest.approx(0.0, abs=1e-6)
    assert short(soft, "one")[0] == pytest.approx(0.0, abs=1e-2)
    engine = Engine(circuits(price="10", use="1000"), cache=False)
    assert engine.base.by_demand(1).max() == pytest.approx(0.0, abs=1e-6)
    assert engine.base.columns["resources.step_shortfall"].values.max() > 1.0


def test_sets_of_lines_are_found_as_by_trying_all() -> None:
    """A certificate that forgot how limits fall together would call a worse set impossible."""
    case = circuits("one:500;one+two:100;two+three:350")
    opened = Engine(case, cache=False).window(START, 1, RULES)
    names = ["one", "two", "three", "peaker", "hydro"]
    tables = {"peaker": "assets", "hydro": "assets"}
    asked = Contingencies(opened, [Lost(name, ((tables.get(name, "links"), name),)) for name in names])
    last = opened.steps["end"].iloc[-1].date()
    cost = {
        pair: opened.ask([Outage(name, START, last) for name in pair]).extra_cost
        for pair in combinations(names, 2)
    }
    found = asked.worst_pairs(len(cost)).outcomes
    for one in found:
        pair = tuple(sorted(one.names, key=names.index))
        assert one.loss == pytest.approx(cost[pair], rel=1e-6, abs=1.0)  # type: ignore[index]
    assert max(cost.values()) == pytest.approx(max(one.loss for one in found), rel=1e-6)
    assert np.isfinite(list(cost.values())).all()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [("four:500", "no line of the section"), ("one:1200", "between 0 and the amount"), ("one", "between 0")],
)
def test_limits_that_cannot_be_read(wrong: str, says: str) -> None:
    """A limit of a line that is misspelt would never fall."""
    with pytest.raises(CaseError, match=says):
        circuits(wrong)
