"""A window with links held at the plan: what one side does about a loss when nothing more comes over the border."""

from __future__ import annotations

from datetime import date

import pytest

from kelisim.case.case import Case
from kelisim.case.change import Outage, SetValue
from kelisim.engine import Engine, Rules
from kelisim.model.delta import RebuildNeeded
from tests.cases.make import AB, make

DAY = date(2024, 1, 1)
RULES = Rules("cooperative", "late")
LOSS = Outage("wells_b", DAY, date(2024, 1, 3))


def two_wells() -> Case:
    """wells (a, 20 MW, dear) --pipe 20 MW--> b: wells_b 8 MW, homes 10 MW; the plan sends 2 MW."""
    return make(
        days=3,
        places=AB,
        links="link, carrier, from_place, to_place, capacity, tariff\npipe, natural_gas, a, b, 20, 1",
        assets="""
            asset,   name,    kind,  place, capacity, cost
            wells,   Wells,   field, a,     20,       50
            wells_b, Wells B, field, b,     8,        5
        """,
        asset_ports="asset, carrier, ratio\nwells, natural_gas, 1\nwells_b, natural_gas, 1",
        demand="place, carrier, customer_class, amount, unit\nb, natural_gas, household, 10, MW year",
    )


def test_a_held_link_carries_its_plan_and_no_more() -> None:
    """Help from across would be counted as what a side can do alone; the window it was made from stays as it was."""
    opened = Engine(two_wells(), cache=False).window(DAY, 3, RULES)
    alone = opened.with_held(["pipe"], opened.base)
    found = alone.ask([LOSS]).answer
    assert found.power("links.flow", ["pipe"])[0] == pytest.approx([2.0, 2.0, 2.0])
    assert found.by_demand(1)[0] == pytest.approx([8.0, 8.0, 8.0])
    assert opened.ask([LOSS]).answer.by_demand(1)[0] == pytest.approx([0.0, 0.0, 0.0])


def test_a_held_window_refuses_a_new_matrix() -> None:
    """A window made anew would forget what is held, and the help would be there again."""
    opened = Engine(two_wells(), cache=False).window(DAY, 3, RULES)
    lossy = SetValue("links", "pipe", "loss", 0.1)
    assert opened.ask([LOSS, lossy]).rebuilt is not None
    with pytest.raises(RebuildNeeded):
        opened.with_held(["pipe"], opened.base).ask([LOSS, lossy])
