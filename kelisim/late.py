"""What a lower part hands on to one above it, because users look for it there: loaded when it is asked for.

Everything else is imported at the top of a module, and only downwards (docs/decisions/0002-plot-accessor.md).
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

LATE = {
    "Plots": "kelisim.report.charts",  # Results.plot
    "case_map": "kelisim.report.maps",  # Case.explore
    "flow_map": "kelisim.report.maps",  # Results.map
    "write_report": "kelisim.studies.pages",  # Results.report
    "save": "kelisim.results.store",  # Results.save; the store gives Results
    "find": "kelisim.studies.study",  # tables of a study of one file
    "check": "kelisim.io",  # the case of a run
    "fill": "kelisim.io.csv_folder",
}


def late(name: str) -> Any:
    """A function or class of the table."""
    return getattr(import_module(LATE[name]), name)
