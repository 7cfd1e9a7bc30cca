"""Shared limits, what draws on them, and the contract quantities that are limits of one carrier.

A limit over links of one carrier in their forward direction is an indicative balance (a contract); a
limit over several carriers, over backward flows or over assets is a resource.
"""

from __future__ import annotations

import re

from tools.reference.facts import JOIN, Facts, number, short, show

PRODUCTS = ("gasoline", "diesel", "jet", "fuel_oil", "bitumen")
COAL = ("coal_high_ash", "coal_low_ash", "coal_coking")
NAMES = {
    "group_north_south": "North-South power corridors of Kazakhstan",
    "group_russia_to_kazakhstan": "Russian power into northern Kazakhstan",
    "group_russia_to_west": "Russian power into western Kazakhstan",
    "contract_kz_power_south": "Kazakh power to Kyrgyzstan and Uzbekistan",
    "products_import_ru": "Russian oil products into Kazakhstan, LPG apart",
    "cpc_moorings": "Moorings of the CPC terminal",
    "aktau_oil_berths": "Oil berths of Aktau",
    "russia_coal_transit_quota": "Kazakh coal through Russia to sea and Europe",
    "maek_together": "Mangystau nuclear power station site, three plants together",
    "contract_ru_gas_all": "Russian gas for Kazakhstan, Uzbekistan and Kyrgyzstan",
    "contract_ru_gas_home": "Russian gas for Kazakhstan",
    "contract_tm_uz": "Turkmen gas for Uzbekistan",
    "contract_kartaly": "Russian gas at Kartaly for Kostanay region",
    "products_import_ru_gasoline": "Russian gasoline into Kazakhstan",
    "products_import_ru_diesel": "Russian diesel into Kazakhstan",
    "products_import_ru_jet": "Russian jet fuel into Kazakhstan",
    "products_import_ru_bitumen": "Russian bitumen into Kazakhstan",
    "products_import_ru_lpg": "Russian LPG into Kazakhstan",
}
SOURCES = {
    "group_north_south": "electricity/links.csv#el_corr_ns_west",
    "group_russia_to_kazakhstan": "electricity/emergency_measures.csv#el_em_ru_unplanned",
    "contract_ru_gas_all": "gas/observed_flows.csv#gas_f_014;gas/observed_flows.csv#gas_f_020",
    "contract_ru_gas_home": "gas/observed_flows.csv#gas_f_014",
    "cpc_moorings": "oil/links.csv#oil_l_term_med",
    "aktau_oil_berths": "oil/links.csv#oil_l_aktau_makh",
    "maek_together": "electricity/assets.csv#el_maek_chp2",
}
BALANCES = {
    "contract_ru_gas_all": ("natural_gas", "Gazprom", "QazaqGaz; Uzbekistan; Kyrgyzstan"),
    "contract_ru_gas_home": ("natural_gas", "Gazprom", "QazaqGaz"),
    "contract_tm_uz": ("natural_gas", "Turkmengaz", "Uzbekistan"),
    "contract_kartaly": ("natural_gas", "Gazprom", "QazaqGaz"),
    "products_import_ru_gasoline": ("gasoline", "Russia", "Kazakhstan"),
    "products_import_ru_diesel": ("diesel", "Russia", "Kazakhstan"),
    "products_import_ru_jet": ("jet", "Russia", "Kazakhstan"),
    "products_import_ru_bitumen": ("bitumen", "Russia", "Kazakhstan"),
    "products_import_ru_lpg": ("lpg", "Russia", "Kazakhstan"),
}
# Limits that fall with what is out of service: resource -> what the operator states for the loss of an element
SECTIONS = {"group_north_south": ("power_ns_east:1350", "more/power_sections.csv#mps_014")}
# Contract quantities beside those of the join. None is a volume of 2024: what was agreed before it, or in force in it.
# contract -> carrier, seller, buyer, name, links, quantity, unit, swing up, paid share, price, its unit, facts, note
PAID = "0.85"  # middle of the usual range 0.7-1.0 of what is paid if not shipped (policy, clause cl_sop)
LEAST_DAY = 0.7  # of the daily quantity, middle of the usual 0.5-0.9 (policy, clause cl_dcq)
NEW_PROTOCOL = "20"  # USD/t beyond a quota
AGREED = {
    "contract_btc": (
        "crude", "KazMunayGas", "SOCAR", "Kazakh crude through Baku-Tbilisi-Ceyhan", ["crude_aktau_baku"], "1.5", "Mt", "0.467", PAID, "24",
        "USD/t", "policy/agreements.csv#agr_oil_btc",
        "general agreement of 2022, up to 2.2 with the step of March 2024; 0.85 of 1.5 is paid if not shipped (C), at the tariff of the pipe",
    ),
    "contract_schwedt": (
        "crude", "Karachaganak shippers", "Schwedt refinery", "Karachaganak crude for Germany", ["crude_kar_chagan"], "1.2", "Mt", "1.5",
        PAID, "20", "USD/t", "policy/agreements.csv#agr_oil_kmg_rosneftde",
        "100 kt a month, the level before it was raised to 130; 0.85 paid if not shipped (C), at the tariff of Druzhba",
    ),
    "contract_pavlodar_swap": (
        "crude", "Kazakh shippers", "Pavlodar refinery", "Kazakh crude for Pavlodar through Russia", ["crude_samara_ton2"], "1", "Mt", "1",
        PAID, "20.6", "USD/t", "oil/observed_flows.csv#oil_f_104",
        "about 1 Mt a year in the transit protocol; 0.85 paid if not shipped (C), at the tariffs from Samara to Pavlodar",
    ),
    "quota_samara": (
        "crude", "Russia", "Kazakhstan", "Quota of Kazakh crude at Samara", ["crude_chagan_border"], "15", "Mt", "", "", "", "USD/t",
        "oil/observed_flows.csv#oil_f_102", "protocol for 2023, that of 2024 was not found; more at 20 USD/t, for a new protocol (C)",
    ),
    "quota_makhachkala": (
        "crude", "Russia", "Kazakhstan", "Quota of Kazakh crude from Makhachkala to Novorossiysk", ["crude_makh_novo"], "4", "Mt", "", "",
        "", "USD/t", "oil/observed_flows.csv#oil_f_104", "protocol for 2023, that of 2024 was not found; more at 20 USD/t, for a new protocol (C)",
    ),
}  # fmt: skip
# A contract of the join whose quantity was an import of 2024: the known contract stands instead.
KNOWN = {
    "contract_tm_uz": {
        "annual_quantity": "2", "take_or_pay": PAID, "price": "190", "price_unit": "USD/1000 m3",
        "source": "gas/observed_flows.csv#gas_f_058",
        "note": "the known contract; 4.1 was an import value of 2024. 0.85 is paid if not taken (C), at about 190 USD/1000 m3",
    }
}  # fmt: skip
# Limits beside those of the join: resource -> name, amount, unit, over, uses (table, element, use), facts, note
LIMITS = {
    "blend_cpc": (
        "KTO crude in CPC Blend", "0", "Mt/year", "year", [("links", "crude_kto_to_cpc", "1"), ("links", "crude_cpc_kz", "-0.05")],
        "oil/prices.csv#value of KEBCO per tonne;oil/prices.csv#value of CPC Blend per tonne",
        "waxy and heavy KTO crude may be 0.05 of the Kazakh stream: it is worth 40 USD/t less, and the blend may lose 2 USD/t by it",
    ),
    "quality_btc": (
        "Light crude for Baku-Tbilisi-Ceyhan", "0", "Mt/year", "year",
        [("links", "crude_aktau_baku", "1"), ("links", "crude_tengiz_aktau_rail", "-1")], "oil/prices.csv#netback at Tengiz via rail-Aktau-BTC",
        "the agreement is on crude of Tengiz, which comes to Aktau by rail; crude of Mangystau is too heavy",
    ),
    "swap_kg_uz": (
        "Power that Kyrgyzstan and Uzbekistan exchange by season", "0", "TWh/year", "year",
        [("links_back", "power_kg_uz", "1"), ("links", "power_kg_uz", "-1")], "electricity/observed_flows.csv#el_flow_194",
        "a swap: what Uzbekistan sends in winter comes back in summer; more than that at 40 USD/MWh (C)",
    ),
    "line_kg_uz": (
        "Lines between Kyrgyzstan and Uzbekistan", "800", "MW", "step",
        [("links_back", "power_kg_uz", "1"), ("links", "power_tm_kg", "1")], "electricity/links.csv#el_corr_kg_uz",
        "Turkmen power for Kyrgyzstan comes by the same lines",
    ),
    "line_tm_uz": (
        "Lines out of Turkmenistan", "450", "MW", "step", [("links", "power_tm_uz", "1"), ("links", "power_tm_kg", "1")],
        "electricity/links.csv#el_corr_tm_uz", "one line for both buyers",
    ),
}  # fmt: skip
BEYOND = {"swap_kg_uz": "40"}  # USD/MWh beyond a limit
# A berth that loads 5.2 Mt with full tankers: the Caspian has fallen, and tankers of 12,000 t leave with about 9,000.
RATES = ("aktau_oil_berths",)  # a limit of the year in the join that is a rate: ships cannot be loaded ahead
FALLEN_SEA, FALLEN_SEA_SOURCE = {"aktau_oil_berths": 0.75}, "coal_rail/links.csv#coal_sea_akt_baku"
THERMAL = "thermal_plants_kz"
NO_RESOURCE = ("transit_oil_china", "link_shared_capacity")


def resources(facts: Facts) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Resources and their uses."""
    limits, uses = [], []
    for row in _rows(facts):
        if row["resource"] in BALANCES:
            continue
        fallen = FALLEN_SEA.get(row["resource"])
        without, behind = SECTIONS.get(row["resource"], ("", ""))
        for name, label, users in _users(facts, row["resource"]):
            limits.append(
                {
                    "resource": name,
                    "name": NAMES[row["resource"]] + label,
                    "amount": show(number(row["amount"]) * fallen) if fallen else row["amount"],
                    "unit": row["unit"] if row["over"] == "step" else f"{row['unit']}/year",
                    "over": "step" if row["resource"] in RATES else row["over"],
                    "kind": "section" if without else "",
                    "limit_without": without,
                    "source": facts.sources(
                        ";".join(
                            [
                                SOURCES.get(row["resource"], "join"),
                                *([FALLEN_SEA_SOURCE] if fallen else []),
                                *([behind] if behind else []),
                            ]
                        )
                    ),
                    "confidence": "C" if fallen else row["confidence"],
                    "note": short(
                        row["note"],
                        f"{row['amount']} x {fallen}: tankers load less in the fallen sea" if fallen else "",
                        "without the eastern line what the two western ones carried before it was built"
                        if without
                        else "",
                    ),
                }
            )
            for table, element in users:
                uses.append(
                    {
                        "resource": name,
                        "table": table,
                        "element": element,
                        "use": "1",
                        "source": JOIN,
                        "confidence": row["confidence"],
                    }
                )
    return [*limits, *_own_limits(facts)], [*uses, *_own_uses(facts)]


def _own_limits(facts: Facts) -> list[dict[str, str]]:
    return [
        {
            "resource": resource, "name": name, "amount": amount, "unit": unit, "over": over, "source": facts.sources(source),
            "shortfall_price": BEYOND.get(resource, ""), "confidence": "C", "note": note,
        }
        for resource, (name, amount, unit, over, _, source, note) in LIMITS.items()
    ]  # fmt: skip


def _own_uses(facts: Facts) -> list[dict[str, str]]:
    return [
        {
            "resource": resource, "table": table, "element": element, "use": use, "source": facts.sources(source), "confidence": "C",
        }
        for resource, (_, _, _, _, uses, source, _) in LIMITS.items()
        for table, element, use in uses
    ]  # fmt: skip


def _agreed(facts: Facts) -> list[dict[str, str]]:
    """Contracts of `AGREED` as rows."""
    rows = []
    for contract, words in AGREED.items():
        carrier, seller, buyer, name, links, quantity, unit, up, paid, price, price_unit, source, note = words
        rows.append(
            {
                "contract": contract, "name": name, "kind": "transport" if paid else "balance", "seller": seller, "buyer": buyer,
                "carrier": carrier, "annual_quantity": quantity, "unit": unit, "swing_up": up, "ship_or_pay": paid, "price": price,
                "daily_min": show(LEAST_DAY * number(quantity)) if paid else "", "daily_unit": f"{unit}/year" if paid else "",
                "price_unit": price_unit, "excess_price": "" if paid else NEW_PROTOCOL, "start": "2024-01-01", "end": "2024-12-31", "over": ";".join(links),
                "source": facts.sources(source), "confidence": "C", "note": note,
            }
        )  # fmt: skip
    return rows


def thermal_plants(
    facts: Facts, assets: list[dict[str, str]]
) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """All thermal power of Kazakhstan together: its capacity in the base, less in a replayed peak."""
    country = {place: row["country"] for place, row in facts.by("join/place_crosswalk", "place").items()}
    plants = [
        asset
        for asset in assets
        if asset["kind"] in ("power_plant", "chp")
        and asset["status"] == "base"
        and country[asset["place"]] == "KZ"
    ]
    limit = {
        "resource": THERMAL,
        "name": "Thermal power plants of Kazakhstan together",
        "amount": show(sum(number(asset["capacity"]) for asset in plants)),
        "unit": "MW",
        "over": "step",
        "source": JOIN,
        "confidence": "C",
        "note": "sum of the capacities, never a limit by itself: events set what was there at a peak",
    }
    row = {"resource": THERMAL, "table": "assets", "use": "1", "source": JOIN, "confidence": "C"}
    return [limit], [{**row, "element": asset["asset"]} for asset in plants]


def balances(facts: Facts) -> list[dict[str, str]]:
    """Annual ceilings of one carrier over the links it crosses a border by."""
    rows = []
    for row in _rows(facts):
        if row["resource"] not in BALANCES:
            continue
        carrier, seller, buyer = BALANCES[row["resource"]]
        rows.append(
            {
                "contract": row["resource"],
                "name": NAMES[row["resource"]],
                "kind": "balance",
                "seller": seller,
                "buyer": buyer,
                "carrier": carrier,
                "annual_quantity": row["amount"],
                "unit": row["unit"],
                "start": "2024-01-01",
                "end": "2024-12-31",
                "over": ";".join(_booked(facts, row["resource"], carrier)),
                "source": facts.sources(SOURCES.get(row["resource"], "join")),
                "confidence": row["confidence"],
                "note": row["note"],
            }
        )
        known = KNOWN.get(row["resource"])
        if known:
            rows[-1] |= {**known, "source": facts.sources(known["source"])}
    return rows + _agreed(facts)


def _rows(facts: Facts) -> list[dict[str, str]]:
    """Limits of the join that the problem carries."""
    return [row for row in facts.records("join/resource_join") if row["resource"] not in NO_RESOURCE]


def _booked(facts: Facts, limit: str, carrier: str) -> list[str]:
    """Links under an annual ceiling; a ceiling of one product holds on the links of all products."""
    if limit.startswith("products_import_ru_"):
        return [f"{link}_{carrier}" for link in _drawing(facts, "products_import_ru")]
    return ["gas_kartaly_rudny"] if limit == "contract_kartaly" else _drawing(facts, limit)


def _drawing(facts: Facts, limit: str) -> list[str]:
    """Links that name a limit in the join, in their own order."""
    rows = facts.records("join/link_join")
    return [row["link"] for row in rows if limit in row["resource"].split(";") and row["use"] != "no"]


def _users(facts: Facts, limit: str) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """(resource, words behind its name, what draws on it) for each resource that a limit becomes."""
    links = _drawing(facts, limit)
    if limit == "group_north_south":
        return [
            (f"{limit}_southward", ", southward", [("links", link) for link in links]),
            (f"{limit}_northward", ", northward", [("links_back", link) for link in links]),
        ]
    if limit == "contract_kz_power_south":
        return [(limit, "", [("links_back", link) for link in links])]
    if limit == "products_import_ru":
        return [(limit, "", [("links", f"{link}_{product}") for link in links for product in PRODUCTS])]
    if limit == "russia_coal_transit_quota":
        return [
            (limit, "", [("links", f"{link}_{grade}") for link in _named(facts, limit) for grade in COAL])
        ]
    if limit == "maek_together":
        return [(limit, "", [("assets", asset) for asset in _named(facts, limit)])]
    return [(limit, "", [("links", link) for link in links or _named(facts, limit)])]


def _named(facts: Facts, limit: str) -> list[str]:
    """Elements written out in the join's words for a limit."""
    return re.split(r"[;\s]+", facts.by("join/resource_join", "resource")[limit]["uses"].strip())
