"""Shapes over the year and the day.

Month rows are shares of the year, or the available part of a capacity. Electricity of Kazakhstan has hour
rows beside its month rows; the two multiply. Winter hours hold from October to March, summer hours from
April on.
"""

from __future__ import annotations

from tools.reference import dispatch
from tools.reference.facts import JOIN, Facts

MEANING = {"share of the year": "share", "available share of capacity": "availability"}
WINTER = (1, 2, 3, 10, 11, 12)
DAILY = {"load_zone_north": "north", "load_zone_south": "south", "load_zone_west": "west"}
PLANTS = ("wind_KZ", "solar_KZ", "hydro_KZ_dispatch", "hydro_KG_dispatch")
FLAT = "flat"


def profiles(facts: Facts) -> list[dict[str, str]]:
    """Month rows of the join, plant profiles, and hour rows of the load."""
    rows = []
    for row in facts.records("join/profile_join"):
        if row["profile"] == FLAT:
            continue
        rows.append(
            {
                "profile": row["profile"],
                "month": row["month"],
                "value": row["value"],
                "meaning": MEANING[row["meaning"]],
                "source": JOIN,
                "confidence": row["confidence"],
                "note": row["from"] if row["month"] == "1" else "",
            }
        )
    monthly = facts.groups("electricity/profiles_monthly", "profile")
    for name in PLANTS:
        for row in monthly[name]:
            rows.append(
                {
                    "profile": name.lower(),
                    "month": row["month"],
                    "value": row["value"],
                    "meaning": "availability",
                    "source": ";".join(facts.source_ids("electricity", row["source_id"])),
                    "confidence": row["confidence"],
                    "note": row["note"] if row["month"] == "1" else "",
                }
            )
    return rows + dispatch.seasons(facts) + _hours(facts)


def _hours(facts: Facts) -> list[dict[str, str]]:
    """Ratio of each hour to the mean of its day, by month."""
    daily = {(row["profile"], row["hour"]): row for row in facts.records("electricity/profiles_daily")}
    rows = []
    for profile, zone in DAILY.items():
        for month in range(1, 13):
            season = "winter" if month in WINTER else "summer"
            for hour in range(24):
                row = daily[f"{zone}_{season}", str(hour)]
                rows.append(
                    {
                        "profile": profile,
                        "month": str(month),
                        "hour": str(hour),
                        "value": row["value"],
                        "meaning": "level",
                        "source": ";".join(facts.source_ids("electricity", row["source_id"])),
                        "confidence": row["confidence"],
                        "note": f"{season} working day, hour of Astana" if (month, hour) == (1, 0) else "",
                    }
                )
    return rows
