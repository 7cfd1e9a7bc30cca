"""A game of two tables: six moves a side from a file, the papers for a room without a network, and the minutes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kelisim.cli.moves import from_files
from kelisim.engine import Engine
from kelisim.errors import UserError
from kelisim.results.results import Results
from kelisim.studies.exercise.study import Exercise
from kelisim.studies.pages import document, write_papers
from kelisim.studies.study import create
from tests.cases.reference import reference_engine
from tests.cases.two_states import two_states

MOVES = """hour,side,measure,share
0,XA,spare_a,0.5
0,XB,spare_b,1
2,XB,tie,1
4,XA,tie,0.5
6,XA,spare_a,1
8,XB,spare_b,0.5
24,XA,tie,1
24,XB,tie,0.8
30,XA,spare_a,0
30,XB,spare_b,1
36,XA,spare_a,1
48,XB,tie,0
"""


@pytest.fixture(scope="module")
def moves(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("moves") / "moves.csv"
    path.write_text(MOVES)
    return path


@pytest.fixture(scope="module")
def game(moves: Path) -> Results:
    fields = from_files(
        {"lost": "plant_a", "start": "2024-01-02", "days": "3", "decisions": f"@{moves}", "belief": "1"}
    )
    fields["injects"] = ("24 lose plant_b 1", "12 say Frost is near")
    study = create("exercise", fields)
    assert isinstance(study, Exercise) and study.start == date(2024, 1, 2)
    return study.run(Engine(two_states(), cache=False))


def test_six_moves_a_side_are_played(game: Results) -> None:
    """All twelve stand, half of the spare until the sixth hour and all of it from then on."""
    rows = game["decisions"]
    assert rows["side"].value_counts().to_dict() == {"XA": 6, "XB": 6}
    assert rows["accepted"].all()
    # spare_a: 2 MW for 6 h, 4 until hour 30, none until 36, 4 for the rest of 72 h
    energy = rows[rows["measure"] == "spare_a"]["energy"].iloc[0]
    assert energy == pytest.approx(2 * 6 + 4 * 24 + 4 * 36, rel=1e-6)
    modes = game["modes"].set_index("mode")["harm"]
    assert modes["together"] <= modes["decided"] < modes["nothing"]


def test_minutes_say_who_ordered_what(game: Results) -> None:
    """Minutes are signed: each order in words, each inject, each refusal."""
    text = document(game)
    assert (
        "| 6 | 2 January 2024, 06:00 | XA | Grid of XA orders: Spare of XA, 100 % of it; accepted |" in text
    )
    assert "Frost is near" in text
    assert "## Contracts not kept" in text


def test_papers_tell_players_no_more_than_they_may_know(game: Results, tmp_path: Path) -> None:
    """A briefing that says how long it lasts ends the game before it begins."""
    written = {path.name: path.read_text(encoding="utf-8") for path in write_papers(game, tmp_path / "room")}
    names = {"briefing", "injects", "orders_XA", "orders_XB", "minutes"}
    assert set(written) == {f"{name}.{ending}" for name in names for ending in ("md", "html")}
    assert "The first report says 1 day." in written["briefing.md"]
    for name in ("briefing.md", "orders_XA.md", "orders_XB.md"):
        assert "3 days" not in written[name] and "Plant B is lost" not in written[name]
    assert "It lasts 3 days" in written["injects.md"] and "Plant B is lost" in written["injects.md"]
    assert "Spare of XA" in written["orders_XA.md"] and "Spare of XA" not in written["orders_XB.md"]
    assert written["orders_XA.html"].count("<table>") == 8
    assert "<script" not in "".join(written.values())


def test_mistakes_in_a_file_of_moves_are_told_at_once(tmp_path: Path) -> None:
    """By row and column, with the nearest right word."""
    path = tmp_path / "bad.csv"
    path.write_text("hour,side,mesure,share\n0,XA,spare_a,1\n")
    with pytest.raises(UserError) as raised:
        from_files({"decisions": f"@{path}"})
    assert 'no column "measure". Did you mean "mesure"?' in str(raised.value)
    path.write_text("hour,side,measure,share\nsoon,XA,spare_a,1\n3,,spare_a,much\n")
    with pytest.raises(UserError) as raised:
        from_files({"decisions": f"@{path}"})
    told = str(raised.value).splitlines()
    assert [line.partition(" row ")[2].partition(":")[0] for line in told] == [
        "2, hour",
        "3, side",
        "3, share",
    ]
    with pytest.raises(UserError, match="cannot be read"):
        from_files({"decisions": f"@{tmp_path / 'none.csv'}"})


GAME = """hour,side,measure,share
1,KZ,interrupt_industry_gas,0.5
1,RU,ru_limit_industry_gas,1
6,KZ,lower_network_temperature,1
12,KZ,mazut_for_boilers_kz_kostanay,1
24,RU,ru_gas_beyond_contract,1
24,KZ,mazut_for_heat_kz_kostanay,1
48,KZ,interrupt_industry_gas,1
48,RU,russian_support_stress,1
72,KZ,electric_heating_of_homes,1
72,RU,ru_products_beyond_balance,0.5
96,RU,ru_gas_beyond_contract,0.5
120,RU,mazut_for_heat_kz_kostanay,1
"""


def test_a_game_on_the_reference_case(tmp_path: Path) -> None:
    """The main to Kostanay in January: gas of Gazprom that did not come is a claim and no debt; Russia has no say over mazut in Kostanay."""
    path = tmp_path / "moves.csv"
    path.write_text(GAME)
    asked = {
        "lost": "gas_kartaly_rudny",
        "start": "2024-01-01",
        "days": "31",
        "now": "-1",
        "decisions": f"@{path}",
    }
    results = create("exercise", from_files(asked)).run(reference_engine())
    rows = results["decisions"]
    assert rows["side"].value_counts().to_dict() == {"KZ": 6, "RU": 6}
    refused = rows[~rows["accepted"]]
    assert set(refused["measure"]) == {"ru_limit_industry_gas", "mazut_for_heat_kz_kostanay"}
    claim = results["claims"].set_index("contract").loc["contract_kartaly"]
    assert (claim["kind"], claim["giver"], claim["receiver"]) == ("not_delivered", "RU", "KZ")
    assert claim["claimed"] == pytest.approx(claim["planned"] - claim["delivered"], rel=1e-6)
    aid = results["aid"]
    assert (
        aid[(aid["carrier"] == "natural_gas") & (aid["giver"] == "RU")]["energy"].sum()
        < 0.01 * claim["claimed"]
    )
    assert 0.5 < results["modes"].set_index("mode")["avoided_share"]["decided"] < 1.0
