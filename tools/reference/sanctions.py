"""Sanctions as dated rules and licences, and the ban on exports of motor fuel.

Days, texts, sources and grades are those of the facts. What a text says of owners, goods, acts, projects and conditions was read into
columns by hand: sanction_rules.csv and sanction_licences.csv, a row for each row of the facts.
"""

from __future__ import annotations

import calendar
import csv
from datetime import date, timedelta
from pathlib import Path

from tools.reference.facts import Facts, short

FOLDER = Path(__file__).parent
READ = "2026-11-30"  # day on which the facts were collected
BRITISH = "UK"
BAN_SOURCES = (
    "oil/events.csv#prod_e_kz_exportban;coal_rail/events.csv#prod_ev_road_ban;"
    "coal_rail/events.csv#prod_ev_lpg_ban"
)
# carve-outs that the facts tell in a cell of the rule: licence -> number, kind, rule they belong to, words
CARVED = {
    "eu_5ae_kz": ("art. 5ae, Kazakh oil in listed ports", "eu_ports"),
    "uk_cap_kz": ("oil of third countries outside the British cap", "cap_uk_crude_60"),
    "us_cap_kz": ("Kazakh oil outside the American cap", "cap_us_crude"),
}
AUTHORITIES = {
    "US OFAC and G7 (CA, JP, AU follow own acts)": "US OFAC",
    "US OFAC and G7": "US OFAC",
    "EU Council": "EU",
}


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def restrictions(facts: Facts, links: list[dict[str, str]]) -> list[dict[str, str]]:
    """Sanctions as dated rules, and the Kazakh ban on exports of motor fuel."""
    rows = []
    for coded in _rows("sanction_rules"):
        table, _, key = coded["fact"].partition("#")
        fact = facts.by(table, next(iter(facts.records(table)[0])))[key]
        start = (
            fact.get("effective_from")
            or fact.get("listed_from")
            or fact.get("from")
            or fact.get("effective", "")
        )
        if table.endswith("licences") and fact["kind"] == "origin carve-out":
            start = fact["issued"]
        end = fact.get("effective_to") or fact.get("listed_to") or fact.get("to", "")
        authority = AUTHORITIES.get(fact["authority"], fact["authority"])
        rows.append(
            {
                **{name: coded[name] for name in coded if name not in ("fact",)},
                "programme": fact.get("programme") or fact.get("instrument") or _cap_name(fact),
                "authority": {"EU;G7": "EU"}.get(authority, authority),
                "value": fact.get("value", ""),
                "unit": fact.get("unit", ""),
                "start": _first(start),
                "sure_from": _sure(start),
                "end": end,
                "old_contracts_to": fact.get("winddown_end", ""),
                "exemption": fact.get("exemption_or_licence") or fact.get("exempt_origin", ""),
                "version": READ,
                "source": ";".join(facts.source_ids(table.split("/")[0], fact["source_id"])),
                "confidence": "C"
                if coded["restriction"] in ("us_central_bank", "eu_goods")
                else fact["confidence"],
                "note": short(fact.get("rule_in_own_words", ""), fact.get("rule", ""), fact.get("note", "")),
            }
        )
    for row in rows:
        row.update(_MEMORY.get(row["restriction"], {}))
    return [*rows, _fuel_ban(facts, links)]


# rules whose day no fact gives: from memory, so of grade C
_MEMORY = {
    "us_central_bank": {"start": "2022-02-28", "end": "", "note": "Directive 4: day from memory"},
    "eu_goods": {"start": "2022-02-26", "end": "", "note": "art. 3 of Reg. 833/2014: day from memory"},
    "us_import": {"end": ""},
}


def _cap_name(fact: dict[str, str]) -> str:
    return f"price cap of {fact['value']} {fact['unit']}"


def _fuel_ban(facts: Facts, links: list[dict[str, str]]) -> dict[str, str]:
    banned = [link["link"] for link in links if link["status"] == "restricted"]
    return {
        "restriction": "kz_fuel_export_ban",
        "programme": "Ban on exports of motor fuel",
        "authority": "Kazakhstan",
        "target_type": "link",
        "target": ";".join(banned),
        "effect": "prohibit",
        "start": "2021-11-21",
        "end": "2026-12-31",
        "exemption": "fuel in the tank of a vehicle and 20 l cans; jet fuel, fuel oil and bitumen",
        "source": facts.sources(BAN_SOURCES),
        "confidence": "B",
        "version": READ,
        "note": "orders of half a year each, renewed; rail in rounds; LPG by road since 2023-08-10",
    }


def licences(facts: Facts) -> list[dict[str, str]]:
    """Licences, exemptions, wind-downs and carve-outs by origin, with the days on which they hold."""
    known = facts.by("more_policy/licences", "licence_id")
    rows = []
    for coded in _rows("sanction_licences"):
        key = coded["licence"]
        fact = known.get(key) or _carved(facts, key)
        rows.append(
            {
                **coded,
                "number": fact["number"],
                "authority": AUTHORITIES.get(fact["authority"], fact["authority"]),
                "kind": fact["kind"],
                "replaces": fact["replaces"] if fact["replaces"] in known else "",
                "start": _first(fact["effective"]),
                "sure_from": _sure(fact["effective"]),
                "end": last_day(fact, [one for one in known.values() if one["replaces"] == key]),
                "scope": short(fact["scope_elements"], fact["permitted_acts"]),
                "version": READ,
                "source": ";".join(facts.source_ids(fact.get("folder", "more_policy"), fact["source_id"])),
                "confidence": fact["confidence"],
                "note": short(fact["conditions"], fact["note"]),
            }
        )
    return rows


def _carved(facts: Facts, key: str) -> dict[str, str]:
    """A carve-out that stands in a cell of its rule."""
    number, rule = CARVED[key]
    (coded,) = (row for row in _rows("sanction_rules") if row["restriction"] == rule)
    table, _, name = coded["fact"].partition("#")
    fact = facts.by(table, next(iter(facts.records(table)[0])))[name]
    words = fact.get("exemption_or_licence") or fact.get("exempt_origin", "")
    start = fact.get("effective_from") or fact.get("from", "")
    blank = dict.fromkeys(("replaces", "expires", "in_force_to", "permitted_acts", "conditions", "note"), "")
    told = {"number": number, "authority": fact["authority"], "kind": "origin carve-out"}
    grade = {
        "effective": start,
        "scope_elements": words,
        "source_id": fact["source_id"],
        "confidence": fact["confidence"],
    }
    return {**blank, **told, **grade, "folder": table.split("/")[0]}


def last_day(fact: dict[str, str], successors: list[dict[str, str]]) -> str:
    """Last day on which a licence holds; empty if open.

    A licence holds before `in_force_to`: American ones end at 00:01 of the day that they name, and any ends with the day on which a
    successor took effect. A British one that runs out holds to the close of the day that it names. A day that is known by its
    month only is not used: the licence's own end counts.
    """
    end = fact["in_force_to"]
    if len(end) < len("2026-01-01"):
        end = fact["expires"] if end else ""
    if not end:
        return ""
    is_followed = any(one["effective"] == end for one in successors)
    if fact["authority"].startswith(BRITISH) and not is_followed:
        return end
    return (date.fromisoformat(end) - timedelta(days=1)).isoformat()


def _first(text: str) -> str:
    """The first day that a text of a day, a month or a year can mean."""
    return text + {4: "-01-01", 7: "-01"}.get(len(text), "")


def _sure(text: str) -> str:
    """The last day that a text of a month or a year can mean; empty where the day is known."""
    if len(text) == 4:
        return f"{text}-12-31"
    if len(text) == 7:
        year, month = map(int, text.split("-"))
        return f"{text}-{calendar.monthrange(year, month)[1]}"
    return ""
