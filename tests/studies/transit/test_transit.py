"""The study of transit on two sides that face each other: volumes asked for, and what is wrong with a question."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.results.results import Results
from kelisim.studies import run
from tests.cases.border import steppe


def ask(**fields: Any) -> Results:
    given = {"carrier": "natural_gas", "from_place": "field", "to_place": "town"} | fields
    return run("transit", Engine(steppe(days=3), cache=False), **given)


def test_volumes_asked_for() -> None:
    """8 MW pay the tariff of 1, 12 also 4 x 16 an hour; 15 do not fit, as 14 is the most."""
    found = ask(volumes=("8", "12", "15"))["volumes"]
    assert found["fits"].tolist() == [True, True, False]
    assert found["cost"].iloc[:2].to_numpy() == pytest.approx([72 * 8, 72 * (8 + 4 * 16)], rel=1e-6)
    assert np.isnan(found["cost"].iloc[2])


def test_without_the_pipe_nothing_crosses() -> None:
    """Both links of the way are needed; on a day as much fits as all the time."""
    found = ask()
    assert found["losses"]["volume"].tolist() == pytest.approx([0, 0], abs=1e-6)
    firm = found["firm"].set_index("period")["volume"]
    assert firm["day"] == pytest.approx(14)


def test_what_holds_it_is_a_link_that_carries_it() -> None:
    """The pipe of 20 is full; the well and the store, which are at their limits too, come behind it."""
    limits = ask()["limits"]
    first = limits[limits["period"] == "year"].iloc[0]
    assert (first["element"], first["block"], first["gain"]) == ("pipe", "links.flow", pytest.approx(1.0))


def test_all_that_is_wrong_is_told_at_once() -> None:
    """A country that is not there, a volume that is no number, and the same place twice."""
    with pytest.raises(StudyError) as told:
        ask(to_place="field", through=("KZX",), volumes=("much",))
    text = str(told.value)
    assert 'no place of the case lies in "KZX"' in text
    assert 'volumes: "much" is not a number above 0.' in text
    assert "to_place: it is the place where the transit begins." in text
