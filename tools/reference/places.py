"""Places: one dot on the map for every unified place, with its names in three languages."""

from __future__ import annotations

from tools.reference.facts import JOIN, Facts
from tools.reference.names import NAMES

AGGREGATE = "aggregate"


def places(facts: Facts, used: set[str]) -> list[dict[str, str]]:
    """One row per place of the crosswalk; aggregates of a whole country are not places.

    used  places that some element of the case stands at or goes to; the others say so in their note
    """
    crosswalk = facts.groups("join/place_crosswalk", "place")
    rows = []
    for place, group in sorted(crosswalk.items()):
        first = group[0]
        if first["kind"] == AGGREGATE:
            continue
        english, russian, kazakh = NAMES[place]
        sources = facts.sources(";".join(f"{row['folder']}/places.csv#{row['place_id']}" for row in group))
        rows.append(
            {
                "place": place,
                "name": english,
                "name_ru": russian,
                "name_kk": kazakh,
                "country": first["country"],
                "region": first["region_iso"] if "-" in first["region_iso"] else "",
                "kind": first["kind"],
                "lat": first["lat"],
                "lon": first["lon"],
                "source": sources or JOIN,
                "confidence": "C" if first["kind"] in ("region", "market") else "B",
                "note": "" if place in used else "no element of the case uses it",
            }
        )
    return rows
