"""Which of two answers of the same cost stands for a response."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from kelisim.engine.response import Escalation, Stage


def asked(power: float) -> Any:
    """An answer in which a measure gives so many MW."""
    return SimpleNamespace(
        answer=SimpleNamespace(columns={"measures.use": SimpleNamespace(values=np.array([[0.0, power]]))})
    )


@pytest.mark.parametrize(("power", "stands"), [(0.0, "without"), (5.0, "stage")])
def test_measures_that_are_not_used_change_no_answer(power: float, stands: str) -> None:
    """Otherwise a plan without measures told of customers who go short because of it."""
    without, stage = asked(0.0), asked(power)
    measures = cast(Any, SimpleNamespace(block=SimpleNamespace(name="measures.use")))
    response = Escalation(without, (Stage("alert", stage),), {}, {}, measures)
    assert response.answered is (without if stands == "without" else stage)
