"""What to build before it is known what comes, why each project is worth it, and what it would be worth to know."""

from __future__ import annotations

from dataclasses import dataclass

from kelisim.case.building import Building
from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.ledger.outlays import outlays
from kelisim.lp.problem import INF
from kelisim.results.results import Results
from kelisim.studies.building_fields import named_numbers, unknown_projects, wrong_terms
from kelisim.studies.investment import told
from kelisim.studies.investment.choosing.conditions import Conditions, alternatives_of, needs_of
from kelisim.studies.investment.choosing.floors import Floors
from kelisim.studies.investment.choosing.phases import Phases, years_ahead
from kelisim.studies.investment.choosing.rivals import Rivals
from kelisim.studies.investment.choosing.units import unit, units_of, with_units
from kelisim.studies.investment.coming.files import coming_from
from kelisim.studies.investment.coming.outlooks import ComingYear, coming_years
from kelisim.studies.investment.coming.rules import KeptRules
from kelisim.studies.investment.portfolio import Portfolio, RiskPrice
from kelisim.studies.study import Study, param
from kelisim.tolerances import SMALL_MONEY

MOST_PROJECTS = 20
MOST_FLOOR = 10.0
MOST_NEAR = 5  # plans that are nearly as good
AS_USUAL = ("as_planned=0.5", "demand:1.1=0.25", "demand:0.9=0.25")


@dataclass(frozen=True)
class Investment(Study):
    """Which projects are worth building before it is known what comes, and why?

    The year is planned for several outlooks at once: a choice of projects first, then least cost in each of them. Each project is put in and
    taken out by itself, with and without the demand that comes with it.
    """

    name = "investment"
    goes_on = False  # each outlook is asked from where its last answer ended
    lets_go = False
    projects: tuple[str, ...] = param(
        "projects that can be built, separated by commas", refers_to=("projects",)
    )
    scenarios: tuple[str, ...] = param(
        "what may come, as outlook=probability, separated by commas; an outlook is as_planned, demand:FACTOR, price:ELEMENT:FACTOR, "
        "outage:ELEMENT, late:PROJECT, scenario:NAME, sanctions:DAY or listed:COMPANY, or several joined by +",
        default=AS_USUAL,
    )
    outlooks: str = param(
        "what may come, as a file in the place of scenarios: CSV with the columns outlook, probability, acts_on, value, unit, start and end",
        default="",
    )
    budget: float = param(
        "most that can be invested, in millions of the currency; no limit if not given", default=float("nan")
    )
    capex: tuple[str, ...] = param(
        "investment as project=millions of the currency, separated by commas; that of the case if not given",
        default=(),
    )
    needs: tuple[str, ...] = param(
        "what cannot be built without others, as project=other or project=other+other, separated by commas",
        default=(),
    )
    alternatives: tuple[str, ...] = param(
        "of what at most one is built, as project+project, separated by commas", default=()
    )
    units: tuple[str, ...] = param(
        "how many units of a project can be built, as project=number, separated by commas; one if not given",
        default=(),
    )
    risk: float = param(
        "what a MWh that goes unserved in the worst outlooks counts beside the expected cost, in the currency",
        default=0.0,
    )
    tail: float = param("share of the outlooks that counts as the worst", unit="share", default=0.1)
    near: float = param(
        "share of what the plan saves by which other plans that are told may save less",
        unit="share",
        default=0.05,
    )
    floor: float = param(
        "share of the use of its highest day that each border region of the home country has to have with its largest infrastructure out",
        unit="share",
        default=0.0,
    )
    floor_carrier: str = param("carrier of the floor", default="natural_gas", refers_to=("carriers",))
    stages: tuple[str, ...] = param(
        "years that are planned for one after the other, as year=factor of all demand, separated by commas; when to build is not asked if not given",
        default=(),
    )
    tariffs: tuple[str, ...] = param(
        "tariffs of all links in the stages, as year=factor, separated by commas; those of the case if not given",
        default=(),
    )
    worth: float = param(
        "what a unit of the demand that comes is worth, in the unit of the tariffs of its carrier; as the case has it if not given",
        default=float("nan"),
    )
    rate: float = param("rate at which later years are discounted", unit="share", default=0.08)
    life: int = param("years of service, where a project has none of its own", unit="a", default=25)
    running: float = param(
        "cost of running a year, where a project has none of its own", unit="share", default=0.03
    )
    building: int = param("years of building before the first year of service", unit="a", default=3)
    workers: int = param("processes that solve at the same time", default=1)

    def run(self, engine: Engine) -> Results:
        wrong = self._wrong(engine.case)
        coming = self._coming(engine.case, wrong)
        if wrong:
            raise StudyError("\n".join(wrong))
        if engine.base.status != "optimal":
            return self.unanswered(engine)
        units = units_of(self.units, self.projects, [])
        if units:
            engine = engine.beside(with_units(engine.case, units))
        every = {name: [unit(name, at) for at in range(1, units.get(name, 1) + 1)] for name in self.projects}
        building = Building(engine.case, tuple(one for own in every.values() for one in own), self.worth)
        if unlimited := building.unlimited():
            raise StudyError("\n".join(unlimited))
        portfolio = self._portfolio(engine, building, every, coming)
        with engine.working(self.workers) as work:
            floors = Floors(portfolio, self.floor, self.floor_carrier) if self.floor > 0 else None
            portfolio = floors.met(work) if floors else portfolio
            known = portfolio.solved(work)
            saved = portfolio.saved(portfolio.named(known.best.x))
            worse = self.near * max(0.0, saved)
            near = portfolio.near(known, worse, MOST_NEAR, work) if worse > SMALL_MONEY else ()
            rivals = Rivals(portfolio, known, near, worse)
            ahead = years_ahead(self.stages, self.tariffs, [])
            phases = Phases(portfolio, ahead, self.rate, self.life, self.building, work)
            more = told.AlsoAsked(phases if ahead else None, floors)
            found = told.PlanTold(portfolio, known, rivals, more, self.rate, self.running, self.building)
            frames, facts = found.frames(), found.facts()
        return self.results(engine, frames, facts)

    def _portfolio(
        self, engine: Engine, building: Building, every: dict[str, list[str]], coming: list[ComingYear]
    ) -> Portfolio:
        """Projects and outlooks; every: units of each project."""
        given = {
            one: value * 1e6 for name, value in named_numbers("capex", self.capex, []) for one in every[name]
        }
        outlay = outlays(building.rows, given, self.rate, self.life, self.running, self.building)
        needs = needs_of(self.needs, self.projects, [])
        needs |= {own[at]: (own[at - 1],) for own in every.values() for at in range(1, len(own))}
        most = self.budget * 1e6 if self.budget >= 0 else INF
        conditions = Conditions(most, needs, alternatives_of(self.alternatives, self.projects, []))
        rules = KeptRules(engine, building.full)
        years = [rules.year(one.with_units(every)) for one in coming]
        return Portfolio(engine, building, years, outlay, conditions, RiskPrice(self.risk, 1.0 - self.tail))

    def _coming(self, case: Case, wrong: list[str]) -> list[ComingYear]:
        """The outlooks of the file, or those of the short words."""
        if not self.outlooks:
            return coming_years(case, self.scenarios, self.projects, wrong)
        if self.scenarios != AS_USUAL:
            wrong.append("outlooks: name a file or scenarios, not both.")
        return coming_from(case, self.outlooks, self.projects, wrong)

    def _wrong(self, case: Case) -> list[str]:
        """All that is wrong with the fields but the scenarios."""
        wrong = unknown_projects(case, self.projects)
        if len(set(self.projects)) != len(self.projects) or len(self.projects) > MOST_PROJECTS:
            wrong.append(f"projects: each once, and at most {MOST_PROJECTS}.")
        if self.budget < 0:
            wrong.append(f"budget: {self.budget:g} is below 0.")
        needs_of(self.needs, self.projects, wrong)
        alternatives_of(self.alternatives, self.projects, wrong)
        years_ahead(self.stages, self.tariffs, wrong)
        units = units_of(self.units, self.projects, wrong)
        if len(self.projects) + sum(units.values()) - len(units) > MOST_PROJECTS:
            wrong.append(f"units: with all of them there are more than {MOST_PROJECTS} projects.")
        if not 0.0 <= self.risk < INF:
            wrong.append(f"risk: {self.risk:g} is no price of 0 or more.")
        if not 0.0 < self.tail <= 1.0:
            wrong.append(f"tail: {self.tail:g} is not above 0 and up to 1.")
        if not 0.0 <= self.floor <= MOST_FLOOR:
            wrong.append(f"floor: {self.floor:g} is not between 0 and {MOST_FLOOR:g}.")
        if not 0.0 <= self.near <= 1.0:
            wrong.append(f"near: {self.near:g} is not between 0 and 1.")
        return wrong + wrong_terms(
            self.projects,
            self.capex,
            rate=self.rate,
            running=self.running,
            life=self.life,
            building=self.building,
            workers=self.workers,
            worth=self.worth,
        )
