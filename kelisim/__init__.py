"""kelisim: a decision system for cross-border energy partnerships."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "Case": "kelisim.case.case",
    "CaseError": "kelisim.errors",
    "Engine": "kelisim.engine",
    "KelisimError": "kelisim.errors",
    "Outage": "kelisim.case.change",
    "Results": "kelisim.results.results",
    "Scenario": "kelisim.case.change",
    "SetValue": "kelisim.case.change",
    "load_run": "kelisim.results.store",
    "read": "kelisim.io",
    "reference": "kelisim.io",
    "run": "kelisim.studies",
    "write": "kelisim.io",
}
__all__ = sorted(_HOME)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
