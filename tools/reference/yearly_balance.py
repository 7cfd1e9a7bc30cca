"""The official fuel and energy balance of Kazakhstan, year by year: its trade with power, LPG and gas beside that of the model.

What the case takes from the balance as an input (use of homes, fuel of boiler houses, gas that is bought) is not among them, nor output of
power, which is use and a small net import. The machine test of the backcast says which of the rows are arithmetic.
"""

from __future__ import annotations

from tools.reference.facts import Facts, short

TABLE = "more/balance"
YEAR = "2024"
UNITS = {"GWh_y": "GWh", "kt_y": "kt", "mcm_y": "million m3"}
OF_COUNTRY = "carriers.balance.{}:KZ:electricity"
GAS = "holds gas that is exchanged with Russia, in a way that the balance does not print"
# item and carrier -> what in the results means the same
ITEMS = {
    ("balance: import of electricity (gross)", "electricity"): OF_COUNTRY.format("imported"),
    ("balance: export of electricity (gross)", "electricity"): OF_COUNTRY.format("exported"),
    ("balance: export", "lpg"): "",
    ("balance: export", "gas"): "",
}


def yearly_balance(facts: Facts, markets: list[dict[str, str]]) -> list[dict[str, str]]:
    """One row for each item and year.

    markets  of the case; those of LPG stand against its exports
    """
    lpg = " + ".join(f"markets.total.taken:{row['market']}" for row in markets if row["carrier"] == "lpg")
    found = []
    for row in facts.records(TABLE):
        key = (row["item"], row["carrier"])
        if key not in ITEMS:
            continue
        compare = ITEMS[key] or (lpg if row["carrier"] == "lpg" else "")
        carrier = "natural_gas" if row["carrier"] == "gas" else row["carrier"]
        use = "base_2024" if row["period"] == YEAR else "other_year"
        found.append(
            {
                "observation": row["row_id"],
                "element": row["item"].removeprefix("balance: ") + ", official balance",
                "carrier": carrier,
                "from_place": "KZ",
                "period": row["period"],
                "value": row["value"],
                "unit": UNITS[row["unit"]],
                "use": use if compare else "not_comparable",
                "compare_with": compare,
                "independent": "yes" if compare else "",
                "source": facts.sources(f"{TABLE}.csv#{row['row_id']}"),
                "confidence": row["confidence"],
                "note": "" if compare else short(GAS),
            }
        )
    return found
