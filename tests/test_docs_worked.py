"""Worked pages say what their commands print today."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest

from kelisim.case.scenarios import names as scenario_names
from kelisim.cli.printing import answer_lines
from kelisim.engine import Engine
from kelisim.ledger.venture import books, npv
from kelisim.report.words import Words
from kelisim.studies.investment.coming.outlooks import coming_years
from kelisim.studies.pages import page_of
from kelisim.studies.study import Study, create, find
from tests.cases.reference import reference_engine
from tools import first_sentences, northern_fuel, northern_gas, november_talks, october_2025, worked_routes

WRITTEN = {
    first_sentences.PAGE,
    northern_fuel.PAGE,
    northern_gas.PAGE,
    november_talks.PAGE,
    october_2025.PAGE,
    worked_routes.PAGE,
}  # by tools, from runs of their own
WORKED = sorted(set((Path(__file__).parents[1] / "docs/worked").glob("*.md")) - WRITTEN)
MONTHS = re.compile(r"^```sh\nkelisim (run .*?)^```$", re.MULTILINE | re.DOTALL)
PRINTED = re.compile(r"^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DAYS = re.compile(r"^\$ kelisim (run (?:.*\\\n)*.*)$", re.MULTILINE)  # in blocks of "console": not run here
AMOUNT = re.compile(r"[\d.,]+ (million m3|[GTM]Wh|k?t)")


def asked(command: str) -> tuple[type[Study], dict[str, str], dict[str, str]]:
    """Study of a command of the page, its fields, and the options that every study has."""
    _, study, case, *words = shlex.split(command.replace("\\\n", " "))
    assert case == "reference"
    options = {
        name.removeprefix("--").replace("-", "_"): value
        for name, value in zip(words[::2], words[1::2], strict=True)
    }
    cls = find(study)
    own = {field.name for field in fields(cls)}
    mine = {name: value for name, value in options.items() if name in own}
    return cls, mine, {name: value for name, value in options.items() if name not in own}


@pytest.fixture(scope="module")
def engine() -> Engine:
    """The reference case in months."""
    return reference_engine()


@pytest.mark.parametrize("page", WORKED, ids=lambda path: path.stem)
def test_answer_on_the_page_is_the_answer(page: Path, engine: Engine) -> None:
    """A page that shows another answer than its command gives is read once."""
    text = page.read_text(encoding="utf-8")
    (command,), (printed,) = MONTHS.findall(text), PRINTED.findall(text)
    cls, mine, others = asked(command)
    assert not others
    results = create(cls.name, mine).run(engine)
    words = Words(results.case)
    answer = page_of(results, words)
    said = " ".join(" ".join(answer_lines(results, answer, words)).split())
    shown = " ".join(printed.split())
    assert shown.startswith(said)
    given = {cell.text for view in answer.views if view.is_told for row in view.rows for cell in row}
    cells = [
        cell.strip() for line in printed.splitlines() if line.startswith("│") for cell in line.split("│")
    ]
    amounts = {cell for cell in cells if AMOUNT.fullmatch(cell)}
    assert amounts or shown == said
    assert sorted(amounts - given) == []


@pytest.mark.parametrize("page", WORKED, ids=lambda path: path.stem)
def test_commands_in_days_can_be_asked(page: Path, engine: Engine) -> None:
    """Commands in days take the plan of a daily year, minutes, and are not run here; a field or a name that no longer exists
    in one would be met by the reader first."""
    commands = DAYS.findall(page.read_text(encoding="utf-8"))
    assert commands
    case = engine.case
    for command in commands:
        cls, mine, others = asked(command)
        assert others == {"step": "1d"}
        values = create(cls.name, mine).values()
        for field in fields(cls):
            known = {
                str(name)
                for table in field.metadata.get("refers_to", ())
                for name in case.table(table).iloc[:, 0]
            }
            value = values[field.name]
            named = set(value) if isinstance(value, tuple) else {value} - {""}
            assert not known or named <= known, f"{page.name}: {field.name}"


def test_first_sentences_are_short_and_whole() -> None:
    """Twelve cuts, the three refineries each: a cut without its sentences, or a first one that cannot be said in one breath."""
    text = first_sentences.PAGE.read_text(encoding="utf-8")
    parts = text.split("\n## ")[1:]
    assert [part.split("\n")[0] for part in parts] == [cut.name for cut in first_sentences.CUTS]
    for part, cut in zip(parts, first_sentences.CUTS, strict=True):
        told = re.findall(r"^\d\. (.*)$", part, re.MULTILINE)
        assert len(told) == 3
        assert len([word for word in told[0].split() if word != "%"]) <= 20
        assert any(cut.command(step) in part for step in first_sentences.STEPS)
    assert "days shown" not in text


def test_commands_of_the_first_sentences_can_be_asked(engine: Engine) -> None:
    """An element that was given another name leaves its sentence behind."""
    known = {str(name) for table in ("links", "assets") for name in engine.case.table(table).iloc[:, 0]}
    assert {element for cut in first_sentences.CUTS for element in cut.lost} <= known


@pytest.mark.skipif("KELISIM_EXAMPLES" not in os.environ, reason="a run of its own, in `make prove`")
def test_the_page_of_october_is_what_its_run_says(engine: Engine) -> None:
    assert october_2025.PAGE.read_text(encoding="utf-8") == october_2025.page(engine)


def test_routes_on_the_page_are_those_that_are_asked(engine: Engine) -> None:
    """A section for each route with each of its commands; places, carriers and scenarios that the case has."""
    text = worked_routes.PAGE.read_text(encoding="utf-8")
    parts = text.split("\n## ")[1:]
    assert [part.split("\n")[0] for part in parts] == [route.heading for route in worked_routes.ROUTES]
    places, known = set(engine.case.table("places")["place"]), scenario_names(engine.case)
    for part, route in zip(parts, worked_routes.ROUTES, strict=True):
        assert " ".join(route.reading.split()) in " ".join(part.split())
        for one in route.asked:
            assert f"$ {one.command}\n" in part
            assert {one.start, one.end} <= places and (not one.scenario or one.scenario in known)
            create("transit", one.values())


def test_northern_gas_compares_the_projects_of_the_case(engine: Engine) -> None:
    """What the projects are comes from the case of today, what nobody has published is marked; its commands can be asked."""
    text = northern_gas.PAGE.read_text(encoding="utf-8")
    runs = northern_gas.NorthernGas(engine)
    assert "\n".join(northern_gas.projects(runs)) in text and text.count("(scenario, C)") == len(
        northern_gas.ASSUMED
    )
    wrong: list[str] = []
    for command in DAYS.findall(text):
        cls, mine, _ = asked(command)
        values = create(cls.name, mine).values()
        if cls.name == "investment":
            found = coming_years(engine.case, values["scenarios"], values["projects"], wrong)
            assert len(found) == len(northern_gas.MARKETS) * len(northern_gas.RULES) and not wrong


def test_books_of_the_fuel_venture_return_what_the_page_says(engine: Engine) -> None:
    """The page says that it is a scenario; from the fee and the volume that it names its rate of return follows."""
    text = northern_fuel.PAGE.read_text(encoding="utf-8")
    case = northern_fuel.with_depots(engine.case)
    runs = northern_fuel.NorthernFuel(Engine(case))
    assert "scenario" in text.splitlines()[0] and "**This is a scenario.**" in text
    assert "\n".join(northern_fuel.assumed(runs)) in text
    (told,) = re.findall(
        r"fuel: ([\d.]+) Mt a year .* At (\d+) USD a tonne .* at\s+(\d+)\s+USD its cash returns 12 %",
        " ".join(text.split()),
    )
    volume, low, fee = map(float, told)
    for price, rate in ((low, northern_fuel.RATE), (fee, northern_fuel.WANTED)):
        cash = books(runs.venture(price, volume)).cash()
        assert abs(npv(cash, rate)) < 0.02 * abs(cash).sum()
    for command in DAYS.findall(text):
        cls, mine, _ = asked(command)
        create(cls.name, mine).values()
