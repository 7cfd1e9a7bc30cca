"""The base with parts of days from the base by days: the same cost as from nothing, whatever the case holds."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from kelisim.case.case import Case
from kelisim.engine import Engine, Rules, engine, lifting
from tests.cases.parts import in_parts
from tests.cases.random_case import random_case, seed_at

PARTS = (("night", 8), ("day", 11), ("evening", 5))


@cache
def by_days() -> list[Case]:
    """Four random cases in days."""
    return [case for case in (random_case(seed_at(at)) for at in range(12)) if case.horizon.step == "1d"][:4]


@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize("rules", [Rules(), Rules("cooperative", "late"), Rules("own_first", "late")])
def test_the_way_to_the_base_does_not_change_it(
    at: int, rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Large cases take this way; on it the plan must not be another one."""
    case = in_parts(by_days()[at], PARTS)
    plain = Engine(case, rules, cache=False).base
    monkeypatch.setattr(engine, "LARGE", 0)
    lifted: list[bool] = []

    def counted(*arguments: object) -> object:
        found = lifting.lift(*arguments)  # type: ignore[arg-type]
        lifted.append(found is not None)
        return found

    monkeypatch.setattr(engine, "lift", counted)
    found = Engine(case, rules, cache=False).base
    assert found.status == plain.status
    if plain.status == "optimal":
        assert found.objective == pytest.approx(plain.objective, rel=1e-9)
        assert lifted == [True]
        assert np.isfinite(found.objective)
