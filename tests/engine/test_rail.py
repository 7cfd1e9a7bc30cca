"""Goods on rails: two days on the way, over the end of the horizon too; every number by hand, to 1e-9.

mine, a, 100 MW at 5 --rail, 2 days, 2 USD/MWh, a tenth lost--> b, 45 MW at 500 <--20 MW at 90-- spare; the mine is out on 7 January
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.engine import Engine, Rules
from tests.cases.make import AB, make

EXACT = 1e-9
DAY = 24.0
SENT = DAY * 50 * (5 + 2)  # USD for what leaves on a day: 50 MW of which 45 arrive
SHORT = DAY * (20 * 90 + 25 * 500)  # USD of a day on which nothing arrives: the spare, and 25 MW unserved


def _rail() -> Case:
    return make(
        days=8,
        places=AB,
        links="""
            link, carrier,      kind, from_place, to_place, capacity, tariff, loss, days
            way,  coal_low_ash, rail, a,          b,        60,       2,      0.1,  2
        """,
        assets="asset, kind, place, capacity, cost\nmine, mine, a, 100, 5\nspare, import, b, 20, 90",
        asset_ports="asset, carrier, ratio\nmine, coal_low_ash, 1\nspare, coal_low_ash, 1",
        demand="place, carrier, customer_class, amount, unit, voll\nb, coal_low_ash, household, 395280, MWh, 500",
        outages="table, element, start, end\nassets, mine, 2024-01-07, 2024-01-07",
    )


def test_what_leaves_on_the_last_days_arrives_on_the_first() -> None:
    """Nothing leaves on 7 January, so nothing arrives two days later: on the first day of the horizon."""
    answer = Engine(_rail(), cache=False).base
    sent = [50.0] * 6 + [0.0, 50.0]
    assert answer.power("links.flow", ["way"])[0] == pytest.approx(sent, rel=EXACT, abs=EXACT)
    assert answer.power("assets.activity", ["mine"])[0] == pytest.approx(sent, rel=EXACT, abs=EXACT)
    assert answer.power("assets.activity", ["spare"])[0] == pytest.approx(
        [20.0] + [0.0] * 7, rel=EXACT, abs=EXACT
    )
    assert answer.by_demand(1)[0] == pytest.approx([25.0] + [0.0] * 7, rel=EXACT, abs=EXACT)
    assert answer.objective == pytest.approx(7 * SENT + SHORT, rel=EXACT)


def test_the_undisturbed_window_takes_over_what_is_under_way() -> None:
    """From 4 January on arrives what left on the 2nd and the 3rd; the window costs what the plan costs."""
    engine = Engine(_rail(), cache=False)
    window = engine.window(date(2024, 1, 4), 3, Rules())
    assert window.base.objective == pytest.approx(engine.base.objective, rel=EXACT)
    days = slice(3, None)
    for name, element in (("links.flow", "way"), ("assets.activity", "spare")):
        inside, plan = (one.power(name, [element])[0] for one in (window.base, engine.base))
        assert inside == pytest.approx(plan[days], rel=EXACT, abs=EXACT)


@pytest.mark.parametrize(("in_transit", "days_short"), [("held", 3), ("lost", 5)])
def test_a_cut_of_three_days(in_transit: str, days_short: int) -> None:
    """Held: what was on its way arrives on the 7th and 8th instead of what could not leave. Lost: these days are short as well."""
    engine = Engine(_rail(), cache=False)
    first, last = date(2024, 1, 4), date(2024, 1, 6)
    asked = engine.window(first, 3, Rules()).ask([Outage("way", first, last)], in_transit)
    short = np.array([1.0] * days_short + [0.0] * (5 - days_short))
    assert asked.answer.by_demand(1)[0] == pytest.approx(25.0 * short, rel=EXACT, abs=1e-7)
    assert asked.answer.power("assets.activity", ["spare"])[0] == pytest.approx(
        20.0 * short, rel=EXACT, abs=1e-7
    )
    sent = [0.0, 0.0, 0.0, 0.0, 50.0]
    assert asked.answer.power("links.flow", ["way"])[0] == pytest.approx(sent, rel=EXACT, abs=1e-7)
    assert asked.extra_cost == pytest.approx(days_short * SHORT - 3 * SENT, rel=EXACT)
