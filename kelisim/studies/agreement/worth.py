"""What a package and each of its provisions is worth: solved with and without, in money to each side and in security."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import pandas as pd

from kelisim.agreement.carried import Package
from kelisim.agreement.handed import WHOLE, Handed
from kelisim.case.case import Case
from kelisim.case.change import Change, Outage
from kelisim.engine import Engine, Rules
from kelisim.engine.country_money import CountryMoney
from kelisim.engine.working import counted
from kelisim.errors import SolverError
from kelisim.ledger.games import Shares, members, sampled_shapley, shares
from kelisim.lp.delta import Delta
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.answer import Answer, Floats
from kelisim.results.border_regions import BorderRegions
from kelisim.results.regions import Regions
from kelisim.results.tables import Tables
from kelisim.tolerances import NO_ENERGY, SMALL_ENERGY

COST, PROTECTED = "cost", "protected"


class Worth:
    """The year with any set of the provisions that are carried, each asked once.

    Quantities are gains: what the others lose less what they would lose without the set. MWh and currency over the horizon.
    """

    def __init__(self, engine: Engine, package: Package, pair: tuple[str, str]) -> None:
        self.package, self.pair = package, pair
        self.engine = engine.beside(package.full)
        if self.engine.base.status != "optimal":
            raise SolverError(self.engine.base.status, "the case with all provisions has no solution")
        self.window = self.engine.whole_window()
        self._money = CountryMoney(package.full, self.engine.base, self.window.problem)
        self._handed = Handed(package, self._money, self.cost)
        demand = package.full.quantities("demand")
        classes = package.full.quantities("customer_classes")
        shield = dict(zip(classes["customer_class"], classes["protected"], strict=True))
        self._shield = demand["customer_class"].map(shield).fillna(False).to_numpy(dtype=bool)
        self._deltas: dict[Change, Delta] = {}
        self._known: dict[frozenset[str], dict[str, float]] = {}

    @property
    def names(self) -> tuple[str, ...]:
        return self.package.names

    def delta(self, chosen: Collection[str]) -> Delta:
        """What the year with some of the provisions differs in from that with all."""
        delta = Delta()
        for change in [*self.package.seasonal, *self.package.without(set(self.names) - set(chosen))]:
            if change not in self._deltas:
                self._deltas[change] = self.window.delta([change])
            delta = delta.then(self._deltas[change])
        return delta

    def cost(self, chosen: Collection[str]) -> Floats:
        """Objective coefficients of all columns with some of the provisions."""
        cost: Floats = self.delta(chosen).applied(self.window.problem)[0]
        return cost

    def answer(self, chosen: Collection[str]) -> tuple[Answer, Delta]:
        """The least-cost year with some of the provisions, and what it differs in."""
        delta = self.delta(chosen)
        solution = self.window.session.solve(delta)
        if solution.status != "optimal":
            raise SolverError(
                solution.status,
                f"the year with {', '.join(sorted(chosen)) or 'no provision'} has no solution",
            )
        return self.engine.answer(self.window.problem, solution), delta

    def figures(self, chosen: Iterable[str]) -> dict[str, float]:
        """What a set leaves: cost of the case and of each side (currency), energy that protected customers lack (MWh)."""
        key = frozenset(chosen)
        if key not in self._known:
            answer, delta = self.answer(key)
            cost = delta.applied(self.window.problem)[0] if len(delta.costs) else None
            money = self._money.money(answer, cost)
            short = answer.by_demand(len(self._shield), "values") if len(self._shield) else np.zeros((0, 1))
            lacking = float((short[self._shield] @ answer.hours).sum()) if self._shield.any() else 0.0
            moved = self._handed.moves(answer, key)
            sides = {side: float(money.get(side, 0.0)) + moved.get(side, 0.0) for side in self.pair}
            self._known[key] = {
                COST: float(answer.objective) + moved.get(WHOLE, 0.0),
                PROTECTED: lacking,
                **sides,
            }
        return self._known[key]

    def gain(self, chosen: Iterable[str], of: str) -> float:
        """What a set brings beside none of the provisions, in a quantity."""
        return self.figures(())[of] - self.figures(chosen)[of]

    @property
    def quantities(self) -> tuple[str, ...]:
        return (COST, PROTECTED, *self.pair)

    def shares(self, exact: int, pairs: int) -> dict[str, Shares]:
        """The value of Shapley of each provision in each quantity: exact up to so many, else from pairs of orders."""
        count = len(self.names)
        found = {}
        self._solve_all(count, exact, pairs)
        for of in self.quantities:

            def worth(mask: int, of: str = of) -> float:
                return self.gain(members(mask, self.names), of)

            found[of] = shares(count, worth) if count <= exact else sampled_shapley(count, worth, pairs)
        return found

    def _solve_all(self, count: int, exact: int, pairs: int) -> None:
        """Every set that the value of Shapley asks for, counted."""
        asked: dict[int, float] = {}

        def noted(mask: int) -> float:
            return asked.setdefault(mask, 0.0)

        _ = shares(count, noted) if count <= exact else sampled_shapley(count, noted, pairs)
        new = [
            one for one in (members(mask, self.names) for mask in asked) if frozenset(one) not in self._known
        ]
        for some in counted(self.engine.say, "packages", new):
            self.figures(some)


@dataclass
class Security:
    """N-1 of the regions on a border: the largest supply of each lost at the highest use, one after another.

    help_rule  who helps; where protected customers then go short, it is asked with agreed help as well
    """

    engine: Engine
    pair: tuple[str, str]
    start: date
    days: int
    help_rule: str
    _border: dict[str, BorderRegions] = field(default_factory=dict)

    @property
    def months(self) -> tuple[int, ...]:
        """Months of the year in which a supply is lost."""
        days = pd.date_range(self.start, periods=self.days)
        return tuple(dict.fromkeys(int(month) for month in days.month))

    @cached_property
    def _rules(self) -> Rules:
        return Rules(
            "cooperative", "late", self.engine.rules.span, self.engine.rules.tranches, self.help_rule
        )

    def losses(self, case: Case, only: Collection[tuple[str, str]] | None = None) -> pd.DataFrame:
        """region, country, carrier, largest, unserved, protected, agreed (MWh beyond the plan of that case), the worst first.

        agreed is what protected customers lack with agreed help; the others under the rule that was asked for.

        only  regions and carriers that are asked about
        """
        engine = self.engine.beside(case)
        regions, last = Regions(case), self.start + timedelta(days=self.days - 1)
        weights = case.horizon.share_within(self.start, last) * case.horizon.hours
        border = BorderRegions(Tables(case, engine.base), regions, weights, self.pair, self.pair)
        window = engine.window(self.start, self.days, self._rules)
        out = case.horizon.share_within(self.start, last)[window.first : window.last] > 0
        links = case.table("links").set_index("link")
        asked: dict[tuple[str, str], AgainstPlan] = {}

        def seen_without(element: str, rule: str) -> AgainstPlan:
            if (element, rule) not in asked:
                found = engine.ask(window, [Outage(element, self.start, last)], help=rule)
                asked[element, rule] = AgainstPlan(case, window.steps, out, found.answer, found.base)
            return asked[element, rule]

        rows = []
        for region, carrier in border.rows:
            supply = border.supply(region, carrier)
            supply = supply[supply["energy"] > NO_ENERGY]
            if supply.empty or (only is not None and (region, carrier) not in only):
                continue
            element = _track(links, str(supply["table"].iloc[0]), str(supply["element"].iloc[0]))
            seen = seen_without(element, "")
            mine = (border.demand["region"] == region).to_numpy()
            shield = border.demand["protected"].to_numpy(dtype=bool) & mine
            more = seen.more @ seen.hours
            lacking = float(more[shield].sum())
            agreed = lacking
            if lacking > SMALL_ENERGY and self.help_rule == "planned":
                helped = seen_without(element, "agreed")
                agreed = float((helped.more @ helped.hours)[shield].sum())
            rows.append(
                (region, regions.country[region], carrier, element, float(more[mine].sum()), lacking, agreed)
            )
        frame = pd.DataFrame(
            rows, columns=["region", "country", "carrier", "largest", "unserved", "protected", "agreed"]
        )
        return frame.sort_values(
            ["protected", "region", "carrier"], ascending=[False, True, True], ignore_index=True
        )


def _track(links: pd.DataFrame, table: str, element: str) -> str:
    """The element, or the track that several carriers share."""
    group = str(links["shared_with"].get(element, "")) if table == "links" else ""
    return group if group and (links["shared_with"] == group).sum() > 1 else element


def short(losses: pd.DataFrame) -> float:
    """MWh that protected customers lack, summed over what is lost; each lost element counts once in a region."""
    return float(losses.drop_duplicates(["region", "largest"])["protected"].sum())


def touched(*losses: pd.DataFrame) -> set[tuple[str, str]]:
    """Regions and carriers whose protected customers go short in any of some answers."""
    return {
        (str(row.region), str(row.carrier))
        for frame in losses
        for row in frame.itertuples(index=False)
        if row.protected > SMALL_ENERGY
    }
