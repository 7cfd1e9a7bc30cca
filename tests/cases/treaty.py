"""The two sides of tests/cases/border.py with an agreement: gas in force, a second pipe to be built, aid, a band, words."""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.border import PARTS, steppe

MORE = {
    "bodies": """
        body,  name,              country
        igc,   Joint commission,
        kz_so, Operator of KZ,    KZ
        ru_so, Operator of RU,    RU
    """,
    "projects": """
        project,    name,        builds,       capacity, unit, earliest
        new_string, Second pipe, links:second, 20,       MW,   2030-01-01
    """,
    "agreements": """
        agreement, name,       parties, signed,     in_force_until, status
        deal,      Gas treaty, RU;KZ,   2020-01-01, 2030-12-31,     in force
    """,
    "provisions": """
        provision, agreement, article, topic,   kind,          text,                        obligor, beneficiary, carrier,     from_place, to_place, acts_on,               quantity, unit, body, status,  project
        supply,    deal,      1,       supply,  supply,        Russia shall deliver gas,    RU,      KZ,          natural_gas, ,           town,     links:pipe:capacity,   20,       MW,   igc,  ,
        second,    deal,      2,       supply,  capacity,      a second pipe is to be built, RU;KZ,  KZ,          natural_gas, ,           town,     links:second:capacity, 20,       MW,   igc,  draft,   new_string
        words,     deal,      3,       supply,  ,              examine more deliveries,     RU,      KZ,          natural_gas, ,           ,         ,                      ,         ,     igc,  ,
        aid,       deal,      4,       aid,     emergency_aid, power is given in an emergency, RU,   KZ,          electricity, ,           ,         ,                      3,        MW,   igc,  draft,
    """,
}  # fmt: skip


def treaty(days: int = 40, months: int = 0, **parts: str) -> Case:
    """The case; other tables in place of its own."""
    links = (
        PARTS["links"].rstrip()
        + "\n        second, natural_gas, pipeline, door, town, 20, 0, 1, candidate\n    "
    )
    head, *rows = [line.strip() for line in links.strip().splitlines()]
    status = [f"{row}, base" if row.count(",") == head.count(",") else row for row in rows]
    own = {**MORE, "links": "\n".join([f"{head}, status", *status])}
    return steppe(days, months, **(own | parts))
