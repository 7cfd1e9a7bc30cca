"""Who gains how much by building together, how the gain can be shared so that all agree, and what each partner has in his books."""

from __future__ import annotations

from dataclasses import dataclass

from kelisim.case.building import Building
from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.ledger.games import MOST_PLAYERS
from kelisim.ledger.outlays import outlays
from kelisim.results.results import Results
from kelisim.studies.building_fields import named_numbers, unknown_projects, wrong_terms
from kelisim.studies.partnership import told
from kelisim.studies.partnership.accounts import VentureTerms
from kelisim.studies.partnership.worths import COMPANIES, COUNTRIES, SharedWorth, Worths, owners
from kelisim.studies.study import Study, param
from kelisim.tolerances import INPUT_SHARES

MOST_PROJECTS = {COUNTRIES: 6, COMPANIES: 12}  # each set of them is solved


@dataclass(frozen=True)
class Partnership(Study):
    """Who gains how much by building together, and how can it be shared so that nobody has a reason to leave?

    The year is solved again with every set of the projects. What a group of partners is worth, the value of Shapley, the nucleolus and the
    core follow from it, and so do the payments that leave each with his share, and the books of each partner.
    """

    name = "partnership"
    lets_go = False
    projects: tuple[str, ...] = param(
        "projects that partners can build, separated by commas", refers_to=("projects",)
    )
    players: str = param(
        "who the partners are: countries on whose ground something is built, or companies that own it",
        choices=(COUNTRIES, COMPANIES),
        default=COUNTRIES,
    )
    capex: tuple[str, ...] = param(
        "investment as project=millions of the currency, separated by commas; that of the case if not given",
        default=(),
    )
    shares: tuple[str, ...] = param(
        "shares of the investment as partner=share, separated by commas; equal parts if not given", default=()
    )
    demand: bool = param("count the demand that comes with a project", default=True)
    worth: float = param(
        "what a unit of the demand that comes is worth, in the unit of the tariffs of its carrier; as the case has it if not given",
        default=float("nan"),
    )
    rate: float = param("rate at which later years are discounted", unit="share", default=0.08)
    life: int = param("years of service, where a project has none of its own", unit="a", default=25)
    running: float = param(
        "cost of running a year, where a project has none of its own", unit="share", default=0.03
    )
    workers: int = param("processes that solve at the same time, where the partners are companies", default=1)
    building: int = param("years of building before the first year of service", unit="a", default=3)

    def run(self, engine: Engine) -> Results:
        self._check(engine.case)
        if engine.base.status != "optimal":
            return self.unanswered(engine)
        building = Building(engine.case, self.projects, self.worth)
        held = owners(engine.case, building, self.players)
        can = {project: frozenset().union(*mine.values()) for project, mine in held.items()}
        names = tuple(sorted(frozenset().union(*can.values())))
        if len(names) > MOST_PLAYERS:
            raise StudyError(
                f"players: {len(names)} own parts of the projects; at most {MOST_PLAYERS} are counted."
            )
        shares = self._shares(names)
        outlay = outlays(building.rows, self._capex(), self.rate, self.life, self.running, self.building)
        terms = VentureTerms(shares, held, self.rate, self.running, self.life, self.building)
        with engine.working(self.workers) as work:
            worths = Worths(engine, building)
            game = SharedWorth(worths, names, can, outlay, self.players, self.demand, work)
            found = told.frames(game, terms)
        fields = {"shares": tuple(f"{name}={share:g}" for name, share in shares.items())}
        return self.results(engine, found, told.facts(game, found), None, fields)

    def _check(self, case: Case) -> None:
        wrong = unknown_projects(case, self.projects)
        most = MOST_PROJECTS[self.players]
        if len(set(self.projects)) != len(self.projects) or len(self.projects) > most:
            wrong.append(f"projects: each once, and at most {most} of {self.players}.")
        named_numbers("shares", self.shares, wrong)
        wrong += wrong_terms(
            self.projects,
            self.capex,
            rate=self.rate,
            running=self.running,
            life=self.life,
            building=self.building,
            workers=self.workers,
            worth=self.worth,
        )
        if wrong:
            raise StudyError("\n".join(wrong))

    def _capex(self) -> dict[str, float]:
        return {name: value * 1e6 for name, value in named_numbers("capex", self.capex, [])}

    def _shares(self, names: tuple[str, ...]) -> dict[str, float]:
        """Share of each partner in the investment."""
        given = dict(named_numbers("shares", self.shares, []))
        if not given:
            return {name: 1.0 / len(names) for name in names}
        wrong = [
            f'shares: "{name}" is no partner. Known: {", ".join(names)}.'
            for name in given
            if name not in names
        ]
        if abs(sum(given.values()) - 1.0) > INPUT_SHARES:
            wrong.append(f"shares: they sum to {sum(given.values()):g}, not to 1.")
        if wrong:
            raise StudyError("\n".join(wrong))
        whole = sum(given.values())
        return {name: given.get(name, 0.0) / whole for name in names}
