"""The border study on a case that can be counted by hand, and on the reference case."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.explain.explain import explain
from kelisim.results.regions import Regions
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.studies.border.study import Border
from kelisim.studies.conformance import check_study
from tests.cases.border import steppe
from tests.cases.border_year import border_year
from tests.cases.make import make
from tests.cases.reference import reference, reference_engine
from tests.reading import page, texts, values

FIELDS = {"start": pd.Timestamp(2024, 1, 6).date(), "days": 10}


def ask(case: Case, **fields: Any) -> Results:
    return run("border", Engine(case, cache=False), **(FIELDS | fields))


@cache
def small() -> Results:
    return ask(steppe())


def row(results: Results, region: str, carrier: str) -> dict[str, Any]:
    frame = results["border"]
    (found,) = frame[(frame["region"] == region) & (frame["carrier"] == carrier)].to_dict("records")
    return found


def test_conforms() -> None:
    """The same answer twice, units for every number, the case unchanged."""
    check_study(Border(days=10), steppe())
    check_study(Border(), steppe(days=0, months=3))


def test_both_sides_are_found() -> None:
    """A region left out of the first page is one nobody protects; a far one on it hides the near."""
    regions = dict.fromkeys(small()["border"]["region"])
    assert list(regions) == [
        "KZ-S",
        "plant",
        "RU-U",
    ]  # own country first, each side by name: Power station, Ural side
    assert small().fields["countries"] == ("KZ", "RU")
    first = ask(steppe(), side="first")["border"]
    assert set(first["region"]) == {"KZ-S"}


def test_towns_and_plants_count_with_their_region() -> None:
    """Gas that goes on to a suburb is gas of the region: 10 MW to homes and 2 to the CHP."""
    gas = row(small(), "KZ-S", "natural_gas")
    assert gas["use_day"] == pytest.approx(12 * 24)
    assert gas["demand"] == pytest.approx(10 * 24 * 40)
    assert gas["protected_share"] == 1.0


def test_share_from_across() -> None:
    """All gas comes from the cheap field abroad; heat is made at home, but of that gas."""
    gas, heat = row(small(), "KZ-S", "natural_gas"), row(small(), "KZ-S", "heat")
    assert (gas["share_across"], gas["share_across_now"]) == pytest.approx((1.0, 1.0))
    assert (heat["share_across_now"], heat["share_with_fuel"]) == pytest.approx((0.0, 1.0))
    assert heat["made_from"] == "natural_gas"
    coal = row(small(), "plant", "coal_high_ash")
    assert coal["share_across_now"] == pytest.approx(1.0)
    power = row(small(), "RU-U", "electricity")
    assert power["share_across_now"] == 0.0


def test_the_share_of_a_year_is_that_of_the_balance() -> None:
    """Two pages that give two shares for one region are both useless."""
    case = border_year(0, 12)
    results = ask(case, days=30)
    mix = run("balance", Engine(case, cache=False))["mix"]
    country = case.table("places").set_index("place")["country"]
    mix = mix.assign(abroad=mix["origin_country"].astype(str) != mix["place"].map(country))
    checked = 0
    for one in results["border"].to_dict("records"):
        rows = mix[(mix["place"] == one["region"]) & (mix["carrier"] == one["carrier"])]
        assert one["share_across"] == pytest.approx(rows["share"][rows["abroad"]].sum(), abs=1e-9)
        checked += len(rows)
    assert checked > 5


def test_two_supplies_and_what_takes_over() -> None:
    """With the pipe lost, the dear well gives its 6 MW of 12, and the store its 240 MWh: 1,200 MWh lack in ten days.

    Shared, all days are cut: the cheapest fifth of each demand holds less than that, and is cut on each day before the next
    fifth on any. Where each country keeps what it has for the last, the store lasts 40 hours and the cut begins on the second day.
    """
    gas = row(small(), "KZ-S", "natural_gas")
    assert (gas["largest"], gas["largest_share"]) == ("pipe", pytest.approx(1.0))
    assert gas["n1_unserved"] == pytest.approx(gas["n1_protected"])
    # 10 days of 6 MW are 1,440 MWh; the store holds 240 MWh
    lost = small()["border.n1"]
    lost = lost[(lost["region"] == "KZ-S") & (lost["carrier"] == "natural_gas")]
    in_gas = float(lost["unserved"][lost["short_carrier"] == "natural_gas"].sum())
    in_heat = float(lost["unserved"][lost["short_carrier"] == "heat"].sum())
    assert in_gas + in_heat == pytest.approx(1440 - 240, rel=1e-6)
    assert gas["n1_days"] == 0.0
    assert gas["n1_first_short"] == pd.Timestamp(2024, 1, 6)
    alone = row(ask(steppe(), place_rule="own_first"), "KZ-S", "natural_gas")
    assert alone["n1_days"] == 1.0
    assert alone["n1_first_short"] == pd.Timestamp(2024, 1, 7)
    assert alone["n1_unserved"] == pytest.approx(1440 - 240, rel=1e-6)
    assert (gas["alternative"], gas["alternative_share"]) == ("local", pytest.approx(6 / 12))
    assert np.isnan(gas["alternative_cost"])  # nothing replaces all of it
    assert gas["price_rise"] > 100


def test_cost_of_an_alternative_that_replaces_all() -> None:
    """With a pipe from the south for all, gas of 20 + 1 takes the place of gas of 5 + 1: 15 more per MWh."""
    wide = {"assets": """
        asset, kind,        place,   capacity, cost
        wells, field,       field,   50,       5
        well,  field,       south,   50,       20
        pit,   mine,        mine,    50,       4
        chp,   chp,         town,    2,        1
        grid,  power_plant, ru_side, 20,       30
    """, "storages": "storage, place, carrier, working_capacity",
    "links": """
        link,   carrier,       kind,       from_place, to_place,  capacity, capacity_back, tariff
        main,   natural_gas,   pipeline,   field,      door,      40,       0,             0
        pipe,   natural_gas,   pipeline,   door,       town,      20,       0,             1
        local,  natural_gas,   pipeline,   south,      town,      30,       0,             1
        ring,   natural_gas,   connection, town,       suburb,    10,       0,             0
        rail_a, coal_high_ash, rail,       mine,       door_rail, 50,       0,             1
        rail_b, coal_high_ash, rail,       door_rail,  plant,     50,       0,             1
        line,   electricity,   line,       ru_side,    town,      5,        5,             1
    """}  # fmt: skip
    gas = row(ask(steppe(**wide)), "KZ-S", "natural_gas")
    assert (gas["alternative"], gas["alternative_share"]) == ("local", pytest.approx(1.0))
    assert gas["alternative_cost"] == pytest.approx(15.0)
    assert gas["price_rise"] == pytest.approx(15.0)
    assert (gas["n1_unserved"], gas["n1_days"], gas["protected_days"]) == (0.0, np.inf, np.inf)


def test_days_of_cover_by_hand() -> None:
    """Stock over use is 240 / 12 h; with the border closed the well helps, and the stock lasts 240 / 6 h.

    Days until a cut are those of the stock only under own_first, which is asked here for that: a cut on the second day. Shared, a cut of
    more than a fifth of a demand in ten days begins with the first one; one of 96 MWh, a fifth of the heat, would not.
    """
    gas = row(small(), "KZ-S", "natural_gas")
    assert gas["stock"] == pytest.approx(240)
    assert gas["stock_days"] == pytest.approx(240 / (12 * 24))
    assert gas["protected_days"] == 0.0
    assert row(ask(steppe(), place_rule="own_first"), "KZ-S", "natural_gas")["protected_days"] == 1.0
    full = steppe(
        storages="""
        storage, place, carrier,     working_capacity, unit, injection, withdrawal, level_start, level_end, cost
        cavern,  town,  natural_gas, 960,              MWh,  10,        20,         0.9,         0.9,       2
    """
    )  # 864 MWh / 6 MW = 6 days
    assert row(ask(full, place_rule="own_first"), "KZ-S", "natural_gas")["protected_days"] == 6.0


def test_buyers_on_the_spot_are_not_unserved() -> None:
    """A plant abroad that buys coal lacks it all the same: 30 MW for 10 days."""
    coal = row(small(), "plant", "coal_high_ash")
    assert coal["largest"] == "rail_b"
    assert (coal["n1_unserved"], coal["n1_less_taken"]) == (0.0, pytest.approx(30 * 240))
    assert coal["n1_rate"] == pytest.approx(1.0)
    assert coal["closed_less_taken"] == pytest.approx(30 * 240)
    assert np.isnan(coal["protected_days"])  # nobody there is protected


def test_formula_of_the_eu_beside_it() -> None:
    """(pipe 20 + local 8 + store - pipe 20) over a peak of 12: the store gives at most 20 MW, and in a day no more than it can hold: 480 / 24."""
    gas = row(small(), "KZ-S", "natural_gas")
    assert gas["peak"] == pytest.approx(12)
    assert (gas["n1_formula"], gas["n1_formula_full"]) == pytest.approx((28 / 12, 28 / 12))


def test_heat_that_hangs_on_gas() -> None:
    """The chain from a gas main to cold homes is why anybody opens this page: without gas, its heat goes short too."""
    gas = row(small(), "KZ-S", "natural_gas")
    assert (gas["heat_share"], gas["heat_places"], gas["heat_at"], gas["heat_plants"]) == (
        1.0,
        1,
        "town",
        "chp",
    )
    alone = "asset, kind, place, capacity, cost\nwells, field, field, 50, 5\nwell, field, south, 1, 20\npit, mine, mine, 50, 4\nchp, chp, town, 2, 1\ngrid, power_plant, ru_side, 20, 30"
    short = ask(steppe(assets=alone, storages="storage, place, carrier, working_capacity"))["border.closed"]
    short = short[(short["region"] == "KZ-S") & (short["carrier"] == "natural_gas")].set_index(
        "short_carrier"
    )
    assert short.loc["heat", "unserved"] == pytest.approx(
        240 * 1.0, rel=1e-6
    )  # 1 MW of gas is left for 2 of heat
    assert short.loc["natural_gas", "unserved"] == pytest.approx(240 * 10.0, rel=1e-6)


def test_provisions_behind_a_supply() -> None:
    """A treaty that ended does not supply anybody, and a contract over the pipe behind the border point does."""
    found = small()["border.provisions"].set_index("provision")
    assert found["is_in_force"].to_dict() == {"supply": True, "transit": False}
    assert (found.loc["supply", "acts_on"], found.loc["transit", "acts_on"]) == ("cap", "pipe")
    assert row(small(), "KZ-S", "natural_gas")["agreements"] == "deal;old"
    ends = {key: str(day.date()) for key, day in found["in_force_until"].items()}
    assert ends == {"supply": "2030-12-31", "transit": "2020-12-31"}
    assert str(found.loc["transit", "signed"].date()) == "2010-01-01"
    (part,) = [part for part in page(small()).parts if part.anchor == "agreements"]
    assert [cell.text for cell in part.items[0].rows[0][2:5]] == [
        "Gas for the steppe",
        "Gas treaty",
        "2020-01-01",
    ]


def test_grade_is_that_of_the_worst_row() -> None:
    """A number that rests on one estimate is an estimate."""
    assert row(small(), "plant", "coal_high_ash")["grade"] == ""  # the rail is not graded
    assert row(small(), "RU-U", "electricity")["grade"] == "B"


def test_sentences() -> None:
    """The first sight is words with number, unit, period and comparison; a gas answer says what it leaves out."""
    text = texts(small())
    assert text["today"].startswith(
        "Each of the 3 regions and plants on the border of Kazakhstan and Russia is supplied in the 10 days from 6 January 2024"
    )
    assert (
        text["winter"]
        == "Nobody on the border goes short in the winter months of the case (January to February 2024), if nothing fails."
    )
    assert list(text)[:3] == ["weakest", "weakest_losses", "across"]
    assert text["weakest"] == (
        "Steppe region loses most without Door - Steppe region: 5.40 million USD, of natural gas and what hangs on it."
    )
    assert len(text["weakest"].split()) <= 20
    assert text["weakest_losses"].endswith(
        "Gas is counted without pressures: an upper bound of what can be delivered."
    )
    # a cut that is shared begins at once for gas and for power: gas loses 1,200 MWh at 4,500 USD, power 10 days of 72 at 4,000
    gas = "Steppe region: natural gas 27.9 thousand m3/day, 100 % from across the border, {days} days until protected customers are cut if it is closed, 100 % of what its customers use is protected, heat of 1 place hangs on it, 100 % of the heat made there, without Door - Steppe region what customers and buyers lack is worth "
    assert text["region_KZ-S"].startswith(gas.format(days="0") + "5.40 million USD; electricity 72.0 MWh/day")
    power = "electricity 72.0 MWh/day, 100 % from across the border, 0 days until protected customers are cut if it is closed, 100 % of what its customers use is protected, "
    assert power in texts(ask(steppe(), place_rule="own_first"))["region_KZ-S"]
    assert values(small())["weakest"] == row(small(), "KZ-S", "natural_gas")["n1_value"]
    no_power = steppe(
        demand="""
        place,   carrier,     customer_class, amount, unit
        town,    natural_gas, household,      6,      MW year
        suburb,  natural_gas, household,      4,      MW year
        town,    heat,        heat,           2,      MW year
    """
    )
    # where each country keeps what it has for the last the cavern lasts a day
    assert gas.format(days="1.0") in texts(ask(no_power, place_rule="own_first"))["region_KZ-S"]
    assert "steps" not in text and "gas" not in text  # said with the weakest point
    months = texts(ask(steppe(days=0, months=3)))
    assert months["steps"] == (
        "The steps are up to 31 days long: days until a cut are not known any finer, 0 means within the first."
    )


def test_what_carries_several_is_lost_for_all() -> None:
    """A name without its track would promise that the rest of it still runs."""
    links = """
        link,   carrier,       kind,       from_place, to_place,  capacity, capacity_back, tariff, shared_with
        main,   natural_gas,   pipeline,   field,      door,      40,       0,             0,
        pipe,   natural_gas,   pipeline,   door,       town,      20,       0,             1,      trench
        oil,    crude,         pipeline,   door,       town,      20,       0,             1,      trench
        local,  natural_gas,   pipeline,   south,      town,      8,        0,             1,
        ring,   natural_gas,   connection, town,       suburb,    10,       0,             0,
        rail_a, coal_high_ash, rail,       mine,       door_rail, 50,       0,             1,
        rail_b, coal_high_ash, rail,       door_rail,  plant,     50,       0,             1,
        line,   electricity,   line,       ru_side,    town,      5,        5,             1,
    """
    results = ask(steppe(links=links))
    gas = row(results, "KZ-S", "natural_gas")
    assert (gas["largest"], gas["supply"]) == ("trench", "pipe")
    assert "without Door - Steppe region (all that it carries): " in texts(results)["weakest"]


def test_place_rule_is_a_field_and_is_named() -> None:
    """Who goes short is published only with the rule that says so."""
    results = ask(steppe(), place_rule="cooperative", time_rule="even")
    assert results.meta["rules"] == {"place": "cooperative", "time": "even", "help": "planned"}
    assert row(results, "KZ-S", "natural_gas")["protected_days"] == 0.0  # spread from the first day on


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"countries": ("KZ", "RUS")}, 'countries: no link crosses a border of "RUS". Did you mean "RU"? Countries with neighbours: KZ, RU.'),
        ({"countries": ("KZ", "KZ")}, "countries: no link crosses between KZ and KZ. Neighbours of KZ: RU."),
        ({"days": 0}, "days: 0 is less than a day."),
        (
            {"kinds": ("pipe",)},
            'kinds: "pipe" is no kind of link. Known: pipeline, line, rail, sea, road, connection.',
        ),
    ],
)  # fmt: skip
def test_wrong_fields(fields: dict[str, Any], message: str) -> None:
    """The message says what to write instead."""
    with pytest.raises(StudyError) as caught:
        ask(steppe(), **fields)
    assert str(caught.value) == message


def test_a_case_without_a_border() -> None:
    """One country has no border page, and is told so."""
    case = make(
        places="place, name, country\na, A, KZ\nb, B, KZ",
        links="link, carrier, from_place, to_place, capacity\nab, heat, a, b, 1",
    )
    with pytest.raises(StudyError) as caught:
        ask(case)
    assert (
        str(caught.value)
        == "countries: no link of the case crosses a border. Countries with neighbours: none."
    )


def test_days_and_months_of_another_case() -> None:
    """Every case with two countries has a border; plain places stand for themselves."""
    for case in (border_year(60), border_year(0, 12)):
        results = ask(case, days=20)
        assert set(results["border"]["region"]) == {"a_town", "b_town"}
        assert results["border"]["share_across"].between(0, 1).all()


def test_what_is_told() -> None:
    """The command line prints the sentences, those of each region too, and what hurts most first."""
    shown = page(small())
    told = [*shown.sentences, *(text for part in shown.parts for text in part.sentences)]
    assert [text for text in told if "left out" not in text] == list(texts(small()).values())
    regions = next(view for view in shown.views if view.is_told)
    assert [head.words for head in regions.heads][:4] == [
        "Region",
        "Carrier",
        "From across, fuels included",
        "Largest supply",
    ]
    assert [cell.text for cell in regions.rows[0][:4]] == [
        "Steppe region",
        "Natural gas",
        "100",
        "Door - Steppe region",
    ]


@pytest.mark.slow
def test_reference_border() -> None:
    """The seven oblasts on the Russian border (one of them two today), and Omsk and Reftinskaya on the other side."""
    case = reference()
    regions = Regions(case)
    results = run("border", reference_engine())
    home = {
        name
        for region, name in ((one, regions.name[one]) for one in results["border"]["region"])
        if regions.country[region] == "KZ"
    }
    assert home == {
        "West Kazakhstan region", "Atyrau region", "Aktobe region", "Kostanay region", "North Kazakhstan region", "Pavlodar region",
        "Abai region", "East Kazakhstan region",
    }  # fmt: skip
    names = set(results["border"]["region"].map(regions.name))
    assert {"Omsk region", "Reftinskaya power station"} <= names
    gas = row(results, "KZ-39", "natural_gas")
    assert gas["share_across"] == pytest.approx(1.0)
    assert gas["largest"] == "gas_kartaly_rudny"
    assert gas["n1_protected"] > 0
    assert gas["protected_days"] == 0.0
    agreements = case.table("agreements").set_index("agreement")["name"]
    assert any("Russian gas supply" in agreements[one] for one in gas["agreements"].split(";"))
    assert row(results, "plant_reftinskaya", "coal_high_ash")["share_across"] > 0.9
    # each loss once, and once more with agreed help where somebody is short with what is planned
    again = (results["border.help"]["planned"] > 0).sum()
    assert results.meta["solves"]["questions"] <= len(results["border"]) + again


def test_cells_are_named_by_region_and_carrier(tmp_path: Path) -> None:
    """A number of the first page is asked for by what people know of it, and fits into a workbook."""
    told = explain(small(), "border", "KZ-S,natural_gas:share_across")
    assert told.to_text().startswith("border KZ-S,natural_gas:share_across = 1.0")
    assert small().to_excel(tmp_path / "border.xlsx").exists()
