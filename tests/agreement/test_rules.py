"""Rules of both sides: the change that each stands for, counted by hand, and who bears it."""

from __future__ import annotations

import numpy as np
import pytest

from kelisim.agreement.rules import effects
from kelisim.engine import Engine
from tests.cases.treaty import treaty

RULES = """
    regulation, topic,   side_a, side_b, gap, acts_on,              change,           value, unit, how
    tariff,     tariffs, one,    other,  gap, links:pipe:tariff,    a dearer pipe,    2,     ,     scale
    words,      words,   one,    other,  gap, ,                     ,                 ,      ,
    wider,      line,    one,    other,  gap, links:l*ne:capacity,  a narrower line,  -3,    MW,   add
"""


def test_the_effect_is_that_of_the_year() -> None:
    """12 MW of gas at 1 more per MWh for 40 days are 11,520; a line of 2 MW leaves 1 of 3 MW of power unserved, and saves what it cost."""
    found = {
        one.regulation: one for one in effects(Engine(treaty(regulations=RULES), cache=False), ("KZ", "RU"))
    }
    assert found["tariff"].cost == pytest.approx(12 * 24 * 40, rel=0.02)
    assert found["tariff"].first + found["tariff"].second == pytest.approx(found["tariff"].cost, rel=1e-6)
    assert np.isnan(found["words"].cost)
    classes = treaty().quantities("customer_classes")
    homes = classes[
        (classes["customer_class"] == "household") & classes["carrier"].str.contains("electricity")
    ]
    assert found["wider"].cost == pytest.approx(24 * 40 * (float(homes["voll"].iloc[0]) - 30 - 1))
