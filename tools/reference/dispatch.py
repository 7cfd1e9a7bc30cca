"""How plants run beside least cost: what follows heat, what runs for the grid.

Least cost alone lets a heat and power plant condense all summer, and leaves every gas plant of the south cold. Three rules
of grade C change that; each says in a note what it did.

- A plant that heats a town has half of its power behind the heat of the town and half from condensing, so that its
  available part falls from winter to summer. Plants that give steam to works do so all year and keep theirs.
- A gas-fired heat and power plant runs at no less than 0.6 of what is available: the least load of steam boilers.
- Two of the six units of Zhambyl station run for voltage and reserve of the South.

What falls below is paid, not forbidden.
"""

from __future__ import annotations

import calendar

from tools.reference.facts import JOIN, Facts, number, show

FOLLOWING = 0.5  # part of the power of a town's plant that follows its heat
GAS_AVAILABLE = 0.85
STEAM_FOR_WORKS = (
    "power_pavlodar_chp1", "power_temirtau_chp_pvs", "power_temirtau_chp2", "power_bassel_group_lls_karaganda_ttp_1_8",
    "power_balkhash_chp", "power_zhezkazgan_chp", "power_rudny_chp", "power_maek_chp1", "power_maek_chp2", "power_anps_chp",
)  # fmt: skip
LEAST_GAS_CHP = "0.6"
LEAST_ZHAMBYL = "0.3333"  # two units of six
PRICE_OF_POWER = "60"  # USD/MWh of power below the least
YEAR = 2024
COAL_CHP, GAS_CHP = "availability_chp_coal", "availability_chp_gas"


def dispatched(
    rows: list[dict[str, str]], ports: list[dict[str, str]], home: set[str]
) -> list[dict[str, str]]:
    """The assets with their seasons and least shares.

    home  places of the country whose plants are meant
    """
    burns = {port["asset"]: port["carrier"] for port in ports if port["ratio"].startswith("-")}
    heats = {port["asset"] for port in ports if port["carrier"] == "heat"}
    return [
        _ruled(row, burns.get(row["asset"], ""), row["asset"] in heats) if row["place"] in home else row
        for row in rows
    ]


def _ruled(row: dict[str, str], fuel: str, is_heating: bool) -> dict[str, str]:
    asset = row["asset"]
    if asset == "power_zhambyl_gres":
        return _least(
            row, LEAST_ZHAMBYL, PRICE_OF_POWER, "two of six units run for voltage and reserve of the South"
        )
    if row["kind"] != "chp" or not is_heating or row["status"] != "base":
        return row
    seasonal = asset not in STEAM_FOR_WORKS
    if fuel == "natural_gas":
        row = _least(row, LEAST_GAS_CHP, PRICE_OF_POWER, "least load of steam boilers")
        return _seasonal(row, GAS_CHP) if seasonal else row
    return _seasonal(row, COAL_CHP) if seasonal and fuel.startswith("coal") else row


def _least(row: dict[str, str], share: str, price: str, why: str) -> dict[str, str]:
    return {**row, "min_share": share, "min_price": price, "note": _told(row, f"least share: {why} (C)")}


def _seasonal(row: dict[str, str], profile: str) -> dict[str, str]:
    return {
        **row,
        "availability": "",
        "profile": profile,
        "note": _told(row, "available part follows the heat of the town (C)"),
    }


def _told(row: dict[str, str], why: str) -> str:
    return "; ".join(part for part in (why, row["note"]) if part)


def seasons(facts: Facts) -> list[dict[str, str]]:
    """Available part by month of plants that heat towns: half of it follows the heat of a day."""
    shapes = facts.groups("join/profile_join", "profile")
    heat = {
        row["month"]: number(row["value"]) / calendar.monthrange(YEAR, int(row["month"]))[1]
        for row in shapes["heat_month"]
    }
    coal = {row["month"]: number(row["value"]) for row in shapes["availability_coal"]}
    most = max(heat.values())
    rows = []
    for profile, available in ((COAL_CHP, coal), (GAS_CHP, dict.fromkeys(coal, GAS_AVAILABLE))):
        for month, share in available.items():
            value = share * (1.0 - FOLLOWING + FOLLOWING * heat[month] / most)
            rows.append(
                {
                    "profile": profile, "month": month, "value": show(round(value, 3)), "meaning": "availability", "source": JOIN,
                    "confidence": "C",
                    "note": "0.5 of what is available from condensing, 0.5 with the heat of a day over that of January" if month == "1" else "",
                }
            )  # fmt: skip
    return rows
