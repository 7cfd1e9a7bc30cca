"""Markets: buyers abroad who take what pays, at most a ceiling; what they do not take is not a shortage."""

from __future__ import annotations

from tools.reference.demand import FLAT, MARKET_CLASS
from tools.reference.facts import Facts, short, unit


def markets(facts: Facts) -> list[dict[str, str]]:
    """One row per export row of the join: the year's amount as limit, and the same spread as ceiling."""
    rows = []
    price_of = _prices(facts)
    for row in facts.records("join/demand_join"):
        if row["customer_class"] != MARKET_CLASS:
            continue
        price, price_unit = (
            (row["voll"], row["voll_unit"]) if row["voll"] else price_of[row["carrier"].split("_")[0]]
        )
        rows.append(
            {
                "market": f"{row['place']}_{row['carrier']}_sale",
                "place": row["place"],
                "carrier": row["carrier"],
                "side": "buys",
                "ceiling": row["amount"],
                "unit": f"{unit(row['unit'])}/year",
                "annual_max": row["amount"],
                "annual_unit": unit(row["unit"]),
                "profile": "" if row["profile"] == FLAT else row["profile"],
                "price": price,
                "price_unit": price_unit,
                "source": facts.sources(row["source_rows"]),
                "confidence": row["confidence"],
                "note": short(row["note"], row["replaces_or_replaced_by"].split("refinery intake rows")[0]),
            }
        )
    return rows


def _prices(facts: Facts) -> dict[str, tuple[str, str]]:
    """Price of the export class by the first word of the carrier: natural, crude, fuel, coal."""
    return {
        row["carrier"].split("_")[0]: (row["voll"], row["voll_unit"])
        for row in facts.records("join/customer_class_join")
        if row["customer_class"] == MARKET_CLASS
    }
