"""What each group of partners is worth: the year solved again with what it can build, by one session of changes.

A group can build a project if all who own a part of what it builds are in it. Of the projects that it can build it takes those with
which its members gain most; a sum that would be below 0 it leaves.

    worth of a group = largest over sets of projects that it can build of
                       what its members gain a year with them - what building and running them costs a year
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt

from kelisim.case.building import Building
from kelisim.case.case import Case
from kelisim.case.change import Change, Dated
from kelisim.engine import Engine, Window
from kelisim.engine.country_money import CountryMoney
from kelisim.errors import SolverError, StudyError
from kelisim.ledger.games import MOST_EXACT, CoalitionGame, Shares, coalition_of, members, shares
from kelisim.ledger.outlays import Outlay
from kelisim.lp.delta import Delta
from kelisim.lp.sweep import sweep
from kelisim.lp.work import Work
from kelisim.results.answer import Answer
from kelisim.studies.spending import spent
from kelisim.tolerances import SERVED, SMALL_MONEY

Floats = npt.NDArray[np.float64]
COUNTRIES, COMPANIES = "countries", "companies"
DEAR = 1000.0  # currency/MWh: above what any supply costs, so that all is served that can be
ALL = ""  # key of what the whole case gains


def owners(case: Case, building: Building, by: str) -> dict[str, dict[str, set[str]]]:
    """project -> element -> who owns a part of it: countries on whose ground it begins or ends, or companies; raises StudyError for one without."""
    country = dict(case.table("places")[["place", "country"]].itertuples(index=False))
    held = case.table("owners").groupby("element")["entity"].agg(set)
    found: dict[str, dict[str, set[str]]] = {}
    for project, cells in building.cells.items():
        found[project] = {}
        for cell in cells:
            row = case.table(cell.table).set_index(case.table(cell.table).columns[0]).loc[cell.element]
            places = [row["from_place"], row["to_place"]] if cell.table == "links" else [row["place"]]
            mine = (
                {str(country[place]) for place in places}
                if by == COUNTRIES
                else set(held.get(cell.element, set()))
            )
            if not mine:
                raise StudyError(
                    f"{project}: nobody owns {cell.element} in the table owners; ask by countries."
                )
            found[project][cell.element] = mine
    return found


class Worths:
    """The year with any set of projects, each solved once.

    Gains are beside none of the projects, currency a year.

    day  one step of the case instead of the year, with its storages as planned; sums are as if every day were like it
    """

    def __init__(self, engine: Engine, building: Building, day: date | None = None) -> None:
        self.building = building
        self.engine = engine.beside(building.full)
        if self.engine.base.status != "optimal":
            raise SolverError(self.engine.base.status, "the case with all projects has no solution")
        self.window: Window = self.engine.snapshot(day) if day else self.engine.whole_window()
        self._accounts = CountryMoney(self.engine.case, self.engine.base, self.window.problem)
        self._deltas: dict[Change, Delta] = {}
        self._known: dict[tuple[frozenset[str], bool], dict[str, float]] = {}
        self._totals: dict[frozenset[str], float] = {}

    def _delta(self, chosen: Collection[str], demand: bool = True, more: Sequence[Change] = ()) -> Delta:
        delta = Delta()
        for change in [*self.building.without(chosen, demand), *more]:
            if change not in self._deltas:
                self._deltas[change] = self.window.delta([change])
            delta = delta.then(self._deltas[change])
        return delta

    def answer(self, chosen: Collection[str], demand: bool = True, more: Sequence[Change] = ()) -> Answer:
        """The least-cost year with some of the projects, and with more changes."""
        solution = self.window.session.solve(self._delta(chosen, demand, more))
        if solution.status != "optimal":
            raise SolverError(solution.status, f"the year with {_named(chosen)} has no solution")
        return self.engine.answer(self.window.problem, solution)

    def totals(self, sets: Sequence[Collection[str]], work: Work | None = None) -> Floats:
        """What all gain a year with each of some sets of projects, their demand included, before what they cost; (sets)."""
        wanted = [frozenset(), *map(frozenset, sets)]
        new = [one for one in dict.fromkeys(wanted) if one not in self._totals]
        swept = sweep(self.window.session, [self._delta(one) for one in new], work=work, loop="groups")
        for one, found in zip(new, swept.found, strict=True):
            if found is None or found.status != "optimal":
                raise SolverError(
                    found.status if found else "stopped", f"the year with {_named(one)} has no solution"
                )
            self._totals[one] = found.objective - self._benefit(one, ALL)
        return np.array([self._totals[frozenset()] - self._totals[one] for one in wanted[1:]]) / self.years

    @cached_property
    def _demand_country(self) -> npt.NDArray[np.object_]:
        return np.asarray(self.building.comes["place"].map(self._accounts.country))

    def _costs(self, chosen: frozenset[str], demand: bool) -> dict[str, float]:
        """What the year costs each country and all, less what the demand that comes is worth."""
        key = (chosen, demand)
        if key not in self._known:
            answer = self.answer(sorted(chosen), demand)
            costs = {str(name): float(value) for name, value in self._accounts.money(answer).items() if name}
            costs[ALL] = float(answer.objective)
            if demand:
                costs = {country: cost - self._benefit(chosen, country) for country, cost in costs.items()}
            self._known[key] = costs
        return self._known[key]

    def _benefit(self, chosen: frozenset[str], country: str) -> float:
        where = None if country == ALL else self._demand_country == country
        return self.building.benefit(sorted(chosen), where, slice(self.window.first, self.window.last))

    def gains(self, chosen: Sequence[str], demand: bool = True) -> dict[str, float]:
        """What each country, and all ("") gain with some projects, before what they cost; of the demand that is there only if asked."""
        before, after = self._costs(frozenset(), True), self._costs(frozenset(chosen), demand)
        names = sorted({*before, *after})
        return {name: (before.get(name, 0.0) - after.get(name, 0.0)) / self.years for name in names}

    def supply(self, project: str) -> tuple[float, float]:
        """What a MWh of the demand that a project brings costs to supply (currency/MWh), and the share of it that can be."""
        keys, case = self.building.brought(project), self.engine.case
        wanted = self.building.energy([project])
        if not wanted > 0:
            return float("nan"), float("nan")
        dear = Dated("demand", keys, "voll", DEAR, f"{case.currency}/MWh")
        answer = self.answer([project], more=[dear])
        demand = case.table("demand")
        mine = (
            (demand["place"] + ":" + demand["carrier"] + ":" + demand["customer_class"]).isin(keys).to_numpy()
        )
        missing = float((answer.by_demand(len(demand), "values")[mine] @ answer.hours).sum())
        served = max(0.0, wanted - missing)
        bare = self.answer([project], demand=False)
        if served <= SERVED * wanted:
            return float("nan"), 0.0
        return (answer.objective - DEAR * missing - bare.objective) / served, served / wanted

    def savings(self, chosen: Collection[str], demand: bool = True) -> dict[tuple[str, str], float]:
        """Currency a year that is spent less at each element (table, element) with some projects; new demand that is not served is left out."""
        problem = self.window.problem
        before, after = (
            spent(problem, self.answer(some, demand)) for some in (tuple[str, ...](), tuple(chosen))
        )
        return {
            key: (before[key] - after[key]) / self.years
            for key in before
            if key[1] not in self.building.comes.index
        }

    @property
    def years(self) -> float:
        """Length of what is solved in years."""
        return float(self.window.hours.sum() / self.engine.case.horizon.year_hours)

    def carried(self, answer: Answer, project: str) -> float:
        """MWh a year of the fullest of the links and plants that a project builds."""
        found = [0.0]
        for cell in self.building.cells[project]:
            block = "links.flow" if cell.table == "links" else "assets.activity"
            found.append(float(answer.power(block, [cell.element])[0] @ answer.hours) / self.years)
        return max(found)

    def tolls(self, answer: Answer, project: str) -> dict[str, float]:
        """Money a year that each link of a project takes by its tariff."""
        links = self.engine.case.quantities("links").set_index("link")
        return {
            cell.element: float(answer.power("links.flow", [cell.element])[0] @ answer.hours)
            * float(links.at[cell.element, "tariff"])
            / self.years
            for cell in self.building.cells[project]
            if cell.table == "links"
        }


def _named(chosen: Collection[str]) -> str:
    return ", ".join(sorted(chosen)) or "no project"


@dataclass(frozen=True)
class SharedWorth:
    """The game of some players over some projects.

    players   countries or companies
    can       project -> who must be in a group that builds it
    work      how it is solved, where only what all gain is asked for
    """

    worths: Worths
    players: tuple[str, ...]
    can: dict[str, frozenset[str]]
    outlay: dict[str, Outlay]
    by: str
    demand: bool = True
    work: Work | None = None

    @cached_property
    def sets(self) -> list[tuple[str, ...]]:
        """Every set of the projects by bit mask, the empty one first."""
        names = tuple(self.can)
        return [members(mask, names) for mask in range(2 ** len(names))]

    def cost(self, chosen: Sequence[str]) -> float:
        """What some projects cost a year."""
        return sum(self.outlay[project].yearly for project in chosen)

    @cached_property
    def _gains(self) -> Floats:
        """What each player gains a year with each set of projects before what they cost, (players, sets); of companies all together, (1, sets)."""
        if self.by == COMPANIES and self.demand:
            return self.worths.totals(self.sets, self.work)[None, :]
        gains = [self.worths.gains(some, self.demand) for some in self.sets]
        names = (ALL,) if self.by == COMPANIES else self.players
        return np.array([[one.get(name, 0.0) for one in gains] for name in names])

    @cached_property
    def _able(self) -> npt.NDArray[np.int64]:
        """Of each set of projects the mask of the players whom it needs, (sets)."""
        found = np.zeros(len(self.sets), dtype=np.int64)
        for bit, needed in enumerate(self.can.values()):
            found[np.arange(len(found)) >> bit & 1 == 1] |= coalition_of(needed, self.players)
        return found

    @cached_property
    def _order(self) -> npt.NDArray[np.int64]:
        """Masks of the sets, those with the fewest projects first."""
        return np.argsort(np.bitwise_count(np.arange(len(self.sets))), kind="stable")

    @cached_property
    def _costs(self) -> Floats:
        return np.array([self.cost(some) for some in self.sets])

    @cached_property
    def _best(self) -> dict[int, tuple[float, int]]:
        return {}

    def of(self, group: int) -> tuple[float, int]:
        """Worth of a group given as a bit mask, and the mask of the projects that it builds; of equal sets the one with the fewest projects."""
        if group not in self._best:
            own = self._gains[0] if self.by == COMPANIES else self._bits(group) @ self._gains
            mine = self._order[(self._able[self._order] & ~group) == 0]
            values = (own - self._costs)[mine]
            values[0] = 0.0  # nothing is built
            at = int(np.argmax(values > values.max() - SMALL_MONEY))
            self._best[group] = (float(values[at]), int(mine[at])) if values[at] > 0 else (0.0, 0)
        return self._best[group]

    def _bits(self, group: int) -> Floats:
        return np.array([float(group >> bit & 1) for bit in range(len(self.players))])

    def best(self, group: Sequence[str]) -> tuple[float, tuple[str, ...]]:
        """The worth of a group, and the projects that it builds."""
        worth, chosen = self.of(coalition_of(group, self.players))
        return worth, self.sets[chosen]

    @property
    def is_small(self) -> bool:
        """Whether every group can be counted."""
        return len(self.players) <= MOST_EXACT

    @cached_property
    def game(self) -> CoalitionGame:
        """The worth of every group; of few players only."""
        return CoalitionGame.of(self.players, lambda group: self.of(group)[0])

    @cached_property
    def shares(self) -> Shares:
        """The value of Shapley: of many players from orders that are drawn."""
        return shares(len(self.players), lambda group: self.of(group)[0])

    @cached_property
    def alone(self) -> Floats:
        """What each is worth without the others, (players)."""
        return np.array([self.of(1 << bit)[0] for bit in range(len(self.players))])

    @property
    def whole(self) -> float:
        """What all are worth together."""
        return self.of(2 ** len(self.players) - 1)[0]

    def direct(self, chosen: Sequence[str]) -> dict[str, float]:
        """What each player gains a year by itself, before what is built is paid for; of companies nothing but what all gain is known."""
        gains = self.worths.gains(chosen, self.demand)
        return {player: gains.get(player, 0.0) for player in self.players}
