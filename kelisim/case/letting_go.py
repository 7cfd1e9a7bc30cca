"""What may be let go where: flared, spilled, curtailed. Nothing, unless a row says so."""

from __future__ import annotations

from collections.abc import Iterable

from kelisim.case.case import Case

YES, NO = "yes", "no"


def allowed_by(case: Case, nodes: Iterable[tuple[str, str]]) -> list[str]:
    """Table whose row lets a carrier go at a place, `carriers` or `places`; empty where none does. Nodes are (place, carrier)."""
    carriers, places = (
        dict(zip(case.table(table)[key], case.table(table)["may_curtail"], strict=True))
        for table, key in (("carriers", "carrier"), ("places", "place"))
    )
    found = []
    for place, carrier in nodes:
        here = words(places.get(place, ""))
        if carrier in here or YES in here:
            found.append("places")
        else:
            found.append("carriers" if carriers.get(carrier, False) and NO not in here else "")
    return found


def words(cell: str) -> list[str]:
    """Words of `places.may_curtail`: yes, no, or carriers."""
    return [word.strip() for word in str(cell).split(";") if word.strip()]
