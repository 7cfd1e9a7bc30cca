"""In which region a place lies, in which countries an element lies, and a measure acts."""

from __future__ import annotations

from functools import cached_property

from kelisim.case.acts import targets
from kelisim.case.case import Case
from kelisim.case.schema import nearest
from kelisim.errors import StudyError

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


class Territory:
    """Where the elements of one case lie, its tables read once."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.country = {
            str(p): str(c) for p, c in case.table("places")[["place", "country"]].itertuples(index=False)
        }
        self._uses: dict[str, list[tuple[str, str]]] = {}
        for resource, table, element in case.table("resource_uses")[
            ["resource", "table", "element"]
        ].itertuples(index=False):
            self._uses.setdefault(str(resource), []).append((str(table), str(element)))
        self._of: dict[tuple[str, str], set[str]] = {}

    @cached_property
    def _ends(self) -> dict[str, tuple[str, str]]:
        links = self.case.table("links")[["link", "from_place", "to_place"]]
        return {str(link): (str(start), str(end)) for link, start, end in links.itertuples(index=False)}

    @cached_property
    def _over(self) -> dict[str, list[str]]:
        contracts = self.case.table("contracts")[["contract", "over"]]
        return {
            str(contract): [part.strip() for part in str(over).split(";") if part.strip()]
            for contract, over in contracts.itertuples(index=False)
        }

    @cached_property
    def measures(self) -> dict[str, set[str]]:
        """Measure -> countries in which it acts; one on a link over a border counts for both sides."""
        return {
            row.measure: {
                where for cell in targets(row.acts_on) for where in self.of(cell.table, cell.element)
            }
            for row in self.case.table("measures").itertuples(index=False)
        }

    def of(self, table: str, element: str) -> set[str]:
        """Countries in which an element lies: both ends of a link, all that a contract or a resource is counted over."""
        key = (table, element)
        if key not in self._of:
            self._of[key] = self._found(table, element)
        return self._of[key]

    def _found(self, table: str, element: str) -> set[str]:
        if table.startswith("links"):
            return {self.country[end] for end in self._ends[element]}
        if table.startswith("demand"):
            return {self.country[element.partition(":")[0]]}
        if table == "resources":
            return {
                where
                for home, one in self._uses.get(element, [])
                for where in self.of(home.removesuffix("_back").partition("_")[0], one)
            }
        if table == "contracts" and self._over[element]:
            return {where for part in self._over[element] for where in self.of(self.case.home_of(part), part)}
        where = self._places(table).get(element, "")
        return {self.country[where]} if where in self.country else set()

    def _places(self, table: str) -> dict[str, str]:
        frame = self.case.table(table)
        if "place" not in frame:
            return {}
        return {str(one): str(place) for one, place in zip(frame.iloc[:, 0], frame["place"], strict=True)}


_kept: list[Territory] = []  # of the case that was asked about last


def _territory(case: Case) -> Territory:
    found = _kept[0] if _kept else None
    if found is None or found.case is not case:
        found = Territory(case)
        _kept[:] = [found]
    return found


def country_asked(case: Case, given: str) -> str:
    """The country that a question names, or else the home country of the case. Raises StudyError where no place lies in it."""
    known = sorted(set(case.table("places")["country"]))
    country = given or str(case.setting("defaults", "home") or (known[0] if known else ""))
    if country not in known:
        near = nearest(country, known)
        hint = f' Did you mean "{near}"?' if near else f" Known: {', '.join(known)}."
        raise StudyError(f'country: no place of the case lies in "{country}".{hint}')
    return country


def countries_of(case: Case, table: str, element: str) -> set[str]:
    """Countries in which an element lies: both ends of a link, all that a contract or a resource is counted over."""
    return set(_territory(case).of(table, element))


def countries_of_measures(case: Case) -> dict[str, set[str]]:
    """Measure -> countries in which it acts; one on a link over a border counts for both sides."""
    return {measure: set(where) for measure, where in _territory(case).measures.items()}
