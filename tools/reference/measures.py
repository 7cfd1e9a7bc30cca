"""What may be done in an emergency, as far as it acts on an element and has a number."""

from __future__ import annotations

from tools.reference.facts import JOIN, README, Facts
from tools.reference.policy import on


def measures(facts: Facts, tables: dict[str, list[dict[str, str]]]) -> list[dict[str, str]]:
    """What may be done in an emergency, as far as it acts on an element and has a number."""
    rows = []
    for link in tables["links"]:
        if link["status"] == "idle":
            rows.append(
                _measure(
                    f"use_{link['link']}",
                    f"Use the idle link {link['name'] or link['link']}",
                    f"links:{link['link']}:capacity",
                    link["capacity"],
                    link["unit"],
                    "alert",
                    link["source"],
                    "C",
                    "real capacity of the idle line; lead time not found",
                )
            )
    for storage in tables["storages"]:
        if storage["role"] == "strategic":
            rows.append(
                _measure(
                    f"release_{storage['storage']}",
                    f"Release the reserve of {storage['carrier']} at {storage['place']}",
                    f"storages:{storage['storage']}:level_start",
                    "1",
                    "",
                    "emergency",
                    storage["source"],
                    "C",
                    "opens the strategic storage, filled with the announced quantity",
                )
            )
    policy, power = README["policy"], "electricity/emergency_measures.csv#"
    coal = tuple(m["market"] for m in tables["markets"] if m["carrier"].startswith("coal"))
    mazut = tuple(m["market"] for m in tables["markets"] if m["carrier"] == "fuel_oil")
    ring = ("power_kg_zhambyl", "power_kg_almaty", "power_uz_shymkent")
    rows += [
        _measure(
            "raise_gas_nominations",
            "Raise nominations of Russian gas within the swing",
            on("contracts", ("contract_ru_gas_home", "contract_ru_gas_all"), "annual_quantity"),
            "1.05",
            "",
            "early_warning",
            policy,
            "C",
            "upper daily factor 1.05 to 1.3 is usual; the lowest is taken",
            mode="scale",
        ),
        _measure(
            "russian_support_stress",
            "Unplanned power from Russia beyond the support shown so far",
            "resources:group_russia_to_kazakhstan:amount",
            "1800",
            "MW",
            "emergency",
            facts.sources(power + "el_em_ru_unplanned"),
            "C",
            "1519 MW were shown on 13 December 2023; price: spot, capacity, network and 2.5 percent",
        ),
        _measure(
            "zhambyl_five_units",
            "Run Zhambyl power station on all five units",
            "assets:power_zhambyl_gres:availability",
            "0.8537",
            "",
            "alert",
            facts.sources(power + "el_em_zhgres_5"),
            "B",
            "1050 of 1230 MW; needs gas and canal water",
            lead="72",
        ),
        _measure(
            "leave_central_asian_ring",
            "Open the ties to the Central Asian power ring",
            ";".join((on("links", ring, "capacity"), on("links", ring, "capacity_back"))),
            "0",
            "MW",
            "emergency",
            "electricity/s_ewk_2022a",
            "B",
            "loses the support of the ring; the ties opened on 25 January 2022",
        ),
        _measure(
            "stop_coal_exports",
            "Stop exports of coal",
            on("markets", coal, "ceiling"),
            "0",
            "",
            "emergency",
            policy,
            "C",
            "full stop; a partial one scales the ceilings",
            mode="scale",
        ),
        _measure(
            "stop_fuel_oil_exports",
            "Stop exports of fuel oil",
            on("markets", mazut, "ceiling"),
            "0",
            "",
            "emergency",
            policy,
            "C",
            "full stop; a partial one scales the ceilings",
            mode="scale",
        ),
    ]
    return rows


def _measure(
    measure: str,
    name: str,
    acts_on: str,
    value: str,
    unit: str,
    level: str,
    source: str,
    confidence: str,
    note: str,
    mode: str = "set",
    lead: str = "",
) -> dict[str, str]:
    return {
        "measure": measure,
        "name": name,
        "acts_on": acts_on,
        "value": value,
        "mode": mode,
        "unit": unit,
        "lead_time": lead,
        "crisis_level": level,
        "source": source or JOIN,
        "confidence": confidence,
        "note": note,
    }
