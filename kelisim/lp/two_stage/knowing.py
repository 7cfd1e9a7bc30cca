"""What it is worth to know which outlook comes, and to reckon with all of them and not with their mean.

SP    least expected cost of one choice for all outlooks
WS    expected cost if the choice could wait until it is known which one comes
EV    cost of the best choice for the mean of all outlooks, if that mean came
EEV   expected cost of that choice
EVPI  SP - WS, the expected value of perfect information
VSS   EEV - SP, the value of the stochastic solution
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kelisim.lp.highs import Session
from kelisim.lp.problem import Floats
from kelisim.lp.two_stage.benders import BoundStep, StageDecision, Tangents, benders, priced
from kelisim.lp.two_stage.stages import TwoStage
from kelisim.lp.work import Work
from kelisim.tolerances import BOUNDS_MEET


@dataclass(frozen=True)
class Knowing:
    """Answers by name, costs in currency.

    best    the choice for all outlooks
    mean    the choice for their mean, and what it would cost if that came
    held    what the choice for the mean costs with each outlook, (outlooks,)
    waited  the choice for each outlook alone
    """

    two: TwoStage
    best: StageDecision
    mean: StageDecision
    held: Floats
    waited: tuple[StageDecision, ...]

    @property
    def sp(self) -> float:
        return self.best.cost

    @property
    def ev(self) -> float:
        return self.mean.cost

    @property
    def eev(self) -> float:
        return float(self.two.probabilities @ self.held)

    @property
    def ws(self) -> float:
        return float(self.two.probabilities @ self.foreseen)

    @property
    def foreseen(self) -> Floats:
        """Least cost with each outlook if it is known, (outlooks,)."""
        return np.array([one.cost for one in self.waited])

    @property
    def evpi(self) -> float:
        return self.sp - self.ws

    @property
    def vss(self) -> float:
        return self.eev - self.sp

    @property
    def regret(self) -> Floats:
        """What the choice for all outlooks costs more with each than the best for it, (outlooks,)."""
        return self.best.costs - self.foreseen


def knowing(
    two: TwoStage,
    session: Session,
    work: Work | None = None,
    gap: float = BOUNDS_MEET,
    tangents: Tangents | None = None,
    progress: Callable[[BoundStep], None] | None = None,
) -> Knowing:
    """All answers, by cuts; what one of them tells of an outlook serves the others. The session is that of the problem, its base solved.

    gap, tangents, progress  as of `benders`; progress tells of the choice for all outlooks
    """
    known = tangents if tangents is not None else Tangents()
    mean = benders(two.mean(), session, work, gap, tangents=Tangents())
    best = benders(two, session, work, gap, start=mean.x, tangents=known, progress=progress)
    held = priced(two, session, mean.x, work, known).costs + float(two.choices.cost @ mean.x)
    waited = []
    for outlook in two.outlooks:
        waited.append(benders(two.alone(outlook), session, work, gap, start=best.x, tangents=known))
        if work is not None and work.told is not None:
            work.told("outlooks", len(waited), len(two.outlooks))
    return Knowing(two, best, mean, held, tuple(waited))
