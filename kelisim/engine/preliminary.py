"""A first answer to an outage, told at once while the exact one is being computed.

It is that of a shorter window, which ends a week after the outage: two thirds of the rows and a fraction of the pivots. What it hands
over, less or more than planned, has the price of the plan, so its undisturbed window is the plan too. Where somebody is short, and
less is on its way when it ends, by more than the answer may be off by, it does not know how the shortage goes on, and says no number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from threading import Event
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from kelisim.case.change import Change
from kelisim.engine.window import DECISIONS, Window, WindowAnswer
from kelisim.errors import SolverError
from kelisim.lp.delta import Delta
from kelisim.lp.slice import SHORT, Slice, Solved, at_plan_prices
from kelisim.model.delta import flat
from kelisim.results.answer import Answer
from kelisim.results.facts import Fact
from kelisim.tolerances import BOTH_WAYS, NO_POWER

QUIET = 0.1  # seconds: an exact answer that is there by then needs no other before it
MOST, WORK = (
    1_000_000,
    1.58e13,
)  # pivots of a first answer, and pivots times the square of rows, which is about a second
OF_UNSERVED, OF_LOST = (
    0.1,
    0.01,
)  # share of the unserved energy, or of what is lost, by which a first answer may be off
AFTER = 7  # days after the outage that it still holds
ARRIVING = "places.balance"  # rows of goods that are on their way when the window ends


@dataclass(frozen=True)
class Preliminary:
    """A first answer: no part of a run, a plan, a report or an export.

    unserved  MWh beyond the plan; None where that cannot be said yet
    who       place, carrier and customer class of those who lack most; empty where nobody does
    """

    unserved: float | None
    who: tuple[str, ...] = ()

    @property
    def fact(self) -> Fact:
        """What a person who waits is told."""
        if self.unserved is None:
            return Fact("preliminary", say="preliminary.computing")
        if not self.who:
            return Fact("preliminary", 0.0, "MWh", "preliminary.nobody")
        named = dict(zip(("place", "carrier", "customer_class"), self.who, strict=True))
        return Fact("preliminary", self.unserved, "MWh", "preliminary.short", **named)


UNKNOWN = Preliminary(None)


class ShortWindow(Window):
    """A window that ends soon after an outage, what it hands over at the prices of the plan."""

    @classmethod
    def of(cls, exact: Window, changes: Sequence[Change]) -> ShortWindow | None:
        """The one in which some outages end; None where it would be as long as the exact one, or nobody knows when they end."""
        last = last_cell(exact, changes)
        if last is None or last >= exact.last:
            return None
        found = cls(exact.case, exact._solved, exact.first, last, exact.rules, exact.days)
        found.session.limit(min(MOST, int(WORK / max(found.problem.shape[0], 1) ** 2) + 1))
        return found

    def _cut(self, solved: Solved) -> Slice:
        return at_plan_prices(super()._cut(solved), solved, BOTH_WAYS)

    def _rebuilt(self, *_: Any) -> WindowAnswer:
        raise SolverError("rebuild", "a first answer needs a new matrix")

    def look(self, changes: Sequence[Change], in_transit: str = "held", help_: str = "") -> Preliminary:
        """A first answer to some changes, or that it is being computed. Raises SolverError."""
        asked = self.ask(changes, in_transit, help=help_)
        if asked.answer.status != "optimal":
            return UNKNOWN
        found = shortage(self, asked)
        if not found.who:
            return found
        off = max(
            OF_UNSERVED * (found.unserved or 0.0), OF_LOST * carried(self, self.delta(changes, in_transit))
        )
        return UNKNOWN if self._missing(asked.answer) > off else found

    def _missing(self, answer: Answer) -> float:
        """MWh that arrive after the window less than planned, of the carrier of which it is most."""
        whole = self._solved.problem.rows.get(ARRIVING)
        if whole is None or SHORT not in answer.columns:
            return 0.0
        at = self._window.handed
        here = np.flatnonzero((at >= whole.span.start) & (at < whole.span.stop))
        if not len(here):
            return 0.0
        row = at[here] - whole.start
        carriers = [whole.elements[element].rpartition(":")[2] for element in whole.heads[0][row]]
        less = answer.columns[SHORT].values[here, 0] * whole.total(self.case.horizon.hours)[row]
        return float(pd.Series(less).groupby(carriers).sum().max())


def shortage(window: Window, asked: WindowAnswer) -> Preliminary:
    """What an answer of a window says of who goes short beyond the plan."""
    demand, names = window.case.table("demand"), ["place", "carrier", "customer_class"]
    now, plan = (answer.by_demand(len(demand)) for answer in (asked.answer, asked.base))
    more = np.maximum(now - plan, 0.0)
    energy = np.where(more > NO_POWER, more, 0.0) @ window.hours
    if not energy.sum() > 0.0:
        return Preliminary(0.0)
    order = [False, True, True, True]
    most = demand[names].assign(energy=energy).sort_values(["energy", *names], ascending=order).iloc[0]
    return Preliminary(float(energy.sum()), tuple(str(most[name]) for name in names))


def carried(window: Window, delta: Delta) -> float:
    """MWh of the plan that a delta of a window leaves no room for."""
    lost, found = np.zeros(window.problem.shape[1]), 0.0
    lost[delta.columns] = np.maximum(window.start.values[delta.columns] - delta.upper, 0.0)
    for name in DECISIONS:
        block = window.problem.columns.get(name)
        if block is not None:
            found += float(lost[block.span] @ block.total(window.hours))
    return found


def last_cell(exact: Window, changes: Sequence[Change]) -> int | None:
    """Cell at which a window ends that holds outages and some days after them; None where a change is none, or has no end."""
    outages, others = flat(changes)
    if others or not outages or any(outage.end is None for outage in outages):
        return None
    horizon = exact.case.horizon
    ends = max(one.end for one in outages if one.end is not None) + timedelta(days=AFTER)
    touched = np.flatnonzero(horizon.share_within(outages[0].start, ends))
    return int(horizon.whole_steps(exact.first, int(touched[-1]) + 1)[1]) if len(touched) else None


class FirstLooks:
    """The short windows beside those that are open, and the thread that asks them, one question after the other."""

    def __init__(self) -> None:
        self._short: WeakKeyDictionary[Window, dict[int | None, ShortWindow | None]] = WeakKeyDictionary()
        self._thread: ThreadPoolExecutor | None = None

    def begin(
        self,
        exact: Window,
        changes: Sequence[Change],
        in_transit: str,
        help_: str,
        tell: Callable[[Preliminary], object],
    ) -> Callable[[], object]:
        """Ask beside the exact answer. What is given back is called when that is there: nothing is told any more then."""
        is_there = Event()
        self._thread = self._thread or ThreadPoolExecutor(1, thread_name_prefix="first_answer")

        def look() -> None:
            if not is_there.wait(QUIET):
                found = self.ask(exact, changes, in_transit, help_)
                if not is_there.is_set():
                    tell(found)

        self._thread.submit(look)
        return is_there.set

    def ask(
        self, exact: Window, changes: Sequence[Change], in_transit: str = "held", help_: str = ""
    ) -> Preliminary:
        """A first answer; nothing is said where it is not certain enough or takes too long."""
        try:
            short = self.beside(exact, changes)
            return UNKNOWN if short is None else short.look(changes, in_transit, help_)
        except SolverError:  # the limit of pivots, too
            return UNKNOWN

    def beside(self, exact: Window, changes: Sequence[Change]) -> ShortWindow | None:
        """The short window of some changes, opened once for each day on which they end."""
        known, last = self._short.setdefault(exact, {}), last_cell(exact, changes)
        if last not in known:
            known.clear()  # the form of the map keeps its days
            known[last] = ShortWindow.of(exact, changes)
        return known[last]
