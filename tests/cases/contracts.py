"""Golden cases of kelisim/model/contracts.py."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import AB, ABC, make

LINK = "link, carrier, from_place, to_place, capacity, capacity_back\nab, natural_gas, a, b, 100, 100"
LINKS = """
    link, carrier,     from_place, to_place, capacity
    ab,   natural_gas, a,          b,        100
    ac,   natural_gas, a,          c,        100
"""


def contracts_delivery() -> Case:
    """A supply gives, a sale takes, a swap takes at one place and gives at another; before its start nothing is due.

    supply (20 at 6) --> a --> sale (10 at 9, from 2 January)    a --> swap (5 at 1) --> b
    """
    return make(
        places=AB,
        contracts="""
            contract, kind,   carrier,     delivery_place, return_place, daily_max, price, start
            import,   supply, natural_gas, a,              ,             20,        6,
            export,   sale,   natural_gas, a,              ,             10,        9,     2024-01-02
            barter,   swap,   natural_gas, a,              b,            5,         1,
        """,
    )


def contracts_annual() -> Case:
    """A year of 175,680 MWh (20 MW) over two links, 10 % less to 5 % more: 18 to 21.

    a --100--> b, a --100--> c: together 18 to 21 in the mean of the horizon
    """
    return make(
        months=2,
        places=ABC,
        links=LINKS,
        contracts="""
            contract, kind,    carrier,     annual_quantity, swing_down, swing_up, over
            balance,  balance, natural_gas, 175680,          0.1,        0.05,     ab;ac
        """,
    )


def contracts_shortfall() -> Case:
    """What the year lacks costs the shortfall price, or the price where there is none.

    supply (20, no less than 50 %, 15 for each missing MWh) --> a <-- other (10, all of it, at 4)
    """
    return make(
        places=AB,
        contracts="""
            contract, kind,   carrier,     delivery_place, annual_quantity, swing_down, price, shortfall_price
            import,   supply, natural_gas, a,              175680,          0.5,        6,     15
            other,    supply, natural_gas, a,              87840,           0,          4,
        """,
    )


def contracts_shortfall_by_contract() -> Case:
    """Under by_contract a firm sale outranks all customers but the protected: 1500 x (1 + 2 x 5 %) = 1650.

    a --> firm sale (20, no less) and other sale (20, no less), 6 USD/MWh each
    """
    return make(
        days=1,
        rules={"place": "by_contract"},
        places=AB,
        contracts="""
            contract, kind, carrier,     delivery_place, annual_quantity, swing_down, price, firm
            first,    sale, natural_gas, a,              175680,          0,          6,     yes
            second,   sale, natural_gas, a,              175680,          0,          6,     no
        """,
    )


def contracts_excess() -> Case:
    """More than the year costs the excess price, and no daily limit stands in the way.

    supply (20 at 6, more at 6 + 3 USD/MWh) --> a
    """
    return make(
        places=AB,
        contracts="""
            contract, kind,   carrier,     delivery_place, annual_quantity, price, excess_price
            import,   supply, natural_gas, a,              175680,          6,     3
        """,
    )


def contracts_paid() -> Case:
    """Take-or-pay of 80 % and ship-or-pay of 90 % of 20 MW: 16 taken and 18 shipped, or paid for.

    supply (20 at 6) --> a --booked: 20, from 2 January--> b
    """
    return make(
        places=AB,
        links=LINK,
        contracts="""
            contract, kind,      carrier,     delivery_place, annual_quantity, take_or_pay, ship_or_pay, over, start
            import,   supply,    natural_gas, a,              175680,          0.8,         ,            ,
            booking,  transport, natural_gas, ,               175680,          ,            0.9,         ab,   2024-01-02
        """,
    )


def contracts_unpaid() -> Case:
    """What is neither taken nor shipped is paid at the price: 6 USD/MWh over two days is 12 per mean MW and day.

    supply (20 at 6, 80 % take-or-pay) --> a
    """
    return make(
        places=AB,
        contracts="""
            contract, kind,   carrier,     delivery_place, annual_quantity, take_or_pay, price
            import,   supply, natural_gas, a,              175680,          0.8,         6
        """,
    )


def contracts_daily() -> Case:
    """A power band: the flow of a link stays within the band on each day of the contract.

    a --100, band 30 until 1 January--> b
    """
    return make(
        places=AB,
        links=LINK,
        contracts="""
            contract, kind, carrier,     daily_max, over, end
            band,     band, natural_gas, 30,        ab,   2024-01-01
        """,
    )


def contracts_daily_excess() -> Case:
    """Beyond the band each MWh costs the excess price.

    a --100, band 30, 7 USD/MWh beyond--> b
    """
    return make(
        months=2,
        places=AB,
        links=LINK,
        contracts="""
            contract, kind, carrier,     daily_max, excess_price, over
            band,     band, natural_gas, 30,        7,            ab
        """,
    )


def contracts_daily_least() -> Case:
    """The least of a day holds for a band over links and for a delivery alike.

    supply (10 to 20) --> a --band 5 to 30--> b
    """
    return make(
        places=AB,
        links=LINK,
        contracts="""
            contract, kind,   carrier,     delivery_place, daily_max, daily_min, price, over
            import,   supply, natural_gas, a,              20,        10,        6,
            band,     band,   natural_gas, ,               30,        5,         2,     ab
        """,
    )


def contracts_daily_shortfall() -> Case:
    """What a day lacks costs the shortfall price, or the price where there is none.

    supply (10 to 20 at 6, 40 for each missing MWh; second one without) --> a
    """
    return make(
        months=2,
        places=AB,
        contracts="""
            contract, kind,   carrier,     delivery_place, daily_max, daily_min, price, shortfall_price
            import,   supply, natural_gas, a,              20,        10,        6,     40
            other,    supply, natural_gas, a,              20,        10,        6,
        """,
    )
