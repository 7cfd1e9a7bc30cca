"""Help from abroad in a window: by the plan and contracts, as agreed, and at will, counted by hand on two countries."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from kelisim.case.case import Case
from kelisim.case.change import Dated, Outage
from kelisim.engine import Engine, Rules, Window
from kelisim.engine.highest_hour import highest_hour
from kelisim.model.help import part_of
from tests.cases.help import gas_and_power, round_a_sea, through, to_a_port, two_countries
from tests.cases.parts import in_parts

DAY = date(2024, 1, 1)
PLANNED = Rules("cooperative", help="planned")
# a contract over one of two ties leaves the other one free
FIRM = """
    contract, kind,    carrier,     daily_max, nomination_lead, over
    firm,     balance, electricity, 25,        24,              east
"""
VOLL = 4000.0  # homes, electricity; 5 tranches evenly around it


def opened(case: Case, days: int = 3) -> Window:
    return Engine(case, cache=False).window(DAY, days, PLANNED, tail=0)


def short(window: Window, element: str | tuple[str, ...], help_: str, days: int = 3) -> list[float]:
    """MW of a's homes that go short in each step."""
    lost = (element,) if isinstance(element, str) else element
    asked = window.ask([Outage(one, DAY, date(2024, 1, days)) for one in lost], help=help_)
    assert asked.answer.status == "optimal"
    return [round(float(value), 6) for value in asked.answer.by_demand(len(window.case.table("demand")))[0]]


def test_three_rules_by_hand() -> None:
    """Without its plant a has what comes in, of 70: planned 20, from the second day 25 by contract; 10 more are agreed three hours
    after they are asked for, 8.75 on the first day; b could give 70, its ties 25 + 30."""
    window = opened(two_countries(contracts=FIRM))
    assert short(window, "plant_a", "planned") == [50, 45, 45]
    assert short(window, "plant_a", "agreed") == [41.25, 35, 35]
    assert short(window, "plant_a", "open") == [15, 15, 15]


def test_aid_without_a_volume_comes_after_its_lead_time_and_not_before() -> None:
    """By hand: 10 are agreed after 3 hours, whatever is asked for after 24. On the first day 8.75 come beside the planned 20; then b gives
    the 40 more that its ties carry."""
    unlimited = "more, alert:electricity, grid_a, grid_b, 24, power, , , ,"
    window = opened(two_countries(contract="", more=unlimited))
    assert window.help is not None
    assert not np.isnan(window.help.most).any()
    assert short(window, "plant_a", "agreed") == [41.25, 10, 10]


def test_a_measure_without_a_limit_gives_nothing_until_it_is_in_force() -> None:
    """By hand: none of 10 and none of no limit where the share is 0; half of 10, and no limit, where it is a half."""
    for most, half in ((10.0, 5.0), (np.inf, np.inf)):
        assert part_of(np.full(2, most), np.array([0.0, 0.5])).tolist() == [0.0, half]


def test_the_undisturbed_window_is_the_plan_under_all_three() -> None:
    """If a rule moved the plan, help would be counted that nobody asked for."""
    window = opened(two_countries(contracts=FIRM))
    plan = 24 * 3 * (50 * 20 + 30 * 10)
    assert window.base.objective == pytest.approx(plan)
    for rule in ("planned", "agreed", "open"):
        assert window.ask([], help=rule).answer.objective == pytest.approx(plan)


def test_what_help_costs() -> None:
    """Planned: 50 short, b makes its 30. Agreed: 8.75 (10) more at b's 30, and half of the plan's price of 20."""
    case = two_countries(contract="")
    window = opened(case)
    lost = [Outage("plant_a", DAY, date(2024, 1, 3))]
    plan = 50 * 20 + 30 * 10
    cost = {}
    for rule in ("planned", "agreed"):
        asked = window.ask(lost, help=rule)
        cut = asked.answer.columns["demand.unserved"].values
        value = (window.problem.columns["demand.unserved"].take(window.problem.cost) * cut).sum()
        cost[rule] = asked.extra_cost / 24 - value
    assert cost["planned"] == pytest.approx(3 * (300 - plan))
    assert cost["agreed"] == pytest.approx(3 * (300 - plan) + (8.75 + 10 + 10) * (30 + 10))


def test_ties_share_and_the_loss_of_one_lets_the_other_carry() -> None:
    """A limit on each tie would let a go short of what b has planned to give."""
    window = opened(two_countries(contract=""))
    assert short(window, "east", "planned") == [0, 0, 0]
    assert short(window, "west", "planned") == [0, 0, 0]
    assert short(window, ("plant_a", "west"), "planned") == [50, 50, 50]


def test_a_giver_gives_what_it_can_spare() -> None:
    """Without its reserve b has 30, of which it uses 10 and has planned to give 20: there is nothing more to give."""
    window = opened(two_countries(contract=""))
    assert short(window, ("plant_a", "reserve"), "agreed") == [50, 50, 50]
    # with 40 of the reserve's 50 lost the other 10 are there, and agreed in full after three hours
    half = [Outage("plant_a", DAY, date(2024, 1, 3)), Outage("reserve", DAY, date(2024, 1, 3), 0.9)]
    answer = window.ask(half, help="agreed").answer
    assert answer.power("help.aid").round(6).tolist() == [[5.0, 5.0, 5.0]]


def test_no_customer_of_a_giver_is_cut_so_that_it_may_give() -> None:
    """A helper that goes short for its help is told; it is not made to."""
    window = opened(two_countries(contract=""))
    lost = [Outage(one, DAY, date(2024, 1, 3)) for one in ("plant_a", "plant_b", "reserve")]
    answer = window.ask(lost, help="agreed").answer
    assert answer.power("help.aid").max() == 0


def test_deliveries_may_fall() -> None:
    """A neighbour that loses its plants gives nothing; a has its own 60 of 70, and the rule asks for no more."""
    window = opened(two_countries(contract=""))
    for rule in ("planned", "agreed", "open"):
        assert short(window, ("plant_b", "reserve"), rule) == [10, 10, 10]


def test_what_goes_through_is_not_ones_own() -> None:
    """25 come in from b, 20 go on to c. With the way to c lost, 5 may come in; a has its own 10 and needs no more. Without its own plant a
    may not take what is c's: 25 come in as planned."""
    window = Engine(through(), cache=False).window(DAY, 1, PLANNED, tail=0)
    lost = window.ask([Outage("ac", DAY, DAY), Outage("plant_a", DAY, DAY)]).answer
    assert lost.power("links.flow", ["ba"])[0, 0] == pytest.approx(5)
    assert lost.by_demand(2)[:, 0] == pytest.approx([10, 20])
    own = window.ask([Outage("plant_a", DAY, DAY)]).answer
    assert own.power("links.flow", ["ba"])[0, 0] == pytest.approx(25)
    assert own.by_demand(2).sum() == pytest.approx(10)
    assert window.ask([Outage("plant_a", DAY, DAY)], help="open").answer.by_demand(2).sum() == pytest.approx(
        5
    )


def test_a_window_under_open_is_the_window_of_before() -> None:
    """A case that asks for no rule gets the problem that it got."""
    window = Engine(two_countries(), cache=False).window(DAY, 3, Rules("cooperative"), tail=0)
    assert window.help is None
    assert not any(name.startswith("help.") for name in (*window.problem.columns, *window.problem.rows))


def test_a_window_opens_without_a_pivot() -> None:
    """A second of pivots for rows that change nothing would be paid at every first question."""
    assert opened(two_countries(contracts=FIRM)).start.iterations == 0
    assert Engine(through(), cache=False).window(DAY, 1, PLANNED, tail=0).start.iterations == 0


def test_an_outage_that_touches_nothing_is_not_solved() -> None:
    """The quick answer must stay quick under each rule."""
    window = opened(two_countries(contract=""))
    for rule in ("planned", "agreed", "open"):
        assert window.ask([Outage("reserve", DAY, date(2024, 1, 3))], help=rule).pruned
    assert np.isfinite(window.base.objective)


@pytest.mark.parametrize(("rule", "missing"), [("planned", 50), ("agreed", 50), ("open", 10)])
def test_highest_hour_under_each_rule(rule: str, missing: float) -> None:
    """The evening decides: neighbours that were held all day would help in its highest hour. What is agreed does not count in an hour."""
    engine = Engine(two_countries(contracts=FIRM), cache=False)
    found = highest_hour(engine, DAY, [Outage("plant_a", DAY, DAY)], Rules("cooperative", help=rule))
    assert found is not None
    assert found.planned.sum() == pytest.approx(0)
    assert found.short[0] == pytest.approx(missing)


def test_what_was_not_given_may_be_given_later() -> None:
    """The pipe is cut by 40 of 100 on the first day: homes keep theirs, the port goes without, and no neighbour makes up for it."""
    window = Engine(to_a_port(days=4), cache=False).window(DAY, 1, PLANNED, tail=2)
    cut = window.ask([Outage("pipe", DAY, DAY, 0.4, "links")])
    assert cut.answer.columns["markets.taken"].values[0].tolist() == pytest.approx([0, 40, 40])
    assert cut.answer.columns["links.flow"].values[0].tolist() == pytest.approx([60, 100, 100])


def test_more_may_be_sold_to_buyers_abroad() -> None:
    """The homes of b need 30 less on the first day: what is free goes to the port, and is no help to anybody."""
    window = Engine(to_a_port(days=4), cache=False).window(DAY, 1, PLANNED, tail=2)
    less = Dated("demand", ("b:natural_gas:household",), "amount", 0.5, "", "scale", DAY, DAY)
    answer = window.ask([less]).answer
    assert answer.columns["markets.taken"].values[0].tolist() == pytest.approx([70, 40, 40])
    assert answer.columns["help.sold"].values.max() <= 60.0


def test_what_has_one_balance_a_day_has_its_rows_once_a_day() -> None:
    """Three rows alike for each of a day would be pivots for nothing; power keeps a row in each part."""
    window = opened(in_parts(gas_and_power()))
    names = window.problem.rows["help.border"].elements
    assert names == ("KZ|RU|electricity", "KZ|RU|natural_gas")
    counts = [len(window.problem.rows["help.border"].own(at)) for at in range(2)]
    assert counts == [6, 3]
    for name in ("help.giver", "help.surplus"):
        assert window.problem.rows[name].size == 9
    assert window.problem.columns["help.aid"].size == 9
    assert window.problem.columns["help.later"].size == 3
    assert window.start.iterations == 0


@pytest.mark.parametrize(("rule", "whole", "parts"), [("planned", 10, 17), ("agreed", 0, 8)])
def test_a_lead_that_ends_within_a_day(rule: str, whole: float, parts: float) -> None:
    """Without its field a has 84 x 20 / 24 = 70 of 80 on the first day and 12 x 20 / 24 = 10 of aid; where a day has parts what the first
    one has holds for the day: 84 x 12 / 16 = 63, and 12 x 12 / 16 = 9."""
    for case, wanted in ((gas_and_power(), whole), (in_parts(gas_and_power()), parts)):
        window = opened(case)
        missing = window.ask([Outage("own", DAY, date(2024, 1, 3))], help=rule).answer.by_demand(2)
        first = case.horizon.step_of == 0
        assert missing[1, first] == pytest.approx(wanted, abs=1e-6)
        assert missing[1, ~first] == pytest.approx(0, abs=1e-6)
        assert missing[0] == pytest.approx(0, abs=1e-6)


def test_a_giver_of_gas_spares_the_same_in_all_parts() -> None:
    """Of b's 150 60 are planned; with 0.58 of its field lost 3 are left, in each part of each day."""
    window = opened(in_parts(gas_and_power()))
    lost = [Outage("own", DAY, date(2024, 1, 3)), Outage("field", DAY, date(2024, 1, 3), 0.58)]
    surplus = window.spare(lost, "held")
    assert window.help is not None
    gas = window.help.givers.index(("RU", "natural_gas"))
    assert surplus[gas] == pytest.approx(3.0)


def test_a_buyer_abroad_is_not_helped() -> None:
    """By hand: the short way to the buyer, a day long, is closed for three days; what was on it then arrives on the fourth. The way round
    takes two days and carries 40: what sets out on the first day is there on the third. Who only hands on or buys is helped by
    nobody, so no row asks that it leaves on the day on which it comes in."""
    window = Engine(round_a_sea(), cache=False).window(DAY, 3, PLANNED, tail=3)
    answer = window.ask([Outage("short", DAY, date(2024, 1, 3), 1.0, "links")]).answer
    assert answer.power("links.flow", ["round"])[0].tolist() == pytest.approx([40, 0, 0, 0, 0, 0])
    assert answer.power("markets.taken", ["buyer"])[0].tolist() == pytest.approx([0, 0, 40, 100, 100, 100])
