"""The shipped case by months, read once in a process and solved once: both take seconds."""

from __future__ import annotations

from functools import cache

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.io import reference as shipped


@cache
def reference() -> Case:
    """The shipped case by months; frozen, so that all tests may share it."""
    return shipped()


@cache
def reference_engine() -> Engine:
    """The shipped case by months, ready to be asked; its base is solved in this process, not loaded."""
    return Engine(reference(), cache=False)
