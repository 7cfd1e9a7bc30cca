"""Demand by place, carrier and customer class, and the order in which classes are protected."""

from __future__ import annotations

from tools.reference import pits
from tools.reference.facts import JOIN, Facts, number, short, show, unit

COAL_STEAM = "coal_high_ash;coal_low_ash"
COAL_ALL = "coal_high_ash;coal_low_ash;coal_coking"
COAL = {"household": COAL_STEAM, "boilers_other": COAL_STEAM, "other": COAL_ALL, "industry": COAL_ALL}
FLAT = "flat"
MARKET_CLASS = "export"
# 3300 USD/t at the gross heat of LPG: below LPG of homes, which is cut after it
TRANSPORT_LPG = "234"
# (place, carrier, class) -> Mt of Angren lignite, Mt of other coal; the join adds up tonnes that are not alike
LIGNITE = {("uz_tashkent", "coal_low_ash", "other"): (7.5, 1.5)}


def demand(facts: Facts) -> list[dict[str, str]]:
    """All use of 2024; sales abroad that nobody owes are markets, not demand."""
    rows = []
    for row in facts.records("join/demand_join"):
        if row["customer_class"] == MARKET_CLASS or number(row["amount"]) == 0:
            continue
        mixed = LIGNITE.get((row["place"], row["carrier"], row["customer_class"]))
        rows.append(
            {
                "place": row["place"],
                "carrier": row["carrier"],
                "customer_class": row["customer_class"],
                "amount": show(pits.of_carrier(facts, *mixed)) if mixed else row["amount"],
                "unit": unit(row["unit"]),
                "profile": "" if row["profile"] == FLAT else row["profile"],
                "voll": row["voll"],
                "voll_unit": row["voll_unit"],
                "source": facts.sources(row["source_rows"]),
                "confidence": row["confidence"],
                "note": short(
                    f"{row['amount']} Mt as dug, of it Angren {mixed[0]}, in heat" if mixed else "",
                    row["note"],
                    _replaced(row["replaces_or_replaced_by"]),
                ),
            }
        )
    return rows


def customer_classes(facts: Facts) -> list[dict[str, str]]:
    """Classes in their order of protection, with the grades of coal named one by one."""
    rows = []
    for row in facts.records("join/customer_class_join"):
        if row["customer_class"] == MARKET_CLASS:
            continue
        carrier = COAL[row["customer_class"]] if row["carrier"] == "coal" else row["carrier"]
        about = f"about {row['voll']} {unit(row['voll_unit'])}".replace("_th", "")
        base = {
            "customer_class": row["customer_class"],
            "carrier": carrier,
            "order": row["order"],
            "voll": row["voll_usd_per_mwh"],
            "voll_unit": "USD/MWh",
            "protected": row["protected"],
            "source": JOIN,
            "confidence": "C",
            "note": short(about, row["from"]),
        }
        if row["customer_class"] == "transport" and "lpg" in carrier.split(";"):
            others = ";".join(one for one in carrier.split(";") if one != "lpg")
            rows.append({**base, "carrier": others})
            rows.append({**base, "carrier": "lpg", "voll": TRANSPORT_LPG, "note": f"{about}, gross"})
        else:
            rows.append(base)
    return rows


def _replaced(text: str) -> str:
    """What was taken out of a row or put into it; remarks on rows of other tables are not repeated."""
    return "" if "are the same use" in text else text
