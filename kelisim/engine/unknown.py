"""What players do not know: how long it lasts, and what else will happen. Injects, and answers that learn of both as time passes.

An inject is written "hour verb ...":

    48 lose power_line_west 5     an element out for so many days, all of it
    72 use town:heat:heat 1.1     the use of customers times a factor, until the end of the days shown
    24 say Frost to -35 is near   words for the players, which change nothing

Injects are known from their hour on. The length is believed to be `belief` days; where it goes on, it is believed to last as long again.
What was done before a moment at which something new is known stays done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from kelisim.case.change import Change, Dated, Outage
from kelisim.engine.window import Window, WindowAnswer
from kelisim.lp.problem import Floats


@dataclass(frozen=True)
class Inject:
    """Something that the players learn at an hour.

    verb    lose, use or say
    what    element, row of demand, or words
    amount  days that a loss lasts; factor of a use
    """

    hour: float
    verb: str
    what: str
    amount: float = 0.0

    def change(self, first: pd.Timestamp) -> Change | None:
        """What it changes, from its day on; nothing where it only says something."""
        begin = (first + pd.Timedelta(hours=self.hour)).date()
        if self.verb == "lose":
            return Outage(self.what, begin, begin + timedelta(days=int(self.amount) - 1))
        if self.verb == "use":
            return Dated("demand", (self.what,), "amount", self.amount, how="scale", start=begin)
        return None


@dataclass(frozen=True)
class Knowledge:
    """What is known when.

    causes   the true outages
    context  what is so in any case
    injects  what happens later
    belief   days; 0 where the length is known
    is_whole whether a step is so long that nothing can be learned within it: then all is known from the first hour on
    starts, hours, of  start, hours and step of each cell of the window; what is new is known from the start of a step on
    """

    causes: tuple[Change, ...]
    context: tuple[Change, ...]
    injects: tuple[Inject, ...]
    belief: int
    is_whole: bool
    starts: pd.DatetimeIndex
    hours: Floats
    of: Floats

    @property
    def is_certain(self) -> bool:
        """Whether all is known from the first hour on."""
        return self.is_whole or (not self.belief and all(one.verb == "say" for one in self.injects))

    @property
    def truth(self) -> list[Change]:
        """All that happens."""
        return self.seen(np.inf)

    def seen(self, hour: float) -> list[Change]:
        """What the players take to be so at an hour."""
        first = self.starts[0]
        later = [one.change(first) for one in self.injects if one.hour <= hour or self.is_whole]
        causes = [self._believed(one, hour) for one in self.causes]
        return [*self.context, *causes, *(one for one in later if one is not None)]

    def _believed(self, cause: Change, hour: float) -> Change:
        if not self.belief or not np.isfinite(hour) or not isinstance(cause, Outage) or cause.end is None:
            return cause
        now = (self.starts[0] + pd.Timedelta(hours=hour)).date()
        begin = cause.start or self.starts[0].date()
        if now > cause.end:
            return cause  # it is over, and known to be
        rounds = max((now - begin).days, 0) // self.belief + 1
        return replace(cause, end=begin + timedelta(days=self.belief * rounds - 1))

    @property
    def moments(self) -> list[int]:
        """Steps at whose start something new is known; the first is 0."""
        hours = {0.0, *(one.hour for one in self.injects if one.verb != "say" and not self.is_whole)}
        for cause in self.causes if self.belief else ():
            if isinstance(cause, Outage) and cause.end is not None:
                begin = cause.start or self.starts[0].date()
                length = (cause.end - begin).days + 1
                days = [*range(self.belief, length, self.belief), length]
                hours |= {self._hour(begin + timedelta(days=one)) for one in days}
        end = float(self.hours.sum())
        return sorted({self.step_at(hour) for hour in hours if 0.0 <= hour < end})

    def step_at(self, hour: float) -> int:
        """First cell of the step in which an hour lies."""
        begins = np.concatenate([[0.0], np.cumsum(self.hours)[:-1]])
        cell = max(int(np.searchsorted(begins, hour, side="right")) - 1, 0)
        return int(np.argmax(self.of == self.of[cell]))

    def _hour(self, day: date) -> float:
        return float((pd.Timestamp(day) - self.starts[0]) / pd.Timedelta(hours=1))

    def at(self, step: int) -> float:
        """Hours from the start of the window to the start of a step."""
        return float(self.hours[:step].sum())


def played(
    opened: Window,
    known: Knowledge,
    in_transit: str,
    allowed: Mapping[str, Floats],
    until: int | None = None,
    tell: Callable[[Floats, int], None] | None = None,
) -> WindowAnswer:
    """The answer step by step: at each moment the cheapest for what is known, what was done before kept.

    allowed  measure -> share of each step in which it may be used
    until    step at whose start the play stands: what is known then is taken for true; the end if not given
    tell     told the column values and the number of steps that are done, before the last answer
    """
    moments = [step for step in known.moments if until is None or step <= until]
    values, done = None, 0
    for step in moments:
        seen = known.seen(known.at(step))
        if step:
            # what was decided at the moment before holds until now
            done = step
        if step == moments[-1] and until is None:
            break
        values = opened.roll(seen, in_transit, values, done, allowed=allowed)
    seen = known.truth if until is None else known.seen(known.at(until))
    done = until if until is not None else done
    if tell is not None and values is not None:
        tell(values, done)
    return opened.rolled(seen, in_transit, values, done if values is not None else 0, allowed=allowed)
