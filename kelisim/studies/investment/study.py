"""What to build before it is known what comes, why each project is worth it, and what it would be worth to know."""

from __future__ import annotations

from dataclasses import dataclass

from kelisim.case.building import Building
from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.ledger.outlays import outlays
from kelisim.lp.problem import INF
from kelisim.lp.workers import processes
from kelisim.results.results import Results
from kelisim.studies.building_fields import named_numbers, unknown_projects, wrong_terms
from kelisim.studies.investment import told
from kelisim.studies.investment.coming.files import coming_from
from kelisim.studies.investment.coming.outlooks import ComingYear, coming_years
from kelisim.studies.investment.coming.rules import KeptRules
from kelisim.studies.investment.portfolio import Portfolio
from kelisim.studies.study import Study, param

MOST_PROJECTS = 20
AS_USUAL = ("as_planned=0.5", "demand:1.1=0.25", "demand:0.9=0.25")


@dataclass(frozen=True)
class Investment(Study):
    """Which projects are worth building before it is known what comes, and why?

    The year is planned for several outlooks at once: a choice of projects first, then least cost in each of them. Each project is put in and
    taken out by itself, with and without the demand that comes with it.
    """

    name = "investment"
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
        building = Building(engine.case, self.projects, self.worth)
        if unlimited := building.unlimited():
            raise StudyError("\n".join(unlimited))
        given = {name: value * 1e6 for name, value in named_numbers("capex", self.capex, [])}
        outlay = outlays(building.rows, given, self.rate, self.life, self.running, self.building)
        most = self.budget * 1e6 if self.budget >= 0 else INF
        rules = KeptRules(engine, building.full)
        portfolio = Portfolio(engine, building, [rules.year(one) for one in coming], outlay, most)
        with processes(self.workers) as executor:
            found = told.PlanTold(
                portfolio, portfolio.solved(executor), self.rate, self.running, self.building
            )
        return self.results(engine, found.frames(), found.facts())

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
