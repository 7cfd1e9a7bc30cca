"""Trade and investment of Kazakhstan by partner and year, and who brings technology and credit."""

from __future__ import annotations

import csv
from pathlib import Path

from tools.reference.facts import Facts

OWN = Path(__file__).with_name("partners.csv")
HOME = "KZ"
CARRIERS = {"oil": "crude", "gas": "natural_gas"}  # word of the facts -> carrier of the case
VIA = {"via Russia": "RU"}
# routes of the facts that name no country: the one that they cross first
FIRST = {"tr_oil_10m24_btc": "AZ", "tr_oil_10m24_cn": "CN"}


def partners(facts: Facts) -> list[dict[str, str]]:
    """All rows: trade, investment, then technology and finance that were put together by hand."""
    return [*_trade(facts), *_investment(facts), *_own(facts)]


def _trade(facts: Facts) -> list[dict[str, str]]:
    rows = []
    for row in facts.records("policy/trade_by_partner"):
        is_route = row["kind"] == "route"
        where = row["partner_or_route"]
        through = FIRST.get(row["row_id"]) or next((c for word, c in VIA.items() if word in where), "")
        rows.append(
            {
                "row": row["row_id"],
                "topic": "trade",
                "country": HOME,
                "period": _months(row["period"]),
                "direction": row["direction"],
                "carrier": CARRIERS.get(row["carrier"], row["carrier"]),
                "partner": "" if is_route else where,
                "route": where if is_route else "",
                "through": through,
                "value": row["value"],
                "unit": row["unit"],
                "share": row["share"],
                "source": ";".join(facts.source_ids("policy", row["source_id"])),
                "confidence": row["confidence"],
                "note": row["note"],
            }
        )
    return rows


def _months(period: str) -> str:
    """A period with both of its ends whole: 2024-01..10 as 2024-01..2024-10."""
    first, _, last = period.partition("..")
    return f"{first}..{first[:5]}{last}" if len(last) == 2 else period


def _investment(facts: Facts) -> list[dict[str, str]]:
    return [
        {
            "row": row["row_id"],
            "topic": "investment",
            "country": HOME,
            "period": row["period"],
            "direction": row["measure"],
            "carrier": "all sectors",
            "partner": row["country"],
            "value": row["value"],
            "unit": row["unit"],
            "share": row["share"],
            "source": ";".join(facts.source_ids("policy", row["source_id"])),
            "confidence": row["confidence"],
            "note": row["note"],
        }
        for row in facts.records("policy/fdi")
    ]


def _own(facts: Facts) -> list[dict[str, str]]:
    with OWN.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["country"], row["source"] = HOME, facts.sources(row.pop("fact_rows"))
    return rows
