"""A full pipe moves at both ends at once; rails, ships and lorries take their days."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.engine import Engine, Rules
from kelisim.engine.window import WindowAnswer
from kelisim.model.build import compile_case
from tests.cases.make import AB, make

START = date(2024, 1, 5)


def _pipe(kind: str = "pipeline", days: float = 3.0, fill: float = 0.0) -> Case:
    """A well of 60 at 5 USD/MWh feeds a town of 40 MW over a link; the town has a dear source of 10 MW of its own.

    well, a --50, 3 days--> town, b, 40 MW <--10 at 90-- spare
    """
    return make(
        days=20,
        places=AB,
        links=f"""
            link, carrier, kind,   from_place, to_place, capacity, days,   fill
            way,  diesel,  {kind}, a,          b,        50,       {days}, {fill}
        """,
        assets="asset, kind, place, capacity, cost\nwell, field, a, 60, 5\nspare, import, b, 10, 90",
        asset_ports="asset, carrier, ratio\nwell, diesel, 1\nspare, diesel, 1",
        demand="place, carrier, customer_class, amount, unit, voll\nb, diesel, transport, 351360, MWh, 500",
    )


def _cut(case: Case, in_transit: str, days: int = 4) -> WindowAnswer:
    """The way is cut for some days from 5 January."""
    window = Engine(case, cache=False).window(START, days, Rules())
    return window.ask([Outage("way", START, date(2024, 1, START.day + days - 1))], in_transit)


def _unserved(asked: WindowAnswer) -> np.ndarray:
    return asked.answer.by_demand(1)[0]


def test_days_of_a_pipeline_delay_no_quantity() -> None:
    """Two to thirteen days of oil went on arriving behind a closed terminal."""
    assert (compile_case(_pipe()).matrix - compile_case(_pipe(days=0)).matrix).nnz == 0
    assert (compile_case(_pipe("rail")).matrix - compile_case(_pipe("rail", days=0)).matrix).nnz > 0


@pytest.mark.parametrize("in_transit", ["held", "lost"])
def test_a_cut_pipe_stops_at_both_ends(in_transit: str) -> None:
    """30 MW are missing from the first day to the last, and none the day after: nothing is on its way."""
    short = _unserved(_cut(_pipe(), in_transit))
    assert short[:4] == pytest.approx([30.0] * 4)
    assert short[4:] == pytest.approx(0.0, abs=1e-6)


def test_a_cut_railway_has_goods_on_it() -> None:
    """The same way on rails is empty behind the cut for three days more, when what it carried is lost."""
    short = _unserved(_cut(_pipe("rail"), "lost"))
    assert short[:7] == pytest.approx([30.0] * 7)
    assert short[7:] == pytest.approx(0.0, abs=1e-6)


def test_a_lost_fill_is_put_back_before_the_pipe_delivers() -> None:
    """1,440 MWh over the three days of the way are 20 MW: of 50 MW 30 are left, and the spare makes the other 10."""
    asked = _cut(_pipe(fill=1440.0), "lost")
    assert _unserved(asked)[:4] == pytest.approx([30.0] * 4)
    assert _unserved(asked)[4:] == pytest.approx(0.0, abs=1e-6)
    assert asked.answer.power("links.refill", ["way"])[0][4:8] == pytest.approx([20.0] * 3 + [0.0])
    assert asked.answer.power("assets.activity", ["spare"])[0][4:8] == pytest.approx([10.0] * 3 + [0.0])
    held = _cut(_pipe(fill=1440.0), "held")
    assert asked.extra_cost - held.extra_cost == pytest.approx(1440 * 5 + 3 * 24 * 10 * 85)


def test_a_fill_that_cannot_be_put_back_in_time_is_as_much_as_fits() -> None:
    """3,600 MWh in three days would be all of the pipe: it delivers nothing until it is full, and there is an answer."""
    asked = _cut(_pipe(fill=3600.0), "lost")
    assert asked.answer.status == "optimal"
    assert _unserved(asked)[4:7] == pytest.approx([30.0] * 3)
    assert asked.answer.power("links.refill", ["way"])[0][4:7] == pytest.approx([50.0] * 3)
