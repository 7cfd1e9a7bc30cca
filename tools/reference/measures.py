"""What may be done in an emergency, as far as it acts on an element and has a number."""

from __future__ import annotations

from fnmatch import fnmatchcase

from tools.reference.facts import JOIN, README, Facts
from tools.reference.names import NAMES
from tools.reference.policy import on


def measures(facts: Facts, tables: dict[str, list[dict[str, str]]]) -> list[dict[str, str]]:
    """What may be done in an emergency, as far as it acts on an element and has a number."""
    rows = []
    rows += [
        _idle(link) for link in tables["links"] if link["status"] == "idle" and link["kind"] == "pipeline"
    ]
    for storage in tables["storages"]:
        if storage["role"] == "strategic":
            rows.append(
                _measure(
                    f"release_{storage['storage']}",
                    f"Release the reserve of {storage['carrier']}: {NAMES[storage['place']][0]}",
                    f"storages:{storage['storage']}:level_start",
                    "1",
                    "",
                    "emergency",
                    storage["source"],
                    "C",
                    "opens the strategic storage, filled with the announced quantity; a day from order to tank truck (C, 6 to 72 hours)",
                    lead="24",
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
            "upper daily factor 1.05 to 1.3 is usual; the lowest is taken; nominated a day ahead",
            mode="scale",
            lead="24",
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
            "1519 MW were shown on one day, 13 December 2023: a stress value, 1,500 to 1,800 (C); an hour to agree (C); "
            "price: spot, capacity, network and 2.5 percent",
            lead="1",
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
            "full stop; a partial one scales the ceilings; three days until trains at the border are turned (C, 1 to 10)",
            mode="scale",
            lead="72",
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
            "full stop; a partial one scales the ceilings; three days until trains at the border are turned (C, 1 to 10)",
            mode="scale",
            lead="72",
        ),
    ]
    return rows + _fuel_switching(facts, tables) + _calls(facts, tables)


# pipes that are kept in order, hours until gas flows again; all others are idle for a decade or more
KEPT = {"gas_gazli_shymkent": "336", "gas_btba_bish_almaty": "336"}
LONG_IDLE, MILLION_A_KM = "4380", 0.1


def _idle(link: dict[str, str]) -> dict[str, str]:
    """An idle pipe put back into use: weeks where it is kept in order, else half a year of survey, repair and tests."""
    lead = KEPT.get(link["link"], LONG_IDLE)
    note = "no flow of 2024 was found, and the pipe is kept: two weeks (C, 3 days to 2 months)"
    if lead == LONG_IDLE:
        money = float(link["length_km"]) * MILLION_A_KM
        note = (
            f"idle for a decade or more: survey, repair and tests take half a year (C, 3 to 18 months) and some {money:.0f} million USD "
            f"at {MILLION_A_KM:g} million USD/km (C, 0.03 to 0.3)"
        )
    place = f"links:{link['link']}:capacity"
    name = f"Put the idle pipe back into use: {link['name'] or link['link']}"
    measure, source = f"use_{link['link']}", link["source"]
    return _measure(
        measure,
        name,
        place,
        link["capacity"],
        link["unit"],
        "alert",
        source,
        "C",
        f"real capacity of the pipe; {note}",
        lead=lead,
    )


def expand(tables: dict[str, list[dict[str, str]]]) -> None:
    """Puts the names of elements for patterns with * in what measures act on; boiler_* are the coal boilers.

    Raises ValueError for a pattern that fits nothing.
    """
    coal = {
        p["asset"] for p in tables["asset_ports"] if p["carrier"].startswith("coal") and float(p["ratio"]) < 0
    }
    known = {
        "demand": [":".join((r["place"], r["carrier"], r["customer_class"])) for r in tables["demand"]],
        "assets": [r["asset"] for r in tables["assets"] if r["asset"] in coal],
        "resources": [r["resource"] for r in tables["resources"] if "coal and oil products" in r["name"]],
    }
    for row in tables["measures"]:
        parts = []
        for part in row["acts_on"].split(";"):
            table, _, rest = part.partition(":")
            element, _, column = rest.rpartition(":")
            found = [element]
            if "*" in element:
                found = [one for one in known[table] if fnmatchcase(one, element)]
            if not found:
                raise ValueError(f"measures {row['measure']}: nothing fits {part}")
            parts += [f"{table}:{one}:{column}" for one in found]
        row["acts_on"] = ";".join(parts)


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
    left = {place: MAZUT_STOCK * 1e3 * amount / total * MAZUT_ENERGY for place, amount in mazut.items()}
    for row in tables["demand"]:
        place = row["place"]
        if row["carrier"] != "natural_gas" or row["customer_class"] != "boilers_other" or place not in mazut:
            continue
        stock = MAZUT_STOCK * 1e3 * mazut[place] / total * MAZUT_ENERGY
        cold = float(row["amount"]) * 1e3 * GAS_ENERGY * COLD_MONTH
        share = min(0.9, stock / cold)
        left[place] -= share * cold
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
    return rows + _mazut_in_networks(facts, tables, left, names)


HEAT_MONTH, BOILER, NOT_ALL, LEAST = 0.185, 0.9, 0.5, 0.01


def _mazut_in_networks(
    facts: Facts, tables: dict[str, list[dict[str, str]]], left: dict[str, float], names: dict[str, str]
) -> list[dict[str, str]]:
    """Gas boilers of heat networks that burn what other boiler houses leave of the reserve, half of the heat at most."""
    gas = {
        p["asset"] for p in tables["asset_ports"] if p["carrier"] == "natural_gas" and float(p["ratio"]) < 0
    }
    with_gas = {r["place"] for r in tables["assets"] if r["kind"] == "boiler" and r["asset"] in gas}
    rows = []
    for row in tables["demand"]:
        place = row["place"]
        if (
            (row["carrier"], row["customer_class"]) != ("heat", "heat")
            or place not in with_gas
            or place not in left
        ):
            continue
        cold = float(row["amount"]) * 1e3 * HEAT_MONTH
        share = min(NOT_ALL, BOILER * left[place] / cold)
        if share < LEAST:
            continue
        note = (
            "what other boiler houses leave of the reserve of 257 kt (A), shared out like the use of mazut for heat, in 30 cold days; "
            "half of the heat at most (C); burners at hand not known; about 400 USD/t"
        )
        rows.append(
            _measure(
                f"mazut_for_heat_{place}", f"Gas boilers of heat networks burn mazut: {names[place]}", f"demand:{place}:heat:heat:amount",
                f"{1.0 - share:.4g}", "", "alert", facts.sources("electricity/emergency_measures.csv#el_em_mazut"), "C", note,
                mode="scale", lead="24", days=str(MAZUT_DAYS), cost="40", cost_unit="USD/MWh",
            )
        )  # fmt: skip
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
    ("mazut_for", "body_kz_akimats"), ("interrupt_industry_gas", "body_kz_qazaqgaz"), ("raise_gas", "body_kz_qazaqgaz"),
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
