"""A town that lives on three contracts, small enough to write its invoices by hand."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import AB, make

CLAUSES = """
    contract, clause,        parameter,   item,  start,      value, unit
    oil,      indexed_price, base,        ,      ,           4,     USD/MWh
    oil,      indexed_price, index,       brent, 2023-12-01, 70,
    oil,      indexed_price, index,       brent, 2024-01-01, 77,
    oil,      indexed_price, index_start, brent, ,           70,
    oil,      indexed_price, weight,      brent, ,           0.1,
    booking,  fixed_tariff,  tariff,      ,      ,           1.5,   USD/MWh
"""


def contract_town(clauses: str = CLAUSES, months: int = 2) -> Case:
    """Gas of 12 MW in B, in January and February 2024 (744 and 696 h).

    import (20 MW a year at 6, 80 % to be paid) --> a --booking, half of 24 to be paid at 2--> b uses 12
    rival (10 at 5) --> a                                        oil (2 of 2 at 4, and 0.1 x (brent - 70)) --> b

    10 come over the pipe, all from import, since what is not taken of its 16 is paid for. Without that the rival gives all ten.
    """
    return make(
        months=months,
        places=AB,
        links="link, carrier, kind, from_place, to_place, capacity\nab, natural_gas, pipeline, a, b, 100",
        markets="market, place, carrier, side, ceiling, price\nrival, a, natural_gas, sells, 10, 5",
        demand=f"place, carrier, customer_class, amount, unit\nb, natural_gas, household, {12 * 8784}, MWh",
        contracts="""
            contract, name,         kind,      seller, buyer, carrier,     delivery_place, annual_quantity, take_or_pay, ship_or_pay, daily_max, daily_min, price, shortfall_price, over
            import,   Gas for B,    supply,    Field,  Town,  natural_gas, a,              175680,          0.8,         ,            ,          ,          6,     ,
            booking,  Pipe to B,    transport, Pipe,   Town,  natural_gas, ,               210816,          ,            0.5,         ,          ,          2,     ,                ab
            oil,      Gas with oil, supply,    Trader, Town,  natural_gas, b,              ,                ,            ,            2,         2,         4,     10,
        """,
        clauses=clauses,
    )
