"""Booked transit as a stream of its own: in nobody's mix, no help, no supply of who it crosses, and a loss of its owner."""

from __future__ import annotations

from datetime import date

import pytest

from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.case.streams import streams
from kelisim.engine import Engine, Rules
from kelisim.io.pypsa.write import network_of
from kelisim.model.borders import crossings
from kelisim.model.nominations import nominations
from kelisim.results import n1_areas
from kelisim.results.compare import differences, only
from kelisim.results.tables import Tables
from kelisim.studies import run
from kelisim.studies.disruption.study import Disruption
from tests.cases.streams import through

DAY, LAST = date(2024, 1, 2), date(2024, 1, 3)
LEVEL = """
    link, carrier,     from_place, to_place, capacity
    ab,   natural_gas, a,          b,        30
    bc,   natural_gas, b,          c,        30
"""
NEAR = """
    contract, kind,      carrier,     delivery_place, daily_max, over, stream
    near,     transport, natural_gas, b,              40,        ab,   yes
"""

HELD = """
    contract, kind,      carrier,     delivery_place, daily_max, daily_min, shortfall_price, over,  stream
    through,  transport, natural_gas, c,              20,        {least},   {price},         ab;bc, yes
"""


def tables(case: Case) -> Tables:
    return Tables(case, Engine(case, cache=False).base)


def shares(found: Tables, place: str) -> dict[str, float]:
    mix = found.mix[found.mix["place"] == place]
    return dict(zip(mix["origin"], mix["share"], strict=True))


def test_a_stream_is_in_nobodys_mix() -> None:
    """All that flows is booked: what b uses is b's own, though twice as much goes through it; by proportions two thirds would be from a."""
    booked = tables(through(links=LEVEL, most=30))
    mixed = tables(through(links=LEVEL, most=30, stream="no", over="ab"))
    assert shares(booked, "b") == pytest.approx({"b": 1.0})
    assert shares(booked, "c") == pytest.approx({"a": 1.0})
    assert shares(mixed, "b") == pytest.approx({"a": 2 / 3, "b": 1 / 3})
    balance = booked.carriers_balance.set_index("country")
    hours = 6 * 24
    assert balance.at["KZ", "imported"] == balance.at["KZ", "exported"] == pytest.approx(0.0, abs=1e-6)
    assert balance.at["KZ", "transit"] == pytest.approx(30 * hours)
    assert balance.at["UZ", "exported"] == balance.at["RU", "imported"] == pytest.approx(30 * hours)


def test_nothing_goes_to_and_fro_for_a_booking() -> None:
    """A pipe that is open both ways and costs nothing: of 40 that are booked b takes the 15 that it needs, and c nothing."""
    links = """
        link, carrier,     from_place, to_place, capacity, capacity_back
        ab,   natural_gas, a,          b,        40,       40
    """
    found = tables(
        through(
            over="ab", links=links, markets="market, place, carrier, side, ceiling, price", contracts=NEAR
        )
    )
    assert found.streams_total["delivered"].iat[0] == pytest.approx(15 * 6 * 24)
    assert found.links_total["back"].iat[0] == pytest.approx(0.0, abs=1e-6)


def test_losses_on_the_way_are_its_own() -> None:
    """Of 20 that enter 18 are handed over; what is lost on the way is lost to the side where it starts, not to the country it crosses."""
    found = tables(through())
    whole = found.streams_total.iloc[0]
    hours = 6 * 24
    assert (whole["entered"], whole["lost"], whole["delivered"]) == pytest.approx(
        (20 * hours, 2 * hours, 18 * hours)
    )
    assert found.contracts_total["quantity"].iat[0] == pytest.approx(20 * hours)
    balance = found.carriers_balance.set_index("country")
    gains = balance["made"] + balance["bought"] + balance["imported"]
    goes = balance["used"] + balance["exported"] + balance["sold"] + balance["lost"] + balance["stored"]
    assert (gains - goes - balance["curtailed"]).abs().max() < 1e-6
    assert balance.at["KZ", "lost"] == pytest.approx(0.0, abs=1e-6)


def test_nobody_on_the_way_takes_from_it() -> None:
    """The field of b stops: homes there get what is planned for them and no more, though 20 go through under the booking."""
    engine = Engine(through(), cache=False)
    window = engine.window(DAY, 2, Rules(help="planned"), tail=1)
    answer = window.ask([Outage("home", DAY, LAST)]).answer
    assert answer.columns["streams.flow"].values == pytest.approx(window.base.columns["streams.flow"].values)
    assert answer.columns["demand.unserved"].values[:, :2].sum(axis=0) == pytest.approx([9.0, 9.0])


def test_a_booking_is_no_room_for_help() -> None:
    """What comes into b by the plan is its common flow; the daily maximum of the booking may be nominated at c, not at b. c only buys, and nobody
    who only buys is helped."""
    window = Engine(through(), cache=False).window(DAY, 2, Rules(help="planned"), tail=1)
    assert window.help is not None
    assert window.help.borders == (("KZ", "UZ", "natural_gas"),)
    assert window.help.comes_in[0, 0] == pytest.approx(18.0)
    assert window.help.nominable[0, 0] == pytest.approx(0.0)
    booked = nominations(window.case, crossings(window.case, window.problem))
    assert [(one.border[:2], one.most[0]) for one in booked] == [(("RU", "KZ"), pytest.approx(20.0))]


@pytest.mark.parametrize("help_rule", ["planned", "agreed", "open"])
def test_its_interruption_is_a_loss_of_its_owner(help_rule: str) -> None:
    """The pipe into b is lost: 2 days x 18 MW are not delivered, by contract and owner."""
    engine = Engine(through(), cache=False)
    result = Disruption(lost=("ab",), start=DAY, days=2, help_rule=help_rule).run(engine)
    row = result["streams.not_delivered"].iloc[0]
    assert (row["contract"], row["seller"], row["buyer"], row["crossed"]) == (
        "through",
        "North",
        "South",
        "KZ",
    )
    assert row["not_delivered"] == pytest.approx(18 * 48)
    assert row["first"].date() == DAY
    assert "transit_not_delivered" in set(result["facts"]["key"])


def test_a_contract_that_is_out_moves_nothing() -> None:
    """What it moved may be bought on the spot, and is no longer booked."""
    window = Engine(through(), cache=False).window(DAY, 2, Rules(), tail=1)
    answer = window.ask([Outage("through", DAY, LAST)]).answer
    assert answer.columns["streams.flow"].values[:, :2] == pytest.approx(0.0, abs=1e-6)


def test_entries_of_the_formula_are_net_of_booked_transit() -> None:
    """The pipe into b carries 40, of which 20 are booked for others; at c the way ends, and all of it counts."""
    case = through()
    for place, capacity in (("b", 20.0), ("c", 40.0)):
        found = n1_areas.infrastructure(case, {place}, "natural_gas").set_index("element")
        assert found.at["ab" if place == "b" else "bc", "capacity"] == pytest.approx(capacity)


def test_goods_under_way_belong_to_their_stream() -> None:
    """By rail a day to b and on: the second track is lost, and what had arrived for it by then is let go or stays at b, at a price."""
    links = """
        link, carrier,     kind, from_place, to_place, capacity, days
        ab,   natural_gas, rail, a,          b,        40,       1
        bc,   natural_gas, rail, b,          c,        40,       1
    """
    engine = Engine(through(links=links), cache=False)
    for held in ("held", "lost"):
        for lost in ("ab", "bc", "a", "b", "c", "far"):
            window = engine.window(DAY, 2, Rules("cooperative"), tail=2)
            assert window.base.objective == pytest.approx(engine.base.objective, rel=1e-9)
            answer = window.ask([Outage(lost, DAY, LAST)], held).answer
            assert answer.status == "optimal"
            cold = window.audit([Outage(lost, DAY, LAST)], held)
            assert cold < 1e-7


def test_the_export_says_what_is_lost() -> None:
    """PyPSA has no flows of one owner within those of a link."""
    assert any(line.startswith("contracts through: its stream") for line in network_of(through())[1])


def test_a_way_leads_to_its_end_whatever_the_order() -> None:
    """Links in any order, forwards or backwards, make one way."""
    links = """
        link, carrier,     from_place, to_place, capacity, capacity_back, loss
        ab,   natural_gas, a,          b,        40,       0,             0.1
        cb,   natural_gas, c,          b,        40,       30,
    """
    (stream,) = streams(through(over="cb;ab", links=links))
    assert (stream.start, stream.end, stream.between, stream.crossed) == ("a", "c", ("b",), ("KZ",))
    assert [(leg.link, leg.is_back) for leg in stream.legs] == [("cb", True), ("ab", False)]


def test_a_stream_that_only_one_side_has_is_compared() -> None:
    """The table of streams is there only where there are any: its rows are told as those of one side, and have no cell beside nothing."""
    one, other = (
        run("balance", Engine(case, cache=False)) for case in (through(), through(stream="no", over="ab"))
    )
    for first, second, side in ((one, other, "first"), (other, one, "second")):
        assert "streams.total" not in differences(first, second)
        found = only(first, second).set_index("table")
        assert found.at["streams.total", "side"] == side


def test_a_least_of_the_day_holds_it() -> None:
    """Half of the pipe into b is lost and b's field too: 20 are left, of which the homes want 15; the booking holds 10 of them at its price."""
    held = HELD.format(least=10, price=5000)
    shares = {}
    for name, contracts in (("held", held), ("free", HELD.format(least=0, price=0))):
        window = Engine(through(field_b=0, contracts=contracts), cache=False).window(DAY, 2, Rules(), tail=1)
        answer = window.ask([Outage("ab", DAY, LAST, 0.5)]).answer
        shares[name] = float(answer.columns["streams.flow"].values[0, 0])
    assert shares["held"] == pytest.approx(10.0)
    assert shares["free"] == pytest.approx(20 - 15 / 0.9)


def test_agreed_help_comes_beside_it() -> None:
    """a has agreed to give b 5 more and can spare it: of the 9 that b's homes lack 4 stay unserved, and the booking goes on."""
    engine = Engine(
        through(
            bodies="body, name, country\ngas_a, Gas A, UZ\ngas_b, Gas B, KZ",
            notifications="""
                notification, trigger,           from_body, to_body, within_hours, aid, volume, unit
                alarm,        alert:natural_gas, gas_b,     gas_a,   0,            gas, 5,      MW
            """,
        ),
        cache=False,
    )
    window = engine.window(DAY, 2, Rules(help="agreed"), tail=1)
    answer = window.ask([Outage("home", DAY, LAST)]).answer
    assert answer.columns["demand.unserved"].values[:, :2].sum(axis=0) == pytest.approx([4.0, 4.0])
    assert answer.columns["streams.flow"].values[0] == pytest.approx([20.0] * len(window.hours))


def test_a_booking_is_no_reason_for_a_shortage() -> None:
    """Homes of b want 60 and the pipe into it carries 36: the pipe is the reason, and not a booking that is full as well."""
    demand = "place, carrier, customer_class, amount, unit\nb, natural_gas, household, 60, MW year"
    for stream, over in (("yes", "ab;bc"), ("no", "ab")):
        case = through(field_b=0, demand=demand, most=0 if stream == "yes" else 30, stream=stream, over=over)
        found = run("balance", Engine(case, cache=False))["demand.total"].iloc[0]
        assert found["unserved"] > 0
        assert ("through" in found["reason"]) == (stream == "no")


def test_what_goes_through_is_told_on_the_border() -> None:
    """Of the 40 that cross from UZ to KZ half are booked for RU, and of what crosses on to RU 18 are from UZ."""
    for pair, flow, transit in ((("KZ", "UZ"), 40, 20), (("KZ", "RU"), -30, 18)):
        links = run("border", Engine(through(), cache=False), countries=pair, days=2)["border.links"].iloc[0]
        assert (links["flow"], links["transit"]) == pytest.approx((flow * 48, transit * 48))
