"""How fast an asset may change, where its carrier has one balance a step and steps have parts."""

from __future__ import annotations

import numpy as np
import pytest

from kelisim.engine import Engine
from tests.cases.make import A, make
from tests.cases.parts import in_parts

WELLS = """
    asset, kind,  place, capacity, cost, ramp
    slow,  field, a,     100,      10,   0.005
    dear,  field, a,     100,      60,
"""


@pytest.mark.parametrize("parts", [(), (("night", 8), ("day", 11), ("evening", 5))], ids=["days", "parts"])
def test_a_step_allows_what_its_hours_allow(parts: tuple[tuple[str, int], ...]) -> None:
    """Gas by the day, 20 and 80 MW in turn: 24 hours at 0.5 MW allow 12 MW a day, whatever the parts of the day.

    slow gives 20, 32, 20, 32 MW; dear the other 48 MW on two days.
    """
    values = (0.4, 1.6, 0.4, 1.6, 1, 1, 1)
    days = "profile, weekday, value\n" + "\n".join(
        f"days, {at}, {value}" for at, value in enumerate(values, 1)
    )
    case = in_parts(
        make(
            days=4,
            places=A,
            carriers="carrier, name, display_unit, resolution, may_curtail\nnatural_gas, Gas, TWh, step, no",
            assets=WELLS,
            asset_ports="asset, carrier, ratio\nslow, natural_gas, 1\ndear, natural_gas, 1",
            demand="place, carrier, customer_class, amount, unit, profile\na, natural_gas, industry, 439.2, GWh, days",
            profiles=days,
        ),
        parts,
    )
    answer = Engine(case, cache=False).base
    slow = answer.columns["assets.activity"].values[1]
    np.testing.assert_allclose(slow[:: len(parts) or 1], [20, 32, 20, 32], atol=1e-6)
    assert answer.objective == pytest.approx(24 * (104 * 10 + 96 * 60))
