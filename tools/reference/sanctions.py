"""Sanctions as dated rules, and the ban on exports of motor fuel."""

from __future__ import annotations

from tools.reference.facts import Facts, short

# licences lift restrictions; they are named as exemptions of the rows they belong to
LICENCES = (
    "us_gl124b",
    "us_gl129",
    "us_gl133",
    "us_gl134",
    "us_gl_nuclear",
    "us_gl55",
    "eu_3m_kz_origin",
    "eu_cpc_maint",
    "uk_gl_exempt",
)
# rules of ownership and of computing a cap are thresholds and values of other rows, not restrictions
RULES = ("us_50pct", "uk_50_control", "eu_cap_rule", "eu_21")
TARGET_TYPE = {"route": "place"}
TARGET = {
    "us_eo14024_rosneft": "ent_rosneft",
    "us_eo14024_lukoil": "ent_lukoil",
    "us_eo14024_lig": "ent_lig",
    "us_gazpromneft": "ent_gazprom_neft;ent_surgut",
    "eu_rosneft_gpn": "ent_rosneft;ent_gazprom_neft",
    "uk_rosneft_lukoil": "ent_rosneft;ent_lukoil",
    "uk_gpn_sng": "ent_gazprom_neft;ent_surgut",
    "uk_transneft": "ent_transneft",
    "eu_ports": "port_ust_luga;port_novorossiysk",
}
US_LICENCES = (
    "GL 124B from 2025-11-14 without end: CPC, Tengizchevroil, Karachaganak; no sale of stakes. "
    "GL 134 and extensions, 2026-03-12 to 2026-06-17: cargo already at sea"
)
UK_LICENCES = (
    "GL INT/2025/5635700, 2025-01-10 to 2027-10-14: CPC, Tengizchevroil, Karachaganak, Druzhba and two others"
)
EXEMPTION = {
    "us_eo14024_rosneft": US_LICENCES + ". GL 129, 2025-10-29 to 2026-04-29: Rosneft Deutschland",
    "us_eo14024_lukoil": US_LICENCES + ". GL 128 and 131: stations, talks on a sale",
    "us_petro_services": US_LICENCES,
    "us_ffi": "civil nuclear licence, 2025-12-17 to 2026-06-18",
    "uk_rosneft_lukoil": UK_LICENCES,
    "uk_gpn_sng": UK_LICENCES,
    "uk_transneft": UK_LICENCES,
    "eu_3m_import": "certified oil of Kazakh origin in transit; pipeline crude except to Germany, Poland",
}
CAPS = {
    "eu_cap_crude_60": ("60", "USD/bbl"),
    "eu_cap_crude_47_6": ("47.6", "USD/bbl"),
    "eu_cap_crude_44_1": ("44.1", "USD/bbl"),
    "eu_cap_prod_premium": ("100", "USD/bbl"),
    "eu_cap_prod_discount": ("45", "USD/bbl"),
}
US_OWNERSHIP, UK_OWNERSHIP = "0.5", "0.500001"
BAN_SOURCES = (
    "oil/events.csv#prod_e_kz_exportban;coal_rail/events.csv#prod_ev_road_ban;"
    "coal_rail/events.csv#prod_ev_lpg_ban"
)


def restrictions(facts: Facts, links: list[dict[str, str]]) -> list[dict[str, str]]:
    """Sanctions as dated rules, and the Kazakh ban on exports of motor fuel."""
    rows = []
    for row in facts.records("policy/sanctions_programmes"):
        key = row["programme_id"]
        if key in LICENCES or key in RULES:
            continue
        value, unit = CAPS.get(key, ("", ""))
        target_type = TARGET_TYPE.get(row["target_type"], row["target_type"])
        if target_type == "place" and key not in TARGET:
            target_type = "service"
        rows.append(
            {
                "restriction": key,
                "programme": row["instrument"],
                "authority": row["authority"],
                "target_type": target_type,
                "target": TARGET.get(key, row["target"]),
                "effect": "cap_price" if row["target_type"] == "price_cap" else "prohibit",
                "value": value,
                "unit": unit,
                "start": row["effective_from"],
                "end": row["effective_to"],
                "exemption": EXEMPTION.get(key, row["exemption_or_licence"]),
                "threshold": _threshold(row),
                "source": ";".join(facts.source_ids("policy", row["source_id"])),
                "confidence": row["confidence"],
                "note": short(row["rule_in_own_words"], row["note"]),
            }
        )
    banned = [link["link"] for link in links if link["status"] == "restricted"]
    rows.append(
        {
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
            "note": "orders of half a year each, renewed; rail in rounds; LPG by road since 2023-08-10",
        }
    )
    return rows


def _threshold(row: dict[str, str]) -> str:
    """Share from which a company counts as covered: half in the United States, more than half in Britain."""
    if row["target_type"] != "entity":
        return ""
    return (
        US_OWNERSHIP
        if row["authority"].startswith("US")
        else UK_OWNERSHIP
        if row["authority"].startswith("UK")
        else ""
    )
