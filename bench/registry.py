"""What is measured: a system is one file of bench/systems with a SYSTEM, and is found by that.

The runner itself stays small: it loads neither a case nor a solver, since what a process holds when it starts another
one counts in the peak memory of that one.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from bench import systems as folder


@dataclass(frozen=True)
class System:
    """A case that can be had at several sizes.

    build  "module:function", called in the measured process with (size, days, step, plain)
    sizes  sizes of a full run; quick: of a quick one
    unit   what a size counts
    """

    name: str
    title: str
    build: str
    sizes: tuple[int, ...]
    quick: tuple[int, ...]
    unit: str


def systems() -> dict[str, System]:
    """All systems by name."""
    found = [import_module(f"bench.systems.{info.name}").SYSTEM for info in iter_modules(folder.__path__)]
    return {system.name: system for system in found}
