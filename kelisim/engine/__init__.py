"""The engine: a case, its problem, the base solution and open windows; what studies and pages ask."""

from __future__ import annotations

from kelisim.engine.contingencies import Contingencies, Lost, Singles
from kelisim.engine.engine import Engine, Progress
from kelisim.engine.failed_states import FailedStates, Work
from kelisim.engine.kept import cache_folder
from kelisim.engine.opened import Asked, Opened
from kelisim.engine.sampled import Drawing, SampledPaths, SampledSteps, Span
from kelisim.model.rules import Rules

__all__ = [
    "Asked", "Contingencies", "Drawing", "Engine", "FailedStates", "Lost", "Opened", "Progress", "Rules",
    "SampledPaths", "SampledSteps", "Singles", "Span", "Work", "cache_folder",
]  # fmt: skip
