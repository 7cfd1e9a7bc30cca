"""A game of two tables in an address: orders add up, the clock goes on, and what is to come stays hidden."""

from __future__ import annotations

import pytest

from kelisim.engine import Engine
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.web.address import GAME
from kelisim.web.game import Game
from tests.cases.two_states import two_states

BEGUN = {
    "lost": "plant_a",
    "start": "2024-01-02",
    "days": "3",
    "belief": "1",
    "injects": "48 say Help is near",
}


@pytest.fixture(scope="module")
def game() -> Game:
    """The first hour, after an order of each side, and the clock a day on."""
    return Game(BEGUN, "1d").ordered("XA", "spare_a", 1.0).later(6).ordered("XB", "spare_b", 0.5).later(18)


@pytest.fixture(scope="module")
def results(game: Game) -> Results:
    return run(GAME, Engine(two_states(), cache=False), **game.asked())


def test_the_address_holds_the_whole_game(game: Game) -> None:
    """Handed to the other table it is the same game."""
    query = dict(part.split("=") for part in game.link().partition("?")[2].replace("+", " ").split("&"))
    assert Game.of(query) == game
    assert game.orders == ["0 XA spare_a 1", "6 XB spare_b 0.5"]
    assert game.now == 24
    assert game.without_last().orders == ["0 XA spare_a 1"]
    assert Game.of({"now": "soon", "no_field": "1"}).now == 0
    assert not Game().is_on and game.is_on


def test_what_is_to_come_stays_hidden(game: Game, results: Results) -> None:
    """The log ends at the hour of play; an inject of the third day and the end are not in it."""
    assert not game.is_over(results)
    log = game.log(results)
    assert log["hour"].max() <= 24
    assert not set(log["kind"]) & {"inject", "end"}
    assert log["hour"].is_monotonic_decreasing
    assert game.later(48).is_over(results)


def test_options_of_a_side_come_in_the_order_of_use(game: Game, results: Results) -> None:
    """What may be ordered comes first; what is ordered may be changed."""
    rows = game.options(results, "XA")
    assert [row["state"] for row in rows] == sorted(
        (row["state"] for row in rows), key=["open", "ordered", "level"].index
    )
    assert {row["measure"]: row["state"] for row in rows}["spare_a"] == "ordered"
    assert all(row["side"] == "XA" for row in rows)
