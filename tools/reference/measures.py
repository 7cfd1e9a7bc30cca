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
    return rows + _fuel_switching(facts, tables) + _calls(facts, tables)


# 257 kt of mazut are kept for social heat in a season; the rows of fuel oil for heat say where (join); 11.2 MWh/t gross
MAZUT_STOCK, MAZUT_ENERGY, MAZUT_DAYS, COLD_MONTH = 257.0, 11.2, 30, 0.14
GAS_ENERGY = 10350.0  # MWh per million m3


def _fuel_switching(facts: Facts, tables: dict[str, list[dict[str, str]]]) -> list[dict[str, str]]:
    """Boiler houses on gas that burn their reserve of mazut for as long as it lasts, where both are in the case."""
    mazut = {
        r["place"]: float(r["amount"])
        for r in tables["demand"]
        if r["carrier"] == "fuel_oil" and r["customer_class"] == "heat"
    }
    total = sum(mazut.values())
    names = {r["place"]: r["name"] for r in tables["places"]}
    rows = []
    for row in tables["demand"]:
        place = row["place"]
        if row["carrier"] != "natural_gas" or row["customer_class"] != "boilers_other" or place not in mazut:
            continue
        stock = MAZUT_STOCK * 1e3 * mazut[place] / total * MAZUT_ENERGY
        cold = float(row["amount"]) * 1e3 * GAS_ENERGY * COLD_MONTH
        share = min(0.9, stock / cold)
        rows.append(
            _measure(
                f"mazut_for_boilers_{place}",
                f"Boiler houses burn mazut instead of gas: {names[place]}",
                f"demand:{place}:natural_gas:boilers_other:amount",
                f"{1.0 - share:.4g}",
                "",
                "alert",
                facts.sources("electricity/emergency_measures.csv#el_em_mazut"),
                "C",
                "the reserve of 257 kt (A) shared out like the use of mazut for heat, burnt in 30 cold days; burners at hand not known; about 400 USD/t",
                mode="scale",
                lead="24",
                days=str(MAZUT_DAYS),
                cost="36",
                cost_unit="USD/MWh",
            )
        )
    return rows


def _calls(facts: Facts, tables: dict[str, list[dict[str, str]]]) -> list[dict[str, str]]:
    """Customers that give up use at a price: interruptible industry."""
    power, policy = "electricity/emergency_measures.csv#", "policy/emergency_measures.csv#"
    home = [
        r
        for r in tables["demand"]
        if r["place"].startswith(("kz_", "city_")) and r["customer_class"] == "industry"
    ]
    found = []
    for measure, name, carrier, cost, level, source, note in (
        ("interrupt_industry_gas", "Interruptible gas contracts of industry", "natural_gas", "60", "alert", policy + "em_interr",
         "size not found; a tenth is taken; price below the 97 USD/MWh at which industry is cut"),
        ("limit_industry_power", "Regime Avariya: limits on large industry", "electricity", "400", "emergency",
         power + "el_em_kz_regime_avariya", "size not found; a tenth is taken; 400 USD/MWh is the value of interruptible smelters"),
    ):  # fmt: skip
        cells = ";".join(
            f"demand:{r['place']}:{r['carrier']}:{r['customer_class']}:amount"
            for r in home
            if r["carrier"] == carrier
        )
        found.append(
            _measure(
                measure, name, cells, "0.9", "", level, facts.sources(source), "C", note, mode="scale", lead="1", cost=cost,
                cost_unit="USD/MWh",
            )
        )  # fmt: skip
    return found


ORDERED_BY = (
    ("mazut_for_boilers", "body_kz_akimats"), ("interrupt_industry_gas", "body_kz_qazaqgaz"), ("raise_gas", "body_kz_qazaqgaz"),
    ("use_gas", "body_kz_qazaqgaz"), ("limit_industry_power", "body_kz_kegoc"), ("russian_support", "body_ru_so"),
    ("leave_central_asian_ring", "body_kz_kegoc"),
)  # fmt: skip


def _body(measure: str) -> str:
    """Who orders a measure: the ministry where nobody nearer is known."""
    return next((body for start, body in ORDERED_BY if measure.startswith(start)), "body_kz_energy_ministry")


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
    days: str = "",
    cost: str = "",
    cost_unit: str = "",
    body: str = "",
) -> dict[str, str]:
    return {
        "measure": measure,
        "name": name,
        "acts_on": acts_on,
        "value": value,
        "mode": mode,
        "unit": unit,
        "lead_time": lead,
        "max_days": days,
        "cost": cost,
        "cost_unit": cost_unit,
        "body": body or _body(measure),
        "crisis_level": level,
        "source": source or JOIN,
        "confidence": confidence,
        "note": note,
    }
