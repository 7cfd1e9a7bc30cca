"""Links: one row per carrier of every link of the join that is not left out.

Transit time: block trains 600 km a day, single wagons 250, crude in pipes 100, sea 500, lorries 500; gas
and power none. Coal, crude, gasoline, diesel and fuel oil move in block trains; jet fuel, bitumen and LPG
in single wagons. A sea route without a length takes 1.2 times the straight distance; a pipe without a
length stands for a system abroad and takes no time. Days are rounded to half days.
"""

from __future__ import annotations

import math
import re

from tools.reference.facts import Facts, number, short, show, unit

RESTRICTED = ("gasoline", "diesel", "lpg")
SINGLE_WAGONS = ("jet", "bitumen", "lpg")
SPEED = {"rail": 600.0, "sea": 500.0, "road": 500.0, "pipeline": 100.0}
SINGLE_WAGON_SPEED = 250.0
SEA_DETOUR = 1.2
EARTH_RADIUS = 6371.0
# The join set this passage to what routes of 2024 leave over; the blend limits it now (resources.LIMITS).
CAPACITY = {"crude_kto_to_cpc": "10"}
# Coal that enters Uzbekistan in the west and goes on to Tashkent: the join counts 1 km.
WAY_INSIDE = {"coal_bd_oaz_uz": 1.2}  # detour over the straight line
RAIL_TARIFF = 0.45 / 85  # USD/t km of coal: 2.5 KZT
TURKMEN_POWER, TURKMEN_HOURS = "electricity/observed_flows.csv#el_flow_192", (31 + 28 + 31 + 30 + 31) * 24


def links(facts: Facts, routes: set[str]) -> list[dict[str, str]]:
    """All links.

    routes  links that have a drawn route in geo/routes.geojson
    """
    rows = [_turkmen_transit(facts)]
    for row in facts.records("join/link_join"):
        if row["use"] == "no":
            continue
        if row["link"] in WAY_INSIDE:
            row = _whole_way(facts, row)
        carriers = row["carriers"].split(";")
        kind = "connection" if row["link"].startswith("connection_") else row["kind"]
        for carrier in carriers:
            rows.append(
                {
                    "link": row["link"] if len(carriers) == 1 else f"{row['link']}_{carrier}",
                    "name": _name(facts.first(row["source_rows"], "name"), carrier, len(carriers)),
                    "carrier": carrier,
                    "kind": kind,
                    "from_place": row["from_place"],
                    "to_place": row["to_place"],
                    "capacity": CAPACITY.get(row["link"], row["capacity"]),
                    "capacity_back": row["capacity_back"],
                    "unit": unit(row["unit"]),
                    "tariff": row["tariff_usd"],
                    "tariff_unit": unit(row["tariff_unit"]).replace("(1000 m3)", "1000 m3"),
                    "loss": row["loss"],
                    "days": _days(facts, row["kind"], carrier, row),
                    "length_km": row["length_km"],
                    "voltage_kv": row["voltage_kv"],
                    "circuits": row["circuits"],
                    "shared_with": row["link"] if len(carriers) > 1 else "",
                    "diameter_mm": row["diameter_mm"],
                    "route": row["link"] if row["link"] in routes else "",
                    "status": _status(row["use"], carrier),
                    "source": facts.sources(row["source_rows"] or "join"),
                    "confidence": row["confidence"],
                    "note": _note(row),
                }
            )
    return rows


def _turkmen_transit(facts: Facts) -> dict[str, str]:
    """Turkmen power for Kyrgyzstan, which customs count as Turkmen and the wires carry through Uzbekistan."""
    seen = facts.rows[TURKMEN_POWER]
    return {
        "link": "power_tm_kg",
        "name": "Turkmen power for Kyrgyzstan, through Uzbekistan",
        "carrier": "electricity",
        "kind": "line",
        "from_place": "tm_mary",
        "to_place": "kg_south",
        "capacity": show(round(1000 * number(seen["volume"]) / TURKMEN_HOURS, 0)),
        "capacity_back": "0",
        "unit": "MW",
        "tariff": "2",
        "tariff_unit": "USD/MWh",
        "days": "0",
        "status": "base",
        "source": facts.sources(TURKMEN_POWER),
        "confidence": "C",
        "note": "a contract path: mean of January to May 2023; the lines of both neighbours carry it, see resources; tariff twice the hurdle",
    }


def _whole_way(facts: Facts, row: dict[str, str]) -> dict[str, str]:
    """A rail link whose length the join does not know, with the straight line, its detour and the tariff on it."""
    length = WAY_INSIDE[row["link"]] * _straight(facts, row["from_place"], row["to_place"])
    told = short("length: 1.2 x straight line (C); the join counts 1 km", row["note"])
    return {
        **row,
        "length_km": show(round(length)),
        "tariff_usd": show(round(length * RAIL_TARIFF, 2)),
        "note": told,
    }


def _status(use: str, carrier: str) -> str:
    """An export ban holds for motor fuel only; other products may cross."""
    if use == "restricted":
        return "restricted" if carrier in RESTRICTED else "base"
    return use


def _name(name: str, carrier: str, count: int) -> str:
    """The published name; left empty if it is only a list of identifiers."""
    if not name or name.startswith(("rail:", "road:")) or re.fullmatch(r"[a-z0-9_ \-]+", name):
        return ""
    if re.search(r"sidings to consumers|_", name):
        return ""
    return name if count == 1 else f"{name}, {carrier.replace('_', ' ')}"


def _note(row: dict[str, str]) -> str:
    if row["link"] in CAPACITY:
        return "capacity: a guess, as CPC shippers into KTO; the only passage between the two systems; the blend limits it"
    rule = row["capacity_rule"]
    rule = "" if rule.startswith("source") else rule.split("; ONE capacity")[0]
    return short(f"capacity: {rule}" if rule else "", row["note"])


def _days(facts: Facts, kind: str, carrier: str, row: dict[str, str]) -> str:
    """Transit days, rounded to half days."""
    if carrier in ("natural_gas", "raw_gas", "electricity") or kind == "line":
        return "0"
    length = number(row["length_km"]) if row["length_km"] else 0.0
    if not length and kind == "sea":
        length = SEA_DETOUR * _straight(facts, row["from_place"], row["to_place"])
    speed = SINGLE_WAGON_SPEED if kind == "rail" and carrier in SINGLE_WAGONS else SPEED[kind]
    return show(math.floor(2 * length / speed + 0.5) / 2)


def _straight(facts: Facts, one: str, other: str) -> float:
    """Great-circle distance of two places in km."""
    crosswalk = facts.by("join/place_crosswalk", "place")
    lat1, lon1, lat2, lon2 = (
        math.radians(number(crosswalk[place][column])) for place in (one, other) for column in ("lat", "lon")
    )
    half = (
        math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS * math.asin(math.sqrt(half))
