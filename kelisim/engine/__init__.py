"""The engine: a case, its problem, the base solution and open windows; what studies and pages ask."""

from __future__ import annotations

from kelisim.engine.contingency import Contingencies, Lost, Singles
from kelisim.engine.engine import Engine, Progress
from kelisim.engine.preliminary import Preliminary
from kelisim.engine.window import Window, WindowAnswer
from kelisim.model.rules import Rules

__all__ = [
    "Contingencies",
    "Engine",
    "Lost",
    "Preliminary",
    "Progress",
    "Rules",
    "Singles",
    "Window",
    "WindowAnswer",
]
