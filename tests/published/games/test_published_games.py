"""Games whose shares are known as fractions."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from kelisim.ledger.cores import is_in_core, least_core
from kelisim.ledger.games import CoalitionGame, shapley
from kelisim.ledger.nucleolus import is_nucleolus, nucleolus
from tests.published.answers import reproduces

GIVEN = json.loads((Path(__file__).parent / "games.json").read_text(encoding="utf-8"))

TITLES = {
    "talmud_bankruptcy_E100": "bankruptcy of the Talmud, estate 100",
    "talmud_bankruptcy_E200": "bankruptcy of the Talmud, estate 200",
    "talmud_bankruptcy_E300": "bankruptcy of the Talmud, estate 300",
    "glove_1L_2R": "one left glove and two right ones",
    "airport_costs_8_11_13_18": "costs of an airport, four aircraft",
    "mcst_chain": "chain of minimum cost",
}


def game_of(name: str) -> CoalitionGame:
    worth = {sum(1 << int(digit) - 1 for digit in key): value for key, value in GIVEN[name]["v"].items()}
    return CoalitionGame.of(map(str, range(GIVEN[name]["n"])), worth.__getitem__)


@pytest.mark.parametrize("name", GIVEN)
def test_shapley(name: str) -> None:
    """A share that differs in the tenth digit was computed by another formula."""
    exact = [float(Fraction(text)) for text in GIVEN[name]["shapley_exact"]]
    reproduces(f"Shapley value, {TITLES[name]}", shapley(game_of(name)), exact, "games", abs=1e-9, rel=0)


@pytest.mark.parametrize("name", GIVEN)
def test_nucleolus(name: str) -> None:
    """The division that the worst-off group can live with is unique, so that there is no room to be near it."""
    found = nucleolus(game_of(name))
    source = "talmud" if name.startswith("talmud") else "games"
    reproduces(f"Nucleolus, {TITLES[name]}", found.share, GIVEN[name]["nucleolus"], source, abs=1e-6, rel=0)
    assert is_nucleolus(game_of(name), GIVEN[name]["nucleolus"])


@pytest.mark.parametrize("name", GIVEN)
def test_core_verdicts(name: str) -> None:
    """Each of these games has a core, and the nucleolus lies in it; the share of Shapley need not."""
    game = game_of(name)
    assert least_core(game).has_core and is_in_core(game, GIVEN[name]["nucleolus"])
    assert is_in_core(game, GIVEN[name]["shapley"]) == (name != "glove_1L_2R")
