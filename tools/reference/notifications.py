"""Who tells whom in a crisis, within how many hours, and the aid that goes with it.

No public text of a mechanism for the border regions was found (policy notes). So hours are an estimate in the pattern of
Regulation (EU) 2017/1938, which binds neither side; volumes and margins of power are those of the agreement of 2023.
"""

from __future__ import annotations

from tools.reference.facts import Facts

BAND, BEYOND = (
    "electricity/emergency_measures.csv#el_em_ru_band",
    "electricity/emergency_measures.csv#el_em_ru_unplanned",
)
IN_BAND, OUT_OF_BAND = "policy/provisions.csv#prv_el_inband", "policy/provisions.csv#prv_el_outband"
SOLIDARITY = "policy/contract_clauses.csv#cl_solidarity"
# hours: early warning within a day, alert at once but at the latest within 6, emergency within 1; estimates
HOURS = {"early_warning": "24", "alert": "6", "emergency": "1"}
# carrier, body of Kazakhstan, body of Russia; oil and products are told to the joint body, as no Russian one is known
TOLD = (
    ("electricity", "body_kz_kegoc", "body_ru_so"),
    ("natural_gas", "body_kz_qazaqgaz", "body_ru_gazprom"),
)
JOINT = "body_igc_energy"
FUELS = ("crude", "gasoline", "diesel", "fuel_oil", "lpg")
DISPATCH = {"kz": "body_kz_kegoc", "ru": "body_ru_so"}


def notifications(facts: Facts) -> list[dict[str, str]]:
    """Each side tells the other of power and gas, Kazakhstan the joint body of oil and products; aid in power."""
    rows = []
    for carrier, kz, ru in TOLD:
        for level, hours in HOURS.items():
            rows.append(_told(facts, f"{level}_{carrier}_kz", f"{level}:{carrier}", kz, ru, hours))
            rows.append(_told(facts, f"{level}_{carrier}_ru", f"{level}:{carrier}", ru, kz, hours))
    for carrier in FUELS:
        for level in ("alert", "emergency"):
            name = f"{level}_{carrier}_kz"
            rows.append(
                _told(facts, name, f"{level}:{carrier}", "body_kz_energy_ministry", JOINT, HOURS[level])
            )
    for here, there in (("kz", "ru"), ("ru", "kz")):
        rows.append(_power(facts, here, there, "band", "early_warning", "0", BAND, IN_BAND))
        rows.append(_power(facts, here, there, "beyond_band", "alert", "1", BEYOND, OUT_OF_BAND))
    return rows


def _told(facts: Facts, name: str, trigger: str, from_body: str, to_body: str, hours: str) -> dict[str, str]:
    return {
        "notification": name,
        "trigger": trigger,
        "from_body": from_body,
        "to_body": to_body,
        "within_hours": hours,
        "source": facts.sources(SOLIDARITY),
        "confidence": "C",
        "note": "an estimate: no text of a mechanism is public; Regulation (EU) 2017/1938, which binds neither side, has such notices",
    }


def _power(
    facts: Facts, here: str, there: str, name: str, level: str, hours: str, limit: str, margin: str
) -> dict[str, str]:
    inside = name == "band"
    # 1519 MW were shown from Russia to Kazakhstan; nothing is known of the other way
    known = inside or here == "kz"
    return {
        "notification": f"power_{name}_{here}_from_{there}",
        "trigger": f"{level}:electricity",
        "from_body": DISPATCH[here],
        "to_body": DISPATCH[there],
        "within_hours": hours,
        "aid": "power within the band of parallel operation" if inside else "unplanned power beyond the band",
        "volume": facts.first(limit, "limit") if known else "",
        "unit": "MW" if known else "",
        "price": facts.first(margin, "quantity"),
        "price_unit": "percent",
        "source": facts.sources(f"{limit};{margin}"),
        "confidence": facts.first(limit, "confidence") if inside else "C",
        "note": (
            "automatic; margin on the price of energy, from the draft of 2023; no capacity or network charge"
            if inside
            else "margin on the price of energy; capacity and network charges come on top and are not known"
            + (
                "; shown on 13 December 2023, limited by the section and by will"
                if known
                else "; size of this way not found"
            )
        ),
    }
