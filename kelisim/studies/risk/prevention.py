"""What a risk calls for before it happens: a project or a measure of the case that touches it or its customers, else a rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import pandas as pd

from kelisim.case.acts import Target, targets
from kelisim.case.case import Case
from kelisim.case.territory import countries_of, region_of_places
from kelisim.tolerances import ROUNDING

PROJECT, RULE = "project", "rule"
ELEMENT, CUSTOMERS = "element", "customers"
TOGETHER = (
    "power_plant",
    "chp",
    "hydro",
    "nuclear",
    "line",
)  # kinds whose units stand at one site or on one route
HELPS = 0.5  # share of the value lost in whose regions a project must bring something
KINDS = (
    *("power_plant", "chp", "hydro", "nuclear", "boiler", "refinery", "processing", "field", "mine"),
    *("pipeline", "line", "rail", "road", "storage"),
)  # that have a rule of their own
# what a measure does to help, by table; what acts on the lost element itself is no help while it is lost
ACTS = ("links", "assets", "storages", "contracts", "demand")
Member = tuple[str, str]
Pair = tuple[str, str]  # region, carrier


@dataclass(frozen=True)
class Prevention:
    """What a risk calls for: a project, or the kind whose rule holds, what it touches, and the measure that is ready for when it happens."""

    action: str
    by: str
    touches: str = ""
    ready: str = ""


@dataclass(frozen=True, eq=False)
class Actions:
    """The projects and measures of a case, by what they touch.

    country  only those that act in it; all if empty
    """

    case: Case
    country: str

    @cached_property
    def _region(self) -> dict[str, str]:
        return region_of_places(self.case)

    @cached_property
    def _links(self) -> pd.DataFrame:
        return self.case.table("links").set_index("link")

    @cached_property
    def _makes(self) -> dict[str, set[str]]:
        ports = self.case.ports
        made = ports[ports["ratio"] > 0]
        return {str(asset): set(own) for asset, own in made.groupby("asset")["carrier"]}

    def _pairs(self, table: str, element: str) -> Iterator[Pair]:
        """Where an element brings something: region and carrier; of a link both ends."""
        if table == "links":
            row = self._links.loc[element]
            yield from (
                (self._region[place], row["carrier"]) for place in (row["from_place"], row["to_place"])
            )
        elif table == "demand":
            place, carrier, _ = element.split(":", 2)
            yield self._region.get(place, place), carrier
        elif table == "contracts":
            over = self.case.table("contracts").set_index("contract")["over"].get(element, "")
            for part in (one.strip() for one in str(over).split(";") if one.strip()):
                if part in self._links.index:
                    yield from self._pairs("links", part)
        elif table in ("assets", "storages"):
            rows = self.case.table(table)
            row = rows[rows.iloc[:, 0] == element]
            if len(row):
                region = self._region[row["place"].iloc[0]]
                carriers = self._makes.get(element, set()) if table == "assets" else {row["carrier"].iloc[0]}
                yield from ((region, str(carrier)) for carrier in sorted(carriers))

    def _is_here(self, cells: Sequence[Target]) -> bool:
        return not self.country or any(
            self.country in countries_of(self.case, cell.table, cell.element) for cell in cells
        )

    @cached_property
    def _projects(self) -> list[tuple[str, list[Member]]]:
        """Projects that act in the country, the earliest first, with what they build."""
        projects = self.case.table("projects")
        projects = projects.assign(when=projects["earliest"].astype(str).replace("", "9999"))
        found = [
            (str(row.project), targets(row.builds, "never"))
            for row in projects.sort_values(["when", "project"], kind="stable").itertuples(index=False)
        ]
        return [
            (name, [(c.table, c.element) for c in cells]) for name, cells in found if self._is_here(cells)
        ]

    @cached_property
    def _measures(self) -> list[tuple[str, list[Member], float]]:
        """Measures that act in the country, with what they act on and how much of it: of a use the share that it saves, else 1."""
        found = []
        for row in self.case.table("measures").itertuples(index=False):
            cells = [cell for cell in targets(row.acts_on) if cell.table in ACTS]
            on_use = any(cell.table == "demand" for cell in cells)
            part = 1.0 - float(row.value) if on_use and row.mode == "scale" else 1.0
            if cells and self._is_here(cells):
                found.append((str(row.measure), [(c.table, c.element) for c in cells], part))
        return found

    def _beside(self, members: Sequence[Member]) -> set[object]:
        """What stands beside some elements and does the same: ends and carrier of links, place and product of assets."""
        found: set[object] = set()
        for table, element in members:
            if table == "links" and element in self._links.index:
                row = self._links.loc[element]
                found.add((frozenset((row["from_place"], row["to_place"])), row["carrier"]))
            elif table in ("assets", "storages"):
                rows = self.case.table(table)
                place = rows[rows.iloc[:, 0] == element]["place"]
                found |= {(str(one), pair[1]) for one in place for pair in self._pairs(table, element)}
        return found

    def of(self, members: Sequence[Member], worth: Mapping[Pair, float]) -> Prevention:
        """What a risk calls for.

        members  elements that fail
        worth    region and carrier -> value of what customers at home lack there

        A project that adds a unit to the element, stands beside it or leads around it comes first; then the one that brings what is short, or
        the carrier of the element, to regions that lack at least half of the value, most first; then the rule of the kind of the element.
        The measure is the one that reaches most of the value in the same way, a saving of use by what it saves.
        """
        lost, beside = set(members), self._beside(members)
        # what a pipe or a line brings is made into other things; a plant is missed for what it makes itself
        brings = [(table, element) for table, element in members if table != "assets"]
        carriers = {pair[1] for table, element in brings for pair in self._pairs(table, element)}
        whole = sum(worth.values())
        has_units = self._kind(*members[0]) in TOGETHER

        def reach(own: Sequence[Member]) -> float:
            pairs = {pair for one in own if one not in lost for pair in self._pairs(*one)}
            regions = {region for region, carrier in pairs if carrier in carriers}
            return sum(value for pair, value in worth.items() if pair in pairs or pair[0] in regions)

        most, ready = 0.0, ""
        for measure, own, part in self._measures:
            if reach(own) * part > most * (1.0 + ROUNDING):
                most, ready = reach(own) * part, measure
        best, most = "", HELPS * whole
        for project, own in self._projects:
            larger = has_units and lost & set(own)
            if larger or (not lost & set(own) and (beside & self._beside(own) or self._around(own, lost))):
                return Prevention(PROJECT, project, ELEMENT, ready)
            if reach(own) > most * (1.0 + ROUNDING):
                best, most = project, reach(own)
        if best:
            return Prevention(PROJECT, best, CUSTOMERS, ready)
        return Prevention(RULE, self._kind(*members[0]), "", ready)

    def _around(self, own: Sequence[Member], lost: set[Member]) -> bool:
        """Whether a new link leads around a lost one: the shortest way between its ends goes over what is lost."""
        return any(
            table == "links" and any(("links", link) in lost for link in self._way(element))
            for table, element in own
        )

    @cache  # noqa: B019  (an object for one answer)
    def _way(self, link: str) -> tuple[str, ...]:
        """Links in use of the shortest way, of its carrier, between the ends of a link; none if there is no way."""
        row = self._links.loc[link]
        start, end = row["from_place"], row["to_place"]
        came: dict[str, tuple[str, str]] = {start: ("", "")}
        line = [start]
        for place in line:
            for to, over in self._ways.get((row["carrier"], place), ()):
                if to not in came:
                    came[to] = (place, over)
                    line.append(to)
        found: list[str] = []
        while end in came and came[end][1]:
            end, over = came[end]
            found.append(over)
        return tuple(found)

    @cached_property
    def _ways(self) -> dict[tuple[str, str], list[tuple[str, str]]]:
        """Carrier and place -> places next to it over links in use, with the link, either way."""
        found: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for link, row in self._links[self._links["status"] == "base"].iterrows():
            a, b = row["from_place"], row["to_place"]
            found.setdefault((row["carrier"], a), []).append((b, str(link)))
            found.setdefault((row["carrier"], b), []).append((a, str(link)))
        return found

    def _kind(self, table: str, element: str) -> str:
        if table == "storages":
            return "storage"
        rows = self.case.table(table)
        kind = rows[rows.iloc[:, 0] == element]["kind"]
        return str(kind.iloc[0]) if len(kind) and kind.iloc[0] in KINDS else "other"
