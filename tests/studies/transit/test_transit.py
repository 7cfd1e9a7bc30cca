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


def test_a_day_by_itself() -> None:
    """As by the year the pipe of 20 has 8 beside the 12 that are used, and 14 with the well's 6 in the place of Russian gas."""
    found = ask(span="day", volumes=("8", "30"))
    assert found["firm"]["period"].tolist() == ["day"]
    assert found["firm"]["volume"].tolist() == pytest.approx([14])
    assert found["volumes"]["fits"].tolist() == [True, False]
    assert found["volumes"]["cost"].iloc[0] == pytest.approx(24 * 8, rel=1e-6)
    assert found["losses"]["volume"].tolist() == pytest.approx([0, 0], abs=1e-6)


def test_each_day_by_itself() -> None:
    """All three days are alike; the day of the highest use is told at length."""
    found = ask(span="each_day")
    assert found["days"]["volume"].tolist() == pytest.approx([14] * 3)
    assert found["days"]["element"].tolist() == ["pipe"] * 3
    assert found["firm"]["volume"].tolist() == pytest.approx([14])


def test_what_the_year_has_left_is_no_help_of_a_day() -> None:
    """On the third day the pipe gives 8 of the 12 that are used, and the dear well the rest, 96 MWh: all that it has.

    What it could give on the first day in the place of Russian gas would be missed on the third one: 20 - 12 = 8 can cross, and
    not 14.
    """
    text = "profile, step, value, meaning\n" + "".join(
        f"open, 2024-01-0{day}, {value}, availability\n" for day, value in ((1, 1), (2, 1), (3, 0.4))
    )
    case = steppe(days=3, profiles=text)
    assets, links = case.table("assets"), case.table("links")
    is_well = assets["asset"] == "well"
    assets = assets.assign(
        annual_max=np.where(is_well, 96.0, np.nan), annual_unit=np.where(is_well, "MWh", "")
    )
    case = case.with_table("assets", assets).with_table("storages", case.table("storages").iloc[:0])
    case = case.with_table("links", links.assign(profile=np.where(links["link"] == "pipe", "open", "")))
    fields = {"carrier": "natural_gas", "from_place": "field", "to_place": "town", "span": "each_day"}
    found = run("transit", Engine(case, cache=False), **fields)
    assert found["days"]["volume"].tolist() == pytest.approx([8, 8, 0], abs=1e-6)


def test_a_project_that_is_there_on_the_day() -> None:
    """A pipe of 3 more beside the first: 17 cross on the day, the plan as it is; of the year the question needs a scenario."""
    pipes = """
        link,   carrier,       kind,       from_place, to_place,  capacity, capacity_back, tariff, status
        main,   natural_gas,   pipeline,   field,      door,      40,       0,             0,      base
        pipe,   natural_gas,   pipeline,   door,       town,      20,       0,             1,      base
        second, natural_gas,   pipeline,   door,       town,      3,        0,             1,      candidate
        local,  natural_gas,   pipeline,   south,      town,      8,        0,             1,      base
        ring,   natural_gas,   connection, town,       suburb,    10,       0,             0,      base
        rail_a, coal_high_ash, rail,       mine,       door_rail, 50,       0,             1,      base
        rail_b, coal_high_ash, rail,       door_rail,  plant,     50,       0,             1,      base
        line,   electricity,   line,       ru_side,    town,      5,        5,             1,      base
    """
    case = steppe(days=3, links=pipes, projects="project, name, builds, capex\nmore, More, links:second, 1")
    fields = {"carrier": "natural_gas", "from_place": "field", "to_place": "town", "built": ("more",)}
    engine = Engine(case, cache=False)
    found = run("transit", engine, **fields, span="day")
    assert found["firm"]["volume"].tolist() == pytest.approx([17])
    assert run("transit", engine, **(fields | {"built": ()}), span="day")["firm"][
        "volume"
    ].tolist() == pytest.approx([14])
    with pytest.raises(StudyError, match="built: the year is planned with what is built"):
        run("transit", engine, **fields)
