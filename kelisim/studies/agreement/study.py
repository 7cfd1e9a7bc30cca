"""What a package between states binds whom to, what it is worth to each side, and where it has gaps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kelisim.agreement.carried import Package
from kelisim.agreement.drafts import with_draft
from kelisim.agreement.provision import Provision, provisions_of
from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.ledger.games import MOST_EXACT
from kelisim.results.regions import Regions
from kelisim.results.results import Results
from kelisim.results.schema import framed
from kelisim.studies.agreement import told
from kelisim.studies.agreement.found import Found
from kelisim.studies.agreement.worth import Security, Worth
from kelisim.studies.outage_fields import help_rule, peak_day
from kelisim.studies.study import Study, param

MOST_PAIRS = 1000


@dataclass(frozen=True)
class Agreement(Study):
    """Which provisions of a package bind, what the package and each of them is worth to each side, and which gaps are left?

    Every provision becomes changes of the case and a metric; declarations carry nothing. The year is solved with and without them, and
    the border regions lose their largest supplies one after another. Gaps are found in the words, in the network and in the calendar.
    """

    name = "agreement"
    lets_go = False
    agreement: tuple[str, ...] = param(
        "agreements taken together, separated by commas; all if not given",
        default=(),
        refers_to=("agreements",),
    )
    draft: str = param(
        "a draft in their place: its provisions as CSV text with the columns of the table provisions; on the command line a file",
        default="",
        has_lines=True,
    )
    against: str = param(
        "another draft to hold beside it, as CSV text; on the command line a file", default="", has_lines=True
    )
    countries: tuple[str, ...] = param(
        "the two sides, separated by a comma; the home country of the case and the neighbour with most links if not given",
        default=(),
    )
    n1: str = param(
        "whose N-1 is asked: the package with and without, each provision as well, or nothing",
        choices=("package", "each", "no"),
        default="package",
    )
    start: date | None = param("first day of a loss; the day of the highest use if not given", default=None)
    days: int = param("how long a supply is lost", unit="day", default=30)
    exact: int = param(
        "provisions up to which every set of them is solved to share the worth, 12 at most", default=8
    )
    pairs: int = param(
        "orders of the provisions that are drawn, each with its reverse, where there are more", default=8
    )
    help_rule: str = help_rule()

    def run(self, engine: Engine) -> Results:
        self._check(engine.case)
        case = with_draft(engine.case, self.draft) if self.draft else engine.case
        provisions = self._chosen(case)
        pair = Regions(case).pair(self.countries)
        if engine.base.status != "optimal":
            return self.unanswered(engine)
        found = self._found(engine, case, provisions, pair)
        frames = found.frames() | {
            "rules": framed("agreement", "rules") if self.draft else told.rules(engine, pair)
        }
        if self.against:
            other = with_draft(engine.case, self.against, "against")
            frames |= told.side_by_side(found, self._found(engine, other, provisions_of(other), pair))
        facts = told.facts(found, frames)
        return self.results(engine, frames, facts, None, {"start": found.start, "countries": pair})

    def _found(self, engine: Engine, case: Case, provisions: list[Provision], pair: tuple[str, str]) -> Found:
        start = self.start or peak_day(engine)
        package = Package(case, provisions)
        worth = Worth(engine, package, pair)
        known = tuple(provisions_of(engine.case)) if self.draft else ()
        return Found(self, worth, Security(engine, pair, start, self.days, self.help_rule), start, known)

    def _chosen(self, case: Case) -> list[Provision]:
        """Those of the agreements that are asked about; of a draft all."""
        every = provisions_of(case)
        if self.draft or not self.agreement:
            return every
        return [one for one in every if one.agreement in self.agreement]

    def _check(self, case: Case) -> None:
        known = list(case.table("agreements")["agreement"])
        wrong = []
        for name in self.agreement if not self.draft else ():
            if name not in known:
                near = schema.nearest(name, known)
                hint = f' Did you mean "{near}"?' if near else f" Known: {schema.some(known)}."
                wrong.append(f'agreement: no agreement "{name}".{hint}')
        if self.against and not self.draft:
            wrong.append("against: there is no draft to hold it beside. Give draft as well.")
        if self.days < 1:
            wrong.append(f"days: {self.days} is less than a day.")
        if not 0 <= self.exact <= MOST_EXACT:
            wrong.append(f"exact: {self.exact} is not between 0 and {MOST_EXACT}.")
        if not 2 <= self.pairs <= MOST_PAIRS:
            wrong.append(f"pairs: {self.pairs} is not between 2 and {MOST_PAIRS}.")
        if wrong:
            raise StudyError("\n".join(wrong))
