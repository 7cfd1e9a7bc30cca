"""Disruptions that happened, as changes of elements and the effect that was seen."""

from __future__ import annotations

import csv
import re
from pathlib import Path

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
    """One row per changed element; a change of a link with several carriers is one row per carrier.

    The first effect of a row of the join stands beside its first change; further effects and what else was so at the time
    (event_effects.csv, event_more_changes.csv) are rows behind it.
    """
    effects, more = _beside("event_effects"), _beside("event_more_changes")
    rows = []
    for event, group in facts.groups("join/event_join", "event").items():
        found: list[dict[str, str]] = []
        for row in group:
            key = event, row["change_no"]
            seen = [_effect(effect, row) for effect in effects.get(key, [])]
            if row["observed_effect"] and not seen:
                raise ValueError(f"event_effects.csv: nothing is held against {event} {row['change_no']}")
            changed = [_change(row, acts_on) for acts_on in _targets(row, elements)]
            changed[0] |= seen[0] if seen else {}
            changed[0]["note"] = short(changed[0]["note"], _remark(row["compare_with"]), row["note"])
            changed += [_none() | effect for effect in seen[1:]]
            changed += [_more(one, row) for one in more.get(key, [])]
            found += [
                one | {"source": facts.sources(row["source_rows"]), "confidence": row["confidence"]}
                for one in changed
            ]
        rows += [{"event": event, "change_no": str(at)} | one for at, one in enumerate(found, start=1)]
    return rows


def _beside(name: str) -> dict[tuple[str, str], list[dict[str, str]]]:
    """Rows of a table beside this module by event and number in the join."""
    found: dict[tuple[str, str], list[dict[str, str]]] = {}
    with Path(__file__).with_name(f"{name}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault((row["event"], row["change_no"]), []).append(row)
    return found


def _change(row: dict[str, str], acts_on: str) -> dict[str, str]:
    """A change as the join has it."""
    if acts_on == NO_ELEMENT:
        return _none()
    date_value = row["column"] == "in_service_from"
    return {
        "role": "cause",
        "acts_on": acts_on,
        "value": "" if date_value else row["value"],
        "unit": "" if date_value else unit(row["unit"].replace(" together", "")),
        "start": row["start"],
        "end": row["end"],
        "note": "the start is the value" if date_value else "",
    }


def _none() -> dict[str, str]:
    """A row that is only an observation."""
    return {"role": "cause", "acts_on": NO_ELEMENT, "note": ""}


def _effect(effect: dict[str, str], row: dict[str, str]) -> dict[str, str]:
    """What was seen: the number of the join, or the one in its words. Raises ValueError where the join does not say it."""
    words = effect["words"]
    observed = row["observed_effect"]
    if words:
        if words not in row["compare_with"] and words not in row["note"]:
            raise ValueError(f'event_effects.csv: {effect["event"]}: the join does not say "{words}"')
        numbers = re.findall(r"\d+(?:\.\d+)?", words)
        if len(numbers) > 1 or (not numbers and effect["effect_kind"] != "null"):
            raise ValueError(f'event_effects.csv: {effect["event"]}: "{words}" is not one number')
        observed = numbers[0] if numbers else "0"
    kept = ("compare_with", "statistic", "effect_unit", "effect_period", "effect_kind", "miss")
    return {"observed_effect": observed, **{column: effect[column] for column in kept}} | (
        {"note": f"as the source says: {words}"} if words else {}
    )


def _more(more: dict[str, str], row: dict[str, str]) -> dict[str, str]:
    """Another change of the event, or what else was so, in the words of the join. Raises ValueError where it does not say it."""
    said = " ".join((row["compare_with"], row["note"]))
    if more["words"] not in said:
        raise ValueError(f'event_more_changes.csv: {more["event"]}: the join does not say "{more["words"]}"')
    kept = ("role", "acts_on", "value", "unit", "note")
    return {column: more[column] for column in kept} | {"start": row["start"], "end": row["end"]}


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


RESULT = re.compile(r"(links\.flow|assets\.activity|demand\.unserved|imported):[\w:]+")


def _remark(text: str) -> str:
    """What the join says behind the element it compares with, or all it says where it names none."""
    found = RESULT.match(text)
    return text[found.end() :].strip(" ,;") if found else text


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
