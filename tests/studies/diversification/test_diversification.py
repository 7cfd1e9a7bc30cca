"""Steps away from one state, by hand: a field that sells over two borders."""

from __future__ import annotations

import pytest

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.results.results import Results
from kelisim.studies import run
from tests.cases.make import make

PLACES = """
    place,  name,   country, kind
    field,  Field,  KZ,      field
    north,  North,  RU,      hub
    south,  South,  CN,      hub
"""
# by the north a MWh earns 100 - 10 = 90, by the south 95 - 25 = 70; 10 and 6 MW fit, and the field makes 12 at 20
LINKS = """
    link, carrier, kind,     from_place, to_place, capacity, tariff
    up,   crude,   pipeline, field,      north,    10,       10
    down, crude,   pipeline, field,      south,    6,        25
"""
ASSETS = "asset, kind, place, capacity, cost\n wells, field, field, 12, 20"
PORTS = "asset, carrier, ratio\n wells, crude, 1"
MARKETS = """
    market, place, carrier, side, ceiling, unit, price
    sea,    north, crude,   buys, 50,      MW,   100
    rail,   south, crude,   buys, 50,      MW,   95
"""


CONTRACTS = """
    contract, kind,      carrier, daily_max, daily_min, daily_unit, shortfall_price, price_unit, over, start,      end
    booked,   transport, crude,   6,         4,         MW,         50,              USD/MWh,    down, 2024-01-01, 2024-12-31
"""


def ask(contracts: str = "", **fields: str) -> Results:
    tables = {"contracts": contracts} if contracts else {}
    case: Case = make(
        days=1, places=PLACES, links=LINKS, assets=ASSETS, asset_ports=PORTS, markets=MARKETS, defaults={"home": "KZ"}, **tables
    )  # fmt: skip
    return run("diversification", Engine(case, cache=False), **fields)


def test_each_step_by_hand() -> None:
    """10 go north and 2 south. Down to 6 MW north the south takes what is kept back, at 90 - 70 = 20 less each; below that the wells
    make less, and 90 - 20 = 70 are lost."""
    found = ask()
    assert found["shares"]["share"].tolist() == pytest.approx([10 / 12, 2 / 12])
    caps = found["caps"].set_index("native" if "native" not in found["caps"] else "share")
    assert caps["cost"].iloc[-1] == pytest.approx(24 * (4 * 20 + 6 * 70), rel=1e-6)
    bends = found["bends"]
    assert bends["cost"].tolist() == pytest.approx([0, 24 * 80, 24 * 500], rel=1e-6, abs=1e-3)
    assert caps["total"].iloc[-1] == pytest.approx(0.5)
    last = found["bearers"][found["bearers"]["share"] == 0].set_index("element")["change"]
    assert set(last.index) == {"sea", "rail", "wells"}
    assert last["sea"] < 0 < last["rail"]


def test_a_state_without_a_border_is_refused() -> None:
    """Nothing goes to Uzbekistan; the states that there are are named."""
    with pytest.raises(StudyError, match="Known: RU, CN"):
        ask(state="UZ")


def test_an_obligation_that_fixes_a_way_has_a_price() -> None:
    """4 MW are owed to the south, where the plan would send 2: each of them loses 90 - 70 = 20, less than the 50 for what is missing."""
    assert ask()["held"].empty
    (held,) = ask(CONTRACTS)["held"].itertuples(index=False)
    assert (held.contract, held.limit, held.share) == ("booked", "least_of_day", 1.0)
    assert (held.energy, held.marginal) == (pytest.approx(24 * 4), pytest.approx(20))


def test_losses_of_countries_add_up_to_the_cost() -> None:
    """At each cap; Kazakhstan, which sends less, bears most."""
    found = ask()
    losses = found["countries"].groupby("share")["loss"].sum()
    caps = found["caps"].set_index("share")["cost"]
    assert losses.to_numpy() == pytest.approx(caps[losses.index].to_numpy(), rel=1e-6)
    last = found["countries"][found["countries"]["share"] == 0].set_index("country")["loss"]
    assert last.idxmax() == "KZ"
