"""Assets and their ports: fields, mines, plants, boilers and supplies from abroad."""

from __future__ import annotations

from tools.reference import dispatch, pits
from tools.reference.facts import Facts, number, short, show, unit

KIND_BY_PROFILE = {
    "wind_kz": "wind",
    "solar_kz": "solar",
    "hydro_kz_dispatch": "hydro",
    "hydro_kg_dispatch": "hydro",
}
KIND_BY_ASSET = {"power_balkhash_npp": "nuclear", "power_uz_other": "supply"}

# The washery is counted in tonnes of raw coal, which is not a carrier: it is rescaled to concentrate.
WASHERY, WASHERY_REFERENCE = "mine_qarmet_washery", "coal_coking"

# A field that alone serves its customers must follow their season: its capacity is the peak day that gas/demand gives
# (2.4 times the mean of 0.017 bcm/year); its output of the year stays as found.
LONE_FIELDS = {
    "field_sarybulak": (
        "0.041",
        "capacity is the peak day of the homes it alone serves, 2.4 x their mean (C)",
    )
}

# Fact rows that repeat a port of the same asset: the second gasoline figure is a tonnage, not a yield.
REPEATED_PORTS = {("refinery_kuib", "gasoline", "0.8")}


def assets(facts: Facts) -> list[dict[str, str]]:
    """One row per asset that is not a storage; Russian refineries give one asset per product."""
    places = facts.records("join/place_crosswalk")
    home = {row["place"] for row in places if row["country"] == "KZ"}
    return dispatch.dispatched(_assets(facts), ports(facts), home)


def _assets(facts: Facts) -> list[dict[str, str]]:
    rows = []
    yields = _yields(facts)
    for row in facts.records("join/asset_crosswalk"):
        if row["kind"] == "storage":
            continue
        if row["kind"] == "product_supply":
            for product, share in yields[row["asset"]].items():
                rows.append(_row(facts, row, f"{row['asset']}_{product}", f"{row['name']}, {product}", share))
            continue
        washery = row["asset"] == WASHERY
        scale = yields[WASHERY][WASHERY_REFERENCE] if washery else pits.heat(facts, row)
        rows.append(_row(facts, row, row["asset"], row["name"], scale, dear=washery or row["kind"] == "mine"))
    return rows


def ports(facts: Facts) -> list[dict[str, str]]:
    """Ports of all assets; the reference port has the ratio 1 or -1 and no unit."""
    crosswalk = facts.by("join/asset_crosswalk", "asset")
    rows = []
    yields = _yields(facts)
    for row in facts.records("join/asset_ports"):
        asset, carrier = row["asset"], row["carrier"]
        if (asset, carrier, row["ratio"]) in REPEATED_PORTS:
            continue
        ratio, port_unit = row["ratio"], _port_unit(row["unit"])
        if crosswalk[asset]["kind"] == "product_supply":
            asset, ratio, port_unit = f"{asset}_{carrier}", "1", ""
        elif asset == WASHERY:
            ratio = show(number(ratio) / yields[WASHERY][WASHERY_REFERENCE])
            port_unit = "" if carrier == WASHERY_REFERENCE else "t/t"
        elif row["where_from"] == "reference port":
            port_unit = ""
        rows.append(
            {
                "asset": asset,
                "carrier": carrier,
                "ratio": ratio,
                "unit": port_unit,
                "source": facts.sources(crosswalk[row["asset"]]["source_rows"]),
                "confidence": row["confidence"],
                "note": "" if row["where_from"] == "reference port" else row["where_from"],
            }
        )
    return rows


def _row(
    facts: Facts, row: dict[str, str], asset: str, name: str, scale: float, dear: bool = False
) -> dict[str, str]:
    """An asset whose reference is `scale` of what the fact row counts; `dear` spreads the cost over less."""
    availability, profile = row["availability"], ""
    if availability.startswith("profile "):
        availability, profile = "", availability.removeprefix("profile ").lower()
    kind = KIND_BY_ASSET.get(asset) or KIND_BY_PROFILE.get(profile) or row["kind"]
    return {
        "asset": asset,
        "name": name,
        "kind": kind,
        "place": row["place"],
        "capacity": LONE_FIELDS[asset][0] if asset in LONE_FIELDS else _scaled(row["capacity"], scale),
        "unit": unit(row["unit"]),
        "cost": _scaled(row["cost_usd"], 1 / scale) if dear else row["cost_usd"],
        "cost_unit": unit(row["cost_unit"]) if row["cost_usd"] else "",
        "availability": availability,
        "profile": profile,
        "annual_max": _scaled(row["annual_max"], scale),
        "annual_unit": unit(row["annual_unit"]) if row["annual_max"] else "",
        "status": "candidate" if row["in_base_2024"] == "candidate" else "base",
        "source": facts.sources(row["source_rows"]),
        "confidence": row["confidence"],
        "note": _note(row, scale, dear),
    }


def _note(row: dict[str, str], scale: float, dear: bool) -> str:
    note = row["note"].replace("availability: see profile_join", "").strip("; ")
    if row["asset"] in LONE_FIELDS:
        return short(LONE_FIELDS[row["asset"]][1], note)
    if row["kind"] == "mine" and row["asset"] != WASHERY:
        counted = (
            f"{row['capacity']} Mt/year of the pit x {show(scale)} in heat; cost likewise"
            if scale != 1
            else ""
        )
        return short(counted, note)
    if dear:
        note = short(
            note.replace("reference = raw tonne", f"counted in concentrate, {show(scale)} t per raw tonne")
        )
    elif scale != 1:
        note = short(f"{row['capacity']} Mt/year run x yield {show(scale)}", note)
    return note


def _scaled(text: str, scale: float) -> str:
    return text if not text or scale == 1 else show(number(text) * scale)


def _yields(facts: Facts) -> dict[str, dict[str, float]]:
    """Ratio of each port by asset and carrier."""
    found: dict[str, dict[str, float]] = {}
    for row in facts.records("join/asset_ports"):
        if (row["asset"], row["carrier"], row["ratio"]) not in REPEATED_PORTS:
            found.setdefault(row["asset"], {})[row["carrier"]] = number(row["ratio"])
    return found


def _port_unit(text: str) -> str:
    """Unit of a port as carrier over reference, such as t/MWh."""
    if text == "per unit":
        return ""
    text = text.replace(" per ", "/")
    for remark in (" crude", " run", " raw"):
        text = text.removesuffix(remark)
    return text
