"""A floor on security: what the N-1 formula of each border region has to reach, by looking at the plan and repairing it.

The plan of least cost is held against the formula of each region (kelisim/results/indices.py), with what it builds and the demand that it
brings. Where that is below the floor the plan, and all that build no more for the region and bring no less demand to it, are cut off by
one limit; then the best of the rest is sought (combinatorial cuts: Codato and Fischetti, Operations Research 54, 2006). A region that
all projects together would not bring to the floor, without the demand that comes, is told and left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from kelisim.case.building import Building
from kelisim.case.case import Case
from kelisim.errors import SolverError, StudyError
from kelisim.lp.problem import INF
from kelisim.lp.two_stage import benders
from kelisim.lp.work import Work
from kelisim.results.answer import Answer
from kelisim.results.facts import Fact, said
from kelisim.results.indices import n1_area
from kelisim.results.n1_areas import highest_day, infrastructure
from kelisim.results.regions import Regions
from kelisim.studies.investment.choosing.conditions import Limit
from kelisim.studies.investment.portfolio import Portfolio
from kelisim.tolerances import INPUT_ROUNDING, SMALL_MONEY

LEVEL = 0.3  # of storages, the lower of the two of Regulation (EU) 2017/1938, Article 7(4)(a)
MOST_REPAIRS = 60


@dataclass
class Floors:
    """The formula of each region of the home country on a border.

    share    of the use of the highest day that has to be there with the largest infrastructure out
    carrier  of which
    """

    portfolio: Portfolio
    share: float
    carrier: str
    cost: float = 0.0  # what the floor adds to the cost of the plan, currency a year
    _known: dict[tuple[str, frozenset[str]], float] = field(default_factory=dict)
    _use: dict[tuple[str, frozenset[str]], float] = field(default_factory=dict)
    _cases: dict[frozenset[str], Case] = field(default_factory=dict)

    @cached_property
    def case(self) -> Case:
        return self.portfolio.building.case

    @cached_property
    def regions(self) -> Regions:
        return Regions(self.case)

    @cached_property
    def places(self) -> dict[str, set[str]]:
        """Places of each region of the home country with a way of the carrier over a border, those with use."""
        home, country = str(self.case.setting("defaults", "home")), self.regions.country
        abroad = sorted({code for code in country.values() if code and code != home})
        ways = [way for code in abroad for way in self.regions.ways((home, code))]
        found = {way.region for way in ways if way.near and way.carrier == self.carrier}
        rows = self.case.table("demand")
        uses = {self.regions.of[place] for place in rows["place"][rows["carrier"] == self.carrier]}
        chosen = sorted(region for region in found & uses if country[region] == home)
        return {region: {place for place, of in self.regions.of.items() if of == region} for region in chosen}

    # ---- the formula
    @cached_property
    def _answer(self) -> Answer:
        """A year without any project: what plants take in."""
        return self.portfolio.answers(())[0]

    def _built(self, chosen: Collection[str]) -> Case:
        some = frozenset(chosen)
        if some not in self._cases:
            building = self.portfolio.building
            own = Building(
                building.case, tuple(name for name in building.projects if name in some), building.worth
            )
            self._cases[some] = own.full if some else building.case
        return self._cases[some]

    def touching(self, region: str) -> frozenset[str]:
        """Projects that build something in a region or to it, or bring demand to it."""
        building, places, found = self.portfolio.building, self.places[region], set()
        for project, cells in building.cells.items():
            for cell in cells:
                frame = self.case.table(cell.table)
                row = frame[frame.iloc[:, 0] == cell.element].iloc[0]
                ends = {row["from_place"], row["to_place"]} if cell.table == "links" else {row["place"]}
                if ends & places:
                    found.add(project)
        return frozenset(found | self._bringing(region))

    def _bringing(self, region: str) -> frozenset[str]:
        rows = self.portfolio.building.demand
        own = rows[rows["place"].isin(self.places[region]) & (rows["carrier"] == self.carrier)]
        return frozenset(str(project) for project in own["project"])

    def reached(self, region: str, chosen: Collection[str], bringing: Collection[str] | None = None) -> float:
        """The formula of a region with some projects; bringing: those whose demand is there, all that are built if not given."""
        some = self.touching(region) & frozenset(chosen)
        wanted = self._bringing(region) & frozenset(some if bringing is None else bringing)
        if (region, wanted) not in self._use:
            case, places = self._built(wanted), self.places[region]
            self._use[region, wanted] = highest_day(case, self._answer, places, self.carrier)
        if (region, some) not in self._known:
            table = infrastructure(self._built(some), self.places[region], self.carrier)
            found = n1_area(table, 1.0, levels=(LEVEL,))["n1"].iloc[0] if len(table) else 0.0
            self._known[region, some] = float(found)
        return self._known[region, some] / max(self._use[region, wanted], INPUT_ROUNDING)

    def most(self, region: str) -> float:
        """What the formula reaches with all projects and without the demand that they bring."""
        return self.reached(region, self.portfolio.projects, ())

    def below(self, chosen: Collection[str]) -> list[str]:
        """Regions below the floor that could reach it."""
        least = self.share * (1.0 - INPUT_ROUNDING)
        return [one for one in self.places if self.reached(one, chosen) < least <= self.most(one)]

    # ---- the repair
    def met(self, work: Work | None = None) -> Portfolio:
        """The projects with limits by which the best plan meets the floor; raises StudyError where no plan does."""
        p, first = self.portfolio, None
        for _ in range(MOST_REPAIRS):
            two, session = p.priced
            try:
                best = benders(two, session, work, tangents=p.tangents)
            except SolverError as error:
                if first is None or error.status != "Infeasible":
                    raise
                raise StudyError(
                    "floor: no plan within the limits reaches it in all regions that could."
                ) from error
            first = best.cost if first is None else first
            plan = p.named(best.x)
            below = self.below(plan)
            if not below:
                self.cost = (best.cost - first) / p.years
                return p
            p = p.limited([self._other(region, plan) for region in below])
        raise StudyError(f"floor: no plan that meets it was found by {MOST_REPAIRS} repairs.")

    def _other(self, region: str, plan: Collection[str]) -> Limit:
        """More built for the region than in the plan, or less demand brought to it."""
        touching, bringing = self.touching(region), self._bringing(region)
        weights = np.array(
            [
                -float(name in bringing) if name in plan else float(name in touching)
                for name in self.portfolio.projects
            ]
        )
        return weights, 1.0 + float(weights[weights < 0].sum()), INF

    # ---- what is told
    def rows(self, plan: Collection[str]) -> list[tuple[Any, ...]]:
        """Rows of the table floors."""
        return [
            (region, self.reached(region, ()), self.reached(region, plan), self.most(region), self.share)
            for region in self.places
        ]

    def facts(self, plan: Collection[str]) -> Iterator[Fact]:
        """Where the floor is met, what it costs, and where no project helps."""
        rows = self.rows(plan)
        if not rows:
            yield Fact("floor", 0.0, "", "investment.no_border_regions")
            return
        least = self.share * (1.0 - INPUT_ROUNDING)
        met = [row for row in rows if row[2] >= least]
        yield Fact("floor", self.share, "share", "investment.floor", met=len(met), of=len(rows))
        if self.cost > SMALL_MONEY:
            yield Fact("floor_cost", self.cost, "", "investment.floor_cost")
        short = [
            said("investment.region_short", place=self.regions.place[row[0]], share=row[3])
            for row in rows
            if row[2] < least
        ]
        if short:
            yield Fact("floor_short", float(len(short)), "", "investment.floor_short", regions=short)
