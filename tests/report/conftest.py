"""A small solved year for the report: gas and power, a shortage, a storage, a market, and names that bite."""

from __future__ import annotations

import pytest

from kelisim.case.case import Case
from kelisim.results.results import Results
from kelisim.studies import run
from tests.cases.make import make

HOSTILE = "<script>alert(1)</script> & Co"


def small_case(**changes: str) -> Case:
    """North makes gas; one full pipe leads to Middle and its plant, a line and a pipe on to South.

    North --100--> Middle (plant, cavern) --40--> South (short of gas)
                          --power 30 both ways--  South

    A table given by name takes the place of the one here.
    """
    tables = {
        "places": f"""
            place,  name,       country, kind, lat,  lon
            north,  North,      KZ,      field, 52.0, 62.0
            middle, {HOSTILE},  KZ,      town, 50.0, 66.0
            south,  South,      UZ,      town, 45.0, 68.0
        """,
        "links": """
            link,   carrier,     kind,     from_place, to_place, capacity, capacity_back, tariff, source
            trunk,  natural_gas, pipeline, north,      middle,   100,      ,              1,      first
            branch, natural_gas, pipeline, middle,     south,    40,       ,              1,      first
            second, natural_gas, pipeline, middle,     south,    5,        ,              9,      other
            tie,    electricity, line,     middle,     south,    30,       30,            0.5,    other
        """,
        "assets": """
            asset, name,      kind,        place,  capacity, unit, cost, cost_unit, confidence
            field, Old Field, field,       north,  200,      MW,   5,    USD/MWh,   A
            plant, Gas plant, power_plant, middle, 40,       MW,   2,    USD/MWh,   C
        """,
        "asset_ports": """
            asset, kind, carrier,     ratio
            field, ,     natural_gas, 1
            plant, ,     electricity, 1
            plant, ,     natural_gas, -2
        """,
        "storages": """
            storage, name,   place,  carrier,     working_capacity, unit, injection, withdrawal, rate_unit
            cavern,  Cavern, middle, natural_gas, 20000,            MWh,  50,        50,         MW
        """,
        "demand": """
            place,  carrier,     customer_class, amount,  unit, profile
            middle, electricity, household,      60000,   MWh,
            south,  electricity, other,          90000,   MWh,
            south,  natural_gas, household,      480000,  MWh,
        """,
        "markets": """
            market, name,       place, carrier,     side, ceiling, unit, price, price_unit
            abroad, Far Market, north, natural_gas, buys, 30,      MW,   12,    USD/MWh
        """,
        "sources": """
            source, title,              publisher, url,                    date, licence
            first,  <b>First</b> book,  A & B,     https://example.org/a,  2024, CC BY 4.0
            other,  Another,            C,         javascript:alert(2),    2023, all rights reserved
        """,
    }
    return make("small", months=12, **(tables | changes))


@pytest.fixture(scope="session")
def results() -> Results:
    """The small year, solved."""
    return run("balance", small_case())
