"""What people call each element of a case."""

from __future__ import annotations

from collections.abc import Mapping

from kelisim.case.case import Case


def element_names(case: Case, places: Mapping[str, str] | None = None) -> dict[str, str]:
    """Identifier -> name; links without a name are named by their ends, markets by their place.

    places  names of places in a language; those of the column `name` if not given
    """
    found: dict[str, str] = {}
    for key in ("place", "asset", "storage", "market", "contract", "resource", "duty"):
        table = "duties" if key == "duty" else f"{key}s"
        rows = case.table(table)
        names = rows["name"] if "name" in rows else rows[key]
        found |= {i: n or i for i, n in zip(rows[key], names, strict=True)}
        if key == "place" and places:
            found |= places
    markets = case.table("markets")
    for market, name, place in markets[["market", "name", "place"]].itertuples(index=False):
        found[market] = name or found.get(place, market)
    links = case.table("links")
    for link, name, start, end in links[["link", "name", "from_place", "to_place"]].itertuples(index=False):
        found[link] = name or f"{found.get(start, start)} - {found.get(end, end)}"
    return found


def track_names(
    case: Case, places: Mapping[str, str] | None = None, kinds: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Name of each track that several links in use share, by its identifier: ends and kind of its first link.

    places, kinds  names of places and of kinds of links in a language
    """
    name = dict(case.table("places").set_index("place")["name"]) | dict(places or {})
    links = case.table("links")
    links = links[(links["shared_with"] != "") & (links["status"] == "base")]
    found = {}
    for track, own in links.groupby("shared_with", sort=False):
        first = own.iloc[0]
        ends = [name[first[end]] or first[end] for end in ("from_place", "to_place")]
        if len(own) > 1:
            found[str(track)] = f"{ends[0]} - {ends[1]}, {_kind(str(first['kind']), kinds or {})}"
    return found


def _kind(kind: str, names: Mapping[str, str]) -> str:
    name = names.get(kind, kind)
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]
