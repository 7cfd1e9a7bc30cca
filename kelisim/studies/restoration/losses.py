"""What is damaged: how long each repair takes, who can do it, and what each set of it costs a day while it is out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.schema import nearest
from kelisim.engine import Contingencies, Lost, Window
from kelisim.errors import SolverError, StudyError
from kelisim.lp.delta import Delta
from kelisim.lp.problem import Floats
from kelisim.lp.removals import Removals, together
from kelisim.model.rules import UNSERVED
from kelisim.studies.restoration.schedules import Crews, ScheduleCut, Teams, members
from kelisim.tolerances import NO_FLOW, NO_PRICE, ROUNDING, SAME_COST

MEASURES = ("cost", "unserved")
DAY = 24.0


# ---- what is damaged
def damaged(case: Case, lost: Sequence[str], given: Sequence[str], default: float) -> pd.DataFrame:
    """What is damaged, by identifier: table, element, days of its repair, and where they come from.

    given    "4" for all of them, as many numbers as there are elements in that order, or "element=4" for some; of what is
             not given the row of the case's `outage_rates` holds: of the element, else of its kind; else the default
    Raises StudyError with all that does not fit.
    """
    elements = list(dict.fromkeys(lost))
    days, wrong = _given(elements, given)
    if not default > 0.0:
        wrong.append(f"default_days: {default:g} is not above 0.")
    rows = []
    for element in elements:
        table = case.home_of(element)
        own = (days[element], "given") if element in days else _from_rates(case, table, element)
        rows.append((table, element, *(own or (default, "default"))))
        if own and not (np.isfinite(own[0]) and own[0] > 0.0) and own[1] == "given":
            wrong.append(f"days: the repair of {element} takes {own[0]:g} days; it must be more than 0.")
    if wrong:
        raise StudyError("\n".join(wrong))
    # the answer does not depend on the order in which elements are named
    frame = pd.DataFrame(rows, columns=["table", "element", "days", "days_from"])
    return frame.sort_values("element", ignore_index=True)


def _given(elements: list[str], given: Sequence[str]) -> tuple[dict[str, float], list[str]]:
    """Days by element as they were given, and what is wrong with them."""
    texts = [str(word) for word in given]  # from Python they may be numbers
    plain, wrong = [text for text in texts if "=" not in text], []
    if len(plain) == 1:
        plain *= len(elements)
    if plain and len(plain) != len(elements):
        wrong.append(
            f"days: {len(plain)} numbers for {len(elements)} elements; give one for all, or one for each."
        )
        plain = []
    pairs = list(zip(elements, plain, strict=False))
    pairs += [(text.partition("=")[0].strip(), text.partition("=")[2]) for text in texts if "=" in text]
    found: dict[str, float] = {}
    for element, text in pairs:
        if element not in elements:
            near = nearest(element, elements)
            hint = f' Did you mean "{near}"?' if near else ""
            wrong.append(f'days: "{element}" is not among the elements lost.{hint}')
            continue
        try:
            found[element] = float(text)
        except ValueError:
            wrong.append(f'days: "{text}" is not a number of days.')
    return found, wrong


def _from_rates(case: Case, table: str, element: str) -> tuple[float, str] | None:
    """Days of the row of `outage_rates` that speaks of an element itself, or of its kind."""
    rates = case.table("outage_rates")
    rates = rates[rates["table"] == table]
    rows = case.table(table) if table != "groups" else pd.DataFrame()
    kinds = rows["kind"][rows.iloc[:, 0] == element] if "kind" in rows else []
    own, of_kind = rates["element"] == element, (rates["element"] == "") & rates["kind"].isin(kinds)
    for chosen, source in ((own, "element"), (of_kind, "kind")):
        if chosen.any():
            return float(rates["repair_hours"][chosen].iloc[0]) / DAY, source
    return None


def capacity(case: Case, elements: Sequence[tuple[str, str]]) -> float:
    """MW that elements can carry, make or give out together; of a link the larger direction, of a storage its withdrawal."""
    total = 0.0
    for table, element in elements:
        if table not in ("links", "assets", "storages"):
            continue
        rows = case.quantities(table)
        row = rows[rows.iloc[:, 0] == element].iloc[0]
        if table == "links":
            total += float(np.nanmax([row["capacity"], row["capacity_back"], 0.0]))
        elif table == "assets":
            total += float(row["capacity"]) if np.isfinite(row["capacity"]) else 0.0
        else:
            rate = row["withdrawal"]
            total += float(rate if np.isfinite(rate) else row["working_capacity"] / DAY)
    return total


# ---- who repairs it
def crews_of(
    case: Case, elements: Sequence[tuple[str, str]], crews: int, trades: Sequence[str]
) -> tuple[Crews, list[str]]:
    """The crews, and the carriers of the trade of each element; without trades any crew repairs anything.

    elements  table and element of each
    trades    texts such as "electricity+heat=1"
    Raises StudyError with all that does not fit.
    """
    if not trades:
        return crews, [""] * len(elements)
    names: dict[str, int] = {}
    counts, wrong = [], []
    known = [str(one) for one in case.table("carriers")["carrier"]]
    for at, text in enumerate(trades):
        carriers, _, number = text.partition("=")
        if not number.strip().isdigit() or int(number) < 1:
            wrong.append(
                f'trades: "{text}" is not carriers=crews with a whole number from 1, such as electricity=1.'
            )
            continue
        counts.append((at, int(number)))
        for carrier in (one.strip() for one in carriers.split("+")):
            if carrier not in known:
                near = nearest(carrier, known)
                hint = f' Did you mean "{near}"?' if near else ""
                wrong.append(f'trades: no carrier "{carrier}".{hint}')
            elif carrier in names:
                wrong.append(f"trades: {carrier} stands in two trades.")
            names[carrier] = at
    found = []
    for table, element in elements:
        carrier = carrier_of(case, table, element)
        if not carrier:
            wrong.append(
                f"trades: {element} has no carrier of its own; name what is damaged there one by one."
            )
        elif carrier not in names:
            wrong.append(f"trades: {element} is of {carrier}, which no crew repairs.")
        found.append(names.get(carrier, -1))
    if wrong:
        raise StudyError("\n".join(wrong))
    used = [(at, count) for at, count in counts if at in found]
    place = {at: index for index, (at, _) in enumerate(used)}
    teams = Teams(tuple(place[at] for at in found), tuple(count for _, count in used))
    return teams, [trades[at].partition("=")[0] for at in found]


def carrier_of(case: Case, table: str, element: str) -> str:
    """What an element carries or holds, or makes most of; empty of a place."""
    rows = case.table("links" if table == "groups" else table)
    if table == "groups":
        rows = rows[rows["shared_with"] == element]
        return str(rows["carrier"].iloc[0]) if len(rows) else ""
    if table == "assets":
        ports = case.table("asset_ports")
        ports = ports[ports["asset"] == element]
        return str(ports["carrier"][ports["ratio"].astype(float).idxmax()]) if len(ports) else ""
    if "carrier" not in rows:
        return ""
    return str(rows["carrier"][rows.iloc[:, 0] == element].iloc[0])


# ---- what each set costs
@dataclass(frozen=True)
class _State:
    """What is kept of a solution: cost with what breaks ties, MW unserved by row of demand, what it uses, at most what
    repairs bring and what further losses make cheaper, currency a day, (elements) each."""

    cost: float
    unserved: Floats
    changed: np.ndarray
    gains: Floats
    frees: Floats


class SetLosses:
    """What each set of elements costs a day while it is out, each set asked once.

    opened    one step of the plan
    elements  what is out at first; element e is bit e of a set
    measure   "cost": currency a day beyond the plan, unserved energy included; "unserved": MWh a day beyond the plan

    A set whose smaller set has a solution that does not use what is lost besides has the same solution
    (kelisim.lp.interdiction.search). A set that costs less than the plan, because a duty goes with what is lost, counts as 0.
    """

    def __init__(self, opened: Window, elements: Sequence[Lost], measure: str = "cost") -> None:
        self.opened = opened
        self.elements = tuple(elements)
        self.measure = measure
        self._deltas = Contingencies(opened, self.elements).deltas
        self._outs = Removals(opened.problem, self._deltas)
        self._states: dict[int, _State] = {}
        self._home: dict[int, int] = {}
        self.solved = 0

    @property
    def unit(self) -> str:
        """Of what is kept least, without "a day"."""
        return "MWh" if self.measure == "unserved" else self.opened.case.currency

    # ---- what is asked
    def __call__(self, out: int) -> float:
        """Loss a day while a set is out, not below 0."""
        if self.measure == "unserved":
            return float(self.unserved(out).sum() * DAY)
        return max(self._raw(out), 0.0)

    def cost(self, out: int) -> float:
        """Currency a day beyond the plan, unserved energy included; below 0 where a loss saves money."""
        return self._raw(out)

    def unserved(self, out: int) -> Floats:
        """MW beyond the plan, (rows of demand)."""
        found: Floats = np.maximum(self._state(out).unserved - self._state(0).unserved, 0.0)
        return np.where(found > NO_FLOW, found, 0.0)

    def cut(self, out: int) -> ScheduleCut:
        """What a set says of all others, as `ScheduleCut`: of cost by its prices; of energy if losses are monotone."""
        loss, count = self(out), len(self.elements)
        if self.measure == "unserved" or loss <= 0.0:
            return ScheduleCut.plain(out, loss, count)
        # the prices are those of the set that was solved; no loss is below 0, so that no element is worth more than this one
        state = self._state(out)
        return ScheduleCut(
            self._home[out], loss, np.minimum(state.gains, loss), np.minimum(state.frees, loss)
        )

    @property
    def asked(self) -> int:
        """Sets of which the loss is known."""
        return len(self._home)

    @property
    def cheaper(self) -> int:
        """Sets of those asked that cost less than the plan, or leave somebody less unserved: this counts as nothing."""
        if self.measure == "unserved":
            before = self._state(0).unserved
            return sum(bool((self._state(out).unserved < before - NO_FLOW).any()) for out in list(self._home))
        least = ROUNDING * max(1.0, abs(self._state(0).cost)) * self._per_day
        return sum(self._raw(out) < -least for out in list(self._home))

    @property
    def is_monotone(self) -> bool:
        """Whether no set that was asked loses less than one with an element less."""
        found = {out: self(out) for out in self._home}
        slack = SAME_COST * max(1.0, *found.values())
        return all(
            found[out] >= found[out & ~(1 << e)] - slack
            for out in found
            for e in members(out)
            if out & ~(1 << e) in found
        )

    # ---- states
    @cached_property
    def _per_day(self) -> float:
        return DAY / float(self.opened.hours.sum())

    def _raw(self, out: int) -> float:
        return (self._state(out).cost - self._state(0).cost) * self._per_day

    def _state(self, out: int) -> _State:
        if out not in self._home:
            if out and 0 not in self._home:
                self._state(0)
            home = self._smaller(out)
            if home is None:
                self._states[out] = self._solve(out)
                home = out
            self._home[out] = home
        return self._states[self._home[out]]

    def _smaller(self, out: int) -> int | None:
        """A set whose solution is one of this set too."""
        for element in members(out):
            home = self._home.get(out & ~(1 << element))
            if home is not None and not self._states[home].changed[element]:
                return home
        return None

    def _solve(self, out: int) -> _State:
        problem = self.opened.problem
        delta = together(problem, [self._deltas[e] for e in members(out)]) if out else Delta()
        solution = self.opened.session.solve(delta)
        if solution.status != "optimal":
            raise SolverError(solution.status, "there is no answer with all of this out")
        self.solved += 1
        touched = self._outs.touched(solution.values, solution.activities, NO_FLOW)
        changed = touched | self._outs.cheapens(solution.reduced_costs, solution.duals, NO_PRICE)
        ties = float(problem.tilt @ solution.values) * problem.scale
        block = problem.columns.get(UNSERVED)
        rows = len(self.opened.case.table("demand"))
        short = block.by_row(solution.values, rows) if block else np.zeros((rows, len(self.opened.hours)))
        mean = short @ self.opened.hours / float(self.opened.hours.sum())
        gains, frees = self._priced(delta, solution.reduced_costs, solution.duals, out)
        return _State(solution.objective + ties, mean, changed, gains, frees)

    def _priced(self, delta: Delta, reduced: Floats, duals: Floats, out: int) -> tuple[Floats, Floats]:
        """At most what the repair of each element brings a day, and what the loss of each other one makes cheaper, alone or
        with others.

        The prices of a solution bound the cost under any other limits from below: V(new) >= V + prices x (new - old
        limits) (weak duality). Only terms that make it cheaper are counted, so that limits shared by several are safe.
        """
        p = self.opened.problem
        _, lower, upper, low, high = delta.applied(p)
        gains, frees = np.zeros(len(self.elements)), np.zeros(len(self.elements))
        for e, own in enumerate(self._deltas):
            c, r = own.columns, own.rows
            if out >> e & 1:
                gains[e] = _cheaper(reduced[c], lower[c], upper[c], p.lower[c], p.upper[c])
                gains[e] += _cheaper(duals[r], low[r], high[r], p.row_lower[r], p.row_upper[r])
            else:
                frees[e] = _cheaper(reduced[c], lower[c], upper[c], own.lower, own.upper)
                frees[e] += _cheaper(duals[r], low[r], high[r], own.row_lower, own.row_upper)
        return gains * p.scale * self._per_day, frees * p.scale * self._per_day


def _cheaper(price: Floats, lower: Floats, upper: Floats, new_lower: Floats, new_upper: Floats) -> float:
    """What other limits save at most at these prices."""
    with np.errstate(invalid="ignore"):
        by_lower = np.where(price > NO_PRICE, price * (new_lower - lower), 0.0)
        by_upper = np.where(price < -NO_PRICE, price * (new_upper - upper), 0.0)
    # a side without an end that stays so has no price
    return -float(np.nansum(np.minimum(by_lower, 0.0)) + np.nansum(np.minimum(by_upper, 0.0)))
