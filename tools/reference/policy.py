"""Agreements, their provisions, bodies, rules on both sides, sanctions, and emergency measures."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from tools.reference.facts import README, Facts, short

UNITS = {
    "bcm/y": "bcm/year",
    "Mt/y": "Mt/year",
    "kt/y": "kt/year",
    "GWh/y": "GWh/year",
    "% margin": "percent",
    "% of cost": "percent",
    "bn USD": "billion USD",
}
STATUS = {"under negotiation": "draft", "memorandum": "signed", "declaration": "signed", "roadmap": "signed"}
ENDED = {"agr_el_parallel_2009", "agr_prod_comp_2012", "agr_gas_uz_supply"}
SUPERSEDED = "superseded"

CHINA_ROUTE = ("crude_omsk_priirt", "crude_priirt_pavl", "crude_pavl_atasu", "crude_atasu_alashankou")
UZBEK_ROUTE = ("gas_cac_agay_makat", "gas_cac_makat_kulsary", "gas_cac_kulsary_beineu", "gas_cac_beineu_uz")
NORTH_GAS = ("gas_ishim_petropavl", "gas_petropavl_kokshetau", "gas_kokshetau_astana")
EAST_GAS = ("gas_barnaul_rubtsovsk", "gas_rubtsovsk_semey", "gas_semey_ukg")
CHPS = ("power_kokshetau_chp", "power_semey_chp_new", "power_ustk_chp_new")


def on(table: str, elements: tuple[str, ...], column: str) -> str:
    return ";".join(f"{table}:{element}:{column}" for element in elements)


# what a provision bears on, in identifiers of the case; provisions that are not here bear on no element
ACTS_ON = {
    "prv_decl_transit": on(
        "links",
        (
            "crude_cpc_border_kom",
            "crude_chagan_border",
            "crude_omsk_priirt",
            "gas_cac_agay_makat",
            "gas_karach_orenburg",
        ),
        "capacity",
    ),
    "prv_talks_gas_border": on("links", (*NORTH_GAS, *EAST_GAS), "capacity"),
    "prv_talks_gas_transit": on(
        "links", ("gas_cac_beineu_uz", "gas_ru_kz_cn_north", "gas_ru_kz_cn_south"), "capacity"
    ),
    "prv_npp_oblig": "assets:power_balkhash_npp:capacity",
    "prv_rail_transit": "resources:russia_coal_transit_quota:amount",
    "prv_gas_supply_growth": "contracts:contract_ru_gas_home:annual_quantity",
    "prv_gas_supply_2028": "contracts:contract_ru_gas_home:annual_quantity",
    "prv_ishim_capacity": on("links", NORTH_GAS, "capacity"),
    "prv_karachaganak_tolling": "links:gas_karach_orenburg:capacity;assets:orenburg_gpp:capacity",
    "prv_transit_uz_1": on("links", UZBEK_ROUTE, "capacity"),
    "prv_transit_uz_2025": on("links", UZBEK_ROUTE, "capacity"),
    "prv_transit_uz_2026": on("links", UZBEK_ROUTE, "capacity"),
    "prv_oil_cn_ceiling": "assets:field_west_siberia_oil:annual_max;" + on("links", CHINA_ROUTE, "capacity"),
    "prv_oil_cn_tariff": on("links", CHINA_ROUTE[1:], "tariff"),
    "prv_oil_cn_swap": "links:crude_pavl_atasu:capacity",
    "prv_oil_ru_schedule": "links:crude_chagan_border:capacity",
    "prv_oil_cn_expand": "assets:field_west_siberia_oil:annual_max",
    "prv_kebco_2025": "links:crude_samara_adamowa:capacity",
    "prv_kebco_2026": "links:crude_samara_adamowa:capacity",
    "prv_kmg_rd_month": "links:crude_adamowa_schwedt:capacity",
    "prv_btc": "links:crude_aktau_baku:capacity",
    "prv_prod_balance": "resources:products_import_ru:amount",
    "prv_el_band": "resources:group_russia_to_kazakhstan:amount",
    "prv_el_inband": "resources:group_russia_to_kazakhstan:amount",
    "prv_el_outband": "resources:group_russia_to_kazakhstan:amount",
    "prv_el_plan": "resources:group_russia_to_kazakhstan:amount",
    "prv_el_uz_south": "links:power_uz_shymkent:capacity",
    "prv_el_toktogul": "resources:contract_kz_power_south:amount",
    "prv_coal_chp": on("assets", CHPS, "capacity"),
}
THRESHOLD = {
    "prv_decl_transit": "0.98",
    "prv_talks_gas_border": "1",
    "prv_oil_cn_ceiling": "10",
    "prv_prod_noduty": "0",
    "prv_prod_declare": "1",
    "prv_prod_noreexport": "0",
    "prv_el_band": "150",
    "prv_el_transitcap": "1",
}


MORE = ("article", "kind", "carrier", "from_place", "to_place", "season", "body", "status", "project")
TAKEN = ("quantity", "unit", "start", "end")
NOT_OWED = "-"  # a number of the facts that is no quantity owed
FORCES = {"hard": "hard", "lapsed": "hard", "soft": "soft", "absent": "soft", "contested": "soft"}
# provision, row of the classes, agreement, and what else is known
ADDED = (
    (
        "prv_cpc_continuity",
        "new_cpc_talks",
        "agr_decl_2025",
        {"topic": "transit", "kind": "declaration", "status": "signed", "obligor": "RU", "beneficiary": "KZ", "carrier": "crude",
         "acts_on": "links:crude_cpc_border_kom:capacity", "start": "2025-11-12", "text": "ready to cooperate on steady work and more capacity of CPC"},
    ),
    (
        "prv_corridors",
        "new_corridors",
        "agr_decl_2025",
        {"topic": "fuel_logistics", "kind": "declaration", "status": "signed", "obligor": "RU;KZ", "beneficiary": "RU;KZ", "start": "2025-11-12",
         "text": "widen railways and transport corridors step by step"},
    ),
    (
        "prv_border_points",
        "new_border_points",
        "agr_decl_2025",
        {"topic": "fuel_logistics", "kind": "declaration", "status": "signed", "obligor": "RU;KZ", "beneficiary": "RU;KZ", "start": "2025-11-12",
         "text": "improve crossing points"},
    ),
    (
        "prv_kg_transit",
        "new_kg_transit",
        "agr_gas_transit_2040",
        {"topic": "transit", "kind": "transit", "status": "signed", "obligor": "KZ QazaqGaz", "beneficiary": "RU Gazprom;KG", "carrier": "natural_gas",
         "from_place": "border_alexandrov_gay", "to_place": "kg_north", "quantity": "0.6", "unit": "bcm/year", "start": "2026-01-01",
         "text": "raise transit of gas to Kyrgyzstan"},
    ),
    (
        "prv_petrol_2024",
        "new_indic_petrol24",
        "agr_prod_2010",
        {"topic": "supply", "kind": "indicative_balance", "status": "ended", "obligor": "RU", "beneficiary": "KZ", "carrier": "gasoline",
         "from_place": "RU", "to_place": "KZ", "quantity": "40", "unit": "kt/year", "start": "2024-01-01", "end": "2024-12-31", "body": "body_igc_energy",
         "acts_on": "contracts:products_import_ru_gasoline:annual_quantity", "text": "indicative balance of petrol for 2024; 110 kt were asked for"},
    ),
    (
        "prv_petrol_reserve",
        "new_petrol_reserve_ru",
        "agr_prod_2010",
        {"topic": "supply", "kind": "supply", "status": "contested", "obligor": "KZ", "beneficiary": "RU", "carrier": "gasoline", "from_place": "KZ",
         "to_place": "RU", "quantity": "100", "unit": "kt", "start": "2024-04-01", "text": "keep a reserve of petrol for Russia"},
    ),
)  # fmt: skip


def agreements(facts: Facts) -> list[dict[str, str]]:
    """Agreements with their parties and dates."""
    rows = []
    for row in facts.records("policy/agreements"):
        until = "" if row["in_force_until"] == SUPERSEDED else row["in_force_until"]
        rows.append(
            {
                "agreement": row["agreement_id"],
                "name": row["name"],
                "parties": row["parties"],
                "signed": row["signed"],
                "in_force_until": until,
                "status": "ended" if row["agreement_id"] in ENDED else STATUS.get(row["type"], "in force"),
                "source": ";".join(facts.source_ids("policy", row["source_id"])),
                "confidence": row["confidence"],
                "note": short(row["key_terms"], row["note"]),
            }
        )
    return rows


def provisions(facts: Facts) -> list[dict[str, str]]:
    """Obligations of the agreements, with the elements of the case they bear on, and those that the accounts of November 2025 add."""
    more, classes = _more(), facts.by("more_policy/provisions_class", "provision_id")
    rows = [
        _provision(facts, row, more[row["provision_id"]], classes)
        for row in facts.records("policy/provisions")
    ]
    return rows + [_added(facts, *one, classes[one[1]]) for one in ADDED]


def _more() -> dict[str, dict[str, str]]:
    """Provision -> what was read of it beside the facts: kind, ends, body, status, project."""
    text = Path(__file__).with_name("provision_more.csv").read_text(encoding="utf-8")
    return {row["provision"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}


def _provision(
    facts: Facts, row: dict[str, str], more: dict[str, str], classes: dict[str, dict[str, str]]
) -> dict[str, str]:
    name = row["provision_id"]
    known = {key: "" if more[key] == NOT_OWED else more[key] or row.get(key, "") for key in TAKEN}
    of_class = classes.get(name, {})
    return {
        "provision": name,
        "agreement": row["agreement_id"],
        "topic": row["topic"],
        "obligor": row["obligor"],
        "beneficiary": row["beneficiary"],
        **{key: more[key] for key in MORE},
        "acts_on": more["acts_on"] or ACTS_ON.get(name, ""),
        "quantity": known["quantity"],
        "unit": UNITS.get(known["unit"], known["unit"]) if known["quantity"] else "",
        "start": known["start"],
        "end": _last_day(known["end"]),
        "force": more["force"] or FORCES.get(of_class.get("hard_or_soft", ""), ""),
        "metric": row["measurable_as"],
        "threshold": THRESHOLD.get(name, ""),
        "text": row["obligation_in_own_words"],
        "source": ";".join(
            [
                *facts.source_ids("policy", row["source_id"]),
                *(facts.source_ids("more_policy", of_class["source_id"]) if of_class else []),
            ]
        ),
        "confidence": row["confidence"],
        "note": short(row["note"], of_class.get("note", "")),
    }


def _added(
    facts: Facts, name: str, _: str, agreement: str, values: dict[str, str], row: dict[str, str]
) -> dict[str, str]:
    """A provision that only the classes know."""
    return {
        "provision": name,
        "agreement": agreement,
        "force": FORCES.get(row["hard_or_soft"], ""),
        "text": row["wording_kind"],
        "metric": row["test"],
        "source": ";".join(facts.source_ids("more_policy", row["source_id"])),
        "confidence": row["confidence"],
        "note": row["note"],
        **values,
    }


def bodies(facts: Facts) -> list[dict[str, str]]:
    """Who meets, and how often."""
    rows = []
    for row in facts.records("policy/bodies"):
        members = row["members"].split(";")
        rows.append(
            {
                "body": row["body_id"],
                "name": row["name"],
                "chair": CHAIRS.get(row["body_id"], row["led_by"]),
                "meets": row["how_often"],
                "every_days": EVERY_DAYS.get(row["body_id"], ""),
                "level": LEVELS.get(row["body_id"], ""),
                "under": UNDER.get(row["body_id"], ""),
                "country": members[0] if len(members) == 1 and len(members[0]) == 2 else "",
                "source": ";".join(facts.source_ids("policy", row["source_id"])),
                "confidence": row["confidence"],
                "note": short(row["mandate_or_output"], row["note"]),
            }
        )
    return rows + [
        {"body": body, "name": name, "meets": "continuous", "level": "operator", "country": country, "role": ON_DUTY[body], "language": TONGUES[country],
         "source": source, "confidence": grade, "note": note}
        for body, name, country, source, grade, note in ORDERING
    ]  # fmt: skip


# chairs by their offices (more_policy/institutions), where the row of the facts names persons
CHAIRS = {
    "body_igc": "Deputy Prime Minister of Russia; Deputy Prime Minister of Kazakhstan",
    "body_igc_energy": "Deputy Minister of Energy of Russia; Vice-Minister of Energy of Kazakhstan",
    "body_gazprom_track": "Chairman of the board of Gazprom; First Deputy Prime Minister of Kazakhstan",
    "body_npp_track": "Director general of Rosatom; Chairman of the Atomic Energy Agency of Kazakhstan",
    "body_interparl": "deputy speakers of the parliaments",
    "body_wg_oil_transit": "Ministry of Energy of Russia; Ministry of Energy of Kazakhstan; Transneft; KazTransOil",
    "body_wg_power": "Ministry of Energy of Russia; Ministry of Energy of Kazakhstan; system operators",
}
# days between meetings, by the rhythm that the facts tell
EVERY_DAYS = {
    "body_summit": "200",
    "body_igc": "365",
    "body_igc_energy": "183",
    "body_gazprom_track": "120",
    "body_interregional": "365",
    "body_interparl": "365",
    "body_eec": "91",
    "body_cis_epc": "183",
    "body_ca_council": "183",
    "body_water_energy": "183",
}
LEVELS = {
    "body_summit": "heads",
    "body_interregional": "heads",
    "body_eec": "heads",
    "body_igc": "ministerial",
    "body_interparl": "ministerial",
    "body_water_energy": "ministerial",
    "body_cis_epc": "ministerial",
    "body_gazprom_track": "ministerial",
    "body_npp_track": "ministerial",
    "body_igc_energy": "technical",
    "body_wg_oil_transit": "technical",
    "body_wg_power": "technical",
    "body_ca_council": "technical",
    "body_ofac": "authority",
    "body_ofsi": "authority",
    "body_council_eu": "authority",
}
UNDER = {
    "body_igc": "body_summit",
    "body_igc_energy": "body_igc",
    "body_wg_oil_transit": "body_igc_energy",
    "body_wg_power": "body_igc_energy",
    "body_npp_track": "body_igc",
}


# who answers at any hour, by the public task of the body; no source was found for telephones of the duty, so that none stands
ON_DUTY = {
    "body_kz_energy_ministry": "officer on duty, situation centre",
    "body_kz_kegoc": "dispatcher on duty, national dispatch centre",
    "body_kz_akimats": "officer on duty, department of energy and utilities",
    "body_kz_qazaqgaz": "dispatcher on duty, gas supply",
    "body_ru_so": "dispatcher on duty, Ural and Siberia",
    "body_ru_gazprom": "dispatcher on duty, central production dispatch",
}
TONGUES = {"KZ": "Kazakh, Russian", "RU": "Russian"}


# who orders a measure or is told in an emergency; the decree that says so was not read
ORDERING = (
    (
        "body_kz_energy_ministry",
        "Ministry of Energy of Kazakhstan",
        "KZ",
        README["policy"],
        "C",
        "stocks, fuel of towns, gas contracts; which decree was not read",
    ),
    (
        "body_kz_kegoc",
        "KEGOC, system operator of Kazakhstan",
        "KZ",
        "electricity/s_gazeta_dec22",
        "A",
        "declared the emergency regime of December 2022",
    ),
    (
        "body_kz_akimats",
        "Administrations of the oblasts of Kazakhstan",
        "KZ",
        README["policy"],
        "C",
        "boiler houses and their reserve of mazut",
    ),
    (
        "body_kz_qazaqgaz",
        "QazaqGaz, gas operator of Kazakhstan",
        "KZ",
        README["policy"],
        "C",
        "nominations, interruptible contracts, idle lines",
    ),
    (
        "body_ru_so",
        "System Operator of Russia",
        "RU",
        README["policy"],
        "C",
        "unplanned power above the band is by its leave",
    ),
    ("body_ru_gazprom", "Gazprom", "RU", README["policy"], "C", "deliveries of gas under contract"),
)


def meetings(facts: Facts) -> list[dict[str, str]]:
    """Meetings whose day is reported."""
    return [
        {
            "meeting": own["meeting"],
            "body": own["body"],
            "date": own["date"],
            "decision": own["decision"],
            "source": ";".join(facts.source_ids(own["folder"], own["source"])),
            "confidence": own["confidence"],
            "note": own["note"],
        }
        for own in _written("meetings")
    ]


def actions(facts: Facts) -> list[dict[str, str]]:
    """Action points drawn from provisions and press reports: the protocols themselves are not public."""
    return [
        {
            name: own[name]
            for name in ("action", "body", "what", "owner", "due", "provision", "task", "confidence", "note")
        }
        | {"source": ";".join(facts.source_ids(own["folder"], own["source"]))}
        for own in _written("actions")
    ]


def _written(name: str) -> list[dict[str, str]]:
    """Rows that were written by hand, each with the collection and the source it rests on."""
    with Path(__file__).with_name(f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def regulations(facts: Facts) -> list[dict[str, str]]:
    """Rules that differ, or were made alike, between the sides, with the change whose effect is asked; sources must be known."""
    text = Path(__file__).with_name("rules.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    strange = [
        one
        for row in rows
        for one in row["source"].split(";")
        if one not in facts.known_sources and not one.endswith("recall")
    ]
    if strange:
        raise ValueError(f"rules.csv: no source {strange}")
    return rows


def _last_day(text: str) -> str:
    """A year or month that ends something, as its last day."""
    if re.fullmatch(r"\d{4}", text):
        return f"{text}-12-31"
    if re.fullmatch(r"\d{4}-\d\d", text):
        return f"{text}-28"
    return text
