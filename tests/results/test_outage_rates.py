"""What can fail, and how often: rows of the case before general rates, units, circuits, tracks."""

from __future__ import annotations

from typing import Any

import pytest

from kelisim.results.outage_rates import Failing, failing, shipped_rates
from tests.cases.make import NO_FUEL_OF_PLANTS, make


def found(rates: str = "", **fields: Any) -> dict[str, Failing]:
    case = make(
        places="place, name, country\na, A, KZ\nb, B, RU",
        links="""
            link,  carrier,     kind,     from_place, to_place, capacity, length_km, circuits, shared_with, status
            wire,  electricity, line,     a,          b,        100,      200,       2,        ,            base
            pipe,  natural_gas, pipeline, a,          b,        100,      500,       ,         ,            base
            old,   natural_gas, pipeline, a,          b,        100,      ,          ,         ,            base
            rail1, diesel,      rail,     a,          b,        100,      400,       ,         track,       base
            rail2, gasoline,    rail,     a,          b,        100,      400,       ,         track,       base
            plan,  natural_gas, pipeline, a,          b,        100,      500,       ,         ,            candidate
            tie,   electricity, connection, a,        b,        100,      ,          ,         ,            base
        """,
        assets="""
            asset, name,  kind,        place, capacity, cost
            big,   Big,   power_plant, a,     1200,     1
            small, Small, power_plant, a,     50,       1
            none,  None,  power_plant, a,     0,        1
            far,   Far,   import,      a,     100,      1
        """,
        asset_kinds=NO_FUEL_OF_PLANTS,
        asset_ports="asset, carrier, ratio\nbig, electricity, 1\nsmall, electricity, 1\nnone, electricity, 1\nfar, electricity, 1",
        **({"outage_rates": rates} if rates else {}),
    )
    return {one.name: one for one in failing(case, **fields)}


def test_general_rates() -> None:
    """Units, circuits and kilometres: one plant of 1,200 MW does not fail as one, a long line fails more often."""
    parts = found()
    assert set(parts) == {
        "assets:big",
        "assets:small",
        "links:wire",
        "links:pipe",
        "links:old",
        "tracks:track",
    }
    assert (parts["assets:big"].units, parts["assets:small"].units, parts["links:wire"].units) == (4, 1, 2)
    assert parts["assets:big"].rate == pytest.approx(7 * 100 / 8760)
    assert parts["links:wire"].failures == pytest.approx(0.25 * 2)
    assert parts["links:pipe"].failures == pytest.approx(0.3 * 0.5)
    assert parts["links:pipe"].rate == pytest.approx(0.15 * 72 / 8760)
    assert parts["tracks:track"].members == (("links", "rail1"), ("links", "rail2"))
    assert parts["tracks:track"].failures == pytest.approx(0.5 * 0.4)
    assert (parts["tracks:track"].first, parts["assets:big"].first) == ("rail1", "big")


def test_a_length_that_is_not_known_is_said() -> None:
    """The length of its kind is taken, and the table of elements shows it."""
    parts = found()
    assert parts["links:old"].is_length_assumed and parts["links:old"].failures == pytest.approx(0.15)
    assert not parts["links:pipe"].is_length_assumed


def test_rows_of_the_case_come_first() -> None:
    """What a case knows better must not be overruled by a general figure: element before kind before shipped."""
    parts = found(
        "table, element, kind, failures_per_year, repair_hours\n"
        "assets, big, , 2, 10\nassets, , power_plant, 3, 20\nassets, , import, 1, 5\nlinks, wire, , 0, 10"
    )
    assert (parts["assets:big"].failures, parts["assets:big"].repair, parts["assets:big"].units) == (2, 10, 1)
    assert (parts["assets:small"].failures, parts["assets:small"].is_general) == (3, False)
    assert found()["assets:small"].is_general
    assert parts["assets:far"].failures == 1
    # a rate of 0 says that it does not fail
    assert "links:wire" not in parts


def test_a_storage_has_the_rate_of_its_carrier() -> None:
    """Storages have no kind: a row of the case for their carrier must not be passed over for a general figure."""
    case = make(
        places="place, name, country\na, A, KZ",
        storages="storage, name, place, carrier, working_capacity\ncavern, Cavern, a, natural_gas, 100",
        outage_rates="table, element, kind, failures_per_year, repair_hours\nstorages, , natural_gas, 3, 20",
    )
    (one,) = failing(case)
    assert (one.name, one.failures, one.repair, one.is_general) == ("storages:cavern", 3, 20, False)


def test_only_some_tables_or_carriers() -> None:
    """A look at pipelines alone must not draw power plants."""
    assert set(found(tables=("links",), carriers=("natural_gas",))) == {"links:pipe", "links:old"}


def test_shipped_rates_can_be_traced() -> None:
    """A rate without a source or a grade cannot be argued about."""
    rates = shipped_rates()
    assert (rates["source"] != "").all() and rates["confidence"].isin(["A", "B", "C"]).all()
    assert (rates["failures_per_year"] > 0).all() and (rates["repair_hours"] > 0).all()
    assert (rates["failures_per_year"] * rates["repair_hours"] < 0.2 * 8760).all()
