"""In which region a place lies, in which countries an element lies, and a measure acts."""

from __future__ import annotations

from kelisim.case.acts import targets
from kelisim.case.case import Case

JOINED = "connection"  # kind of link that ties a place to its region


def region_of_places(case: Case) -> dict[str, str]:
    """Place -> region: its code, else that of the place that a link of kind `connection` ties it to, else itself."""
    places = case.table("places")
    found = {p: r for p, r in zip(places["place"], places["region"], strict=True) if r}
    links = case.table("links")
    joined = links[links["kind"] == JOINED]
    pairs = list(joined[["from_place", "to_place"]].itertuples(index=False, name=None))
    for _ in range(len(pairs)):
        fresh = {a: found[b] for a, b in pairs if a not in found and b in found}
        fresh |= {b: found[a] for a, b in pairs if b not in found and a in found}
        if not fresh:
            break
        found |= fresh
    return {place: found.get(place, place) for place in places["place"]}


def countries_of(case: Case, table: str, element: str) -> set[str]:
    """Countries in which an element lies: both ends of a link, all that a contract or a resource is counted over."""
    country = case.table("places").set_index("place")["country"].to_dict()
    if table.startswith("links"):
        row = case.table("links").set_index("link").loc[element]
        return {str(country[row["from_place"]]), str(country[row["to_place"]])}
    if table.startswith("demand"):
        return {str(country[element.partition(":")[0]])}
    if table == "resources":
        uses = case.table("resource_uses")
        uses = uses[uses["resource"] == element]
        return {
            where
            for home, one in zip(uses["table"], uses["element"], strict=True)
            for where in countries_of(case, str(home).removesuffix("_back").partition("_")[0], str(one))
        }
    if table == "contracts":
        row = case.table("contracts").set_index("contract").loc[element]
        over = [part.strip() for part in str(row["over"]).split(";") if part.strip()]
        if over:
            return {where for part in over for where in countries_of(case, case.home_of(part), part)}
    frame = case.table(table)
    if "place" not in frame or element not in set(frame.iloc[:, 0]):
        return set()
    where = str(frame.set_index(frame.columns[0])["place"][element])
    return {str(country[where])} if where in country else set()


def countries_of_measures(case: Case) -> dict[str, set[str]]:
    """Measure -> countries in which it acts; one on a link over a border counts for both sides."""
    found: dict[str, set[str]] = {}
    for row in case.table("measures").itertuples(index=False):
        cells = targets(row.acts_on)
        found[row.measure] = {
            where for cell in cells for where in countries_of(case, cell.table, cell.element)
        }
    return found
