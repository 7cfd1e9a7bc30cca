"""First answers by hand: a town on a railway of a few days, with and without what arrives after the outage.

wells (b, 10 MW) --rail--> a: homes 10 MW
"""

from __future__ import annotations

import time
from datetime import date, timedelta
from functools import cache

import pytest

from kelisim.case.case import Case
from kelisim.case.change import Outage, SetValue
from kelisim.engine import Engine, Preliminary, Rules, Window
from kelisim.engine import preliminary as module
from kelisim.engine.preliminary import UNKNOWN, FirstLooks, carried, shortage
from tests.cases.make import AB, make

RULES = Rules("cooperative", "late")
START = date(2024, 1, 5)
HOMES = ("a", "natural_gas", "household")


@cache
def town(days: int = 0, storage: str = "") -> Case:
    """The case; `days` on the railway."""
    return make(
        days=60,
        places=AB,
        links=f"link, carrier, kind, from_place, to_place, capacity, tariff, days\nrail, natural_gas, rail, b, a, 20, 1, {days}",
        assets="asset, name, kind, place, capacity, cost\nwells, Wells, field, b, 10, 5",
        asset_ports="asset, carrier, ratio\nwells, natural_gas, 1",
        demand="place, carrier, customer_class, amount, unit\na, natural_gas, household, 10, MW year",
        **({"storages": storage} if storage else {}),
    )


STORE = """
    storage, name,   place, carrier,     working_capacity, injection, withdrawal, level_start, level_end, cost
    cavern,  Cavern, a,     natural_gas, 2400,             20,        20,         0.5,         0.5,       1
"""


def opened(case: Case) -> Window:
    return Engine(case, cache=False).window(START, 10, RULES)


def out(element: str = "wells", days: int = 10) -> list[Outage]:
    return [Outage(element, START, START + timedelta(days=days - 1))]


def test_equal_where_nothing_is_handed_over() -> None:
    """No stock and nothing on its way: what comes after the outage changes nothing in it."""
    window = opened(town())
    first = FirstLooks().ask(window, out())
    assert first == shortage(window, window.ask(out()))
    assert first.unserved == pytest.approx(10 * 24 * 10.0) and first.who == HOMES


def test_equal_where_the_price_of_a_stock_is_that_of_the_plan() -> None:
    """A cavern of 1,200 MWh serves five days of ten; it is filled again at the price that the plan has for it."""
    window = opened(town(storage=STORE))
    first, exact = FirstLooks().ask(window, out()), shortage(window, window.ask(out()))
    assert first.unserved == pytest.approx(exact.unserved) and first.who == exact.who == HOMES


def test_undisturbed_short_window_is_the_plan() -> None:
    """Else a first answer would tell of what the rules do, and not of the outage."""
    for case in (town(), town(3), town(storage=STORE)):
        window = opened(case)
        short = FirstLooks().beside(window, out())
        assert short is not None and short.first == window.first and short.last < window.last
        assert short.base.objective == pytest.approx(
            Engine(case, RULES, cache=False).base.objective, rel=1e-7
        )
        assert short.start.iterations == 0


def test_goods_that_arrive_in_time_are_known() -> None:
    """Three days on the way: the last days without gas come after the outage, and within the week that is looked at."""
    window = opened(town(3))
    first, exact = FirstLooks().ask(window, out()), shortage(window, window.ask(out()))
    assert first.unserved == pytest.approx(exact.unserved) and first.who == HOMES


def test_silent_where_goods_are_missing_at_the_end() -> None:
    """Twelve days on the way: five of the ten days without gas come after the week, so less than the truth would be said."""
    window = opened(town(12))
    exact = shortage(window, window.ask(out()))
    assert exact.unserved == pytest.approx(10 * 24 * 10.0)
    assert FirstLooks().ask(window, out()) == UNKNOWN


def test_silent_where_it_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit of pivots and not of seconds: the same question is answered, or not, on every machine."""
    monkeypatch.setattr(module, "MOST", 1)
    assert FirstLooks().ask(opened(town(storage=STORE)), out()) == UNKNOWN


def test_silent_where_there_is_no_shorter_window() -> None:
    """An outage to the end of the window, or one whose end nobody knows, or another change than an outage."""
    window, looks = opened(town()), FirstLooks()
    assert looks.ask(window, out(days=40)) == UNKNOWN
    assert looks.ask(window, [Outage("wells", START, None)]) == UNKNOWN
    assert looks.ask(window, [*out(), SetValue("assets", "wells", "capacity", 5.0)]) == UNKNOWN


def test_nobody_short_is_said_without_a_number() -> None:
    """Half of the wells, with a cavern that serves the other half of the time."""
    window = opened(town(storage=STORE))
    half = [Outage("wells", START, date(2024, 1, 14), 0.4)]
    first = FirstLooks().ask(window, half)
    assert first == Preliminary(0.0) == shortage(window, window.ask(half))
    assert first.fact.say == "preliminary.nobody"


def test_what_is_lost_is_counted_in_energy() -> None:
    """The share of the lost flow by which an answer may be off."""
    window = opened(town())
    assert carried(window, window.delta(out())) == pytest.approx(10 * 24 * 10.0)
    assert carried(window, window.delta([Outage("wells", START, START, 0.5)])) == pytest.approx(120.0)


def test_told_only_while_it_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """An estimate that comes after the exact answer would take its place."""
    engine = Engine(town(storage=STORE), cache=False)
    window, said = engine.window(START, 10, RULES), list[Preliminary]()
    exact = window.ask

    def slow(*question: object, **more: object) -> object:
        time.sleep(1.5)
        return exact(*question, **more)  # type: ignore[arg-type]

    with engine.telling_first(said.append):
        engine.ask(window, out(), tells=True)  # an answer that is there at once
        time.sleep(2 * module.QUIET)
        assert said == []
        monkeypatch.setattr(window, "ask", slow)
        engine.ask(window, out())  # nobody is to be told
        assert said == []
        engine.ask(window, out(), tells=True)
        assert [one.who for one in said] == [HOMES]
    engine.ask(window, out(), tells=True)
    assert len(said) == 1
