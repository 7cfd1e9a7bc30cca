"""Exports of Kazakhstan by month as the customs record them, each beside the sales of the same month in the model.

A month of the record is that of the declaration; it lags behind the train or the ship by up to a month, and temporary
declarations are closed late. The rows are observations: nothing of them is an input.
"""

from __future__ import annotations

from tools.reference.facts import Facts, short

TABLE = "more/exports_monthly"
OF = "export, all destinations, by month"
SUM = f"{OF}, sum of months"
YEAR = "2024"
LAG = "month of the customs record, up to one month behind the train or ship"
COAL_TOTAL = "coal_fl_exp_total_2024"  # the yearly row of the same meaning: its terms are taken over
# Kazakh crude that leaves: every way out, less what comes back over Samara for Pavlodar and less the Russian crude in transit
CRUDE = (
    "links.total.forward:crude_cpc_kz + links.total.forward:crude_chagan_border - links.total.forward:crude_samara_ton2"
    " + links.total.forward:crude_aktau_makh + links.total.forward:crude_aktau_baku"
    " + links.total.forward:crude_atasu_alashankou + links.total.forward:crude_shym_shagyr"
    " - assets.total.activity:field_west_siberia_oil"
)
WHY = {
    "crude": "recorded 5 to 8 % under the ministry's total; output of a year is a limit of the case, its months are not",
    "products": "all of HS 2710, also naphtha, vacuum gasoil and lubricants; the case sells fuel oil only",
    "lpg": "no winter stop: the ban on exports does not touch Tengiz",
}


def monthly_exports(
    facts: Facts, markets: list[dict[str, str]], yearly: list[dict[str, str]]
) -> list[dict[str, str]]:
    """One row per month, and the sums of years.

    markets  of the case; those of LPG stand against its exports
    yearly   observations of years, of which one says what exports of coal are
    """
    lpg = " + ".join(f"markets.total.taken:{row['market']}" for row in markets if row["carrier"] == "lpg")
    coal = next(row["compare_with"] for row in yearly if row["observation"] == COAL_TOTAL)
    # exports of coal stand at ceilings of the year, those of crude are output less home use: the machine test says which rows count
    terms = {"coal": (coal, "partly"), "crude": (CRUDE, "partly"), "lpg": (lpg, "yes"), "products": ("", "")}
    found = []
    for row in facts.records(TABLE):
        if row["item"] not in (OF, SUM):
            continue
        carrier = row["carrier"]
        compare, label = terms[carrier]
        use = "other_year" if compare else "not_comparable"
        if compare and row["period"].startswith(YEAR):
            use = "part_of_2024"
        found.append(
            {
                "observation": row["row_id"],
                "element": f"exports of {carrier}, all destinations",
                "carrier": carrier,
                "from_place": "KZ",
                "period": row["period"],
                "value": row["value"],
                "unit": "kt",
                "use": use,
                "compare_with": compare,
                "independent": label,
                "source": facts.sources(f"{TABLE}.csv#{row['row_id']}"),
                "confidence": row["confidence"],
                "note": short(LAG, WHY.get(carrier, "")),
            }
        )
    return found
