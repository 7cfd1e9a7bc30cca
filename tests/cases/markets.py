"""Golden cases of kelisim/model/markets.py."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import A, make


def markets_taken() -> Case:
    """A buyer pays and takes from the place, a seller is paid and gives; February has 29/30 of the weight.

    seller (30 at 5 USD/MWh) --> a --> buyer (20 at 8 USD/MWh)
    """
    return make(
        months=2,
        places=A,
        markets="""
            market, place, carrier,     side,  ceiling, price
            europe, a,     natural_gas, buys,  20,      8
            north,  a,     natural_gas, sells, 30,      5
        """,
    )


def markets_annual() -> Case:
    """A limit of the year counts as mean MW: 87,840 MWh are 10 MW of 8784 hours.

    a --20, at most 87,840 MWh a year--> buyer
    """
    return make(
        months=2,
        places=A,
        markets="""
            market, place, carrier,     side, ceiling, price, annual_max
            europe, a,     natural_gas, buys, 20,      8,     87840
        """,
    )
