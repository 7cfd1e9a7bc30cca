"""Results as a document: a map, charts and one HTML file that needs no network.

flow_map(results), case_map(case)         maps for notebooks and pages
Plots(results).balance("natural_gas")     charts, the same ones the report shows
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME = {
    "Map": "kelisim.report.maps",
    "Plots": "kelisim.report.charts",
    "case_map": "kelisim.report.maps",
    "flow_map": "kelisim.report.maps",
}
__all__ = sorted(_HOME)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return list(__all__)
