"""What to choose before it is known which of several outlooks comes: a two-stage stochastic linear problem."""

from __future__ import annotations

from kelisim.lp.two_stage.benders import BoundStep, StageDecision, Tangents, benders
from kelisim.lp.two_stage.knowing import Knowing, knowing
from kelisim.lp.two_stage.monolith import monolith
from kelisim.lp.two_stage.near import nearly_as_good
from kelisim.lp.two_stage.stages import Choices, Outlook, Reach, TwoStage, reach_between
from kelisim.lp.two_stage.tail import cvar, with_tail

__all__ = [
    "BoundStep",
    "Choices",
    "Knowing",
    "Outlook",
    "Reach",
    "StageDecision",
    "Tangents",
    "TwoStage",
    "benders",
    "cvar",
    "knowing",
    "monolith",
    "nearly_as_good",
    "reach_between",
    "with_tail",
]
