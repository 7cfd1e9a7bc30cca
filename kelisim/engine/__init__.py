"""The engine: a case, its problem, the base solution and open windows; what studies and pages ask."""

from __future__ import annotations

from kelisim.engine.contingencies import Contingencies, Lost, Singles
from kelisim.engine.engine import Engine, Progress
from kelisim.engine.kept import cache_folder
from kelisim.engine.opened import Asked, Opened
from kelisim.model.rules import Rules

__all__ = [
    "Asked", "Contingencies", "Engine", "Lost", "Opened", "Progress", "Rules", "Singles", "cache_folder",
]  # fmt: skip
