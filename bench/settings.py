"""Settings of the solver that are the same for every tool of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Settings:
    """method: "simplex", "ipm", "hipo" or "choose"; threads: 0 lets HiGHS decide; presolve: "on", "off" or "choose"."""

    method: str = "simplex"
    threads: int = 1
    presolve: str = "on"

    def options(self) -> dict[str, Any]:
        """As options of HiGHS."""
        return {"solver": self.method, "threads": self.threads, "presolve": self.presolve}
