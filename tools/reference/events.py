"""Disruptions that happened, as changes of elements and the effect that was seen."""

from __future__ import annotations

import re

from tools.reference.elements import Elements
from tools.reference.facts import Facts, number, short, show, unit

WHAT = {
    "orenburg_plant_2025": "Orenburg gas plant stops taking Karachaganak gas after a drone attack",
    "west_gas_shortfall_2022_23": "Western producers deliver 2.4 bcm less gas than agreed in a cold winter",
    "uzbek_export_stop_2022_23": "Uzbekistan stops all gas exports to serve its homes",
    "turkmen_cold_stop_2023": "Record frost cuts Turkmen gas output",
    "russia_uzbekistan_gas_start_2023": "Russian gas begins to flow through Kazakhstan to Uzbekistan",
    "cpc_storm_2022": "Storm damages two of three moorings of the CPC terminal",
    "cpc_two_moorings_2022": "Cracks in buoyancy tanks take two CPC moorings out",
    "kropotkinskaya_2025": "Drones hit Kropotkinskaya pumping station of the CPC",
    "cpc_order_2025": "An inspection closes two of three CPC moorings",
    "cpc_mooring_lost_2025": "Unmanned boats destroy a CPC mooring while another is in repair",
    "tengiz_power_2026": "Transformer fires stop Tengiz and Korolev",
    "druzhba_pump_2024": "Pump fault stops Kazakh crude to Schwedt",
    "atyrau_refinery_repair_2024": "Planned repair of the Atyrau refinery",
    "omsk_refinery_fire_2024": "Fire at the Omsk refinery",
    "diesel_drain_2021": "A price gap draws diesel out of Kazakhstan during refinery repairs",
    "north_south_split_2022": "The North-South power transit opens and splits the system",
    "winter_deficit_2022_12_07": "Winter peak with many plants in emergency repair, 2022",
    "winter_deficit_2023_12_13": "Winter peak with many plants in emergency repair, 2023",
    "maek_2023_08": "Turbines of the Mangystau power site trip one after the other",
    "kostanay_gas_repair_2025": "Repair of the trunk main stops Russian gas to Kostanay and Rudny",
    "bishkek_coal_stop_2017": "Kazakh coal does not reach Bishkek",
}
NO_ELEMENT = "none"
TOGETHER = {("all KZ thermal plants", "available"): "resources:thermal_plants_kz:amount"}


def events(facts: Facts) -> list[dict[str, str]]:
    """One row per event."""
    rows = []
    for event, group in facts.groups("join/event_join", "event").items():
        dated = [row for row in group if row["start"]]
        references = ";".join(dict.fromkeys(";".join(row["source_rows"] for row in group).split(";")))
        rows.append(
            {
                "event": event,
                "start": min(row["start"] for row in dated),
                "end": max(row["end"] for row in dated),
                "what": WHAT[event],
                "sources": "; ".join(_titles(facts, references)),
                "case_year": group[0]["case_year"],
                "step": group[0]["step"],
                "source": facts.sources(references),
                "confidence": max(row["confidence"] for row in group),
            }
        )
    return rows


def changes(facts: Facts, elements: Elements) -> list[dict[str, str]]:
    """One row per changed element; a change of a link with several carriers is one row per carrier."""
    rows = []
    for event, group in facts.groups("join/event_join", "event").items():
        count = 0
        for row in group:
            for acts_on in _targets(row, elements):
                count += 1
                date_value = row["column"] == "in_service_from"
                rows.append(
                    {
                        "event": event,
                        "change_no": str(count),
                        "acts_on": acts_on,
                        "value": "" if date_value else row["value"],
                        "unit": "" if date_value else unit(row["unit"].replace(" together", "")),
                        "start": row["start"],
                        "end": row["end"],
                        "observed_effect": row["observed_effect"],
                        "effect_unit": row["effect_unit"],
                        "effect_period": row["effect_period"],
                        "compare_with": _result(row["compare_with"]),
                        "source": facts.sources(row["source_rows"]),
                        "confidence": row["confidence"],
                        "note": short(
                            "the start is the value" if date_value else "",
                            _remark(row["compare_with"]),
                            row["note"],
                        ),
                    }
                )
    return rows


def outage_rates(facts: Facts) -> list[dict[str, str]]:
    """Unscheduled stops of the three big refineries; their length follows from the availability of 0.98."""
    reference = "oil/events.csv#prod_e_kz_stops_2023"
    stops, plants = 33, ("refinery_atyrau", "refinery_pavlodar", "refinery_shymkent")
    availability = facts.by("join/asset_crosswalk", "asset")
    rows = []
    for plant in plants:
        rate = stops / len(plants)
        hours = (1 - number(availability[plant]["availability"])) * 8784 / rate
        rows.append(
            {
                "table": "assets",
                "element": plant,
                "failures_per_year": show(rate),
                "repair_hours": show(round(hours)),
                "source": facts.sources(reference),
                "confidence": "C",
                "note": "33 stops of three plants in 2023; hours = (1 - availability) x 8784 / stops",
            }
        )
    return rows


RESULT = re.compile(r"(links\.flow|assets\.activity|demand\.unserved):[\w:]+")


def _result(text: str) -> str:
    """The result table and element that an effect is held against; words where it is a sum of several."""
    if text == "imported:diesel":
        return "contracts.total.quantity:products_import_ru_diesel"
    found = RESULT.match(text)
    return found[0] if found else text


def _remark(text: str) -> str:
    """What the join says behind the element."""
    found = RESULT.match(text)
    return text[found.end() :].strip(" ,;") if found else ""


def _targets(row: dict[str, str], elements: Elements) -> list[str]:
    """acts_on texts of one join row."""
    if not row["element"]:
        return [NO_ELEMENT]
    if (row["element"], row["column"]) in TOGETHER:
        return [TOGETHER[row["element"], row["column"]]]
    found = elements.spread(row["element"]) if row["table"] in ("links", "assets") else []
    return [f"{row['table']}:{one}:{row['column']}" for one in found or [row["element"]]]


def _titles(facts: Facts, references: str) -> list[str]:
    """Titles of the sources behind an event."""
    titles = []
    for source in facts.sources(references).split(";"):
        folder, _, key = source.partition("/")
        if source in facts.known_sources:
            titles.append(facts.by(f"{folder}/sources", "source_id")[key]["title"])
    return titles
