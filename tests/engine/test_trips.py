"""Power stops fuels: a town cut off sheds, its pumping station and its refinery stop with it, and the field backs up behind them.

north ==line==> town    field --pipe (pumps run on the town's power)--> coast    the town's plant makes 20 of the 50 MW that it uses
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.studies.disruption.study import Disruption
from kelisim.studies.pages import page_of
from tests.cases.make import make

START = date(2024, 1, 3)


def coast(ring: bool = False, trips: float = 1.0, restart: str = "36") -> Case:
    case = make(
        days=8,
        places="place, name, country\nnorth, North, KZ\ntown, Town, KZ\nfield, Field, KZ\ncoast, Coast, KZ",
        assets=f"""
            asset,    kind,        place, capacity, unit, cost, restart_hours
            hydro,    hydro,       north, 200,      MW,   5,
            plant,    supply,      town,  20,       MW,   3,    12
            wells,    field,       field, 100,      MW,   5,
            refinery, refinery,    town,  40,       MW,   1,    {restart}
        """,
        asset_ports="""
            asset,    carrier,     ratio
            hydro,    electricity, 1
            plant,    electricity, 1
            wells,    crude,       1
            refinery, crude,       -1
            refinery, diesel,      0.9
            refinery, electricity, -0.02
        """,
        links=f"""
            link, carrier,     kind,     from_place, to_place, capacity, unit, power_place, restart_hours
            line, electricity, line,     north,      town,     100,      MW,   ,
            pipe, crude,       pipeline, field,      coast,    60,       MW,   town,        {restart}
            feed, crude,       pipeline, field,      town,     100,      MW,   ,
            {"ring, electricity, line, north, town, 20, MW, ," if ring else ""}
        """,
        demand="""
            place, carrier,     customer_class, amount, unit
            town,  electricity, household,      50,     MW year
            town,  diesel,      transport,      18,     MW year
        """,
        markets="market, place, carrier, side, ceiling, price\nport, coast, crude, buys, 60, 30",
    )
    settings = {**case.settings, "crisis": {"island_trips": trips}}
    return replace(case, settings=settings)


def cut(case: Case) -> Results:
    return Disruption(lost=("line",), start=START, days=3, reserve=0.0).run(Engine(case, cache=False))


def flow(results: Results, link: str) -> list[float]:
    """Share of the planned flow, per day from the loss on."""
    frame = results["links.flow"]
    rows = frame[frame["link"] == link]
    return (rows["flow"] / rows["flow_base"]).round(3).tolist()[:4]


def test_a_pumping_station_stops_with_its_town() -> None:
    """Crude flowed on from a coast without power, and the refinery ran in the dark."""
    results = cut(coast())
    stops = results["trips"].set_index("element")
    assert list(stops.index) == ["refinery", "pipe"]
    assert set(stops["why"]) == {"split"} and stops["hours"].tolist() == [36.0, 36.0]
    assert flow(results, "pipe") == [0.0, 0.5, 1.0, 1.0]
    made = results["assets.activity"].set_index(["asset", "step"])["activity"]
    wells = made["wells"].to_numpy()
    # the field backs up behind the pumps: nothing is taken on the first day, a half on the second
    assert wells[0] == pytest.approx(0.0, abs=1e-3) and wells[1] <= 60.0
    assert made["refinery"].to_numpy()[0] == pytest.approx(0.0, abs=1e-3)
    shed = results["first_hour"]["unserved"].sum()
    assert shed == pytest.approx(30.4, abs=0.1)
    said = " ".join(page_of(results, Words(results.case)).sentences)
    assert "Stopped in that hour for want of power" in said and "36 h" in said


def test_an_island_that_is_whole_or_serves_itself_stops_nothing() -> None:
    """A small cut in a large system trips no refinery, and neither does a town whose own plant carries it."""
    assert "trips" not in cut(coast(ring=True))
    assert "trips" not in cut(coast(restart=""))


def test_an_island_beyond_its_limit_goes_dark() -> None:
    """Above a limit nothing is saved: the whole town is without power, its plant stops too and needs its time."""
    results = cut(coast(trips=0.5))
    assert results["first_hour"]["unserved"].sum() == pytest.approx(50.0)
    assert set(results["trips"]["why"]) == {"dark"}
    assert sorted(results["trips"]["element"]) == ["pipe", "plant", "refinery"]
    made = results["assets.activity"].set_index(["asset", "step"])["activity"]["plant"].to_numpy()
    assert np.allclose(made[:2], [10.0, 20.0], atol=0.5)
