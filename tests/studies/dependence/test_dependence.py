"""Indicators to nine digits by hand, who loses more on a case and its image, Cournot against its closed form, partners."""

from __future__ import annotations

import doctest
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kelisim.engine import Engine
from kelisim.errors import CaseError, StudyError
from kelisim.results import cournot, dependence
from kelisim.results.facts import facts_of
from kelisim.results.results import Results
from kelisim.studies.dependence.study import Dependence
from tests.cases.crossroads import crossroads
from tests.cases.mirrored import mirrored

NEAR: dict[str, Any] = {"abs": 1e-9, "rel": 1e-9}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(crossroads(), cache=False)


@pytest.fixture(scope="module")
def traded(engine: Engine) -> Results:
    return Dependence(countries=("AA", "CC"), pair=("AA", "RR"), start=date(2024, 1, 1), days=31).run(engine)


@pytest.fixture(scope="module")
def mixed(engine: Engine) -> Results:
    return Dependence(countries=("AA", "CC"), pair=("AA", "RR"), counted="mixed").run(engine)


def _of(results: Results, area: str, period: str = "all") -> dict[str, float]:
    rows = results["indicators"]
    rows = rows[(rows["area"] == area) & (rows["period"] == period)]
    return dict(zip(rows["indicator"], rows["value"], strict=True))


def test_indicators_as_it_mixes(mixed: Results) -> None:
    """Dependence by proportion: at a half of 20 is from RR; 6 and 3 leave, 4 of 8 are from abroad."""
    found = _of(mixed, "AA")
    known = {
        "import_dependence": (4 - 9) / 8, "imports_of_use": 4 / 8, "largest_supplier": 4 / 8, "exports_of_supply": 9 / 13,
        "largest_buyer": 6 / 9, "import_transit": 0.0, "export_transit": 6 / 9, "hhi_supplier": 0.5, "shannon_supplier": np.log(2.0),
        "hhi_import_route": 1.0, "hhi_export_route": 36 / 81 + 9 / 81, "shannon_export_route": -(2 / 3 * np.log(2 / 3) + 1 / 3 * np.log(1 / 3)),
        "hhi_export_state": 45 / 81, "hhi_import_state": 1.0, "hhi_buyer": 45 / 81, "balance_export": 1 - (45 / 81 - 0.5) / 0.5, "csi": 0.25,
        # 20 over the border and 10 at home, as no link brings the 3 of a2 to a; 8 are used
        "rsi": 10 / 8, "psi": 0.0, "tps": 0.0,
    }  # fmt: skip
    assert found == pytest.approx(known, **NEAR)


def test_indicators_as_it_is_traded(traded: Results) -> None:
    """Statistics call transit what comes in and goes on: 4 of the 6 that leave are exchanged for the 4 that are used."""
    found = _of(traded, "AA")
    assert found["hhi_export_route"] == pytest.approx((2 / 5) ** 2 + (3 / 5) ** 2, **NEAR)
    assert found["export_transit"] == pytest.approx(3 / 5, **NEAR)
    assert found["imports_of_use"] == pytest.approx(0.0, **NEAR)
    assert found["exports_of_supply"] == pytest.approx(5 / 13, **NEAR)
    # for CC nothing changes by what AA exchanges at home: 6 from each, RR's half crosses AA
    there = _of(traded, "CC")
    assert there["import_transit"] == pytest.approx(6 / 12, **NEAR) and there[
        "hhi_supplier"
    ] == pytest.approx(0.5, **NEAR)
    routes = traded["routes"].set_index(["area", "side", "way"])["energy"]
    assert routes["AA", "export", "ac"] == pytest.approx(2 * 1440, **NEAR)
    months = traded["indicators"]["period"].unique()
    assert list(months) == ["all", "2024-01", "2024-02"]
    assert _of(traded, "AA", "2024-02")["hhi_export_route"] == pytest.approx(0.52, **NEAR)


def test_who_loses_more_is_the_same_seen_from_both_sides() -> None:
    """A rule that favours the country that is named first would show here; with one image broken it must not be even."""
    asked = Dependence(start=date(2024, 1, 1), days=31)
    tie = asked.run(Engine(mirrored(), cache=False))["tie"].set_index(["cut", "country"])["loss"]
    assert tie["both", "XA"] == pytest.approx(tie["both", "XB"], rel=1e-9) and tie["both", "XA"] > 1e6
    assert tie["first_to_second", "XB"] == pytest.approx(tie["second_to_first", "XA"], rel=1e-9)
    assert tie["first_to_second", "XA"] == pytest.approx(tie["second_to_first", "XB"], abs=1e-3)
    # the other way round the table is the same
    turned = Dependence(pair=("XB", "XA"), start=date(2024, 1, 1), days=31).run(
        Engine(mirrored(), cache=False)
    )
    other = turned["tie"].set_index(["cut", "country"])["loss"]
    assert other["both", "XB"] == pytest.approx(tie["both", "XA"], rel=1e-9)
    broken = asked.run(Engine(mirrored(3.0), cache=False))
    own = broken["tie"].set_index(["cut", "country"])["loss"]
    # XB makes 2 MW more itself at 50: they were worth 500 each
    assert own["both", "XA"] - own["both", "XB"] == pytest.approx(2 * 744 * (500 - 50), rel=0.02)
    who = facts_of(broken["facts"])["tie"].places["who"]
    assert (who.say, who.places["country"]) == ("dependence.more", "XA")


def test_losses_add_up_to_the_cost_of_the_cut(engine: Engine, traded: Results) -> None:
    """What one pays and another gets must cancel, or a loss is told that nobody bears."""
    tie = traded["tie"]
    assert tie.groupby("cut")["trade_cost"].sum().tolist() == pytest.approx([0.0] * 3, abs=1e-6)
    both = tie[tie["cut"] == "both"]
    # RR's 10 MW are gone in January; the plan has nobody else to make them
    assert both["unserved"].sum() == pytest.approx(10 * 744, rel=1e-6)
    assert both["loss"].sum() == pytest.approx((both["unserved_cost"] + both["supply_cost"]).sum(), rel=1e-9)


def test_cournot_is_its_closed_form() -> None:
    """Replies in turn and the closed form are two ways to one number; a seller who is too dear sells nothing."""
    assert doctest.testmod(cournot).failed == 0
    rng = np.random.default_rng(5)
    for count in (1, 2, 3, 6):
        cost = rng.uniform(0, 60, count)
        both = [f(100.0, 0.7, cost) for f in (cournot.closed_form, cournot.best_replies)]
        assert both[0] == pytest.approx(both[1], abs=1e-9)
        assert 100.0 - 0.7 * both[0].sum() == pytest.approx(
            (100.0 + cost[both[0] > 0].sum()) / ((both[0] > 0).sum() + 1), **NEAR
        )
    dear = cournot.closed_form(100.0, 1.0, [10.0, 20.0, 95.0])
    assert dear[2] == 0.0 and dear[0] == pytest.approx(100 / 3, **NEAR)


def test_the_check_of_the_study(mixed: Results) -> None:
    """The two suppliers of AA, 4 each at the plan's prices; demand straight with an elasticity of -0.3."""
    rows = mixed["cournot"].set_index("supplier")
    assert list(rows.index) == ["AA", "RR"]
    assert (rows["nash"] - rows["closed_form"]).abs().max() < 1e-6
    price, cost = float(rows["price_plan"].iloc[0]), rows["cost"].to_numpy()
    slope = price / (0.3 * 8 * 1440)
    top = price + slope * 8 * 1440
    assert rows["price"].iloc[0] == pytest.approx((top + cost.sum()) / 3, **NEAR)


def test_partners_beside_the_plan(traded: Results) -> None:
    """Published routes are compared in their own months; of a topic the whole world is no partner."""
    beside = traded["partners.beside"].set_index(["indicator", "state"])
    assert beside.loc[("hhi_export_route", ""), "observed"] == pytest.approx(0.52, **NEAR)
    assert beside.loc[("hhi_export_route", ""), "model"] == pytest.approx(0.52, **NEAR)
    balance = traded["partners.balance"].set_index(["topic", "carrier", "kind"])
    inflow = balance.loc[("investment", "all", "partner")]
    assert inflow["count"] == 2 and inflow["hhi"] == pytest.approx(0.52, **NEAR) and inflow["largest"] == "US"
    assert inflow["even"] == pytest.approx(1 - 0.02 / 0.5, **NEAR)
    coal = balance.loc[("trade", "coal", "partner")]
    assert coal["largest_share"] == pytest.approx(0.75, **NEAR) and coal["hhi"] == pytest.approx(
        0.625, **NEAR
    )


def test_owners(traded: Results) -> None:
    """Of 13 MW 7.5 are of AA's company and 2.5 of a French one; nobody is named for 3."""
    rows = traded["ownership"].set_index(["country", "owner"])["share"]
    assert [rows["AA", one] for one in ("AA", "FR", "")] == pytest.approx(
        [7.5 / 13, 2.5 / 13, 3 / 13], **NEAR
    )


def test_a_scenario_stands_beside_the_plan(engine: Engine) -> None:
    """Without the north pipe all exports go south, and the plan's rows stay."""
    found = Dependence(
        countries=("AA",), pair=("AA", "CC"), lost=("ac",), start=date(2024, 1, 1), days=60
    ).run(engine)
    rows = found["indicators"]
    rows = rows[(rows["period"] == "all") & (rows["indicator"] == "hhi_export_route")].set_index("scenario")[
        "value"
    ]
    assert rows["plan"] == pytest.approx(0.52, **NEAR) and rows["without"] == pytest.approx(1.0, **NEAR)


def test_the_set_is_that_of_the_case() -> None:
    """A case chooses its indicators and their bands."""
    case = crossroads()
    own = case.table("indicators")
    rows = [
        {**dict.fromkeys(own.columns, ""), "indicator": "csi", "used": False, "low": np.nan, "high": np.nan}
    ]
    rows += [{**rows[0], "indicator": "largest_supplier", "used": True, "low": 0.1, "high": 0.3}]
    case = case.with_table("indicators", pd.DataFrame(rows, index=[2, 3]))
    found = Dependence(countries=("AA",), pair=("AA", "RR"), counted="mixed").run(Engine(case, cache=False))[
        "indicators"
    ]
    assert "csi" not in set(found["indicator"])
    assert set(found["reading"][found["indicator"] == "largest_supplier"]) == {"poor"}


def test_every_indicator_of_the_list_has_a_function_or_a_reason() -> None:
    """An index that is promised and not computed is found missing in a meeting."""
    for name, one in dependence.listed().items():
        assert (name in dependence.FUNCTIONS) != bool(one.reason), name


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"carriers": ("crde",), "elasticity": 0.2}, 'carriers: no carrier "crde". Did you mean "crude"?\nelasticity: 0.2 is not below 0: less is wanted at a higher price.'),
        ({"countries": ("ZZ",), "days": 0}, 'countries: no place lies in "ZZ". Known: AA, BB, CC, RR.\ndays: 0 is less than a day.'),
    ],
)  # fmt: skip
def test_wrong_fields_are_all_told(engine: Engine, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(StudyError) as raised:
        Dependence(**fields).run(engine)
    assert str(raised.value) == message


def test_check_of_the_tables() -> None:
    with pytest.raises(CaseError) as raised:
        crossroads("row, topic, period, share\none, trad, 2024, 1.4")
    told = [str(problem) for problem in raised.value.problems]
    assert sorted(told, reverse=True) == [
        'partners.csv row 2, topic: "trad" is not one of its values. Did you mean "trade"? Known: trade, investment, technology, finance.',
        "partners.csv row 2, share: 1.4 is above 1. At most 1. Write a percentage as a share: 5 % is 0.05.",
    ]


def test_transit_fees_by_hand() -> None:
    """Of the 10 from RR 6 are for CC. In AA they pay half of 2 on the way in and half of 3 on the way out, for 1,440 hours: 21,600."""
    case = crossroads()
    links = case.table("links")
    links = links.assign(tariff=links["link"].map({"ra": 2.0, "ac": 3.0, "ab": 1.0}))
    found = Dependence(countries=("AA",), pair=("AA", "RR")).run(
        Engine(case.with_table("links", links), cache=False)
    )
    (fee,) = found["fees"].itertuples(index=False)
    assert (fee.area, fee.origin, fee.destination) == ("AA", "RR", "CC")
    assert (fee.energy, fee.paid) == (pytest.approx(8640, **NEAR), pytest.approx(21_600, **NEAR))
    ways = found["borders"].set_index("link")
    assert ways.loc["ac", "tariffs"] == pytest.approx(12 * 1440 * 3, **NEAR) and ways.loc["ra", "rent"] == 0
    assert facts_of(found["facts"])["crossing"].value == pytest.approx(21_600, **NEAR)
