"""Games whose shares are known as fractions."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from kelisim.ledger.games import CoalitionGame, shapley

GIVEN = json.loads((Path(__file__).parent / "games.json").read_text(encoding="utf-8"))


def game_of(name: str) -> CoalitionGame:
    worth = {sum(1 << int(digit) - 1 for digit in key): value for key, value in GIVEN[name]["v"].items()}
    return CoalitionGame.of(map(str, range(GIVEN[name]["n"])), worth.__getitem__)


@pytest.mark.parametrize("name", GIVEN)
def test_shapley(name: str) -> None:
    """A share that differs in the tenth digit was computed by another formula."""
    exact = [float(Fraction(text)) for text in GIVEN[name]["shapley_exact"]]
    assert shapley(game_of(name)) == pytest.approx(exact, abs=1e-9, rel=0)
