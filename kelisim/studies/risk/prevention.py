"""The preventive measure that a risk calls for: a project or a measure of the case that touches it or its customers, else a rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from kelisim.case.acts import Target, targets
from kelisim.case.case import Case
from kelisim.case.territory import countries_of, region_of_places

PROJECT, MEASURE, RULE = "project", "measure", "rule"
ELEMENT, CUSTOMERS = "element", "customers"
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
    """What a risk calls for: an identifier of projects or measures, or the kind whose rule holds, and what it touches."""

    action: str
    by: str
    touches: str = ""


@dataclass(frozen=True)
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
    def _known(self) -> list[tuple[str, str, list[Target]]]:
        """Projects, the earliest first, then measures, in the order of the case: action, identifier, what it builds or acts on."""
        projects = self.case.table("projects")
        projects = projects.assign(when=projects["earliest"].astype(str).replace("", "9999"))
        found = [
            (PROJECT, str(row.project), targets(row.builds, "never"))
            for row in projects.sort_values(["when", "project"], kind="stable").itertuples(index=False)
        ]
        found += [
            (MEASURE, str(row.measure), [cell for cell in targets(row.acts_on) if cell.table in ACTS])
            for row in self.case.table("measures").itertuples(index=False)
        ]
        return [(action, by, cells) for action, by, cells in found if cells and self._is_here(cells)]

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

    def of(self, members: Sequence[Member], short: set[Pair]) -> Prevention:
        """What a risk calls for.

        members  elements that fail
        short    regions and carriers whose customers at home go short

        A project that enlarges the element or stands beside it comes first, then one that brings a carrier that is short, or that
        the element carries, to a region that is short; then a measure that does so; then the rule of the kind of the element.
        """
        lost, beside = set(members), self._beside(members)
        carriers = {pair[1] for table, element in members for pair in self._pairs(table, element)}
        wanted = short | {(region, carrier) for region, _ in short for carrier in carriers}
        near = None
        for action, by, cells in self._known:
            own = [(cell.table, cell.element) for cell in cells]
            if action == PROJECT and (lost & set(own) or beside & self._beside(own)):
                return Prevention(action, by, ELEMENT)
            helps = [one for one in own if one not in lost]
            if near is None and any(pair in wanted for one in helps for pair in self._pairs(*one)):
                near = Prevention(action, by, CUSTOMERS)
        return near or Prevention(RULE, self._kind(*members[0]))

    def _kind(self, table: str, element: str) -> str:
        if table == "storages":
            return "storage"
        rows = self.case.table(table)
        kind = rows[rows.iloc[:, 0] == element]["kind"]
        return str(kind.iloc[0]) if len(kind) and kind.iloc[0] in KINDS else "other"
